"""Opening hours as people type them: ``09:00-12:30, 13:30-18:00``, past midnight ``22:00-02:00``, all day ``00:00-24:00``."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from casedesk.deadlines.rules import DAY_MINUTES, Interval

_PIECE = re.compile(r"(\d{1,2})(?:[:.hH](\d{2})?)?\s*(?:-|–|—|to|à)\s*(\d{1,2})(?:[:.hH](\d{2})?)?", re.ASCII)


class Unreadable(ValueError):
    """`code`: shape, hour, order or overlap; `piece`: what was typed there."""

    def __init__(self, code: str, piece: str) -> None:
        super().__init__(f"{code}: {piece}")
        self.code, self.piece = code, piece


def read_intervals(text: str) -> tuple[Interval, ...]:
    """The half-open intervals of one day, in order; empty for a day off. Raises Unreadable."""
    pieces = [piece.strip() for piece in re.split(r"[,;\n]", text) if piece.strip(" -–")]
    found = sorted(_piece(piece) for piece in pieces)
    for (_, end), (start, later) in pairwise(found):
        if start < end:
            raise Unreadable("overlap", write_intervals([(start, later)]))
    return tuple(found)


def _piece(piece: str) -> Interval:
    read = _PIECE.fullmatch(piece)
    if read is None:
        raise Unreadable("shape", piece[:40])
    start, end = _minute(read[1], read[2], piece), _minute(read[3], read[4], piece)
    if start == DAY_MINUTES:
        raise Unreadable("hour", piece)
    if end == start:
        raise Unreadable("order", piece)
    return (start, end if end > start else end + DAY_MINUTES)


def _minute(hour: str, minute: str | None, piece: str) -> int:
    value = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) > 59 or value > DAY_MINUTES:
        raise Unreadable("hour", piece)
    return value


def write_intervals(intervals: Sequence[Sequence[int]]) -> str:
    """The intervals as they are typed; midnight at the end of a day is 24:00."""
    return ", ".join(f"{_clock(a)}-{_clock(b, end=True)}" for a, b in intervals)


def _clock(minute: int, *, end: bool = False) -> str:
    if end and minute == DAY_MINUTES:
        return "24:00"
    return f"{minute % DAY_MINUTES // 60:02d}:{minute % 60:02d}"


def crosses_into(weekly: Sequence[Sequence[Interval]]) -> int | None:
    """The weekday (Monday 0) whose evening runs into hours of the morning after; None where none does."""
    for weekday, day in enumerate(weekly):
        late = max((end - DAY_MINUTES for _, end in day), default=0)
        if any(start < late for start, _ in weekly[(weekday + 1) % 7]):
            return weekday
    return None


def read_days(text: str) -> tuple[date, ...]:
    """Days of the house's own, one a line or between commas, as 2026-12-24. Raises Unreadable."""
    days = set()
    for piece in (one.strip() for one in re.split(r"[,;\s]+", text)):
        if not piece:
            continue
        try:
            days.add(date.fromisoformat(piece))
        except ValueError:
            raise Unreadable("day", piece[:40]) from None
    return tuple(sorted(days))
