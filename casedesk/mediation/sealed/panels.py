"""The dashed box on a mediation's page: the notes where they are open, the way to open them where not."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import request, url_for
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.kernel.errors import NotFound, RuleBroken
from casedesk.mediation.sealed import actions, browser, queries
from casedesk.mediation.sealed.commands import NoteInClear
from casedesk.mediation.sealed.forms import NoteForm, UnlockForm
from casedesk.mediation.sealed.queries import SealedFile, Waiting
from casedesk.web.slots import Panel


@dataclass(frozen=True)
class NotesBox:
    """What the box shows. `state`: open, locked, none (no key set up yet) or tampered."""

    state: str
    file: SealedFile
    notes: list[NoteInClear] = field(default_factory=list, repr=False)
    unlock: UnlockForm | None = None
    form: NoteForm | None = None

    def who(self, side: str) -> str:
        """The name of the party that was spoken with alone."""
        return dict(self.file.parties).get(side, "")


def of_file(
    session: Session, actor: Actor, now: datetime, *, mediation_id: int, **_: object
) -> NotesBox | None:
    """The notes of the file for its mediator, or whoever left it with a key; nothing for anybody else."""
    try:
        # `_row` is held until the box is filled: `browser.opened` finds it in the session without asking again
        file, _row = queries.with_unlocking(session, actor, mediation_id, browser.row_id())
    except NotFound:
        return None
    if not file.keyed:
        return NotesBox("none", file)
    opened = browser.opened(session, now)
    if opened is None:
        return NotesBox("locked", file, unlock=UnlockForm(formdata=None, next=request.path))
    try:
        notes = actions.read(session, mediation_id, opened)
    except RuleBroken:
        return NotesBox("tampered", file)
    return NotesBox("open", file, notes, form=NoteForm(formdata=None) if file.writable else None)


def left_behind(
    session: Session, actor: Actor, now: datetime, **_: object
) -> list[tuple[Waiting, str]] | None:
    """Files that the mediator left and whose notes wait to be handed over or destroyed."""
    waiting = queries.left_behind(session, actor.id)
    return [(one, url_for("sealed.leaving", mediation_id=one.mediation_id)) for one in waiting] or None


PANELS = {
    "mediation.right": [Panel(Permission.MEDIATE, of_file, "mediation/sealed/box.html")],
    "home.main": [Panel(Permission.MEDIATE, left_behind, "mediation/sealed/left.html")],
}
