"""What each reader sees of a file; nothing of it is an entry of the case."""
