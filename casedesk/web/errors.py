"""Refusals into status and sentence. The only place where a code meets HTTP.

A failed POST shows what was typed and can be sent again from the page itself: nothing typed is lost, even
where the database is away.
"""

import logging
import secrets
from collections.abc import Iterable, Mapping

from flask import Flask, g, jsonify, render_template, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response

from casedesk.kernel.errors import (
    CasedeskError,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    RuleBroken,
    Unavailable,
)
from casedesk.kernel.money import Money
from casedesk.web.addresses import same_origin
from casedesk.web.locale import money

log = logging.getLogger("casedesk")

SENTENCES: dict[str, LazyString] = {
    "not_found": _l(
        "There is nothing here, or you may not see it. Check the address or search for the case."
    ),
    "not_allowed": _l("Your role does not allow this. Ask a manager or an administrator."),
    "signed_out": _l("You are signed out. Sign in; what you typed is still here and can be sent again."),
    "page.value": _l(
        "A value is larger or of another kind than the desk can keep, so nothing was saved. Check the figures and send again."
    ),
    "page.cursor": _l("This page address is not complete. Go back to the first page."),
    "page.expired": _l(
        "This page was open too long to be sent safely. Check what you typed below and send it again."
    ),
    "page.method": _l("This address cannot be used that way. Go back and use the button on the page."),
    "page.bad": _l("The request could not be read. Go back, check what you typed and send it again."),
    "upload.too_large": _l("The file is too large. The limit is %(limit)s MB; attach a smaller file."),
    "upload.empty": _l("The file %(name)s is empty. Attach it again, or leave it out."),
    "upload.type": _l(
        "Files like %(name)s cannot be kept. Attach a PDF, a picture, a text, a mail or an office file without macros."
    ),
    "blob.gone": _l(
        "The file is no longer here: it was erased, or its store lost it. Tell the administrator."
    ),
    "blob.damaged": _l(
        "The file is not what was stored any more, so it is not shown. Tell the administrator."
    ),
    "blob.store": _l(
        "The store of files cannot be reached for now (%(detail)s), so nothing was saved. Send it again in a minute."
    ),
    "store.stale": _l(
        "Somebody changed the same thing first, so nothing was saved. Check what is new, then send again."
    ),
    "store.busy": _l("The database was busy for too long, so nothing was saved. Send it again."),
    "store.gone": _l(
        "The database cannot be reached for now, so nothing was saved. Keep this page and send it again in a minute."
    ),
    "audit.no_checkpoint": _l("There is no checkpoint yet. Start the worker and try again in a minute."),
    "unexpected": _l(
        "Something broke on our side, and nothing was saved. It has been noted; send it again, or tell the administrator the code %(code)s."
    ),
}

STATUS: tuple[tuple[type[CasedeskError], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (Conflict, 409),
    (RuleBroken, 422),
    (InvalidInput, 422),
    (Unavailable, 503),
)

_STATUS_OF_CODE = {"signed_out": 401}

FACES: dict[str, str] = {}
"""The template of the error page of a blueprint that has one of its own, by the blueprint's name."""

NEVER_ECHOED = (
    *("csrf_token", "password", "current", "again", "once", "kept"),
    *("passphrase", "new_passphrase", "recovery", "sealed"),
)
"""Secrets and sealed notes: no error page, and no page to sign in, ever holds them."""
_HTTP_CODES = {
    400: "page.bad",
    403: "not_allowed",
    404: "not_found",
    405: "page.method",
    413: "upload.too_large",
}


def init_app(app: Flask, rooms: Iterable[Mapping[str, LazyString]]) -> None:
    """Collect the rooms' sentences and answer every refusal."""
    for sentences in rooms:
        SENTENCES.update(sentences)
    app.register_error_handler(CasedeskError, _refused)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeoutError, _waited_too_long)
    app.register_error_handler(OverflowError, _too_large)
    app.register_error_handler(Exception, _unexpected)


