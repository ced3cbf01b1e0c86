"""Who of the panel takes a file: neutral first, then versed, then least loaded, then longest without one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

RECUSALS = ("tie", "earlier_part", "doubt", "unable")
"""Why a mediator steps back: a tie with a party, an earlier part in the matter, a doubt of a party, illness or absence."""


@dataclass(frozen=True)
class Candidate:
    """A mediator of the panel beside one file. `parts`: what stands against neutrality, as codes."""

    person_id: int
    name: str
    fields: tuple[str, ...]
    locales: tuple[str, ...]
    load: int
    capacity: int
    available: bool
    away_until: date | None
    last_appointed_at: datetime | None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Weighed:
    """A candidate, why not (codes; empty: may be appointed), and what speaks for them."""

    candidate: Candidate
    against: tuple[str, ...]
    speaks: bool
    versed: bool
    rank: int = 0

    @property
    def eligible(self) -> bool:
        return not self.against


def weigh(candidates: Sequence[Candidate], *, field: str, locale: str, today: date) -> list[Weighed]:
    """All candidates, the one to propose first: eligible, speaks the customer's language, versed in the field, least
    loaded for their capacity, longest without a new file (never: first), then by name."""
    weighed = [_weighed(one, field, locale, today) for one in candidates]
    weighed.sort(key=_order)
    return [
        Weighed(w.candidate, w.against, w.speaks, w.versed, rank=n) for n, w in enumerate(weighed, start=1)
    ]


def _weighed(one: Candidate, field: str, locale: str, today: date) -> Weighed:
    against = list(one.parts)
    if not one.available:
        against.append("unavailable")
    if one.away_until is not None and one.away_until >= today:
        against.append("away")
    if one.load >= one.capacity:
        against.append("full")
    return Weighed(one, tuple(against), locale[:2] in one.locales, field in one.fields)


def _order(w: Weighed) -> tuple[bool, bool, bool, float, float, str]:
    one = w.candidate
    last = one.last_appointed_at.timestamp() if one.last_appointed_at else 0.0
    return (not w.eligible, not w.speaks, not w.versed, one.load / max(one.capacity, 1), last, one.name)
