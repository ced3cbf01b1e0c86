"""What the page of a signal draws: its weeks, its days after the charge, its bins of a clock. Words and geometry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from casedesk.reports import signal_charts as charts
from casedesk.reports import wording
from casedesk.reports.findings import ClusterFound
from casedesk.reports.signal_charts import Histogram, Noted, WeekChart, WeekOf
from casedesk.reports.signal_models import Signal, SignalWeek
from casedesk.reports.signal_queries import Annotated
from casedesk.web import locale
from casedesk.web.locale import day_short, day_short_year, reader_locale

LEAST_APART, TIMES_APART = 8, 1.6
"""From so many cases on the four days with most, at so many times the others' share, the days are pointed out."""
WIDE_BINS = 820


@dataclass(frozen=True)
class WeekRow:
    """One row of the table beside the chart."""

    week: str
    observed: str
    expected: str
    usual: str
    beyond: bool


@dataclass(frozen=True)
class Drawn:
    """A histogram with its title, its axis in words and the sentence under it."""

    title: str
    unit: str
    picture: Histogram
    said: str


def weeks_of(signal: Signal, kept: Sequence[SignalWeek], found: Any) -> list[WeekOf]:
    """The weeks to draw; those of the episode as each looked at its end."""
    tongue = reader_locale()
    as_seen = {row.week: row for row in kept}
    rows = []
    for monday, observed, expected, low, high in signal.picture.get("series") or []:
        week = date.fromisoformat(monday)
        seen = as_seen.get(week)
        if seen is not None:
            observed, expected, low, high = seen.observed, seen.expected, seen.low, seen.high
        title = _(
            "week of %(day)s: %(seen)s, %(usual)s expected",
            day=day_short(week),
            seen=wording.count(wording.CASES, observed, tongue),
            usual=wording.tenths(expected, tongue),
        )
        rows.append(WeekOf(week, observed, expected, low, high, seen is not None, title))
    partial = signal.picture.get("partial")
    if partial and rows:
        title = _(
            "week of %(day)s, not over: %(seen)s",
            day=day_short(date.fromisoformat(partial["week"])),
            seen=wording.count(wording.CASES, partial["observed"], tongue),
        )
        rows.append(
            WeekOf(
                date.fromisoformat(partial["week"]),
                partial["observed"],
                None,
                None,
                None,
                False,
                title,
                partial["days"],
            )
        )
    return rows


def chart_of(signal: Signal, rows: list[WeekOf], noted: Sequence[Annotated], today: date) -> WeekChart:
    marks = [Noted(one.on, _shortened(said_of(one)), day_short(one.on)) for one in noted]
    first, last = rows[0].week, rows[-1].week
    months = []
    day = first.replace(day=1)
    while day <= last:
        if day >= first - timedelta(days=6):
            months.append((day, locale.month_short(day)))
        day = (day + timedelta(days=32)).replace(day=1)
    label = ""
    if signal.since is not None:
        label = _("%(cases)s since %(day)s", cases=signal.observed, day=day_short(signal.since))
    days = rows[-1].days
    part = ngettext("%(num)d day", "%(num)d days", days) if days else ""
    return charts.weeks(rows, marks, months, label, part)


def _shortened(text: str, most: int = 44) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def said_of(one: Annotated) -> str:
    if one.id is None:
        return _("Terms %(code)s", code=one.said)
    return one.said


def chart_said(signal: Signal, rows: list[WeekOf]) -> str:
    if not rows:
        return ""
    hot = [row for row in rows if row.hot]
    said = _(
        "Cases a week, observed against expected, %(first)s to %(last)s.",
        first=day_short_year(rows[0].week),
        last=day_short_year(rows[-1].week),
    )
    if hot:
        said += " " + _("Beyond the usual from the week of %(day)s.", day=day_short_year(hot[0].week))
    return said


def week_row(row: WeekOf, tongue: str) -> WeekRow:
    usual = "–"
    if row.low is not None and row.high is not None:
        usual = _("%(low)s to %(high)s", low=row.low, high=row.high)
    spelled = day_short_year(row.week)
    if row.days:
        spelled = _("%(week)s (not over)", week=spelled)
    return WeekRow(
        spelled,
        wording.number(row.observed, tongue),
        "–" if row.expected is None else wording.tenths(row.expected, tongue),
        usual,
        row.hot,
    )


def timing_of(signal: Signal, found: Any, tongue: str) -> Drawn | None:
    if isinstance(found, ClusterFound):
        return _bins(signal, found, tongue)
    ages = signal.picture.get("ages")
    if not ages or ages["known"] < 5:
        return None
    shares = ages["others"]
    low, high = _densest(ages["days"])
    inside, usual = sum(ages["days"][low : high + 1]), sum(shares[low : high + 1])
    apart = inside >= LEAST_APART and inside / ages["known"] >= TIMES_APART * usual
    values = [
        (
            str(at),
            seen,
            round(shares[at] * ages["known"], 2),
            apart and low <= at <= high,
            _("day %(day)s: %(seen)s", day=at, seen=wording.count(wording.CASES, seen, tongue)),
        )
        for at, seen in enumerate(ages["days"])
    ]
    said = _("Spread over the days like the other causes.")
    if apart:
        said = _(
            "%(inside)s of %(all)s come on days %(low)s to %(high)s after the charge; of the other causes %(share)s do.",
            inside=inside,
            all=ages["known"],
            low=low,
            high=high,
            share=wording.share(usual, tongue),
        )
    return Drawn(_("When after the charge"), _("days"), charts.histogram(values), said)


def _densest(days: Sequence[int], width: int = 4) -> tuple[int, int]:
    """The four days in a row with most cases."""
    starts = range(max(len(days) - width + 1, 1))
    best = max(starts, key=lambda at: (sum(days[at : at + width]), -at))
    return best, best + width - 1


def _bins(signal: Signal, found: ClusterFound, tongue: str) -> Drawn:
    values = []
    for at, seen, usual in signal.picture["bins"]:
        if found.dimension == "days_since_purchase" and at > max(60, found.high + 5):
            break
        word = wording.bin_word(found.dimension, at, tongue)
        title = _(
            "%(bin)s: %(seen)s, %(usual)s expected",
            bin=word,
            seen=wording.count(wording.CASES, seen, tongue),
            usual=wording.tenths(usual, tongue),
        )
        values.append((word, seen, usual, found.low <= at <= found.high, title))
    every = {"day_of_week": 1, "hour": 6}.get(found.dimension, 7)
    unit = {
        "day_of_week": "",
        "hour": _("hour of the day"),
        "day_of_month": _("day of the month"),
        "billing_day": _("days since the billing day"),
    }.get(found.dimension, _("days since the charge"))
    drawn = charts.histogram(values, width=WIDE_BINS, height=180, every=every)
    return Drawn(
        _("When it comes"), unit, drawn, _("bars this cause, line the other causes at the same size")
    )
