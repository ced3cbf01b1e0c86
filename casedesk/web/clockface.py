"""What a clock shows: how much is left, in which state, and the exact instant for whoever asks."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _

from casedesk.web import locale

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class ClockFace:
    """One face: state is late, risk, today, kept, paused or empty; quarter (0 to 3) is the time used."""

    state: str
    left: str
    what: str
    due: str | None = None
    title: str | None = None
    quarter: int = 0


def clock_face(
    what: str,
    due_at: datetime | None,
    now: datetime,
    *,
    started_at: datetime | None = None,
    state: str | None = None,
    risk_from: datetime | None = None,
) -> ClockFace:
    """The face of the clock `what`; without `state` it is late, at risk (from `risk_from` on), today or fine."""
    if state == "paused" or due_at is None:
        return ClockFace("paused", _("Paused"), what)
    state = state if state is not None else _state(due_at, now, risk_from)
    return ClockFace(
        state,
        time_left(due_at, now) if state != "kept" else locale.day_short(due_at),
        what,
        due=due_at.astimezone(UTC).isoformat(timespec="seconds"),
        title=f"{locale.moment(due_at)} {locale.local(due_at).tzname()}",
        quarter=_quarter(started_at, due_at, now),
    )


def time_left(due_at: datetime, now: datetime) -> str:
    """``12 min``, ``4 h 18``, ``19 h late``, ``3 days late``; from one day on, the date."""
    left = due_at - now
    if left < timedelta(0):
        return _("%(left)s late", left=_span(-left))
    if left < DAY:
        return _span(left)
    return locale.weekday_hour(due_at) if left < 7 * DAY else locale.day_short(due_at)


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return _("%(minutes)d min", minutes=minutes)
    if span < 10 * HOUR:
        return _("%(hours)d h %(minutes)02d", hours=minutes // 60, minutes=minutes % 60)
    if span < 2 * DAY:
        return _("%(hours)d h", hours=minutes // 60)
    return _("%(days)d days", days=span.days)


def _state(due_at: datetime, now: datetime, risk_from: datetime | None) -> str:
    if now >= due_at:
        return "late"
    if risk_from is not None and now >= risk_from:
        return "risk"
    return "today" if due_at - now < DAY else ""


def _quarter(started_at: datetime | None, due_at: datetime, now: datetime) -> int:
    """How many quarters of the time are used, 0 to 3."""
    if started_at is None or due_at <= started_at:
        return 0
    used = (now - started_at) / (due_at - started_at)
    return max(0, min(3, int(used * 4)))
