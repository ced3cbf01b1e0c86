"""What came out, with its working: outcome, amount, clocks, obligations, findings, and what is not known.

A verdict holds codes and parameters, never sentences. Its canonical bytes are JSON with sorted keys;
the same facts, packs and calendars give the same bytes.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from typing import Any, NamedTuple

from casedesk.kernel.calendar import Deadline, Rolled, Skipped
from casedesk.kernel.money import Money
from casedesk.policy.facts import NEVER, Never

ENGINE = "1"


class Outcome(StrEnum):
    """The four answers. `needs_review`: law or evidence is open; `needs_information`: a fact is missing."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    NEEDS_INFORMATION = "needs_information"
    NEEDS_REVIEW = "needs_review"


class Standing(StrEnum):
    """How one clause bears on the case."""

    FOR = "for"
    AGAINST = "against"
    ASK = "ask"  # a fact that it reads is missing, and its answer could change the verdict
    REVIEW = "review"  # the law, or the evidence, is open here
    SET_ASIDE = "set_aside"  # it gives less than the clause that prevails
    NOT_APPLICABLE = "not_applicable"
    FALLEN = "fallen"  # it fell, because a duty that it rests on was not met


class Level(StrEnum):
    """Whose rule it is; the first prevails over the next, unless the next is kinder."""

    STATUTE = "statute"
    NETWORK = "network"
    CONTRACT = "contract"
    HOUSE = "house"


class Citation(NamedTuple):
    """Where a rule stands. `text` is the link text."""

    instrument: str
    article: str = ""
    url: str = ""

    @property
    def text(self) -> str:
        """Instrument and article in one line."""
        return f"{self.instrument}, {self.article}" if self.article else self.instrument


class Step(NamedTuple):
    """One line of working: a code with a sentence in the catalogues, and its parameters."""

    code: str
    params: Mapping[str, object]


class Clock(NamedTuple):
    """A named deadline of the case. `view`: settled, or the earliest or latest of two readings."""

    name: str
    deadline: Deadline
    rule: str
    rolled: Rolled | None = None
    view: str = "settled"


class Obligation(NamedTuple):
    """What somebody must do, by when; `deadline` is None where the period has not begun.

    `suspended` is the code of what holds the period now, `suspended_by` the rule that says so, `then` how it goes on
    afterwards (rest: with the days that were left; at_once); all empty where it runs.
    """

    code: str
    who: str
    rule: str
    deadline: Deadline | None = None
    amount: Money | None = None
    suspended: str = ""
    suspended_by: str = ""
    then: str = ""


class Input(NamedTuple):
    """A fact that a clause read, as files write it, with its source."""

    name: str
    value: object
    source: str


class Finding(NamedTuple):
    """What one clause says of the case."""

    rule: str
    version: str  # effective from, or ""
    pack: str
    level: Level
    standing: Standing
    code: str
    params: Mapping[str, object]
    citation: Citation
    steps: tuple[Step, ...] = ()
    inputs: tuple[Input, ...] = ()
    amount: Money | None = None
    clocks: tuple[Clock, ...] = ()
    doubts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    confidence: str = ""


class Alternative(NamedTuple):
    """What the verdict would be if a missing fact had this value (as files write it)."""

    fact: str
    value: object
    outcome: Outcome
    amount: Money | None


class Doubt(NamedTuple):
    """A point that is open, and the rule where it stands."""

    code: str
    rule: str


class PackStamp(NamedTuple):
    """Which pack was used; `overdue` where its review-by date lies before the day of judging."""

    pack: str
    version: str
    digest: str
    review_by: str = ""
    overdue: bool = False


