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

if TYPE_CHECKING:
    from flask import Flask

ROOMS = {
    "import": (
        "casedesk.imports.cli",
        "main",
        "Read customers, subscriptions, charges, cases or exchanges from a file.",
    ),
    "policy": ("casedesk.rulebook.cli", "main", "Judge, lint and publish rules."),
    "signals": ("casedesk.reports.cli", "main", "Look for recurring causes."),
    "demo": ("casedesk.demo.cli", "main", "Fill an empty database with a year of a plausible business."),
}
"""Commands that a room brings: module, name in it, what `--help` says of it without importing it."""


class Rooms(click.Group):
    """A group whose rooms' commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *(name for name in ROOMS if _exists(ROOMS[name][0]))])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ROOMS or not _exists(ROOMS[cmd_name][0]):
            return super().get_command(ctx, cmd_name)
        module, name, _ = ROOMS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
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
def main() -> None:
    """Refund, cancellation and dispute cases, with the law, the contract and the record in one place."""


@main.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for every one."
)
def run(host: str) -> None:
    """Start the web server and the worker; Ctrl-C ends both."""
    from casedesk import serve

    settings = _settings()
    _log()
    click.echo(f"casedesk: {serve.address(settings, host)}")
    sys.exit(serve.supervise(serve.commands(settings, host)))


@main.command()
@click.option("--relay", is_flag=True, help="Name due rows to the workers by Redis (needs REDIS_URL).")
@click.option("--burst", is_flag=True, help="End when nothing is due any more.")
def worker(relay: bool, burst: bool) -> None:
    """Do what the outbox says is due: by itself, or as one of many with REDIS_URL."""
    from casedesk import worker as working

    _log()
    with _desk() as app:
        working.main(app, relay=relay, burst=burst)


@main.command()
@click.option(
    "--draft", metavar="MESSAGE", help="Write a migration for what the models have and the database has not."
)
def migrate(draft: str | None) -> None:
    """Bring the database to the newest schema."""
    from casedesk.app import project_path
    from casedesk.schema import metadata
    from casedesk.store import migrate as migrations
    from casedesk.store.db import db

    with _desk():
        scripts = project_path("migrations")
        if draft:
            migrations.draft(db.engine, scripts, metadata(), draft)
            return
        migrations.upgrade(db.engine, scripts)
        click.echo(f"schema: {migrations.revisions(db.engine, scripts)[0]}")


@main.group()
def user() -> None:
    """People who sign in."""


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
    from casedesk.app import create_app
    from casedesk.store.db import db

    app = create_app(_settings())
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def _log() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("rq").setLevel(logging.WARNING)


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
