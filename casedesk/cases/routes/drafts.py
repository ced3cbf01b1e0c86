"""Drafts: what somebody types and has not sent yet, kept per person and place."""

import re

from flask import g, jsonify, request
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases.forms.logging import draft_of
from casedesk.cases.queries.sight import case_for
from casedesk.cases.routes.blueprint import bp
from casedesk.kernel.errors import NotFound
from casedesk.store import drafts
from casedesk.store.db import db
from casedesk.web import locale

_PLACE = re.compile(r"^(?:case-new|case-(\d{1,18})-(?:reply|note|call|letter|correct|decision))$", re.ASCII)


@bp.post("/drafts/<place>")
@guard(Permission.WORK_CASE)
def save_draft(place: str) -> Response:
    """Keep the fields of a form as the reader's draft of `place`; answers with the time of saving."""
    found = _PLACE.match(place)
    if found is None:
        raise NotFound("not_found")
    if found[1]:
        case_for(db.session(), g.actor, int(found[1]))
    drafts.save(g.actor.id, place, dict(draft_of(request.form)), now=g.now)
    return jsonify(at=locale.hour(g.now))
