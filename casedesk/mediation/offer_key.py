"""The key of blind offers, derived from the settings: figures lie in the database as ciphertext, and only `settle` opens
them. Nobody's page, export or backup shows one."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
_installed: list[bytes] = []


class Unreadable(Exception):
    """The figure was sealed under another key, or for another place."""


def install(secret: str) -> None:
    """Derive the key of this process from the desk's secret."""
    derived = HKDF(SHA256(), 32, salt=None, info=b"casedesk mediation blind offers").derive(secret.encode())
    _installed[:] = [derived]


def seal(amount_minor: int, place: str) -> bytes:
    """`amount_minor` as ciphertext that only opens for `place` (round, side and number). Its length tells nothing."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_installed[0]).encrypt(nonce, amount_minor.to_bytes(16, "big"), place.encode())


def opened(sealed: bytes, place: str) -> int:
    """The figure. Raises Unreadable. Called by actions.offering.settle and by nothing else."""
    try:
        plain = AESGCM(_installed[0]).decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
    except InvalidTag:
        raise Unreadable from None
    return int.from_bytes(plain, "big")
