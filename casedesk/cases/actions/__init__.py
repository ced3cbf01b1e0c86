"""The verbs of the room: each checks its rule, changes the rows, writes the record and leaves the work that follows."""
