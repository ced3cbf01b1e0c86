"""`casedesk clocks`: what runs, how a date came about, and the sweep for what nobody looked at."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import click
from flask_babel import gettext as _

Desk = Callable[[], AbstractContextManager[Any]]
"""Opens the application's context."""


_LANG = click.option(
    "--lang",
    type=click.Choice(["en", "fr"]),
    default="en",
    show_default=True,
    help="Of the text; JSON keeps its codes.",
)


@click.group()
def clocks() -> None:
    """Deadlines: list them, open one into its working, sweep."""


@clocks.command("list")
@click.option(
    "--which",
    type=click.Choice(("running", "late", "risk", "paused", "unnoticed", "all")),
    default="running",
    show_default=True,
    help="unnoticed: a threshold has passed and nobody has looked.",
)
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
@_LANG
@click.pass_obj
def list_clocks(desk: Desk, which: str, limit: int, as_json: bool, lang: str) -> None:
    """Clocks of the desk, due first first."""
    with desk(), _read_in(lang):
        from casedesk.cases.queries.numbers import numbers_of
        from casedesk.cases.queries.views import SOON
        from casedesk.deadlines.queries import desk_clocks
        from casedesk.store import clock
        from casedesk.store.db import db

        session, now = db.session(), clock.now()
        found = desk_clocks(session, which, now=now, risk=SOON, limit=limit)
        numbers = numbers_of(session, [one.subject_id for one in found if one.subject_kind == "case"])
        for one in found:
            about = numbers.get(one.subject_id, "") if one.subject_kind == "case" else ""
            line = {
                "id": one.id,
                "subject": about or f"{one.subject_kind} {one.subject_id}",
                "clock": one.name,
                "state": "late" if one.state == "running" and one.due_at <= now else one.state,
                "by_law": one.by_law,
                "due_at": _instant(one.due_at),
                "noticed_at": _instant(one.breached_at),
            }
            click.echo(json.dumps(line) if as_json else _row(one, line))


@clocks.command("explain")
@click.argument("what")
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
@_LANG
@click.pass_obj
def explain(desk: Desk, what: str, as_json: bool, lang: str) -> None:
    """How the due instant of WHAT came about: the id of a clock, or the number of a case for all of its clocks."""
    with desk(), _read_in(lang):
        from casedesk.cases.ladder_faces import clock_part
        from casedesk.cases.queries.numbers import case_of
        from casedesk.deadlines.queries import working_of, workings_of
        from casedesk.store import clock
        from casedesk.store.db import db

        session, now = db.session(), clock.now()
        if what.isascii() and what.isdecimal():
            found = working_of(session, int(what[:18]), now=now)
            workings = [found] if found else []
        else:
            case_id = case_of(session, what)
            workings = workings_of(session, ("case", case_id), now=now) if case_id else []
        if not workings:
            raise click.ClickException(
                _(
                    "There is no clock or case “%(what)s”. `casedesk clocks list` shows ids and numbers.",
                    what=what[:60],
                )
            )
        for working in workings:
            click.echo(json.dumps(_plain(working)) if as_json else _told(clock_part(working, now)))


@clocks.command("sweep")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=1_000_000, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@_LANG
@click.pass_obj
def sweep(desk: Desk, limit: int, as_json: bool, lang: str) -> None:
    """Notice every threshold that has passed and that nobody looked at, and say how late that was."""
    with desk(), _read_in(lang):
        from casedesk.deadlines.jobs import AT_ONCE
        from casedesk.deadlines.passing import Swept
        from casedesk.deadlines.passing import sweep as passed
        from casedesk.store import clock
        from casedesk.store.transaction import transaction

        total = Swept(more=True)
        while total.more and total.clocks < limit:
            with transaction() as session:
                some = min(AT_ONCE, limit - total.clocks)
                total += passed(session, now=clock.now(), grace=timedelta(), limit=some)
        told = {
            "clocks": total.clocks,
            "reminders": total.reminders,
            "breaches": total.breaches,
            "overdue": total.overdue,
            "latest_look_s": int(total.longest.total_seconds()),
        }
        if as_json:
            click.echo(json.dumps(told))
        else:
            click.echo(
                _(
                    "Clocks looked at: %(clocks)s. Reminders: %(reminders)s. Run out: %(breaches)s. Further words: %(overdue)s. The latest look came %(late)s s late.",
                    clocks=f"{total.clocks:,}",
                    reminders=f"{total.reminders:,}",
                    breaches=f"{total.breaches:,}",
                    overdue=f"{total.overdue:,}",
                    late=f"{told['latest_look_s']:,}",
                )
            )


@contextmanager
def _read_in(lang: str) -> Iterator[None]:
    """What is worded inside is in `lang`, and in the time zone of the desk."""
    from flask import current_app

    from casedesk.cases.escalation_jobs import SYSTEM, read_by

    zone = str(current_app.extensions["settings"].time_zone)
    with read_by(replace(SYSTEM, locale=lang, time_zone=zone)):
        yield


def _row(one: Any, line: dict[str, Any]) -> str:
    """A clock as one line: id, subject, clock, state, due, noticed."""
    from casedesk.cases.event_words import clock_name
    from casedesk.web import locale

    state = {
        "running": _("running"),
        "paused": _("paused"),
        "kept": _("kept"),
        "late": _("late"),
    }.get(line["state"], _("cancelled"))
    seen = locale.moment(one.breached_at) if one.breached_at else "-"
    cells = (line["id"], line["subject"], clock_name(one.name), state, locale.moment(one.due_at), seen)
    return "\t".join(str(cell) for cell in cells)


def _plain(working: Any) -> dict[str, Any]:
    """The working as values that any program reads."""
    clock = working.clock
    return {
        "id": clock.id,
        "subject": f"{working.subject[0]} {working.subject[1]}",
        "clock": clock.name,
        "state": clock.state,
        "by_law": clock.by_law,
        "started_at": _instant(clock.started_at),
        "due_at": _instant(clock.due_at),
        "from": {k: v for k, v in clock.working.items() if k not in ("hours", "pauses")},
        "zone": working.hours.zone if working.hours else None,
        "holidays": working.hours.holidays.code if working.hours else None,
        "counted": [[_instant(a), _instant(b)] for a, b in working.counted],
        "closed": [[str(one.day), one.name or "closed by the house"] for one in working.closed],
        "pauses": [[_instant(a), _instant(b)] for a, b in working.pauses],
        "agrees": working.agrees,
        "noticed": [
            {
                "minutes": mark.threshold,
                "planned_at": _instant(mark.planned_at),
                "noticed_at": _instant(mark.noticed_at),
                "late_s": int(mark.late.total_seconds()),
                "told": mark.told,
                "by_sweep": mark.by_sweep,
            }
            for mark in working.marks
        ],
    }


def _told(part: Any) -> str:
    """The working as the page of the case's clocks shows it."""
    lines = [f"{part.id}  {part.name}, {part.state_words}", f"  {part.origin}"]
    rows = [(step.label, step.value, step.note) for step in (*part.steps, *part.told)]
    lines += [f"  {label}  {value}{f'  ({note})' if note else ''}" for label, value, note in rows]
    if not part.agrees:
        lines.append("  " + _("Reckoned anew this gives another instant than the one stored."))
    return "\n".join(lines)


def _instant(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
