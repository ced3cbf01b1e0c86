"""`casedesk demo`: fill an empty desk, and say who may sign in."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import click

from casedesk.accounts.passwords import hashed
from casedesk.demo.generate import generate
from casedesk.demo.house import PEOPLE, is_empty
from casedesk.demo.parties import MEDIATORS, PASSPHRASE, addresses
from casedesk.store import clock
from casedesk.store.db import db

PASSWORD = "climb-every-wall"  # noqa: S105 - printed for everyone who tries the desk


@click.command("demo")
@click.option("--seed", default=2026, show_default=True, help="Another seed is another business.")
@click.pass_obj
def main(desk: Callable[[], AbstractContextManager[Any]], seed: int) -> None:
    """Fill an empty database with a year of a plausible business. One that holds people is left as it is."""
    with desk():
        if is_empty(db.session()):
            began = time.monotonic()
            generate(hashed(PASSWORD), seed=seed, now=clock.now().replace(microsecond=0), progress=_progress)
            click.echo(f"demo: a year of 1,500 cases in {time.monotonic() - began:.0f} s")
        else:
            click.echo("demo: the data is kept")
        pages = addresses(db.session())
    _say_who(pages)


def _say_who(pages: list[tuple[str, str, str]]) -> None:
    """Who may sign in, what opens the sealed notes, and where customers have their pages."""
    click.echo(f"\nSign in with the password  {PASSWORD}  as")
    for name, mail, role, team, is_lead, *_ in PEOPLE:
        where = f", {team}" if team else ""
        click.echo(f"  {mail:<24}  {name} ({'team lead' if is_lead else role}{where})")
    click.echo(f"\nThe sealed notes of {' and '.join(MEDIATORS)} open with  {PASSPHRASE}")
    if pages:
        click.echo("\nBe a customer, without an account, at")
    for number, who, there in pages:
        click.echo(f"  {number}  {who}\n    {there}")


def _progress(done: int, total: int) -> None:
    if done % 250 == 0 or done == total:
        click.echo(f"demo: {done:,} of {total:,} cases", err=True)
