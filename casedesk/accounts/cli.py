"""`casedesk user`: the first person of a new desk, who then adds the others on the page."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import click

from casedesk.accounts.actions import add_person, check_password, set_password
from casedesk.accounts.commands import PersonData
from casedesk.accounts.passwords import hashed
from casedesk.accounts.rules import LOCALES, ROLES
from casedesk.store import clock
from casedesk.store.record import SYSTEM
from casedesk.store.transaction import transaction


@click.group()
def main() -> None:
    """People who sign in."""


@main.command()
@click.argument("mail")
@click.option("--name", required=True, help="As it stands on pages and in the record.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--locale", default="en", show_default=True, type=click.Choice(LOCALES))
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of asking."
)
@click.pass_obj
def add(
    desk: Callable[[], AbstractContextManager[Any]],
    mail: str,
    name: str,
    role: str,
    locale: str,
    password_stdin: bool,
) -> None:
    """Add a person who may sign in, and set the first password."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else _asked()
    now = clock.now()
    with desk():
        with transaction() as session:
            data = PersonData(mail=mail, name=name, role=role, locale=locale)
            person = add_person(session, data, actor=SYSTEM, now=now)
            check_password(password, person.mail)
            set_password(session, person.id, hashed(password), replaces=None, actor=SYSTEM, now=now)
        click.echo(f"{person.name} may sign in as {person.mail} ({role})")


def _asked() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
