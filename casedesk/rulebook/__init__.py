"""Which packs are in force, and the judgements that were made with them."""
