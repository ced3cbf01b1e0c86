"""A report as the page that is drawn on paper, in its reader's language and zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from flask import current_app, g
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.reports import heads, spelled
from casedesk.reports.asked import Typed
from casedesk.reports.catalog.base import Behind, Column, Figure, Table
from casedesk.reports.drawing import Drawing
from casedesk.reports.making import Answer, answer, report_for


@contextmanager
def read_by(actor: Actor, now: datetime) -> Iterator[None]:
    """Everything said inside is in the language and zone of `actor`, whoever else this process works for."""
    with current_app.app_context():
        g.actor, g.now = actor, now
        yield


@dataclass(frozen=True)
class FigureFace:
    label: str
    value: str
    before: str
    state: str
    plus_minus: str


@dataclass(frozen=True)
class CellFace:
    text: str
    is_number: bool
    behind: Behind | None = None


@dataclass(frozen=True)
class TableFace:
    """A table in the reader's words; a cell's `behind` names the cases that it leads to."""

    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[tuple[CellFace, ...], bool], ...]

    @property
    def is_wide(self) -> bool:
        return len(self.columns) > WIDE


WIDE = 9


def figure_face(one: Figure) -> FigureFace:
    return FigureFace(
        one.label, spelled.figure(one), spelled.before(one), spelled.direction(one), one.plus_minus
    )


def table_face(table: Table) -> TableFace:
    """The same values as the files hold, in the same order."""
    rows = []
    for row in table.rows:
        cells = [
            CellFace(spelled.cell(v, c), c.unit != "text")
            for v, c in zip(row.values, table.columns, strict=True)
        ]
        if row.behind and cells:
            first = next(iter(row.behind.values()))
            cells = [
                replace(cell, behind=row.behind.get(column.code, first if place == 0 else None))
                for place, (cell, column) in enumerate(zip(cells, table.columns, strict=True))
            ]
        rows.append((tuple(cells), row.total))
    return TableFace(table.title, table.note, table.columns, tuple(rows))


def drawing_of(
    session: Session, code: str, typed: Typed, *, actor: Actor, zone: str, now: datetime
) -> tuple[Drawing, Answer]:
    """The report ready to be drawn, for `actor`. Inside read_by."""
    made = answer(session, report_for(actor.role, code), typed, actor=actor, zone=zone, now=now)
    # not render_template: what it adds for pages asks for a request
    html = current_app.jinja_env.get_template("reports/paper.html").render(
        answer=made,
        report=made.report,
        lines=heads.lines(made),
        figures=[figure_face(one) for one in made.made.figures],
        tables=[table_face(one) for one in made.made.tables],
        language=heads.language(),
    )
    return Drawing(html, made.made.chart if not made.made.is_empty else None, heads.language()), made
