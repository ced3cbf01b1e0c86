"""Search: a case number goes straight to the case; a name or an address shows customers with their cases."""

from dataclasses import dataclass

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases.queries.search import CaseHit, case_by_number, cases_of
from casedesk.cases.routes.blueprint import bp
from casedesk.cases.routes.queue import bounds_at
from casedesk.cases.routes.queue_rows import RowFace, Rows
from casedesk.customers import queries as customers
from casedesk.store.db import db
from casedesk.web.form import tidy

LIMIT = 20
LONGEST = 200


@dataclass(frozen=True)
class Group:
    """A customer that was found, with the newest cases; `more` are on the customer's page."""

    hit: customers.CustomerHit
    rows: list[RowFace]
    more: int


@bp.get("/search")
@guard(Permission.SEE_HOME)
def search() -> ResponseReturnValue:
    text = " ".join(tidy(request.args.get("q", "")).split())[:LONGEST]
    near: CaseHit | None = None
    if text and g.actor.may(Permission.SEE_CASES):
        near = case_by_number(db.session(), g.actor, text)
        if near is not None and near.exact:
            return redirect(url_for("cases.show", case_id=near.id), 303)
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
    found = {}
    if g.actor.may(Permission.SEE_CASES):
        found = cases_of(session, g.actor, [hit.id for hit in hits])
    rows = Rows(g.actor, bounds_at(g.now, g.actor.time_zone), {}, {})
    groups = []
    for hit in hits:
        theirs = found.get(hit.id)
        faces = rows.faces(theirs.rows) if theirs else []
        groups.append(Group(hit, faces, theirs.count - len(faces) if theirs else 0))
    return groups
