"""Attachments: served only to who may see the case, and the kind of file."""

from urllib.parse import quote

from flask import Response, g

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases.queries.files import file_for
from casedesk.cases.routes.blueprint import bp
from casedesk.cases.routes.case import may_open
from casedesk.kernel.errors import NotAllowed
from casedesk.store import blobs
from casedesk.store.db import db

SHOWN = ("application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain")
"""Kinds that a browser shows in a page of their own; others are offered to keep."""


@bp.get("/attachments/<int:attachment_id>")
@guard(Permission.SEE_CASES)
def attachment(attachment_id: int) -> Response:
    file = file_for(db.session(), g.actor, attachment_id)
    if not may_open(file.grade):
        raise NotAllowed("not_allowed")
    response = Response(blobs.read(file.digest), mimetype=file.media_type)
    how = "inline" if file.media_type in SHOWN else "attachment"
    response.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(file.name, safe='')}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
