"""Do different people decide the same under the same rule?"""

import math
from collections import defaultdict

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import Behind, Column, Desk, Figure, Made, Report, Row, Table

FEW = 5
"""Fewer decisions than this say nothing about a person, and say too much about one case."""


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share, within [0, 1] and around the share in floating point too. Source: Wilson 1927."""
    z, n = 1.959964, whole
    p = part / n
    middle, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)
    return (max(0.0, low) if part else 0.0), (min(1.0, high) if part < whole else 1.0)


def make(desk: Desk) -> Made:
    cells: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in figures.clauses(desk.session, desk.asked):
        cell = cells[row.clause, int(row.person_id)]
        for place, name in enumerate(("n", "granted", "exceptions", "reversed")):
            cell[place] += int(getattr(row, name) or 0)
    rules: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    people: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for (clause, person), cell in cells.items():
        for place, n in enumerate(cell):
            rules[clause][place] += n
            people[person][place] += n
    hidden = sum(1 for cell in cells.values() if cell[0] < FEW)
    apart = [key for key, cell in cells.items() if cell[0] >= FEW and _stands_apart(cell, rules[key[0]])]
    return Made(
        figures=(
            Figure(_("Decisions"), sum(cell[0] for cell in cells.values())),
            Figure(_("People who decide"), len(people)),
            Figure(_("Stand apart"), len(apart)),
        ),
        tables=(_by_person(desk, people), _by_rule(desk, cells, rules)),
        chart=charts.intervals(
            _points(desk, people), _("Share granted, with its 95 % interval"), reference=_all(people)
        ),
        chart_title=_("Share of decisions that grant, by who decided; the dashed line is everybody’s"),
        notes=(
            *parts.partial_note(desk),
            _(
                "For coaching, not for ranking: people get different cases. Fewer than %(few)d decisions are not shown (%(count)d cells).",
                few=FEW,
                count=hidden,
            ),
        ),
        is_empty=not cells,
    )


def _all(people: dict[int, list[int]]) -> float | None:
    return parts.share(sum(cell[1] for cell in people.values()), sum(cell[0] for cell in people.values()))


def _stands_apart(cell: list[int], rule: list[int]) -> bool:
    """Is everybody's share under this rule outside of the interval of this one's?"""
    low, high = wilson(cell[1], cell[0])
    return not low <= rule[1] / rule[0] <= high


def _points(desk: Desk, people: dict[int, list[int]]) -> list[dict[str, object]]:
    found = []
    for person, cell in sorted(people.items(), key=lambda item: -item[1][0]):
        if cell[0] >= FEW:
            low, high = wilson(cell[1], cell[0])
            found.append(
                {
                    "name": desk.names.of("decider", str(person)),
                    "low": round(low, 4),
                    "n": round(cell[1] / cell[0], 4),
                    "high": round(high, 4),
                    "behind": Behind("ruled", {"decider": str(person)}),
                }
            )
    return found


def _by_person(desk: Desk, people: dict[int, list[int]]) -> Table:
    columns = (
        Column("person", _("Decided by"), "text"),
        Column("n", _("Decisions")),
        Column("granted", _("Granted"), "percent"),
        Column("low", _("95 % from"), "percent"),
        Column("high", _("to"), "percent"),
        Column("exceptions", _("Beyond the rule"), "percent"),
        Column("reversed", _("Reversed"), "percent"),
    )
    rows = []
    for person, cell in sorted(people.items(), key=lambda item: -item[1][0]):
        name = desk.names.of("decider", str(person))
        if cell[0] < FEW:
            rows.append(Row((name, cell[0], None, None, None, None, None)))
            continue
        low, high = wilson(cell[1], cell[0])
        rows.append(
            Row(
                (name, cell[0], cell[1] / cell[0], low, high, cell[2] / cell[0], cell[3] / cell[0]),
                {"n": Behind("ruled", {"decider": str(person)})},
            )
        )
    return Table(_("By who decided"), columns, tuple(rows))


def _by_rule(desk: Desk, cells: dict[tuple[str, int], list[int]], rules: dict[str, list[int]]) -> Table:
    columns = (
        Column("clause", _("Rule"), "text"),
        Column("person", _("Decided by"), "text"),
        Column("n", _("Decisions")),
        Column("granted", _("Granted"), "percent"),
        Column("all", _("Everybody"), "percent"),
        Column("says", _("Says"), "text"),
    )
    rows = []
    for (clause, person), cell in sorted(
        cells.items(), key=lambda item: (-rules[item[0][0]][0], item[0][0], -item[1][0])
    ):
        if cell[0] < FEW:
            continue
        rule = rules[clause]
        said = _("stands apart") if _stands_apart(cell, rule) else _("as everybody")
        rows.append(
            Row(
                (
                    desk.names.of("clause", clause),
                    desk.names.of("decider", str(person)),
                    cell[0],
                    cell[1] / cell[0],
                    rule[1] / rule[0],
                    said,
                ),
                {"n": Behind("ruled", {"clause": clause, "decider": str(person)})},
            )
        )
    return Table(_("By rule and who decided"), columns, tuple(rows))


REPORT = Report(
    "consistency",
    _l("Consistency"),
    _l("Whether different people decide the same under the same rule; for coaching."),
    (
        _l(
            "Decisions in force by who proposed them, under the first rule that their verdict rests on. Granted: in whole or in part."
        ),
        _l(
            "Somebody stands apart where everybody’s share lies outside of the 95 % interval of theirs (Wilson). Fewer than five decisions are never shown."
        ),
    ),
    make,
    filters=("kind", "team", "cause", "source", "plan", "channel"),
    compares=False,
    group="money",
    icon="users",
)
