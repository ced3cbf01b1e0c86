"""The blueprints of this room, and how a link becomes the party that holds it."""

import logging
from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, flash, g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.kernel.errors import Conflict, NotFound, RuleBroken, Unavailable
from casedesk.portal import throttle
from casedesk.portal.actions.linking import from_where, note_visit
from casedesk.portal.actions.speaking import actor_of
from casedesk.portal.commands import Holder
from casedesk.portal.models import LinkVisit, Paper
from casedesk.portal.queries.links import holder_of
from casedesk.portal.rules import MISSES_PER_ORIGIN, POSTS_PER_LINK, WINDOW
from casedesk.portal.secret import secret
from casedesk.store.db import db
from casedesk.web import locale
from casedesk.web.deed import once
from casedesk.web.errors import FACES
from casedesk.web.form import DeskForm
from casedesk.web.locale import LOCALES

bp = Blueprint("portal", __name__)
desk = Blueprint("links", __name__)

FACES["portal"] = "portal/error.html"

YEAR = 365 * 86_400

log = logging.getLogger("casedesk")


def held(token: str) -> Holder:
    """The party behind the link, whose language and zone this request speaks from here on.

    Raises NotFound in the same words for a link that is forged, ended, revoked or never was.
    """
    party = holder_of(db.session(), token, secret(), now=g.now)
    origin = request.remote_addr or ""
    if party is None:
        _speak()
        if throttle.is_too_many("miss", origin, MISSES_PER_ORIGIN, g.now):
            raise RuleBroken("link.too_many")
        raise NotFound("link.gone")
    if request.method == "POST" and throttle.is_too_many("link", str(party.link_id), POSTS_PER_LINK, g.now):
        g.actor = actor_of(party)
        raise RuleBroken("link.too_many")
    chosen = request.args.get("lang") or request.cookies.get("lang_my", "")
    if chosen in LOCALES:
        party = _in(party, chosen)
    g.actor, g.party, g.token = actor_of(party), party, token
    locale.forget()
    return from_where(party, origin=origin, browser=request.headers.get("User-Agent", ""))


def _in(party: Holder, chosen: str) -> Holder:
    return replace(party, locale=chosen)


def _speak() -> None:
    """Nobody is signed in on these pages, also where the same browser is signed in at the desk."""
    g.actor = None
    locale.forget()


def visited(party: Holder) -> None:
    """Note that the page was opened, at most once a quarter of an hour."""
    seen = db.session().get(LinkVisit, party.link_id)
    if seen is None or g.now - seen.last_at >= WINDOW:
        try:
            note_visit(party.link_id, g.now)
        except (Conflict, Unavailable) as busy:
            log.info("visit not noted: %s", busy.code)  # a page is not refused for a note of who was here


def done(form: DeskForm, token: str, deed: Callable[[Session], Paper]) -> Response:
    """Do the deed once and show its receipt."""
    return once(form, lambda session: url_for("portal.receipt", token=token, code=deed(session).code))


def back(token: str, said: str = "") -> Response:
    if said:
        flash(said)
    return redirect(url_for("portal.show", token=token), 303)


@bp.after_request
def private(response: Response) -> Response:
    """For one reader: no index, no copy on the way, no frame; a chosen language is remembered."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Frame-Options"] = "DENY"
    chosen = request.args.get("lang")
    if chosen in LOCALES and response.status_code < 400:
        response.set_cookie(
            "lang_my", chosen, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure, path="/"
        )
    return response
