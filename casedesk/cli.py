"""The `casedesk` command: doors only. What a command needs is imported when it runs, so that --help is quick."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from casedesk.serve import HOPELESS

if TYPE_CHECKING:
    from flask import Flask

ROOMS = {
    "user": ("casedesk.accounts.cli", "main", "People who sign in."),
    "import": (
        "casedesk.imports.cli",
        "main",
        "Read customers, subscriptions, charges, cases or exchanges from a file.",
    ),
    "mediation": ("casedesk.mediation.cli", "main", "The mediator's files: states, the report of a year."),
    "clocks": ("casedesk.cases.cli", "clocks", "Deadlines: list, explain, sweep."),
    "policy": ("casedesk.rulebook.cli", "main", "Judge, lint and publish rules."),
    "signals": ("casedesk.reports.cli", "signals", "Look for recurring causes."),
    "cube": ("casedesk.reports.cube_cli", "main", "Make the roll-ups of reports anew, or compare them."),
    "report": ("casedesk.reports.report_cli", "main", "Print a report as CSV, JSON, workbook or PDF."),
    "demo": ("casedesk.demo.cli", "main", "Fill an empty database with a year of a plausible business."),
}
"""Commands that a room brings: module, name in it, what `--help` says of it without importing it.

Such a command takes the desk by ``@click.pass_obj``: ``with desk() as app:`` opens the application's context; what a
room refuses inside is shown as a sentence.
"""


class Hopeless(click.ClickException):
    """Starting again would end in the same way."""

    exit_code = HOPELESS


class Rooms(click.Group):
    """A group whose rooms' commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *(name for name in ROOMS if _exists(ROOMS[name][0]))])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ROOMS or not _exists(ROOMS[cmd_name][0]):
            return super().get_command(ctx, cmd_name)
        module, name, _ = ROOMS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        if cmd_name == "policy" and isinstance(command, click.Group):
            command.add_command(
                import_module("casedesk.cases.policy_cli").explain
            )  # cases know their numbers
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for name in self.list_commands(ctx):
            own = super().get_command(ctx, name)
            rows.append((name, own.get_short_help_str(90) if own else ROOMS[name][2]))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=Rooms)
@click.version_option(package_name="casedesk")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Refund, cancellation and dispute cases, with the law, the contract and the record in one place."""
    ctx.obj = _desk


@main.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for every one."
)
def run(host: str) -> None:
    """Start the web server and the worker; Ctrl-C ends both."""
    from casedesk import serve

    settings = _settings()
    _log()
    if not serve.is_free(host, settings.port):
        raise click.ClickException(
            f"port {settings.port} of {host} is taken; set PORT to another, for example PORT=8080"
        )
    click.echo(f"casedesk: {serve.address(settings, host)}")
    sys.exit(serve.supervise(serve.commands(settings, host)))


@main.command()
@click.option("--relay", is_flag=True, help="Name due rows to the workers by Redis (needs REDIS_URL).")
@click.option("--burst", is_flag=True, help="End when nothing is due any more.")
@click.option(
    "--only",
    type=click.Choice(["quick", "slow"]),
    help="With REDIS_URL: only one lane of the work.",
)
def worker(relay: bool, burst: bool, only: str | None) -> None:
    """Do what the outbox says is due: by itself, or as one of many with REDIS_URL."""
    from casedesk import worker as working

    _log()
    with _desk() as app:
        _refuse_an_old_schema()
        working.main(app, relay=relay, burst=burst, only=only or "")


@main.command()
@click.option(
    "--draft", metavar="MESSAGE", help="Write a migration for what the models have and the database has not."
)
def migrate(draft: str | None) -> None:
    """Bring the database to the newest schema; a new desk gets a list of causes to begin with."""
    from casedesk.app import project_path
    from casedesk.cases.taxonomy import enter_shipped
    from casedesk.schema import metadata, prepare
    from casedesk.store import migrate as migrations
    from casedesk.store.db import db
    from casedesk.store.transaction import transaction

    with _desk():
        scripts = project_path("migrations")
        if draft:
            migrations.draft(db.engine, scripts, metadata(), draft)
            return
        prepare(db.engine, scripts)
        with transaction() as session:
            enter_shipped(session)
        click.echo(f"schema: {migrations.revisions(db.engine, scripts)[0]}")


@main.command()
@click.option("--again", type=int, metavar="ID", help="Try this job again.")
def jobs(again: int | None) -> None:
    """Show the jobs that failed or wait for a person."""
    from casedesk.store import clock, outbox
    from casedesk.store.db import db
    from casedesk.store.transaction import transaction

    with _desk():
        if again is not None:
            with transaction() as session:
                if not outbox.revive(session, again, now=clock.now()):
                    raise click.ClickException(f"job {again} neither failed nor waits for a person")
        for row in outbox.stuck(db.session()):
            click.echo(
                f"{row.id}\t{row.state}\t{row.kind}\t{row.key}\t{row.attempts} attempts\t{row.last_error}"
            )


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
def export(target: Path) -> None:
    """Write the business data as JSON lines to TARGET: a folder, or a file that ends in .zip."""
    from casedesk import export as exporting
    from casedesk.store import clock
    from casedesk.store.db import db

    with _desk():
        counts = exporting.export(db.session(), target, now=clock.now())
    click.echo(f"{sum(counts.values()):,} rows of {len(counts)} tables in {target}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write the whole desk, attachments included, to FILE. The desk may go on working meanwhile."""
    from casedesk import backup as backing
    from casedesk.app import project_path
    from casedesk.store import clock

    with _desk():
        done = backing.backup(file, project_path("migrations"), now=clock.now())
    click.echo(f"{done.rows:,} rows and {done.files:,} files in {file}")
    if done.files_missing:
        click.secho(
            f"{done.files_missing} files are named but not in the store: see casedesk doctor",
            fg="red",
            err=True,
        )
        sys.exit(1)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(file: Path) -> None:
    """Bring the desk of FILE into the empty database that DATABASE_URL names, and erase again what was erased since."""
    from casedesk import backup as backing
    from casedesk.app import project_path
    from casedesk.store import clock

    with _desk():
        try:
            done = backing.restore(file, project_path("migrations"), now=clock.now())
        except backing.RestoreError as error:
            raise click.ClickException(str(error)) from None
    click.echo(
        f"{done.rows:,} rows and {done.files:,} files are back; {done.erased_again:,} texts and customers erased again"
    )
    if done.files_missing:
        click.secho(f"{done.files_missing} files are named but were not in the backup", fg="red", err=True)


