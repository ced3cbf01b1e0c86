"""The four verbs of cryptography that mediation needs. The library behind them weighs 6 MB, so callers import this module
where the first note or offer is sealed, and pages that seal nothing never load it."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES, NONCE_BYTES = 32, 12


def drawn(secret: bytes, salt: bytes | None, purpose: bytes) -> bytes:
    """A key of 32 bytes drawn from `secret` for one purpose (HKDF with SHA-256)."""
    return HKDF(SHA256(), KEY_BYTES, salt, purpose).derive(secret)


def seal(key: bytes, clear: bytes, about: bytes) -> bytes:
    """`clear` under `key` by AES-GCM: nonce and ciphertext, which open only with the same `about`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, about)


def unseal(key: bytes, box: bytes, about: bytes) -> bytes | None:
    """What was sealed; None for another key or place, or a box that was changed."""
    try:
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], about)
    except (InvalidTag, ValueError):
        return None


def new_private() -> bytes:
    """A private key on X25519, as raw bytes."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def agreed(private: bytes, public: bytes) -> bytes:
    """The secret that both sides come to. Raises ValueError for a public key that is none."""
    return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))