class Body(NamedTuple):
    """The materialised part of a verdict."""

    amount: Money | None = None
    clocks: tuple[Clock, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    conflicts: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    answer: Mapping[str, object] | None = None
    packs: tuple[PackStamp, ...] = ()
    calendars: tuple[tuple[str, str], ...] = ()
    judged_for: date | None = None
    judged_on: date | None = None
    may_matter: bool = False  # `missing` was not tried out exactly: too many combinations


class Verdict:
    """The engine's answer. Outcome and reasons are ready; the rest is made when it is first read."""

    __slots__ = ("_body", "_make", "asked", "outcome", "reasons")

    def __init__(
        self,
        asked: str,
        outcome: Outcome,
        reasons: tuple[str, ...] = (),
        body: Body | Callable[[], Body] | None = None,
    ) -> None:
        self.asked = asked  # the rule or the subject
        self.outcome = outcome
        self.reasons = reasons  # ids of the rules that the outcome rests on
        self._body = body if isinstance(body, Body) else None
        self._make = None if isinstance(body, Body) else body

    @property
    def body(self) -> Body:
        """Everything beside outcome and reasons."""
        if self._body is None:
            self._body = self._make() if self._make is not None else Body()
        return self._body

    @property
    def amount(self) -> Money | None:
        """What is due; None where the question is none of money, or the amount is open."""
        return self.body.amount

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """The deadlines of the case, side by side."""
        return self.body.clocks

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """What follows, for whom, by when."""
        return self.body.obligations

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Clause by clause; first those that the outcome rests on."""
        return self.body.findings

    @property
    def missing(self) -> tuple[str, ...]:
        """Unknown facts whose answer would change outcome or amount."""
        return self.body.missing

    @property
    def unknown(self) -> tuple[str, ...]:
        """Unknown facts that were asked for and change neither."""
        return self.body.unknown

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What is open in the law or the evidence."""
        return self.body.doubts

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Rules at odds: reported, never picked silently."""
        return self.body.conflicts

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """What each answer to a missing fact would give."""
        return self.body.alternatives

    @property
    def answer(self) -> Mapping[str, object]:
        """The answer keys of one rule (eligible, deadlines, amounts)."""
        return self.body.answer or {}

    @property
    def packs(self) -> tuple[PackStamp, ...]:
        """The packs that were used."""
        return self.body.packs

    @property
    def judged_for(self) -> date | None:
        """The day of the fact that decides."""
        return self.body.judged_for

    @property
    def judged_on(self) -> date | None:
        """The day of judging."""
        return self.body.judged_on

    def to_plain(self) -> dict[str, Any]:
        """The verdict as JSON-able values, tagged so that `from_plain` gives the same verdict back."""
        body = self.body
        plain = {name: _plain(getattr(body, name)) for name in Body._fields}
        return {
            "asked": self.asked,
            "body": plain,
            "engine": ENGINE,
            "outcome": self.outcome.value,
            "reasons": list(self.reasons),
        }

    def to_canonical(self) -> bytes:
        """The bytes that are stored and compared."""
        return canonical_text(self.to_plain()).encode()

    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in hexadecimal."""
        return digest_of(self.to_canonical())

    @classmethod
    def from_canonical(cls, data: bytes) -> "Verdict":
        """The verdict whose canonical bytes these are."""
        read = json.loads(data)
        body = Body(**{name: _read(value) for name, value in read["body"].items()})
        return cls(read["asked"], Outcome(read["outcome"]), tuple(read["reasons"]), body)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Verdict) and self.to_canonical() == other.to_canonical()

    def __hash__(self) -> int:
        return hash(self.to_canonical())

    def __repr__(self) -> str:
        return f"Verdict({self.asked!r}, {self.outcome.value}, reasons={self.reasons!r})"


# --- canonical values --------------------------------------------------------------------------

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)

_RECORDS: dict[str, type] = {
    record.__name__: record
    for record in (
        Citation, Step, Clock, Obligation, Input, Finding, Alternative, Doubt, PackStamp, Deadline, Rolled, Skipped,
    )
}  # fmt: skip
_ENUMS: dict[str, type[StrEnum]] = {"Standing": Standing, "Level": Level, "Outcome": Outcome}


def digest_of(canonical: bytes) -> str:
    """The digest of a verdict by its canonical bytes."""
    return sha256(canonical).hexdigest()


def canonical_text(value: object) -> str:
    """One value as canonical JSON."""
    return _ENCODER.encode(_plain(value))


def _plain(value: object) -> Any:
    """JSON-able: what JSON lacks becomes {"$": kind, "v": ...}."""
    kind = type(value)
    if value is None or kind is str or kind is int or kind is bool:
        return value
    writer = _WRITERS.get(kind)
    if writer is not None:
        return writer(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    raise TypeError(f"a verdict cannot hold {kind.__name__}")


def _record_writer(record: type) -> Callable[[Any], Any]:
    name = record.__name__
    return lambda value: {"$": name, "v": [_plain(item) for item in value]}


def instant_text(value: datetime) -> str:
    """An instant in UTC as text, with Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


_WRITERS: dict[type, Callable[[Any], Any]] = {
    datetime: lambda value: {"$": "instant", "v": instant_text(value)},
    date: lambda value: {"$": "day", "v": value.isoformat()},
    Money: lambda value: {"$": "money", "v": [value.minor, value.currency]},
    Fraction: lambda value: {"$": "ratio", "v": [value.numerator, value.denominator]},
    Never: lambda _value: {"$": "never", "v": True},
    tuple: lambda value: [_plain(item) for item in value],
    Outcome: lambda value: {"$": "Outcome", "v": value.value},
    Standing: lambda value: {"$": "Standing", "v": value.value},
    Level: lambda value: {"$": "Level", "v": value.value},
    **{record: _record_writer(record) for record in _RECORDS.values()},
    # A duty whose period runs is written as it was before periods could be held: stored verdicts keep their bytes.
    Obligation: lambda value: {"$": "Obligation", "v": [_plain(item) for item in _running(value)]},
}


def _running(duty: Obligation) -> tuple[object, ...]:
    return tuple(duty) if duty.suspended else tuple(duty)[:-3]


def _read(value: object) -> Any:
    """What `_plain` wrote, with lists as tuples."""
    if isinstance(value, list):
        return tuple(_read(item) for item in value)
    if not isinstance(value, dict):
        return value
    tag = value.get("$")
    if tag is None:
        return {key: _read(item) for key, item in value.items()}
    inner = value["v"]
    if tag == "instant":
        return datetime.fromisoformat(inner).astimezone(UTC)
    if tag == "day":
        return date.fromisoformat(inner)
    if tag == "money":
        return Money(*inner)
    if tag == "ratio":
        return Fraction(*inner)
    if tag == "never":
        return NEVER
    if tag in _ENUMS:
        return _ENUMS[tag](inner)
    return _RECORDS[tag](*(_read(item) for item in inner))
