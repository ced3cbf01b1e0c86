"""What managers read: signals with their sentences, reports over the record, and the files that both are made from."""
