"""The verbs of the room: make and revoke links, and do what a party asked by one, with its receipt."""
