"""How a batch of one kind is stored: what it points at is looked up in bulk, then rows go in by a few statements."""
