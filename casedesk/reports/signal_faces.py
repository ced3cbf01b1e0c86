"""The page of one signal as it is said and drawn, in the reader's language: no statement."""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from casedesk.reports import signal_charts as charts
from casedesk.reports import wording
from casedesk.reports.signal_beside import (
    ActionLine,
    MoneyRows,
    NoteLine,
    SourceRow,
    StepLine,
    action_line,
    ahead_of,
    cases_url,
    money_rows,
    source_row,
    sources_when,
    step_line,
    still_open,
)
from casedesk.reports.signal_charts import WeekChart
from casedesk.reports.signal_drawings import (
    Drawn,
    WeekRow,
    chart_of,
    chart_said,
    said_of,
    timing_of,
    week_row,
    weeks_of,
)
from casedesk.reports.signal_findings import found_of
from casedesk.reports.signal_items import state_line
from casedesk.reports.signal_models import Signal
from casedesk.reports.signal_queries import SignalPage
from casedesk.reports.signal_rules import is_asleep
from casedesk.web.locale import day_short, day_short_year, reader_locale

KEPT = (("rises_of_causes", 0.05), ("rises_at_sources", 0.08), ("cells", 0.05), ("timing", 0.05))
"""The shares of false findings that detection holds; a test compares them with its settings."""
SURE = ((0.001, 1_000), (0.01, 100), (0.05, 20))


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


def face(page: SignalPage, names: wording.Names, today: date) -> SignalFace:
    signal, tongue = page.signal, reader_locale()
    found = found_of(signal.finding)
    picture = signal.picture
    rows = weeks_of(signal, page.weeks, found)
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
        sure=_sure(signal),
        since="" if signal.since is None else wording.day(signal.since.isoformat(), tongue, names),
        chart=chart_of(signal, rows, page.annotations, today) if rows else None,
        chart_title=_(
            "Cases a week, %(where)s",
            where=wording.source_name(signal.source, tongue) if signal.source else _("all sources"),
        ),
        chart_said=chart_said(signal, rows),
        chart_note=_("bars observed, line expected, ground usual range (95 %)")
        if any(row.low is not None for row in rows)
        else _("bars observed, line at the rate of the other sources"),
        weeks=tuple(week_row(row, tongue) for row in reversed(rows)),
        sources=tuple(source_row(row, signal, most, tongue) for row in picture.get("sources") or []),
        sources_when=sources_when(signal, tongue, names),
        measure=_("Purchases") if getattr(found, "measure", "") == "purchases" else _("Subscriptions"),
        has_crude=any(
            wording.differs(row.get("crude"), row["ratio"]) for row in picture.get("sources") or []
        ),
        axis=tuple(
            (charts.axis_at(value, most), f"{wording.number(value, tongue)} ×")
            for value in charts.axis_values(most)
        ),
        one_at=charts.axis_at(1.0, most),
        money=money_rows(signal, page.money),
        cases=signal.observed,
        usual_cases=wording.number(signal.expected, tongue),
        still_open=still_open(page.money),
        notes=tuple(
            NoteLine(
                one.id,
                day_short(one.on) if one.on.year == today.year else day_short_year(one.on),
                said_of(one),
                one.detail,
            )
            for one in page.annotations
        ),
        timing=timing_of(signal, found, tongue),
        ahead=ahead_of(picture.get("ahead"), tongue),
        actions=tuple(action_line(one, today) for one in page.actions),
        before=tuple(action_line(one, today) for one in reversed(page.before)),
        steps=tuple(step_line(one) for one in page.steps),
        cases_url=cases_url(signal),
        cases_words=ngettext("Open the %(num)d case", "Open the %(num)d cases", signal.observed),
        explanation=signal.explanation if signal.state == "explained" else "",
        snoozed=day_short(signal.snoozed_until) if is_asleep(signal.snoozed_until, today) else "",
        vote=page.vote,
    )


def _sure(signal: Signal) -> str:
    """How likely chance is, as a manager reads it. The score is the tail, paid for the windows that were tried."""
    for least, one_in in SURE:
        if signal.score < least:
            often = wording.number(one_in, reader_locale())
            if signal.kind == "spike":  # each series has a chance of it every week
                return _("Chance alone would do this to one series less than once in %(n)s weeks.", n=often)
            return _("Chance alone would do this less than once in %(n)s.", n=often)
    return _("It may still be chance: look again next week.")
