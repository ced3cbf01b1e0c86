"""What stands beside a signal: its sources, its money, the changes because of it, its record. In the reader's language."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import ngettext

from casedesk.reports import signal_charts as charts
from casedesk.reports import wording
from casedesk.reports.signal_charts import Whisker
from casedesk.reports.signal_models import Signal
from casedesk.reports.signal_queries import Done, Money, Step
from casedesk.reports.signal_words import HELD, STEP
from casedesk.web.locale import day_short_year, reader_locale


@dataclass(frozen=True)
class SourceRow:
    """One source under the cause. `says`: high, usual or few."""

    name: str
    at_risk: str
    observed: str
    url: str
    expected: str
    ratio: str
    crude: str
    interval: str
    whisker: Whisker | None
    says: str
    own: bool


@dataclass(frozen=True)
class MoneyRows:
    """What the cases ask in one currency, what is usual, what is more, what was refunded."""

    currency: str
    asked: int
    usual: int
    more: int
    refunded: int


@dataclass(frozen=True)
class NoteLine:
    id: int | None
    day: str
    said: str
    detail: str


@dataclass(frozen=True)
class ActionLine:
    """A change, made or to be made. `state`: due, late, or done."""

    id: int
    change: str
    owner: str
    when: str
    state: str
    before: str
    after: str
    held: str
    held_words: str
    effect: str


@dataclass(frozen=True)
class StepLine:
    said: str
    at: Any
    by: str
    more: str


def cases_url(signal: Signal, source: str | None = None) -> str:
    """The queue, narrowed to the cases behind; empty where no filter of the queue says it (timing)."""
    if signal.kind == "timing":
        return "/cases?" + urlencode({"view": "all", "cause": signal.cause})
    asked = {"view": "all", "cause": signal.cause}
    if source or signal.source:
        asked["source"] = source or signal.source
    if signal.since is not None and signal.last is not None:
        asked |= {"since": signal.since.isoformat(), "until": (signal.last + timedelta(days=6)).isoformat()}
    return "/cases?" + urlencode(asked)


def source_row(row: dict[str, Any], signal: Signal, most: float, tongue: str) -> SourceRow:
    ratio = row["ratio"]
    own = row["source"] == signal.source
    return SourceRow(
        wording.source_name(row["source"], tongue),
        "–" if row["at_risk"] is None else wording.number(row["at_risk"], tongue),
        wording.number(row["observed"], tongue),
        cases_url(signal, row["source"]),
        wording.tenths(row["expected"], tongue),
        "–" if ratio is None else wording.times(ratio, tongue),
        "" if row.get("crude") is None else wording.times(row["crude"], tongue),
        ""
        if ratio is None
        else _(
            "%(low)s to %(high)s",
            low=wording.times(row["low"], tongue),
            high=wording.times(row["high"], tongue),
        ),
        None if ratio is None else charts.whisker(row["low"], ratio, row["high"], most),
        row["says"],
        own,
    )


def sources_when(signal: Signal, tongue: str, names: wording.Names) -> str:
    if signal.since is None:
        return _("whole period")
    return _("since %(day)s", day=wording.day(signal.since.isoformat(), tongue, names))


def money_rows(signal: Signal, money: Money) -> tuple[MoneyRows, ...]:
    asked: dict[str, int] = signal.picture.get("asked") or {}
    rows = []
    for currency in sorted(asked):  # where nothing is asked for, as in cancellations, money says nothing
        more = int(signal.excess_money.get(currency, 0))
        whole = asked.get(currency, 0)
        rows.append(MoneyRows(currency, whole, whole - more, more, money.refunded.get(currency, 0)))
    return tuple(rows)


def still_open(money: Money) -> str:
    if not money.open_cases:
        return ""
    return ngettext("%(num)d case is still open.", "%(num)d cases are still open.", money.open_cases)


def ahead_of(ahead: dict[str, Any] | None, tongue: str) -> str:
    if not ahead:
        return ""
    return _(
        "If nothing changes, about %(cases)s in the next four weeks (95 %%: %(low)s to %(high)s).",
        cases=wording.count(wording.CASES, ahead["cases"], tongue),
        low=wording.number(ahead["low"], tongue),
        high=wording.number(ahead["high"], tongue),
    )


def action_line(one: Done, today: date) -> ActionLine:
    tongue = reader_locale()
    effect = one.effect
    if one.done_on is not None:
        when, state = day_short_year(one.done_on), "done"
    else:
        when, state = day_short_year(one.due_on), "late" if one.due_on < today else "due"
    return ActionLine(
        one.id,
        one.change,
        one.owner,
        when,
        state,
        f"{wording.times(effect['before'], tongue)} ×" if effect else "–",
        f"{wording.times(effect['after'], tongue)} ×" if effect else "–",
        one.held,
        _held(one),
        _effect(effect, tongue) if effect else "",
    )


def _held(one: Done) -> str:
    if one.effect is None:
        return _("too early to say")
    return str(HELD[one.held])


def _effect(effect: dict[str, Any], tongue: str) -> str:
    """What the change brought, with its interval, in words."""
    params = {
        "share": wording.share(abs(1 - effect["change"]), tongue),
        "low": wording.times(effect["low"], tongue),
        "high": wording.times(effect["high"], tongue),
        "before": wording.times(effect["before"], tongue),
        "after": wording.times(effect["after"], tongue),
        "weeks": ngettext("%(num)d week", "%(num)d weeks", effect["weeks_after"]),
    }
    if effect["high"] < 1:
        return _(
            "%(share)s fewer cases in the %(weeks)s after: from %(before)s to %(after)s times the usual (rate after over before, 95 %%: %(low)s to %(high)s).",
            **params,
        )
    if effect["low"] > 1:
        return _(
            "%(share)s more cases in the %(weeks)s after: from %(before)s to %(after)s times the usual (rate after over before, 95 %%: %(low)s to %(high)s).",
            **params,
        )
    return _(
        "No effect can be told from chance in the %(weeks)s after: from %(before)s to %(after)s times the usual (rate after over before, 95 %%: %(low)s to %(high)s).",
        **params,
    )


def step_line(one: Step) -> StepLine:
    words = STEP.get(one.kind, one.kind)
    said = (
        one.text.get("said") or one.text.get("change") or one.text.get("why") or one.text.get("found") or ""
    )
    return StepLine(str(words), one.at, one.by, str(said))
