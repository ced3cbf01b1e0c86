"""Decide: by rule, proposed, difference; what needs whose approval; what happens then; the letter as it will be sent."""

from dataclasses import dataclass
from typing import Any

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases import words
from casedesk.cases.actions import deciding
from casedesk.cases.actions.judging import owed
from casedesk.cases.event_words import clock_name
from casedesk.cases.forms.deciding import WAYS, DecisionForm, shared_out
from casedesk.cases.queries.decision import approvers, waiting_decision
from casedesk.cases.queries.sheet import CaseSheet, sheet
from casedesk.cases.queries.timeline import entries_after
from casedesk.cases.routes.blueprint import bp
from casedesk.cases.routes.case import clock_of, missed_line, place_of
from casedesk.cases.routes.verdict import view_of_stored
from casedesk.cases.rules import EFFECTS, Ceilings, Owed, approval_reasons, below_statute
from casedesk.deadlines.queries import clocks_of
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, RuleBroken
from casedesk.ledger.queries import charges_of_customer
from casedesk.policy.verdict import Verdict
from casedesk.store import drafts
from casedesk.store.db import db
from casedesk.web import locale
from casedesk.web.deed import once


@dataclass(frozen=True)
class Sums:
    """The figures of the page, in minor units of the case's currency. `by_rule` is None where the verdict is open."""

    currency: str
    by_rule: int | None
    whole: int
    left: int
    chosen: int | None
    due: Owed

    @property
    def beyond(self) -> int | None:
        return None if self.chosen is None else self.chosen - (self.by_rule or 0)


@bp.get("/cases/<int:case_id>/decision")
@guard(Permission.SEE_CASES)
def decide(case_id: int) -> Response:
    session = db.session()
    head = _head(session, case_id)
    if head.case.status == "waiting-approval" and (waiting := waiting_decision(session, case_id)) is not None:
        return redirect(url_for("cases.decision", decision_id=waiting), 303)
    form = DecisionForm(formdata=MultiDict(head.draft.body) if head.draft else None)
    return _page(head, form, fresh=head.draft is None)


@bp.post("/cases/<int:case_id>/decision")
@guard(Permission.DECIDE)
def propose(case_id: int) -> Response:
    form = DecisionForm()
    session = db.session()
    head = _head(session, case_id)
    charges = _charges(session, head)
    form.other.currency = head.case.currency
    if "look" in request.form:
        form.other.validate(form)
        return _page(head, form)
    if request.form.get("by_rule"):
        form.way.data = "rule"
    valid = form.validate_on_submit()
    sums = _sums(head, charges, form)
    if valid and _complete(form, sums):
        try:
            return _propose(form, head, sums, charges)
        except Conflict as conflict:
            return _conflicted(form, head, conflict)
        except (InvalidInput, RuleBroken, NotAllowed) as refusal:
            form.refuse(refusal)
    return _page(head, form, status=422)


def _propose(form: DecisionForm, head: CaseSheet, sums: Sums, charges: list[Any]) -> Response:
    case_id = head.case.id
    lines = shared_out(sums.chosen or 0, charges, head.case.charge_id, form.method.data)
    said: list[str] = []

    def deed(session: Session) -> str:
        decision = deciding.propose_decision(
            session, form.to_command(case_id, lines), actor=g.actor, now=g.now
        )
        drafts.drop(session, g.actor.id, place_of(case_id, "decision"))
        proposed = decision.state == "proposed"
        said[:] = [
            _("Proposed; it waits for approval.")
            if proposed
            else _("Decided; the letter and the payment follow.")
        ]
        return url_for("cases.show", case_id=case_id)

    done = once(form, deed)
    for sentence in said:
        flash(sentence)
    return done


def _head(session: Session, case_id: int) -> CaseSheet:
    return sheet(session, g.actor, case_id, place_of(case_id, "decision"), now=g.now)


def _charges(session: Session, head: CaseSheet) -> list[Any]:
    if not head.case.customer_id:
        return []
    lines = charges_of_customer(session, head.case.customer_id)
    return [line for line in lines if line.currency == head.case.currency]


