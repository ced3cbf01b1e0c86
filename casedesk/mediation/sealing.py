"""Sealed notes, the cryptography alone: bytes in, bytes out. No database, no request, no clock.

Each mediator has an X25519 key pair. The private key is kept twice: under a key drawn by Argon2id from a notes
passphrase, and under a key drawn from a recovery code that is shown once. Each mediator of a file has a random data key
in it, kept under the public key of everyone who may open it: the author, later the successor. Each note is AES-256-GCM under the data key, with the file,
the note and its author as associated data: a ciphertext that was moved or given another author does not open.
"""

import base64
import secrets
import threading
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from argon2.low_level import Type, hash_secret_raw

KEY_BYTES, SALT_BYTES = 32, 16
MINIMUM_PASSPHRASE = 14

# Whoever steals the database may guess for years, so a guess costs more than at sign-in: 64 MiB, three passes.
ARGON_TIME, ARGON_MEMORY_KIB, ARGON_LANES = 3, 65_536, 1
_SEAT = threading.BoundedSemaphore(1)

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OIL", "011")
_RECOVERY_SIGNS, _RECOVERY_GROUP = 32, 4


class DoesNotOpen(Exception):
    """A wrong secret, or a ciphertext that was changed, moved or swapped. It says no more than that."""


@dataclass(frozen=True)
class KeyPair:
    """A private key as raw bytes, which never leave memory unwrapped, and the public key that goes with it."""

    private: bytes
    public: bytes


@dataclass(frozen=True)
class Wrapped:
    """A secret under a key drawn from another one: the salt of the drawing and the ciphertext."""

    salt: bytes
    box: bytes


def new_key_pair() -> KeyPair:
    private = _ciphers().new_private()
    return KeyPair(private, public_of(private))


def public_of(private: bytes) -> bytes:
    """The public key of `private`: what the mediator's own pages check the stored one against."""
    return _ciphers().public_of(private)


def fingerprint(public: bytes) -> str:
    """Sixteen signs of a public key that two mediators can read to each other: ``3F2A 91C0 …``."""
    text = sha256(b"casedesk notes public key" + public).hexdigest().upper()[:16]
    return " ".join(text[at : at + 4] for at in range(0, 16, 4))


def new_recovery_code() -> str:
    """160 random bits in groups of four, without signs that look alike."""
    signs = [secrets.choice(_ALPHABET) for _ in range(_RECOVERY_SIGNS)]
    groups = ["".join(signs[at : at + _RECOVERY_GROUP]) for at in range(0, _RECOVERY_SIGNS, _RECOVERY_GROUP)]
    return "-".join(groups)


def wrap_by_passphrase(private: bytes, passphrase: str, person_id: int) -> Wrapped:
    salt = secrets.token_bytes(SALT_BYTES)
    return Wrapped(salt, _seal(_stretched(passphrase, salt), private, _private_key_of(person_id)))


def unwrap_by_passphrase(wrapped: Wrapped, passphrase: str, person_id: int) -> bytes:
    """The private key. Raises DoesNotOpen."""
    return _open(_stretched(passphrase, wrapped.salt), wrapped.box, _private_key_of(person_id))


def wrap_by_code(private: bytes, code: str, person_id: int) -> Wrapped:
    """The code carries 160 bits: nobody guesses it, so it needs no stretching."""
    salt = secrets.token_bytes(SALT_BYTES)
    return Wrapped(salt, _seal(_drawn(_signs(code), salt, b"recovery"), private, _private_key_of(person_id)))


def unwrap_by_code(wrapped: Wrapped, code: str, person_id: int) -> bytes:
    """The private key. Raises DoesNotOpen."""
    return _open(_drawn(_signs(code), wrapped.salt, b"recovery"), wrapped.box, _private_key_of(person_id))


def new_unlock_key() -> bytes:
    """What the cookie of an unlocked browser holds, and nothing else does."""
    return secrets.token_bytes(KEY_BYTES)


def unlock_id(unlock_key: bytes) -> str:
    """The name of the row that belongs to the cookie; it does not lead back to the key."""
    return _drawn(unlock_key, b"", b"unlock row").hex()


def wrap_for_unlock(private: bytes, unlock_key: bytes, person_id: int) -> bytes:
    return _seal(_drawn(unlock_key, b"", b"unlock key"), private, _private_key_of(person_id))


