"""The database and the clock: column types, the door (transaction), the record with its hash chain, the outbox, drafts, blobs."""
