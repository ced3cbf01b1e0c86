"""A signal as the page says and draws it, in the reader's language: words and geometry, no statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from casedesk.reports import signal_charts as charts
from casedesk.reports import wording
from casedesk.reports.findings import ClusterFound, Note
from casedesk.reports.signal_charts import Histogram, Noted, WeekChart, WeekOf, Whisker
from casedesk.reports.signal_findings import found_of
from casedesk.reports.signal_models import Signal, SignalScan, SignalWeek
from casedesk.reports.signal_queries import Annotated, Done, Money, SignalPage, Step
from casedesk.reports.signal_rules import is_asleep
from casedesk.reports.signal_words import HELD, STATE, STEP
from casedesk.web import locale
from casedesk.web.locale import day_short, day_short_year, reader_locale

KEPT = (("rises_of_causes", 0.05), ("rises_at_sources", 0.08), ("cells", 0.05), ("timing", 0.05))
"""The shares of false findings that detection holds; a test compares them with its settings."""
LEAST_APART, TIMES_APART = 8, 1.6
"""From so many cases on the four days with most, at so many times the others' share, the days are pointed out."""
SURE = ((0.001, 1_000), (0.01, 100), (0.05, 20))


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
class WeekRow:
    """One row of the table beside the chart."""

    week: str
    observed: str
    expected: str
    usual: str
    beyond: bool


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
class Drawn:
    """A histogram with its title, its axis in words and the sentence under it."""

    title: str
    unit: str
    picture: Histogram
    said: str


@dataclass(frozen=True)
class StepLine:
    said: str
    at: Any
    by: str
    more: str


@dataclass(frozen=True)
class SignalFace:
    """The whole page of one signal."""

    id: int
    kind: str
    title: str
    sentence: Markup
    state: str
    state_words: str
    ended: bool
    gone: bool
    sure: str
    since: str
    chart: WeekChart | None
    chart_title: str
    chart_said: str
    chart_note: str
    weeks: tuple[WeekRow, ...]
    sources: tuple[SourceRow, ...]
    sources_when: str
    measure: str
    has_crude: bool
    axis: tuple[tuple[float, str], ...]
    one_at: float
    money: tuple[MoneyRows, ...]
    cases: int
    usual_cases: str
    still_open: str
    notes: tuple[NoteLine, ...]
    timing: Drawn | None
    ahead: str
    actions: tuple[ActionLine, ...]
    before: tuple[ActionLine, ...]
    steps: tuple[StepLine, ...]
    cases_url: str
    cases_words: str
    explanation: str
    snoozed: str
    vote: bool | None


def names_of(causes: Iterable[tuple[str, str, str]], today: date) -> wording.Names:
    """What causes are called in the reader's language."""
    french = reader_locale() == "fr"
    return wording.Names({code: fr if french else en for code, en, fr in causes}, today.year)


# --- the list -----------------------------------------------------------------------------------------