def unwrap_for_unlock(box: bytes, unlock_key: bytes, person_id: int) -> bytes:
    """The private key of an unlocked browser. Raises DoesNotOpen."""
    return _open(_drawn(unlock_key, b"", b"unlock key"), box, _private_key_of(person_id))


def new_data_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


@dataclass(frozen=True)
class Bound:
    """What a data key is for: the notes of `author_id` in a file, opened by `person_id`."""

    file_id: int
    author_id: int
    person_id: int


def wrap_data_key(data_key: bytes, public: bytes, bound: Bound) -> bytes:
    """The data key for one mediator: a throw-away key pair agrees with the mediator's public key."""
    throwaway = new_key_pair()
    shared = _ciphers().agreed(throwaway.private, public)
    here = throwaway.public
    return here + _seal(_drawn(shared, here + public, b"file key"), data_key, _file_key(bound))


def unwrap_data_key(wrapped: bytes, private: bytes, bound: Bound) -> bytes:
    """The data key. Raises DoesNotOpen, also for a key of another file, author or mediator."""
    there, box = wrapped[:KEY_BYTES], wrapped[KEY_BYTES:]
    try:
        shared = _ciphers().agreed(private, there)
    except ValueError:
        raise DoesNotOpen from None
    return _open(_drawn(shared, there + public_of(private), b"file key"), box, _file_key(bound))


def seal_note(data_key: bytes, clear: bytes, file_id: int, note_id: str, author_id: int) -> bytes:
    return _seal(data_key, _padded(clear), _note(file_id, note_id, author_id))


def open_note(data_key: bytes, box: bytes, file_id: int, note_id: str, author_id: int) -> bytes:
    """The note in clear. Raises DoesNotOpen where it is not this note of this author in this file."""
    return _unpadded(_open(data_key, box, _note(file_id, note_id, author_id)))


def new_note_id() -> str:
    """Known before the note is stored, so that the ciphertext can be bound to it."""
    return secrets.token_hex(16)


def cookie_text(unlock_key: bytes) -> str:
    return base64.urlsafe_b64encode(unlock_key).decode()


def cookie_key(text: str) -> bytes | None:
    """The key of a cookie; None where it is none."""
    try:
        key = base64.urlsafe_b64decode(text)
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None


def _stretched(passphrase: str, salt: bytes) -> bytes:
    with _SEAT:
        return hash_secret_raw(
            passphrase.encode(), salt, ARGON_TIME, ARGON_MEMORY_KIB, ARGON_LANES, KEY_BYTES, Type.ID
        )


def _ciphers() -> Any:
    from casedesk.mediation import ciphers  # loaded by the first note, not by every page

    return ciphers


def _drawn(secret: bytes, salt: bytes, purpose: bytes) -> bytes:
    return _ciphers().drawn(secret, salt or None, b"casedesk notes " + purpose)


def _signs(code: str) -> bytes:
    """The code as it was meant: case, blanks, hyphens and look-alikes do not count."""
    bare = "".join(sign for sign in code.upper() if sign.isalnum())
    return bare.translate(_LOOKALIKES).encode()


def _seal(key: bytes, clear: bytes, about: bytes) -> bytes:
    return _ciphers().seal(key, clear, about)


def _open(key: bytes, box: bytes, about: bytes) -> bytes:
    clear = _ciphers().unseal(key, box, about)
    if clear is None:
        raise DoesNotOpen
    return clear


def _padded(clear: bytes) -> bytes:
    """Filled up to whole steps, so that the length of a ciphertext does not tell a yes from a paragraph."""
    return clear + b"\x01" + b"\x00" * (-(len(clear) + 1) % 256)


def _unpadded(padded: bytes) -> bytes:
    return padded[: padded.rindex(b"\x01")]


def _private_key_of(person_id: int) -> bytes:
    return f"casedesk notes 1|private key|{person_id}".encode()


def _file_key(bound: Bound) -> bytes:
    return f"casedesk notes 1|file key|{bound.file_id}|{bound.author_id}|{bound.person_id}".encode()


def _note(file_id: int, note_id: str, author_id: int) -> bytes:
    return f"casedesk notes 1|note|{file_id}|{note_id}|{author_id}".encode()
