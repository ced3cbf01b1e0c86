"""Which rules decisions rest on."""

from collections import defaultdict

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import Behind, Column, Desk, Figure, Made, Report, Row, Table, Value


def make(desk: Desk) -> Made:
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    currencies: dict[str, int] = defaultdict(int)
    for row in figures.clauses(desk.session, desk.asked):
        cell = found[row.clause]
        for name in ("n", "granted", "exceptions", "reversed"):
            cell[name] += int(getattr(row, name) or 0)
        cell[row.currency] += int(row.amount_minor or 0)
        currencies[row.currency] += int(row.n)
    known = sorted(currencies, key=lambda one: -currencies[one])
    order = sorted(found, key=lambda clause: -found[clause]["n"])
    whole = sum(cell["n"] for cell in found.values())
    columns = (
        Column("clause", _("Rule"), "text"),
        Column("n", _("Decisions")),
        Column("granted", _("Granted"), "percent"),
        Column("exceptions", _("Beyond the rule"), "percent"),
        Column("reversed", _("Reversed"), "percent"),
        *(Column(f"amount_{one}", _("Given, %(currency)s", currency=one), "money", one) for one in known),
    )
    rows = [
        Row(
            _values(desk.names.of("clause", clause), found[clause], known),
            {"n": Behind("ruled", {"clause": clause})},
        )
        for clause in order
    ]
    sums: dict[str, int] = defaultdict(int)
    for cell in found.values():
        for name, n in cell.items():
            sums[name] += n
    rows.append(Row(_values(_("Total"), sums, known), {"n": Behind("ruled")}, total=True))
    return Made(
        figures=(
            Figure(_("Decisions"), whole, before=parts.counts_before(desk, "ruled")),
            Figure(_("Rules used"), len(found)),
            Figure(_("Beyond the rule"), parts.share(sums["exceptions"], whole), "percent"),
        ),
        tables=(Table(_("By rule"), columns, tuple(rows)),),
        chart=charts.ranked(
            parts.ranked_points(desk, {c: found[c]["n"] for c in order}, "clause", "ruled"), _("Decisions")
        ),
        chart_title=_("Decisions, by the rule they rest on"),
        notes=parts.partial_note(desk),
        is_empty=not whole,
    )


def _values(name: str, cell: dict[str, int], currencies: list[str]) -> tuple[Value, ...]:
    shares = (parts.share(cell[which], cell["n"]) for which in ("granted", "exceptions", "reversed"))
    return (name, cell["n"], *shares, *(cell[one] for one in currencies))


REPORT = Report(
    "by_clause",
    _l("By policy clause"),
    _l("Which rules decisions rest on, and how often the desk went beyond them."),
    (
        _l(
            "A decision counts on the day on which it came into force, under the first rule that its stored verdict rests on."
        ),
        _l("Beyond the rule: more was given than the rule gives. Reversed: replaced by a later decision."),
    ),
    make,
    group="money",
    icon="scale",
)
