"""One deed of a form: spend its token, act, commit, redirect; a repeated submit goes to the first result."""

from collections.abc import Callable

from flask import g, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.store import tokens
from casedesk.store.transaction import transaction
from casedesk.web.form import DeskForm


def once(form: DeskForm, deed: Callable[[Session], str]) -> Response:
    """Run `deed(session)` in the door's transaction and redirect to the URL that it returns."""
    person_id = g.actor.id if g.get("actor") else None
    try:
        with transaction() as session:
            token = tokens.spend(session, form.once.data or "", person_id=person_id, now=g.now)
            token.result_url = deed(session)
            url = token.result_url
    except tokens.AlreadyDone as done:
        url = done.result_url
    return redirect(url, 303)
