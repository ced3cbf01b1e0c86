"""The verdict beside a case: the stored one, or the one on what is being typed."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import flash, g, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases.actions import judging
from casedesk.cases.queries.sheet import CaseSheet, sheet
from casedesk.cases.routes.blueprint import bp
from casedesk.kernel.money import Money
from casedesk.policy.pack import Packs
from casedesk.policy.verdict import Verdict
from casedesk.rulebook import packs
from casedesk.rulebook.view import VerdictView, verdict_view
from casedesk.store.db import db
from casedesk.web import locale
from casedesk.web.deed import once
from casedesk.web.form import DeskForm

KEPT = 48
"""Verdicts kept in words: a case that is worked on is opened again after every deed."""


def view_of_stored(session: Session, head: CaseSheet) -> VerdictView | None:
    """The judgement that stands on the case, in the reader's language; None where it was never judged."""
    if head.case.verdict is None:
        return None
    case = head.case
    claimed = Money(case.claimed_minor, case.currency) if case.claimed_minor is not None else None
    published = packs.published(session, case.packs_published)
    return _said(case.verdict, published, case.judged_at, claimed, locale.language(), locale.zone())


@lru_cache(maxsize=KEPT)
def _said(
    stored: str, published: Packs, judged_at: datetime, claimed: Money | None, language: str, zone: str
) -> VerdictView:
    """A stored verdict in words. Its text never changes, nor do packs once published: the words follow from these and
    from the reader's language and zone, which the reader's request has chosen already."""
    verdict = Verdict.from_canonical(stored.encode())
    return verdict_view(verdict, published, judged_at=judged_at, claimed=claimed)


def view_of(session: Session, verdict: Any, *, now: datetime) -> VerdictView:
    """A verdict that was not stored, judged at `now`."""
    return verdict_view(verdict, packs.published(session), judged_at=now)


@bp.post("/cases/<int:case_id>/judgement")
@guard(Permission.WORK_CASE)
def judge_anew(case_id: int) -> Response:
    """Judge the case by the packs of today."""

    def deed(session: Session) -> str:
        judging.judge_anew(session, case_id, actor=g.actor, now=g.now)
        return url_for("cases.show", case_id=case_id)

    response = once(DeskForm(), deed)
    flash(_("Judged anew by the rules of today."))
    return response


@bp.get("/cases/<int:case_id>/verdict")
@guard(Permission.SEE_CASES)
def paper(case_id: int) -> str:
    """The verdict that stands on the case with everything open, to print."""
    session = db.session()
    head = sheet(session, g.actor, case_id, now=g.now)
    return render_template(
        "cases/verdict.html",
        case=head.case,
        name=head.name or _("Unknown customer"),
        verdict=view_of_stored(session, head),
    )
