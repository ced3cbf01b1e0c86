"""`casedesk policy explain CASE-NUMBER`: the working of a case's judgement, from what was stored with it."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import click

from casedesk.rulebook.cli import explain as explain_scenario
from casedesk.rulebook.cli import said
from casedesk.rulebook.wording import describe_facts, describe_judged

Desk = Callable[[], AbstractContextManager[Any]]
"""Opens the application's context."""


@click.command()
@click.argument("what")
@click.option("--json", "as_json", is_flag=True, help="The whole verdict as JSON.")
@click.option(
    "--locale",
    "--lang",
    "locale",
    type=click.Choice(["en", "fr"]),
    default="en",
    help="Language of the text.",
)
@click.pass_context
def explain(context: click.Context, what: str, as_json: bool, locale: str) -> None:
    """Show the working of a case's verdict (CD-2026-0004217-K), or of one scenario (SCENARIOS.yaml#ID)."""
    if "#" in what:
        context.invoke(explain_scenario, what=what, as_json=as_json, locale=locale)
        return
    desk: Desk = context.obj
    with desk():
        from casedesk.cases.queries.judged import judged_by_number
        from casedesk.rulebook.actions import replays
        from casedesk.store.db import db

        session = db.session()
        found = judged_by_number(session, what.strip())
        if found is None:
            raise click.ClickException(said("no_such_number", locale, number=what))
        if found.judgement is None:
            raise click.ClickException(said("never_judged", locale, number=what))
        same = replays(session, found.judgement.id)
        if as_json:
            click.echo(
                json.dumps({**found.plain(), "replays": same}, ensure_ascii=False, sort_keys=True, indent=2)
            )
            return
        kept = found.judgement
        lines = describe_judged(found.number, kept.judged_at, found.verdict, locale, same=same)
        click.echo("\n".join([*lines, "", *describe_facts(kept.facts["facts"], locale)]))