def item(signal: Signal, action: Done | None, names: wording.Names, today: date) -> Item:
    tongue = reader_locale()
    found = found_of(signal.finding)
    return Item(
        signal.id,
        names.cause(signal.cause),
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
    source = wording.label(signal.source) if signal.source else _("all sources")
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


# --- one signal -----------------------------------------------------------------------------------------


def face(page: SignalPage, names: wording.Names, today: date) -> SignalFace:
    signal, tongue = page.signal, reader_locale()
    found = found_of(signal.finding)
    picture = signal.picture
    rows = _weeks(signal, page.weeks, found)
    ratios = [row["high"] or row["ratio"] for row in picture.get("sources") or [] if row["ratio"]]
    most = charts.axis_most([row["ratio"] for row in picture.get("sources") or [] if row["ratio"]] or ratios)
    newest = page.actions[-1] if page.actions else None
    return SignalFace(
        id=signal.id,
        kind=signal.kind,
        title=wording.what(signal.cause, signal.source, tongue, names),
        sentence=wording.marked(found, tongue, names),
        state=signal.state,
        state_words=state_line(signal, newest, today),
        ended=signal.ended,
        gone=bool(picture.get("gone")),
        sure=_sure(signal.score),
        since="" if signal.since is None else wording.day(signal.since.isoformat(), tongue, names),
        chart=_chart(signal, rows, page.annotations, today) if rows else None,
        chart_title=_(
            "Cases a week, %(where)s",
            where=wording.label(signal.source) if signal.source else _("all sources"),
        ),
        chart_said=_chart_said(signal, rows),
        chart_note=_("bars observed, line expected, ground usual range (95 %)")
        if any(row.low is not None for row in rows)
        else _("bars observed, line at the rate of the other sources"),
        weeks=tuple(_week_row(row, tongue) for row in reversed(rows)),
        sources=tuple(_source(row, signal, most, tongue) for row in picture.get("sources") or []),
        sources_when=_sources_when(signal, tongue, names),
        measure=_("Purchases") if getattr(found, "measure", "") == "purchases" else _("Subscriptions"),
        has_crude=any(
            wording.differs(row.get("crude"), row["ratio"]) for row in picture.get("sources") or []
        ),
        axis=tuple(
            (charts.axis_at(value, most), f"{wording.number(value, tongue)} ×")
            for value in charts.axis_values(most)
        ),
        one_at=charts.axis_at(1.0, most),
        money=_money(signal, page.money),
        cases=signal.observed,
        usual_cases=wording.number(signal.expected, tongue),
        still_open=_still_open(page.money),
        notes=tuple(
            NoteLine(
                one.id,
                day_short(one.on) if one.on.year == today.year else day_short_year(one.on),
                _said(one),
                one.detail,
            )
            for one in page.annotations
        ),
        timing=_timing(signal, found, tongue),
        ahead=_ahead(picture.get("ahead"), tongue),
        actions=tuple(action_line(one, today) for one in page.actions),
        before=tuple(action_line(one, today) for one in reversed(page.before)),
        steps=tuple(_step(one) for one in page.steps),
        cases_url=cases_url(signal),
        cases_words=ngettext("Open the %(num)d case", "Open the %(num)d cases", signal.observed),
        explanation=signal.explanation if signal.state == "explained" else "",
        snoozed=day_short(signal.snoozed_until) if is_asleep(signal.snoozed_until, today) else "",
        vote=page.vote,
    )


def _sure(score: float) -> str:
    """How likely chance is, as a manager reads it. The score is the tail, paid for the windows that were tried."""
    for least, one_in in SURE:
        if score < least:
            return _(
                "Chance alone would do this less than once in %(n)s.",
                n=wording.number(one_in, reader_locale()),
            )
    return _("It may still be chance: look again next week.")


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


# --- the chart ----------------------------------------------------------------------------------------


def _weeks(signal: Signal, kept: Sequence[SignalWeek], found: Any) -> list[WeekOf]:
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


def _chart(signal: Signal, rows: list[WeekOf], noted: Sequence[Annotated], today: date) -> WeekChart:
    marks = [Noted(one.on, _shortened(_said(one)), day_short(one.on)) for one in noted]
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


def _said(one: Annotated) -> str:
    if one.id is None:
        return _("Terms %(code)s", code=one.said)
    return one.said


def _chart_said(signal: Signal, rows: list[WeekOf]) -> str:
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


def _week_row(row: WeekOf, tongue: str) -> WeekRow:
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


# --- beside it ----------------------------------------------------------------------------------------


def _source(row: dict[str, Any], signal: Signal, most: float, tongue: str) -> SourceRow:
    ratio = row["ratio"]
    own = row["source"] == signal.source
    return SourceRow(
        wording.label(row["source"]),
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


def _sources_when(signal: Signal, tongue: str, names: wording.Names) -> str:
    if signal.since is None:
        return _("whole period")
    return _("since %(day)s", day=wording.day(signal.since.isoformat(), tongue, names))


def _money(signal: Signal, money: Money) -> tuple[MoneyRows, ...]:
    asked: dict[str, int] = signal.picture.get("asked") or {}
    rows = []
    for currency in sorted(asked):  # where nothing is asked for, as in cancellations, money says nothing
        more = int(signal.excess_money.get(currency, 0))
        whole = asked.get(currency, 0)
        rows.append(MoneyRows(currency, whole, whole - more, more, money.refunded.get(currency, 0)))
    return tuple(rows)


def _still_open(money: Money) -> str:
    if not money.open_cases:
        return ""
    return ngettext("%(num)d case is still open.", "%(num)d cases are still open.", money.open_cases)


def _timing(signal: Signal, found: Any, tongue: str) -> Drawn | None:
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


WIDE_BINS = 820


def _ahead(ahead: dict[str, Any] | None, tongue: str) -> str:
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


def _step(one: Step) -> StepLine:
    words = STEP.get(one.kind, one.kind)
    said = (
        one.text.get("said") or one.text.get("change") or one.text.get("why") or one.text.get("found") or ""
    )
    return StepLine(str(words), one.at, one.by, str(said))


# --- the scan -------------------------------------------------------------------------------------------


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
