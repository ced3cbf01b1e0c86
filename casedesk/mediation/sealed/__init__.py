"""Notes that only the mediator of a file can read: stored as ciphertext, opened by the mediator's own passphrase for as
long as one works, in no list, search, export or statistic. The cryptography alone stands in `mediation/sealing.py`."""
