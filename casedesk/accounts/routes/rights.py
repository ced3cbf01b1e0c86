"""The record of people and rights: who changed whom, newest first."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from casedesk.accounts import queries
from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.accounts.routes import bp
from casedesk.accounts.wording import sentence
from casedesk.kernel.errors import InvalidInput
from casedesk.store.db import db
from casedesk.web.paging import read_cursor, write_cursor

PAGE = 50


@bp.get("/people/audit")
@guard(Permission.SEE_RECORD)
def rights() -> ResponseReturnValue:
    after = request.args.get("after")
    before = _seq(after) if after else None
    found = queries.desk_entries(db.session(), before, PAGE + 1)
    names = {team.id: team.name for team in queries.teams(db.session())}
    lines = [(entry, sentence(entry.kind, entry.body, entry.text, names)) for entry in found[:PAGE]]
    next_url = url_for(".rights", after=write_cursor(found[PAGE - 1].seq)) if len(found) > PAGE else None
    first_url = url_for(".rights") if before is not None else None
    return render_template("accounts/rights.html", lines=lines, next_url=next_url, first_url=first_url)


def _seq(cursor: str) -> int:
    (seq,) = read_cursor(cursor, 1)
    if not isinstance(seq, int) or not 0 <= seq < 2**63:
        raise InvalidInput("page.cursor")
    return seq
