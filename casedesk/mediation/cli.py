"""`casedesk mediation`: the table of states, and the report of a year."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import click

from casedesk.mediation.rules.states import ACTS, MOVES, ROLES, STATES, TABLE


@click.group("mediation")
def main() -> None:
    """The mediator's files."""


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def states(as_json: bool) -> None:
    """Print who may do what in which state, and which state follows which."""
    if as_json:
        cells = {
            state: {act: sorted(TABLE[state, act]) for act in ACTS if (state, act) in TABLE}
            for state in STATES
        }
        moves = {state: sorted(after) for state, after in MOVES.items()}
        click.echo(json.dumps({"states": list(STATES), "acts": cells, "moves": moves}, indent=2))
        return
    letters = dict(zip(ROLES, "CBMPADS", strict=True))
    click.echo("Who may: " + ", ".join(f"{letter} {role}" for role, letter in letters.items()))
    width = max(len(act) for act in ACTS)
    click.echo(" " * width + "  " + " ".join(f"{state:10}" for state in STATES))
    for act in ACTS:
        cells_of = ["".join(letters[r] for r in ROLES if r in TABLE.get((s, act), ())) for s in STATES]
        click.echo(f"{act:{width}}  " + " ".join(f"{cell or '.':10}" for cell in cells_of).rstrip())
    click.echo("")
    for state in STATES:
        click.echo(f"{state:10} -> {', '.join(sorted(MOVES.get(state, ()))) or '(ends here)'}")


@main.command()
@click.argument("year", type=click.IntRange(2000, 2100))
@click.option("--json", "as_json", is_flag=True, help="As JSON, with the files that each figure counts.")
@click.pass_obj
def report(desk: Callable[[], AbstractContextManager[Any]], year: int, as_json: bool) -> None:
    """Print the figures that the law lists for YEAR."""
    from casedesk.mediation import report_words
    from casedesk.mediation.queries.report import year_report
    from casedesk.store.db import db

    with desk() as app, app.test_request_context():
        zone = app.extensions["settings"].time_zone
        found = year_report(db.session(), year, zone)
        rows = report_words.rows(found, {})
        if as_json:
            figures = [
                {
                    "figure": row.key,
                    "count": row.count,
                    "of": row.of,
                    "share": row.share,
                    "mean_days": row.mean_days,
                    "counted": row.how,
                    "files": list(row.files),
                }
                for row in rows
            ]
            told = {"year": year, "zone": zone, "filed": found.filed, "ended": found.ended}
            click.echo(json.dumps({**told, "figures": figures}, indent=2, ensure_ascii=False))
            return
        for group, members in report_words.grouped(rows):
            click.echo(group)
            for row in members:
                share = f"{row.share:7.1%}" if row.share is not None else " " * 7
                mean = f"{row.mean_days:.0f} days" if row.mean_days is not None else ""
                click.echo(f"  {row.label:44} {row.count:6} {share} {mean}".rstrip())
