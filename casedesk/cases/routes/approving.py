"""Approvals: what waits for a second person, the page of one decision, and the answer to it."""

from dataclasses import dataclass
from typing import Any

from flask import flash, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases import words
from casedesk.cases.actions import deciding
from casedesk.cases.commands import MoneyLine, ProposeDecision
from casedesk.cases.event_words import clock_name
from casedesk.cases.forms.deciding import AnswerForm
from casedesk.cases.line_faces import count_words
from casedesk.cases.queries.approvals import Approval, waiting
from casedesk.cases.queries.decision import DecisionDetail, decision_for
from casedesk.cases.queries.sheet import sheet
from casedesk.cases.queries.views import SOON
from casedesk.cases.routes.blueprint import bp
from casedesk.cases.routes.case import clock_of
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, RuleBroken
from casedesk.policy.verdict import Verdict
from casedesk.rulebook import packs
from casedesk.rulebook.view import VerdictView, verdict_view
from casedesk.store.db import db
from casedesk.web import locale
from casedesk.web.clockface import ClockFace, clock_face
from casedesk.web.deed import once

PATH = "/approvals"


@dataclass(frozen=True)
class ApprovalFace:
    """A proposal in the list, in the reader's words; `why_not` says why this reader cannot approve it."""

    line: Approval
    reason: str
    beyond: str
    clock: ClockFace | None
    why_not: str


@dataclass(frozen=True)
class Pages:
    shown: str
    previous_url: str
    next_url: str


@bp.get(PATH)
@guard(Permission.APPROVE)
def approvals() -> str:
    after = request.args.get("after", "")
    found = waiting(db.session(), g.actor, after=after)
    return render_template(
        "cases/approvals.html",
        rows=[_face(line) for line in found.lines],
        total=count_words(found.count),
        pages=Pages(
            str(len(found.lines)) if after or found.after else "",
            PATH if after else "",
            url_for("cases.approvals", after=found.after) if found.after else "",
        ),
    )


@bp.get("/decisions/<int:decision_id>")
@guard(Permission.SEE_CASES)
def decision(decision_id: int) -> Response:
    return _page(decision_for(db.session(), g.actor, decision_id), AnswerForm(formdata=None))


@bp.post("/decisions/<int:decision_id>/answer")
@guard(Permission.APPROVE)
def answer(decision_id: int) -> Response:
    form = AnswerForm()
    detail = decision_for(db.session(), g.actor, decision_id)
    choice = request.form.get("answer", "")
    if choice not in ("approve", "decline"):
        form.form_errors = [_("Choose whether to approve or to decline.")]
    elif form.validate_on_submit():
        try:
            return _answer(form, decision_id, approve=choice == "approve")
        except (InvalidInput, RuleBroken, NotAllowed) as refusal:
            form.refuse(refusal)
        except Conflict as conflict:
            form.refuse(conflict)
            return _page(decision_for(db.session(), g.actor, decision_id), form, 409)
    return _page(detail, form, 422)


def _answer(form: AnswerForm, decision_id: int, *, approve: bool) -> Response:
    said: list[str] = []

    def deed(session: Session) -> str:
        answered = deciding.answer_decision(
            session, form.to_command(decision_id, approve), actor=g.actor, now=g.now
        )
        said.append(
            {
                "effective": _("Approved; the letter and the payment follow."),
                "declined": _("Declined; the case is open again."),
                "lapsed": _("The facts changed since it was proposed: the proposal lapsed. Decide anew."),
            }[answered.state]
        )
        return url_for("cases.show", case_id=answered.case_id)

    done = once(form, deed)
    for sentence in said:
        flash(sentence)
    return done


def _page(detail: DecisionDetail, form: AnswerForm, status: int = 200) -> Response:
    session = db.session()
    row = detail.row
    head = sheet(session, g.actor, row.case_id, now=g.now)
    if not (form.is_submitted() and form.version.data) or status == 409:
        form.renew(row.version, 0)
    html = render_template(
        "cases/answer.html",
        sheet=head,
        case=head.case,
        name=head.name or _("Unknown customer"),
        form=form,
        d=row,
        detail=detail,
        command=_command(detail),
        own=row.proposed_by == g.actor.id,
        may_answer=_may_answer(row),
        why_not=_why_not(row),
        moved=row.state == "proposed" and row.case_judgement_id != row.judgement_id,
        reasons=[words.said(words.APPROVAL, code) for code in row.approval_reasons],
        verdict=_verdict(session, detail),
        clock_face=clock_of(head),
        words=words,
    )
    response = make_response(html)
    response.status_code = status
    return response


def _may_answer(row: Any) -> bool:
    return row.state == "proposed" and row.proposed_by != g.actor.id and g.actor.may(Permission.APPROVE)


def _why_not(row: Any) -> str:
    """Why the reader cannot approve what is proposed; empty where nothing stands in the way."""
    if row.proposed_by == g.actor.id:
        return _("This is your own proposal. Somebody else must approve it.")
    if not g.actor.may(Permission.APPROVE):
        return _("It waits for a manager's approval.")
    ceiling = g.actor.approval_ceiling_minor
    if row.amount_minor > ceiling:
        return _(
            "This is above the %(ceiling)s that you may approve. A manager with a higher ceiling must.",
            ceiling=locale.money(ceiling, row.currency),
        )
    return ""


def _verdict(session: Session, detail: DecisionDetail) -> VerdictView | None:
    """The verdict that the decision rests on, whatever was judged since."""
    row = detail.row
    if row.verdict is None:
        return None
    known = packs.published(session, row.packs_until)
    return verdict_view(Verdict.from_canonical(row.verdict.encode()), known, judged_at=row.judged_at)


def _command(detail: DecisionDetail) -> ProposeDecision:
    """The proposal as it was made: what its letter is written from."""
    row = detail.row
    return ProposeDecision(
        case_id=row.case_id,
        case_version=0,
        lines=tuple(
            MoneyLine(line.charge_id, line.amount_minor, line.method, line.means) for line in detail.lines
        ),
        reason_code=row.reason_code,
        reason_text=detail.reason_text,
        subscription_effect=row.subscription_effect,
        effect_on=detail.effect_on,
        letter_text=detail.letter_text,
    )


def _face(line: Approval) -> ApprovalFace:
    clock = None
    if line.due_at is not None:
        clock = clock_face(
            clock_name("approval"),
            line.due_at,
            g.now,
            started_at=line.started_at,
            risk_from=line.due_at - SOON,
        )
    beyond = line.amount_minor - (line.by_rule_minor or 0)
    return ApprovalFace(
        line,
        words.said(words.REASON, line.reason_code)
        or words.said(words.APPROVAL, next(iter(line.approval_reasons), None)),
        (("+ " if beyond > 0 else "− ") + locale.amount(abs(beyond), line.currency)) if beyond else "",
        clock,
        _why_not(line),
    )