def _sums(head: CaseSheet, charges: list[Any], form: DecisionForm) -> Sums:
    due = (
        owed(Verdict.from_canonical(head.case.verdict.encode()))
        if head.case.verdict
        else Owed("needs_review", None, False)
    )
    by_rule = due.amount_minor if due.outcome == "allowed" else 0 if due.outcome == "refused" else None
    disputed = next((c for c in charges if c.id == head.case.charge_id), charges[0] if charges else None)
    whole = disputed.refundable if disputed else 0
    left = sum(charge.refundable for charge in charges)
    chosen = {"rule": by_rule, "whole": whole, "other": form.other.data, "refuse": 0}.get(form.way.data or "")
    return Sums(head.case.currency, by_rule, whole, left, chosen, due)


def _complete(form: DecisionForm, sums: Sums) -> bool:
    """Is an amount chosen that can be paid? Says at the field what is missing."""
    if form.way.data not in WAYS or form.subscription_effect.data not in EFFECTS:
        form.form_errors = [*form.form_errors, _("Choose an amount and what becomes of the contract.")]
        return False
    if sums.chosen is None:
        text = (
            _("The verdict gives no amount yet. Choose another way, or set the missing fact first.")
            if form.way.data == "rule"
            else _("Enter the amount.")
        )
        form.other.errors = [*form.other.errors, text]
        return False
    if sums.chosen > sums.left:
        text = _("Only %(left)s can be given back.", left=locale.money(sums.left, sums.currency))
        form.other.errors = [*form.other.errors, text]
        return False
    return True


def _page(
    head: CaseSheet, form: DecisionForm, *, fresh: bool = False, status: int = 200, missed: Any = ()
) -> Response:
    session = db.session()
    charges = _charges(session, head)
    form.other.currency = head.case.currency
    view = view_of_stored(session, head)
    if fresh:
        _start(form, head, charges)
    if not (form.is_submitted() and form.version.data):
        form.renew(head.case.version, _last_seq(session, head.case.id))
    sums = _sums(head, charges, form)
    ends = form.subscription_effect.data not in (None, "keep")
    reasons = approval_reasons(
        sums.due, sums.chosen or 0, Ceilings(g.actor.goodwill_ceiling_minor, g.actor.approval_ceiling_minor)
    )
    lines = shared_out(sums.chosen or 0, charges, head.case.charge_id, form.method.data or "refund")
    html = render_template(
        "cases/decide.html",
        sheet=head,
        case=head.case,
        name=head.name or _("Unknown customer"),
        form=form,
        sums=sums,
        verdict=view,
        clock_face=clock_of(head),
        clocks=clocks_of(session, ("case", head.case.id), now=g.now),
        reasons=[words.said(words.APPROVAL, code) for code in reasons],
        approvers=approvers(session, g.actor, sums.chosen or 0) if reasons else [],
        below=sums.chosen is not None and below_statute(sums.due, sums.chosen, ends_contract=ends),
        missed=missed,
        lines=lines,
        command=form.to_command(head.case.id, lines),
        draft_at=locale.hour(head.draft.saved_at) if head.draft and not form.is_submitted() else "",
        clock_name=clock_name,
        reason_choices=[(code, str(word)) for code, word in words.REASON.items()],
        words=words,
    )
    response = make_response(html)
    response.status_code = status
    return response


def _start(form: DecisionForm, head: CaseSheet, charges: list[Any]) -> None:
    """What is usual: by rule where the verdict says; the contract ends where the customer asked for that."""
    form.way.data = "rule"
    sums = _sums(head, charges, form)
    if sums.by_rule is None:
        form.way.data = "other"
    if head.case.kind == "cancellation":
        form.subscription_effect.data = "end_now" if sums.due.outcome == "allowed" else "end_at_period_end"


def _last_seq(session: Session, case_id: int) -> int:
    newest = entries_after(session, case_id, 0)
    return newest[-1].seq if newest else 0


def _conflicted(form: DecisionForm, head: CaseSheet, conflict: Conflict) -> Response:
    """What a colleague did meanwhile, above what was typed; the same form, sent again, is then meant."""
    session = db.session()
    missed = entries_after(session, head.case.id, form.seen_seq)
    now_head = _head(session, head.case.id)
    form.renew(now_head.case.version, missed[-1].seq if missed else form.seen_seq)
    form.refuse(conflict)
    return _page(now_head, form, status=409, missed=[missed_line(line) for line in missed])
