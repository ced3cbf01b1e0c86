"""The payment providers that pay refunds out. One search finds every member.

A provider gets the refund's key with every attempt and pays a key once, however often it is asked.
"""

import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from casedesk.store.work import NotDone, Refused


@dataclass(frozen=True)
class Request:
    """A sum to pay back on a charge that the provider captured."""

    key: str
    provider: str
    charge_reference: str
    provider_reference: str
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Paid:
    """The provider has paid; `reference` is its own name for it."""

    reference: str


class Provider(Protocol):
    def pay(self, request: Request, data_dir: Path) -> Paid:
        """Pay once per key. Raises NotDone or Refused; after anything else nobody knows, and it is asked again."""


class Sandbox:
    """A provider for demonstrations: no network, no money, its books are a folder with one file a key.

    Charges whose reference at the provider begins with ``refuse-`` are refused, with ``later-`` put off.
    """

    def pay(self, request: Request, data_dir: Path) -> Paid:
        if request.provider_reference.startswith("refuse-"):
            raise Refused("the card was closed")
        if request.provider_reference.startswith("later-"):
            raise NotDone("the provider does not answer")
        books = data_dir / "sandbox-refunds"
        books.mkdir(parents=True, exist_ok=True)
        path = books / f"{sha256(request.key.encode()).hexdigest()}.json"
        reference = f"sbx_{sha256(('refund' + request.key).encode()).hexdigest()[:16]}"
        entry = json.dumps({"reference": reference, **asdict(request)}, sort_keys=True)
        _write_once(path, entry)
        if path.read_text(encoding="utf-8") != entry:
            raise Refused("this key was used for another refund")
        return Paid(reference)


def _write_once(path: Path, text: str) -> None:
    """`path` holds the first text that was ever written to it, whole."""
    unfinished = path.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return  # paid before: the caller reads what was paid
    finally:
        unfinished.unlink()


PROVIDERS: dict[str, Provider] = {"sandbox": Sandbox()}

KNOWN = frozenset(PROVIDERS)
