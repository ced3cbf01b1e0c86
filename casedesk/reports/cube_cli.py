"""`casedesk cube`: make the cube anew from the record, compare it, or bring it up to now."""

import json
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import click
from flask import Flask

from casedesk.reports import cube
from casedesk.store import clock
from casedesk.store.transaction import transaction

Desk = Callable[[], AbstractContextManager[Flask]]
_JSON = click.option("--json", "as_json", is_flag=True, help="Figures as JSON.")


@click.group("cube")
def main() -> None:
    """The roll-ups that reports and signals read."""


@main.command()
@_JSON
@click.pass_obj
def rebuild(desk: Desk, as_json: bool) -> None:
    """Throw the cube away and make it from the record, in one transaction."""
    with desk() as app:
        started = time.perf_counter()
        with transaction() as session:
            cases = cube.rebuild(session, zone=app.extensions["settings"].time_zone, now=clock.now())
        seconds = round(time.perf_counter() - started, 2)
    if as_json:
        click.echo(json.dumps({"cases": cases, "seconds": seconds}))
    else:
        click.echo(f"{cases:,} cases in {seconds:g} s")


@main.command()
@_JSON
@click.pass_obj
def verify(desk: Desk, as_json: bool) -> None:
    """Compare every row of the cube with what the record gives now; status 1 where one differs."""
    with desk() as app, transaction() as session:
        found = cube.verify(session, zone=app.extensions["settings"].time_zone)
    figures = {
        "cases": found.cases,
        "behind": found.behind,
        "facts_that_differ": found.facts,
        "cases_whose_marks_differ": found.marks,
        "cells_that_differ": found.cells,
    }
    if as_json:
        click.echo(json.dumps(figures))
    else:
        click.echo(f"{found.cases:,} cases; {found.behind:,} wait to be applied by the worker")
        if found.is_right:
            click.echo("Every row of the cases applied is as the record gives it.")
        else:
            cells = sum(found.cells.values())
            click.echo(
                f"Facts of {found.facts:,} cases, marks of {found.marks:,} and {cells:,} cells differ. "
                "The worker mends facts every night; casedesk cube rebuild mends all of it now."
            )
    sys.exit(0 if found.is_right else 1)
