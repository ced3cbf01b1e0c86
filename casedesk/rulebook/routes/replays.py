"""A draft on past cases: chosen, run by the worker, watched, stopped, read number by number."""

from datetime import date

from flask import g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.rulebook import beside, replaying
from casedesk.rulebook.forms.drafts import AskReplay
from casedesk.rulebook.queries import drafting, replays
from casedesk.rulebook.routes.blueprint import bp, page
from casedesk.rulebook.routes.drafts import _deed
from casedesk.store.db import db
from casedesk.web import locale
from casedesk.web.deed import once
from casedesk.web.form import DeskForm

LONGEST_VALUE = 80


@bp.get("/rulebook/drafts/<int:draft_id>/replays/new")
@guard(Permission.EDIT_RULES)
def choose_replay(draft_id: int) -> ResponseReturnValue:
    today = locale.local(g.now).date()
    form = AskReplay(formdata=None, data={"since": date(today.year - 1, 1, 1), "until": today})
    return _choose_page(draft_id, form)


@bp.post("/rulebook/drafts/<int:draft_id>/replays/new")
@guard(Permission.EDIT_RULES)
def ask_replay(draft_id: int) -> ResponseReturnValue:
    form = _offered(AskReplay())
    if not form.validate_on_submit():
        return _choose_page(draft_id, form), 422

    def deed(session: Session) -> str:
        asked = replaying.ask(
            session, draft_id, form.to_command(), zone=g.actor.time_zone, actor=g.actor, now=g.now
        )
        return url_for(".replay", replay_id=asked.id)

    return once(form, deed)


@bp.get("/rulebook/replays/<int:replay_id>")
@guard(Permission.SEE_RULES)
def replay(replay_id: int) -> ResponseReturnValue:
    shown = {
        name: request.args[name][:LONGEST_VALUE]
        for name in ("change", "cause", "source", "plan", "below")
        if name in request.args
    }
    text = request.args.get("after", "0")
    after = int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0
    found = replays.replay_page(db.session(), g.actor, replay_id, shown, after)
    return page(
        "rulebook/replay.html", at=found.pack, replay=found, face=found.face, form=DeskForm(formdata=None)
    )


@bp.post("/rulebook/replays/<int:replay_id>/stop")
@guard(Permission.EDIT_RULES)
def stop_replay(replay_id: int) -> ResponseReturnValue:
    def deed(session: Session) -> str:
        replaying.stop(session, replay_id, now=g.now)
        return url_for(".replay", replay_id=replay_id)

    return _deed(deed)


def _choose_page(draft_id: int, form: AskReplay) -> str:
    shown = drafting.draft_page(db.session(), g.actor, draft_id)
    return page("rulebook/new_replay.html", at=shown.head.pack, draft=shown, form=_offered(form))


def _offered(form: AskReplay) -> AskReplay:
    """The form with the causes and plans of the desk, in the reader's language."""
    at = 1 if g.actor.locale == "fr" else 0
    causes = {code: labels[at] for code, labels in beside.ask().causes(db.session()).items()}
    return form.offer(causes, beside.ask().plans(db.session()))
