"""`casedesk report NAME`: the same report as on the page, as text of a file or as PDF."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import select

from casedesk.accounts.actor import Actor, not_a_person
from casedesk.accounts.models import Person
from casedesk.kernel.errors import CasedeskError, InvalidInput
from casedesk.reports import drawing, exporting, making, paper, report_actions
from casedesk.reports.asked import FILTERS
from casedesk.reports.catalog import REPORTS
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.web.errors import sentence

Desk = Callable[[], AbstractContextManager[Flask]]


@click.command("report")
@click.argument("name")
@click.option("--from", "first", metavar="DATE", help="First day.")
@click.option("--to", "last", metavar="DATE", help="Last day, included.")
@click.option("--period", help="Instead of two days: this-month, last-month, last-90, last-12-months, ...")
@click.option("--compare", default="none", show_default=True, help="before, year or none.")
@click.option("--by", help="What to cut by, where the report has a choice.")
@click.option("--step", help="day, week or month.")
@click.option(
    "--filter", "filters", multiple=True, metavar="WHAT=VALUE", help="Narrow: cause=..., source=..., team=..."
)
@click.option("--format", "format_", default="csv", show_default=True, help="csv, json, xlsx or pdf.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--lang", type=click.Choice(["en", "fr"]), default="en", show_default=True)
@click.option("--as", "mail", metavar="MAIL", help="As this person sees it; else everything.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it; else standard output."
)
@click.pass_obj
def main(
    desk: Desk,
    name: str,
    first: str | None,
    last: str | None,
    period: str | None,
    compare: str,
    by: str | None,
    step: str | None,
    filters: tuple[str, ...],
    format_: str,
    as_json: bool,
    lang: str,
    mail: str | None,
    out: Path | None,
) -> None:
    """Print the report NAME, for example volume, refunds or dispute_ratio."""
    with desk() as app:
        typed = {"from": first, "to": last, "period": period, "compare": compare, "by": by, "grain": step}
        asked = {key: [value] for key, value in typed.items() if value} | _filters(filters)
        zone, now = str(app.extensions["settings"].time_zone), clock.now()
        reader = replace(_reader(mail), locale=lang)
        with paper.read_by(reader, now):
            try:
                data = _made(name, asked, "json" if as_json else format_, reader, zone)
            except CasedeskError as refused:
                click.echo(sentence(refused), err=True)
                sys.exit(1)
    if out is not None:
        out.write_bytes(data)
        click.echo(str(out))
    else:
        sys.stdout.buffer.write(data)


def _made(name: str, asked: dict[str, list[str]], format_: str, reader: Actor, zone: str) -> bytes:
    code, now = name.replace("-", "_"), clock.now()
    if code not in REPORTS:
        raise InvalidInput("report.unknown_report", report=name[:40], known=", ".join(REPORTS))
    if format_ not in (*exporting.FORMATS, "pdf"):
        raise InvalidInput("report.format", format=format_[:20])
    session = db.session()
    if format_ == "pdf":
        if not drawing.can_draw():
            raise InvalidInput("report.no_renderer")
        return drawing.drawn(paper.drawing_of(session, code, asked, actor=reader, zone=zone, now=now)[0])
    report = making.report_for(reader.role, code)
    return exporting.exported(
        making.answer(session, report, asked, actor=reader, zone=zone, now=now), format_
    )


def _filters(written: tuple[str, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in written:
        what, equals, value = one.partition("=")
        if not equals or what not in FILTERS:
            raise click.BadParameter(
                f"{one!r}: write WHAT=VALUE with one of {', '.join(FILTERS)}", param_hint="--filter"
            )
        found.setdefault(what, []).append(value)
    return found


def _reader(mail: str | None) -> Actor:
    """Everything, as a manager sees it; or what the person with that address may see."""
    if mail is None:
        return replace(not_a_person("system"), role="manager")
    person_id = db.session().scalar(select(Person.id).where(Person.mail == mail))
    found = report_actions.person_actor(db.session(), person_id) if person_id is not None else None
    if found is None:
        raise click.BadParameter(f"nobody with the address {mail} may sign in", param_hint="--as")
    return found
