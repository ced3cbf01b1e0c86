"""Who comes back."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import Behind, Column, Desk, Figure, Made, Report, Row, Table
from casedesk.reports.catalog.labels import dimension_label

CUTS = ("cause", "source")


def make(desk: Desk) -> Made:
    by = desk.by(*CUTS)
    again = figures.counted(desk.session, desk.asked, "repeat", by)
    opened = figures.counted(desk.session, desk.asked, "opened", by)
    before = desk.before
    earlier = None
    if before:
        earlier = parts.share(
            parts.total(figures.counted(desk.session, before.asked, "repeat")),
            parts.total(figures.counted(desk.session, before.asked, "opened")),
        )
    contacts = figures.facts(desk.session, desk.asked, {"said": "f.contacts_in", "n": "count(*)"}, group=1)
    return Made(
        figures=(
            Figure(_("Repeat contacts"), parts.total(again)),
            Figure(
                _("Of cases opened"),
                parts.share(parts.total(again), parts.total(opened)),
                "percent",
                earlier,
                good="down",
            ),
        ),
        tables=(_table(desk, again, opened, by), _messages(contacts)),
        chart=charts.ranked(
            _points(desk, again, opened, by), _("Share of cases that are repeat contacts"), percent=True
        ),
        chart_title=_("Repeat contacts, by %(cut)s", cut=dimension_label(by).lower()),
        notes=parts.partial_note(desk),
        is_empty=not opened,
    )


def _table(desk: Desk, again: list[figures.Cell], opened: list[figures.Cell], by: str) -> Table:
    columns = (
        Column(by, dimension_label(by), "text"),
        Column("opened", _("Cases opened")),
        Column("n", _("Repeat contacts")),
        Column("share", _("Share"), "percent"),
    )
    some, rows = parts.by_value(again), []
    for value, n in parts.by_value(opened).items():
        k = some.get(value, 0)
        rows.append(Row((desk.names.of(by, value), n, k, parts.share(k, n)), _behind({by: value})))
    k, n = parts.total(again), parts.total(opened)
    rows.append(Row((_("Total"), n, k, parts.share(k, n)), _behind({}), total=True))
    return Table(dimension_label(by), columns, tuple(rows))


def _behind(of: dict[str, str]) -> dict[str, Behind]:
    return {"n": Behind("repeat", of), "opened": Behind("opened", of)}


def _messages(contacts: list[object]) -> Table:
    """How often customers wrote or called in one case."""
    sizes: dict[int, int] = {}
    for row in contacts:
        said = min(int(row.said), 6)  # type: ignore[attr-defined]
        sizes[said] = sizes.get(said, 0) + int(row.n)  # type: ignore[attr-defined]
    whole = sum(sizes.values())
    columns = (
        Column("said", _("Messages from the customer"), "text"),
        Column("n", _("Cases")),
        Column("share", _("Share"), "percent"),
    )
    rows = tuple(
        Row(
            (_("6 and more") if said == 6 else str(said), sizes[said], parts.share(sizes[said], whole)),
            {"n": Behind("opened", {"messages": f"{said}.." if said == 6 else f"{said}..{said}"})},
        )
        for said in sorted(sizes)
    )
    return Table(_("Messages in one case"), columns, rows)


def _points(
    desk: Desk, again: list[figures.Cell], opened: list[figures.Cell], by: str
) -> list[dict[str, object]]:
    some = parts.by_value(again)
    return [
        {
            "name": desk.names.of(by, value),
            "n": some.get(value, 0) / n,
            "behind": Behind("repeat", {by: value}),
        }
        for value, n in parts.by_value(opened).items()
        if n
    ][:15]


REPORT = Report(
    "repeat_contacts",
    _l("Repeat contacts"),
    _l("Which customers had to come back within 30 days."),
    (
        _l(
            "A case is a repeat contact where the same customer opened another one in the 30 days before. It counts on the day on which it was opened."
        ),
    ),
    make,
    cuts=CUTS,
    icon="users",
)
