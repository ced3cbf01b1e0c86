"""The mails about signals: what is new or has grown, and the weekly digest. In the reader's language, plain text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.cases.models import Cause
from casedesk.reports import wording
from casedesk.reports.signal_findings import found_of
from casedesk.reports.signal_models import Signal, SignalAction


def _n(one: str, several: str) -> tuple[str, str]:
    """Marks a sentence with its plural form."""
    return one, several


def _(message: str) -> str:
    """Marks a sentence for the catalogue."""
    return message


NEWS_TITLE = _n("%(count)s finding in Signals: %(first)s", "%(count)s findings in Signals: %(first)s")
NEWS_END = _(
    "You get one mail about a finding, and another only if it grows by half. Snooze it on its page to hear no more of it."
)
DIGEST_TITLE = _("Signals of the week: %(open)s open, %(new)s new")
DIGEST_OPEN = _("Open, worst first")

DIGEST_DUE = _("Actions due")
DIGEST_ACTION = _("%(change)s (%(what)s), due %(due)s")
DIGEST_LATE = _("%(change)s (%(what)s), was due %(due)s")
LONGEST = 12


@dataclass(frozen=True)
class Written:
    title: str
    text: str


def names_in(session: Session, locale: str, *, year: int | None = None) -> wording.Names:
    """What causes are called in `locale`."""
    rows = session.execute(select(Cause.code, Cause.label_en, Cause.label_fr))
    return wording.Names({code: fr if locale == "fr" else en for code, en, fr in rows}, year)


def news(session: Session, found: Sequence[Signal], locale: str, base_url: str) -> Written:
    """One mail about findings that are new or have grown by half."""
    names = names_in(session, locale)
    lines = []
    for signal in found:
        lines += [wording.sentence(found_of(signal.finding), locale, names), _address(signal, base_url), ""]
    first = found[0]
    title = wording.many(
        NEWS_TITLE, len(found), locale, first=wording.what(first.cause, first.source, locale, names)
    )
    lines.append(wording.say(NEWS_END, locale))
    return Written(title, "\n".join(lines))


def digest(session: Session, locale: str, base_url: str, *, since: datetime, today: date) -> Written | None:
    """The week: what is open, what ended, which actions are due in the next seven days. None where there is nothing."""
    names = names_in(session, locale)
    rows = session.scalars(
        select(Signal)
        .where(Signal.state != "closed", Signal.ended.is_(False))
        .order_by(Signal.weight.desc(), Signal.excess.desc())
    ).all()
    open_now = [one for one in rows if one.snoozed_until is None or one.snoozed_until <= today]
    due = session.execute(
        select(SignalAction.change, SignalAction.due_on, Signal.cause, Signal.source)
        .join(Signal, Signal.id == SignalAction.signal_id)
        .where(SignalAction.done_on.is_(None), Signal.state != "closed")
        .order_by(SignalAction.due_on)
    ).all()
    if not open_now and not due:
        return None
    new = sum(one.found_at >= since for one in open_now)
    lines = []
    if open_now:
        lines.append(wording.say(DIGEST_OPEN, locale))
        for signal in open_now[:LONGEST]:
            lines.append("- " + wording.sentence(found_of(signal.finding), locale, names))
            lines.append("  " + _address(signal, base_url))
        lines.append("")
    if due:
        lines.append(wording.say(DIGEST_DUE, locale))
        for change, day, cause, source in due[:LONGEST]:
            lines.append(
                "- "
                + wording.say(
                    DIGEST_LATE if day < today else DIGEST_ACTION,
                    locale,
                    change=change,
                    what=wording.what(cause, source, locale, names),
                    due=wording.day(day.isoformat(), locale),
                )
            )
        lines.append("")
    title = wording.say(DIGEST_TITLE, locale, open=len(open_now), new=new)
    return Written(title, "\n".join(lines).rstrip())


def _address(signal: Signal, base_url: str) -> str:
    return f"{base_url}/signals/{signal.id}"
