"""What the doors ask: one frozen command a deed. Secrets and clear text pass through here and are never stored."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Opened:
    """A mediator whose private key is open in this request."""

    person_id: int
    private: bytes = field(repr=False)


@dataclass(frozen=True)
class SealNote:
    mediation_id: int
    said: str = field(repr=False)
    with_side: str = ""
    """Who was spoken with alone: customer, company, or nobody."""


@dataclass(frozen=True)
class NoteInClear:
    """A note opened for its mediator, on the way to the page and nowhere else."""

    id: str
    said: str = field(repr=False)
    with_side: str = field(repr=False)
    author: str
    sealed_at: object
