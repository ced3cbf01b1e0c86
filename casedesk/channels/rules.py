"""What a mail is made of: addresses, identifiers, and which states let it be sent again."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from hashlib import sha256

WAITING, SENDING, SENT, WRITTEN, FAILED, STOPPED = (
    "waiting",
    "sending",
    "sent",
    "written",
    "failed",
    "stopped",
)
"""States of a mail. `written`: no mail server is set, so it lies as a file in the data folder."""

_DOMAIN = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")

SETTLED = (SENT, WRITTEN, FAILED)
"""States from which a person may have the mail sent again."""


@dataclass(frozen=True)
class NewMail:
    """A mail to one recipient, as a room asks for it. `key` is unique for ever and makes the Message-ID."""

    subject: tuple[str, int]
    entry_id: int | None
    key: str
    sender: str
    recipient: str
    title: str
    text: str
    in_reply_to: str = ""
    attachment_digest: str | None = None
    attachment_name: str = ""


@dataclass(frozen=True)
class Outgoing:
    """A mail as it leaves: the same values give the same bytes, however often it is sent."""

    message_id: str
    in_reply_to: str
    sender: str
    recipient: str
    title: str
    text: str
    written_at: datetime
    attachment_digest: str | None = None
    attachment_name: str = ""


def message_id_of(key: str, sender: str) -> str:
    """``<mail.…@cimes.example>``: always the same for the same key and sender's domain."""
    domain = sender.rpartition("@")[2] or "localhost"
    return f"<mail.{sha256(key.encode()).hexdigest()[:32]}@{ascii_domain(domain)}>"


def ascii_domain(domain: str) -> str:
    """The domain as mail servers write it. Raises ValueError for what is no domain."""
    plain = domain.encode("idna").decode("ascii").lower()
    if not _DOMAIN.fullmatch(plain):
        raise ValueError(f"no domain: {domain!r}")
    return plain


def address(text: str) -> Address:
    """The address that `text` writes, its domain in ASCII. Raises ValueError for what is none."""
    local, at, domain = text.strip().rpartition("@")
    if not at or not local or not domain:
        raise ValueError(f"no mail address: {text!r}")
    return Address(username=local, domain=ascii_domain(domain))


def one_line(text: str) -> str:
    """`text` as one line, so that nothing typed can add a header to a mail."""
    return " ".join(text.split())