def sentence(error: CasedeskError) -> str:
    """What a person reads of `error`, in the reader's language; sums as the reader writes them."""
    params = {k: money(v.minor, v.currency) if isinstance(v, Money) else v for k, v in error.params.items()}
    return str(SENTENCES[error.code]) % params


def status_of(error: CasedeskError) -> int:
    by_kind = next((status for kind, status in STATUS if isinstance(error, kind)), 400)
    return _STATUS_OF_CODE.get(error.code, by_kind)


def _refused(error: CasedeskError) -> Response:
    return answer(status_of(error), error.code, sentence(error))


def _csrf(error: CSRFError) -> Response:
    return answer(400, "page.expired", str(SENTENCES["page.expired"]))


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()
    code = _HTTP_CODES.get(status, "page.bad" if status < 500 else "unexpected")
    limit = (request.max_content_length or 0) // 2**20
    response = answer(status, code, str(SENTENCES[code]) % {"limit": limit, "code": status})
    if status == 405 and isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def _database(error: DBAPIError) -> Response:
    if isinstance(error, DataError):
        log.warning("a value that the database refuses on %s: %s", _where(), error.orig)
        return answer(422, "page.value", str(SENTENCES["page.value"]))
    if isinstance(error, IntegrityError) and _came_second(error):
        log.warning("second of two on %s: %s", _where(), error.orig)
        return answer(409, "store.stale", str(SENTENCES["store.stale"]))
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("database away: %s", error.orig)
        code = "store.busy" if "locked" in str(error.orig) else "store.gone"
        return answer(503, code, str(SENTENCES[code]))
    return _unexpected(error)


def _came_second(error: IntegrityError) -> bool:
    """Did somebody else store the same name first, or remove what this points at, between check and write?"""
    return getattr(error.orig, "sqlstate", None) in ("23505", "23503") or str(error.orig).startswith(
        ("UNIQUE constraint", "FOREIGN KEY constraint")
    )


def _waited_too_long(error: PoolTimeoutError) -> Response:
    log.warning("no connection was free: %s", error)
    return answer(503, "store.busy", str(SENTENCES["store.busy"]))


def _too_large(error: OverflowError) -> Response:
    """A whole number beyond 64 bits got past a form: SQLite's driver says so with this error."""
    log.warning("a number beyond 64 bits on %s: %s", _where(), error)
    return answer(422, "page.value", str(SENTENCES["page.value"]))


def _unexpected(error: Exception) -> Response:
    code = secrets.token_hex(3).upper()
    log.exception("unexpected %s on %s %s", code, request.method, _where())
    return answer(500, "unexpected", str(SENTENCES["unexpected"]) % {"code": code})


def _where() -> str:
    """The address as a rule, not as it was typed: a private link's token stays out of the log."""
    return str(request.url_rule) if request.url_rule else request.path


def answer(status: int, code: str, text: str) -> Response:
    """`text` as a page, or as problem JSON for whoever asks for that."""
    if wants_json():
        response: Response = jsonify(type=code, title=text, status=status)
        response.mimetype = "application/problem+json"
    else:
        face = FACES.get(request.blueprint or "", "_shared/error.html")
        g.answering_an_error = True  # the page asks the database for nothing more: it may be what failed
        page = render_template(face, status=status, code=code, sentence=text, typed=typed())
        response = Response(page, mimetype="text/html")
    response.status_code = status
    return response


def wants_json() -> bool:
    """Does a program ask, rather than a person?"""
    kinds = ["text/html", "application/problem+json", "application/json"]
    return request.accept_mimetypes.best_match(kinds) in kinds[1:]


def typed() -> list[tuple[str, str]]:
    """What the person typed into a refused form, to be shown and sent again. Nothing that another site sent."""
    if request.method != "POST" or not same_origin():
        return []
    try:
        return [(k, v) for k, v in request.form.items(multi=True) if k not in NEVER_ECHOED]
    except HTTPException:
        return []
