"""Which clocks were kept."""

from collections import defaultdict

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import DESK, Behind, Column, Desk, Figure, Made, Report, Row, Table


def make(desk: Desk) -> Made:
    kept = figures.counted(desk.session, desk.asked, "clock_kept", "detail", step=desk.asked.grain)
    late = figures.counted(desk.session, desk.asked, "clock_late", "detail", step=desk.asked.grain)
    on_time, missed = parts.total(kept), parts.total(late)
    before = desk.before
    earlier = None
    if before:
        ok = parts.total(figures.counted(desk.session, before.asked, "clock_kept"))
        earlier = parts.share(ok, ok + parts.total(figures.counted(desk.session, before.asked, "clock_late")))
    return Made(
        figures=(
            Figure(_("Kept"), parts.share(on_time, on_time + missed), "percent", earlier, good="up"),
            Figure(_("Missed"), missed, good="down"),
            Figure(_("Clocks that ended"), on_time + missed),
        ),
        tables=(_table(desk, kept, late),),
        chart=charts.lines(_points(desk, kept, late), _("Kept"), percent=True),
        chart_title=_("Share of clocks kept"),
        notes=parts.partial_note(desk),
        is_empty=not (on_time or missed),
    )


def _table(desk: Desk, kept: list[figures.Cell], late: list[figures.Cell]) -> Table:
    ok, missed = parts.by_value(kept), parts.by_value(late)
    columns = (
        Column("clock", _("Clock"), "text"),
        Column("kept", _("Kept")),
        Column("late", _("Missed")),
        Column("share", _("Share kept"), "percent"),
    )
    rows = []
    for name in sorted({*ok, *missed}, key=lambda n: -(ok.get(n, 0) + missed.get(n, 0))):
        a, b = ok.get(name, 0), missed.get(name, 0)
        rows.append(
            Row(
                (desk.names.of("detail", name), a, b, parts.share(a, a + b)),
                _behind({"detail": name}),
            )
        )
    a, b = parts.total(kept), parts.total(late)
    rows.append(Row((_("All clocks"), a, b, parts.share(a, a + b)), _behind({}), total=True))
    return Table(
        _("Clocks"), columns, tuple(rows), note=_("A clock’s name leads to the cases in which it was missed.")
    )


def _behind(of: dict[str, str]) -> dict[str, Behind]:
    return {"late": Behind("clock_late", of), "kept": Behind("clock_kept", of)}


def _points(desk: Desk, kept: list[figures.Cell], late: list[figures.Cell]) -> list[dict[str, object]]:
    both: dict[tuple[object, str], list[int]] = defaultdict(lambda: [0, 0])
    for place, cells in enumerate((kept, late)):
        for cell in cells:
            both[cell.at, cell.a][place] += cell.n
    named = list(parts.by_value([*kept, *late]))[:4]
    return [
        {
            "at": parts.step_name(at, desk.asked.grain),
            "order": order,
            "series": desk.names.of("detail", name),
            "n": ok / (ok + missed),
            "behind": parts.step_behind(desk, "clock_late", at, {"detail": name}),
        }
        for order, at in enumerate(figures.steps_of(desk.asked))
        for name in named
        for ok, missed in [both.get((at, name), [0, 0])]
        if ok + missed
    ]


REPORT = Report(
    "clocks_kept",
    _l("Clocks kept"),
    _l("Which promises of time were kept: replies, decisions, duties of the law."),
    (
        _l(
            "A clock that was kept counts on the day on which it was stopped, one that was missed on the day on which it was due."
        ),
        _l(
            "Pauses while the customer was asked are taken out, as on the case. Clocks that were called off count nowhere."
        ),
    ),
    make,
    roles=DESK,
    steps=True,
    icon="clock-check",
)
