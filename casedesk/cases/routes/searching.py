"""Search: a case number goes straight to the case; a name or an address shows customers with their cases."""

from dataclasses import dataclass

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases.line_faces import LineFace, line_face
from casedesk.cases.queries.search import CaseHit, cases_by_number, cases_of
from casedesk.cases.routes.blueprint import bp
from casedesk.customers import queries as customers
from casedesk.store.db import db
from casedesk.web.form import tidy

LIMIT = 20
LONGEST = 200


@dataclass(frozen=True)
class Group:
    """A customer that was found, with the newest cases; `more` are on the customer's page."""

    hit: customers.CustomerHit
    lines: list[LineFace]
    more: int


@bp.get("/search")
@guard(Permission.SEE_HOME)
def search() -> ResponseReturnValue:
    text = " ".join(tidy(request.args.get("q", "")).split())[:LONGEST]
    near: list[CaseHit] = []
    if text and g.actor.may(Permission.SEE_CASES):
        near = cases_by_number(db.session(), g.actor, text)
        if [hit.exact for hit in near] in ([True], [True, False]):
            return redirect(url_for("cases.show", case_id=near[0].id), 303)
    return render_template(
        "cases/search.html",
        text=text,
        near=near,
        groups=_groups(text) if text else [],
        may_see=g.actor.may(Permission.SEE_CASES) or g.actor.may(Permission.SEE_CUSTOMERS),
        may_log=g.actor.may(Permission.LOG_CASE),
        limit=LIMIT,
    )


def _groups(text: str) -> list[Group]:
    if not g.actor.may(Permission.SEE_CUSTOMERS):
        return []
    session = db.session()
    hits = customers.find(session, text, LIMIT)
    may_see = g.actor.may(Permission.SEE_CASES)
    found = cases_of(session, g.actor, [hit.id for hit in hits]) if may_see else {}
    groups = []
    for hit in hits:
        lines = found.get(hit.id, [])
        more = lines[0].total - len(lines) if lines else 0
        groups.append(Group(hit, [line_face(line, g.now) for line in lines], more))
    return groups
