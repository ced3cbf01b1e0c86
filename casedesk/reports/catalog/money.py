"""What reports of money share: a column for each currency, and the sum in the organisation's own where rates are known."""

from collections import defaultdict
from collections.abc import Sequence

from flask_babel import gettext as _

from casedesk.reports import figures
from casedesk.reports.catalog import parts
from casedesk.reports.catalog.base import Behind, Column, Desk, Figure, Row, Table, Value
from casedesk.reports.figures import Cell
from casedesk.web import locale


def currencies_of(cells: Sequence[Cell]) -> list[str]:
    """The currencies that occur, the one with most movements first."""
    counts: dict[str, int] = defaultdict(int)
    for cell in cells:
        if cell.currency:
            counts[cell.currency] += cell.n
    return sorted(counts, key=lambda one: (-counts[one], one))


def table(
    desk: Desk, cells: Sequence[Cell], dimension: str, label: str, event: str, *, counted: str, amount: str
) -> Table:
    """Values of a dimension with how many and how much, one column a currency."""
    money: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for cell in cells:
        money[cell.a][cell.currency] += cell.amount_minor
    known, sizes = currencies_of(cells), parts.by_value(cells)
    columns = (
        Column(dimension, label, "text"),
        Column("n", counted),
        *(Column(f"amount_{one}", f"{amount}, {one}", "money", one) for one in known),
    )
    first = known[0] if known else ""
    order = sorted(sizes, key=lambda value: (-money[value][first], -sizes[value], value))
    rows = [
        Row(
            (desk.names.of(dimension, value), sizes[value], *(money[value].get(one, 0) for one in known)),
            {"n": Behind(event, {dimension: value})},
        )
        for value in order
    ]
    sums: list[Value] = [sum(money[value].get(one, 0) for value in order) for one in known]
    rows.append(Row((_("Total"), parts.total(cells), *sums), {"n": Behind(event)}, total=True))
    return Table(label, columns, tuple(rows))


def figure(label: str, amount_label: dict[str, int], before: dict[str, int] | None) -> list[Figure]:
    """One head figure a currency."""
    return [
        Figure(f"{label}, {one}", minor, "money", before.get(one, 0) if before is not None else None, one)
        for one, minor in amount_label.items()
    ]


def converted(desk: Desk, days: Sequence[Cell], label: str) -> tuple[tuple[Figure, ...], tuple[str, ...]]:
    """The sum in the organisation's currency, day by day at the day's rate; what has no rate is said apart."""
    foreign = sorted({cell.currency for cell in days if cell.currency and cell.currency != desk.currency})
    if not foreign:
        return (), ()
    rates = figures.rates(desk.session, {(cell.currency, cell.at) for cell in days}, desk.currency)
    summed = 0.0
    without: dict[str, int] = defaultdict(int)
    for cell in days:
        if cell.currency == desk.currency:
            summed += cell.amount_minor
        elif (cell.currency, cell.at) in rates:
            summed += cell.amount_minor * rates[cell.currency, cell.at]
        elif cell.amount_minor:
            without[cell.currency] += cell.amount_minor
    if not rates:
        return (), (
            _(
                "Currencies are not added up: no rate is entered for %(currencies)s.",
                currencies=", ".join(foreign),
            ),
        )
    notes = [_("Other currencies are counted at the rate of each day.")]
    if without:
        amounts = ", ".join(locale.money(minor, one) for one, minor in sorted(without.items()))
        notes.append(_("Left out of the sum, for want of a rate on their day: %(amounts)s.", amounts=amounts))
    return (
        Figure(
            _("%(what)s, all in %(currency)s", what=label, currency=desk.currency),
            round(summed),
            "money",
            None,
            desk.currency,
        ),
    ), tuple(notes)