@main.command()
def doctor() -> None:
    """Look at configuration, database, queue, fonts, disk and mail, and say what to change. Exit code 1: something is bad."""
    from casedesk import doctor as examining
    from casedesk.app import project_path

    with _desk() as app:
        findings = examining.examine(app.extensions["settings"], project_path("migrations"))
    colours = {"good": "green", "warning": "yellow", "bad": "red"}
    for one in findings:
        click.echo(click.style(f"{one.state:8}", fg=colours[one.state]) + f"{one.about:12} {one.said}")
        if one.change:
            click.echo(f"{'':20} -> {one.change}")
    sys.exit(1 if any(one.state == "bad" for one in findings) else 0)


@main.group()
def audit() -> None:
    """Prove that nobody rewrote the record."""


@audit.command("verify")
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A checkpoint exported before.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
def audit_verify(against: Path | None, quiet: bool) -> None:
    """Read the whole record again and name the first entry of each case that does not add up. Exit code 1: faults."""
    from casedesk import audit as auditing
    from casedesk.store.db import db

    exported = auditing.read_export(against) if against else None

    def progress(done: int, total: int) -> None:
        if not quiet:
            click.echo(f"\r{done:,} of {total:,} entries", err=True, nl=done >= total)

    with _desk():
        report = auditing.check(db.session(), progress, exported)
    auditing.show(report)
    sys.exit(1 if report.faults else 0)


@audit.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def audit_export(file: Path) -> None:
    """Write the latest checkpoint to FILE; keep it where the database is not."""
    from casedesk import audit as auditing
    from casedesk.kernel.errors import InvalidInput
    from casedesk.store.db import db

    with _desk():
        try:
            exported = auditing.export(db.session())
        except InvalidInput:
            raise click.ClickException(
                "there is no checkpoint yet: the worker makes one within a minute"
            ) from None
    file.write_text(json.dumps(exported, indent=1) + "\n", encoding="utf-8")
    click.echo(f"checkpoint {exported['n']} over {exported['entries']:,} entries: {exported['mac']}")


def _settings() -> Any:
    from casedesk.config import Settings, SettingsError

    try:
        return Settings.from_environment()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def _desk() -> Iterator["Flask"]:
    """The application with its context, for a command."""
    from sqlalchemy.exc import DBAPIError

    from casedesk.app import create_app
    from casedesk.kernel.errors import CasedeskError
    from casedesk.store.db import db
    from casedesk.web.errors import sentence

    settings = _settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app = create_app(settings)
    with app.app_context():
        try:
            yield app
        except CasedeskError as error:
            with app.test_request_context():
                raise click.ClickException(sentence(error)) from None
        except DBAPIError as error:
            raise click.ClickException(
                f"database: {error.orig} (casedesk doctor says what to change)"
            ) from None
        finally:
            db.session.remove()
            db.engine.dispose()


def _refuse_an_old_schema() -> None:
    from casedesk.app import project_path
    from casedesk.store import migrate as migrations
    from casedesk.store.db import db

    current, newest = migrations.revisions(db.engine, project_path("migrations"))
    if current != newest:
        raise Hopeless(f"the database is at {current or 'no schema'}; run: casedesk migrate")


def _log() -> None:
    """Our own progress on the terminal; of everybody else's only what went wrong."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("casedesk").setLevel(logging.INFO)


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
