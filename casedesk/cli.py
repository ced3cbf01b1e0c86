"""The `casedesk` command."""

import click

from casedesk.app import create_app, project_path
from casedesk.schema import metadata
from casedesk.store import migrate as migrations
from casedesk.store.db import db


@click.group()
def main() -> None:
    """Refund, cancellation and dispute cases, with the law, the contract and the record in one place."""


@main.command()
@click.option(
    "--draft", metavar="MESSAGE", help="Write a migration for what the models have and the database has not."
)
def migrate(draft: str | None) -> None:
    """Bring the database to the newest schema."""
    app = create_app()
    with app.app_context():
        if draft:
            migrations.draft(db.engine, project_path("migrations"), metadata(), draft)
        else:
            migrations.upgrade(db.engine, project_path("migrations"))
            click.echo(f"schema: {migrations.revisions(db.engine, project_path('migrations'))[0]}")
