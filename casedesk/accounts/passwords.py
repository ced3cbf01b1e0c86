"""Passwords: hashed with Argon2id, at most two at a time in a process, compared in constant work."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 200

# 19 MiB, two passes: the memory of two at a time stays within what a web process may use.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_SEATS = threading.BoundedSemaphore(2)

# Compared against where there is no account, so that an answer takes as long either way.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$dWT+RmBm0g0lcXoRyfGWRBKJFHMhxVkKV8r9nzN2Nys"


def hashed(password: str) -> str:
    """`password` as it is stored."""
    with _SEATS:
        return _HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Is `password` the one behind `stored`? The same work where nothing is stored; then it never matches."""
    with _SEATS:
        try:
            _HASHER.verify(stored or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None
