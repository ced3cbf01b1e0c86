"""Anyone may check a paper by its code: is it ours, and is it still what was recorded? Nothing of its content is shown."""

from dataclasses import replace

from flask import g, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casedesk.accounts.actor import Actor, not_a_person
from casedesk.accounts.guard import public
from casedesk.kernel.errors import RuleBroken
from casedesk.portal import throttle, tokens, words
from casedesk.portal.forms import CodeForm
from casedesk.portal.queries.papers import checked
from casedesk.portal.routes.blueprint import bp
from casedesk.portal.rules import CHECKS_PER_ORIGIN
from casedesk.store.db import db
from casedesk.web import locale
from casedesk.web.locale import LOCALES


@bp.get("/check")
@public
def check() -> Response:
    """The form, or the answer to ``?code=``; the same answer for whatever is not a code of ours."""
    g.actor = None
    chosen = request.args.get("lang") or request.cookies.get("lang_my", "")
    if chosen in LOCALES:
        g.actor = _reader(chosen)
    locale.forget()
    typed = request.args.get("code", "")[:120]
    form = CodeForm(formdata=None, code=typed)
    found = None
    if typed:
        if throttle.is_too_many("check", request.remote_addr or "", CHECKS_PER_ORIGIN, g.now):
            raise RuleBroken("link.too_many")
        found = checked(db.session(), tokens.read_code(typed) or "")
    html = render_template(
        "portal/check.html", form=form, typed=typed, found=found, words=words, title=_("Check a document")
    )
    return Response(html, status=404 if typed and found is None else 200, mimetype="text/html")


def _reader(chosen: str) -> Actor:
    return replace(not_a_person("customer"), locale=chosen, time_zone="Europe/Paris")
