"""Which reason for disputes comes back, from where and since when, and how sure that is. Pure: arrays in, findings out; no file, clock, database or framework."""
