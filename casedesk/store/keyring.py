"""The audit key of this process: installed once at the start by the web application, the worker or a command."""

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True)
class AuditKey:
    """The key of the chain and its short public name, which each entry keeps."""

    secret: bytes
    key_id: str

    @classmethod
    def from_text(cls, text: str) -> "AuditKey":
        secret = text.encode()
        return cls(secret, hashlib.sha256(b"audit-key-id" + secret).hexdigest()[:8])

    def mac(self, *parts: str) -> str:
        return hmac.new(self.secret, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


_installed: list[AuditKey] = []


def install(key: AuditKey) -> None:
    """Make `key` the one that new entries are chained with."""
    _installed[:] = [key]


def audit_key() -> AuditKey:
    """The installed key. Raises RuntimeError before `install`."""
    if not _installed:
        raise RuntimeError("no audit key installed")
    return _installed[0]
