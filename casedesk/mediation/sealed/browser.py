"""Who has the notes open in this browser: the cookie, the sign-in and the row that belongs to both."""

import logging
from datetime import datetime

from flask import current_app, g, request
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.sign_ins import digest
from casedesk.kernel.errors import Conflict, Unavailable
from casedesk.mediation import sealing
from casedesk.mediation.sealed import actions
from casedesk.mediation.sealed.commands import Opened

COOKIE, PATH = "notes", "/mediation"

log = logging.getLogger("casedesk")


def opened(session: Session, now: datetime) -> Opened | None:
    """The mediator whose notes are open here; None where they are locked."""
    key = sealing.cookie_key(request.cookies.get(COOKIE, ""))
    if key is None:
        return None
    try:
        return actions.opened_by(session, key, g.actor.id, _sign_in(), now=now)
    except (Conflict, Unavailable) as busy:
        log.info("notes stay locked for now: %s", busy.code)
        return None


def row_id() -> str:
    """The id of the row that belongs to this browser's cookie; empty where it holds none."""
    key = sealing.cookie_key(request.cookies.get(COOKIE, ""))
    return sealing.unlock_id(key) if key is not None else ""


def unlock(opened_now: Opened, now: datetime) -> bytes:
    """Open the notes for this browser and answer what its cookie must hold."""
    return actions.begin_unlocking(opened_now, _sign_in(), now=now)


def give(response: Response, key: bytes) -> Response:
    """The key goes to the browser, for this session of it, and nowhere else."""
    response.set_cookie(
        COOKIE,
        sealing.cookie_text(key),
        path=PATH,
        httponly=True,
        samesite="Strict",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    return response


def take(response: Response) -> Response:
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="Strict")
    return response


def _sign_in() -> str:
    return digest(str(current_user.get_id()))
