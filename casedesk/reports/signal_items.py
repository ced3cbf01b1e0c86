"""A signal in a line: in the list, on Home, on a case; and what a scan says of its data. In the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from casedesk.reports import wording
from casedesk.reports.findings import ClusterFound, Note
from casedesk.reports.signal_findings import found_of
from casedesk.reports.signal_models import Signal, SignalScan
from casedesk.reports.signal_queries import Done
from casedesk.reports.signal_rules import is_asleep
from casedesk.reports.signal_words import STATE
from casedesk.web import locale
from casedesk.web.locale import day_short, day_short_year, reader_locale


@dataclass(frozen=True)
class Item:
    """One line of the list."""

    id: int
    title: str
    figure: str
    where: str
    money: str
    state: str
    asleep: bool
    new: bool


def names_of(causes: Iterable[tuple[str, str, str]], today: date) -> wording.Names:
    """What causes are called in the reader's language."""
    french = reader_locale() == "fr"
    return wording.Names({code: fr if french else en for code, en, fr in causes}, today.year)


def item(signal: Signal, action: Done | None, names: wording.Names, today: date) -> Item:
    tongue = reader_locale()
    found = found_of(signal.finding)
    return Item(
        signal.id,
        wording.what(signal.cause, None, tongue, names),
        _("timing") if isinstance(found, ClusterFound) else f"{wording.times(found.ratio, tongue)} ×",
        _where(signal, found, tongue, names),
        _gain(signal, tongue),
        state_line(signal, action, today),
        is_asleep(signal.snoozed_until, today),
        signal.state == "new" and not signal.ended,
    )


def _where(signal: Signal, found: Any, tongue: str, names: wording.Names) -> str:
    if isinstance(found, ClusterFound):
        return wording.when(found.dimension, found.low, found.high, tongue)
    source = wording.source_name(signal.source, tongue) if signal.source else _("all sources")
    if signal.since is None:
        return _("%(source)s, whole period", source=source)
    since = day_short(signal.since) if signal.since.year == names.year else day_short_year(signal.since)
    return _("%(source)s, since %(day)s", source=source, day=since)


def _gain(signal: Signal, tongue: str) -> str:
    """The money beyond the usual; the cases where no amount is known."""
    if signal.kind == "timing":
        of = signal.picture.get("of", 0)
        return _("%(some)s of %(all)s", some=signal.observed, all=of)
    if signal.excess_money:
        rounded = {code: _whole(minor, code) for code, minor in signal.excess_money.items()}
        return "+\u00a0" + " + ".join(rounded.values())
    return "+\u00a0" + wording.count(wording.CASES, signal.excess, tongue)


def _whole(minor: int, currency: str) -> str:
    """An amount without its decimals: in a list the size is what counts."""
    unit = 10 ** locale.exponent(currency)
    spelled = locale.money(round(minor / unit) * unit, currency)
    return spelled.replace(",00" if reader_locale() == "fr" else ".00", "", 1)


def state_line(signal: Signal, action: Done | None, today: date) -> str:
    """Where it stands, in a few words: new, 7 weeks, still rising."""
    if is_asleep(signal.snoozed_until, today):
        return _("snoozed until %(day)s", day=day_short(signal.snoozed_until))
    parts = [str(STATE[signal.state])]
    if signal.state == "explained" and signal.explanation:
        parts = [_("explained: %(why)s", why=signal.explanation)]
    elif action is not None and signal.state == "assigned":
        parts = [_("%(owner)s, by %(day)s", owner=action.owner, day=day_short(action.due_on))]
    elif action is not None and signal.state == "watched":
        parts = [_("change by %(owner)s, effect watched", owner=action.owner)]
    if signal.picture.get("gone"):
        parts.append(_("not seen any more"))
    elif signal.since is not None and signal.last is not None and signal.state != "explained":
        weeks = (signal.last - signal.since).days // 7 + 1
        parts.append(ngettext("%(num)d week", "%(num)d weeks", weeks))
        parts.append(_("ended") if signal.ended else _("still high"))
    return ", ".join(parts)


def one_of_many(signal: Signal, labels: Mapping[str, tuple[str, str]], today: date) -> str:
    """What an agent reads on a case of the signal: how many there are, and how many there usually are."""
    tongue = reader_locale()
    names = names_of([(code, en, fr) for code, (en, fr) in labels.items()], today)
    found = found_of(signal.finding)
    params = {
        "what": wording.what(signal.cause, signal.source, tongue, names),
        "cases": wording.count(wording.CASES, signal.observed, tongue),
        "ratio": wording.times(getattr(found, "ratio", 1.0), tongue),
    }
    if signal.since is None:
        return _("%(what)s: %(cases)s, %(ratio)s times as many as at other sources.", **params)
    since = wording.day(signal.since.isoformat(), tongue, names)
    return _("%(what)s: %(cases)s since %(day)s, %(ratio)s times the usual.", day=since, **params)


def data_notes(scan: SignalScan | None) -> list[str]:
    """What the scan says of the data themselves, in the reader's language."""
    if scan is None:
        return []

    said = []
    for one in scan.notes:
        if wording.known_note(one["code"]):
            said.append(wording.note(Note(one["code"], one["params"]), reader_locale()))
    return said


def too_few(scan: SignalScan | None, names: wording.Names) -> list[str]:
    """What is too thin to judge this week: causes first, then causes at a source."""
    if scan is None:
        return []
    return [wording.what(cause, source, reader_locale(), names) for cause, source in scan.few]
