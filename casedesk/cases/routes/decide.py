"""Decide: by rule, proposed, difference; what needs whose approval; what happens then; the letter as it will be sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases import words
from casedesk.cases.actions import deciding
from casedesk.cases.actions.judging import judge_case, owed
from casedesk.cases.commands import MoneyLine
from casedesk.cases.event_words import clock_name
from casedesk.cases.forms.deciding import (
    WAYS,
    DecisionForm,
    Part,
    lines_of_parts,
    read_parts,
    shared_out,
)
from casedesk.cases.queries.decision import approvers, asks_to_leave, last_seq, waiting_decision
from casedesk.cases.queries.decision_money import Sums, by_rule_of, offered, parts_of, whole_of
from casedesk.cases.queries.sheet import CaseSheet, sheet
from casedesk.cases.queries.sight import case_for
from casedesk.cases.queries.timeline import decisions, entries_after
from casedesk.cases.routes.blueprint import bp
from casedesk.cases.routes.case import clock_of, missed_line, place_of
from casedesk.cases.routes.verdict import view_of_stored
from casedesk.cases.rules import EFFECTS, Ceilings, Owed, approval_reasons, below_statute
from casedesk.deadlines.queries import clocks_of
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, RuleBroken
from casedesk.ledger.queries import ChargeLine
from casedesk.policy.verdict import Verdict
from casedesk.store import drafts
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from casedesk.web import locale
from casedesk.web.deed import once

LATEST_END = timedelta(days=3 * 366)
"""A contract is not ended further ahead than this: the day is mistyped."""


@dataclass
class Desk:
    """What one request works on: the case, the charges it can pay on, the form, and what that comes to."""

    head: CaseSheet
    charges: list[ChargeLine]
    form: DecisionForm
    parts: dict[int, Part]
    sums: Sums
    lines: list[MoneyLine] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def ends(self) -> bool:
        return self.form.subscription_effect.data not in (None, "keep")

    @property
    def shown(self) -> str:
        """What the primary button names. Sent back with the form: who presses it has seen these figures."""
        chosen = "" if self.sums.chosen is None else str(self.sums.chosen)
        return f"{chosen} {self.form.method.data} {self.form.subscription_effect.data}"


@bp.get("/cases/<int:case_id>/decision")
@guard(Permission.SEE_CASES)
def decide(case_id: int) -> Response:
    session = db.session()
    head = _head(session, case_id)
    if head.case.status == "waiting-approval" and (waiting := waiting_decision(session, case_id)) is not None:
        return redirect(url_for("cases.decision", decision_id=waiting), 303)
    sent: MultiDict[str, Any] = MultiDict(head.draft.body) if head.draft else MultiDict()
    form = DecisionForm(formdata=sent if head.draft else None)
    charges = offered(session, head)
    if head.draft is None:
        _start(form, head, any(charge.refundable for charge in charges), asks_to_leave(session, case_id))
    elif head.draft:
        form.other.currency = head.case.currency
        form.other.validate(form)
        form.other.errors = ()
    return _page(_work_out(head, charges, form, sent))


@bp.post("/cases/<int:case_id>/decision")
@guard(Permission.DECIDE)
def propose(case_id: int) -> Response:
    session = db.session()
    head, form = _head(session, case_id), DecisionForm()
    charges = offered(session, head)
    form.other.currency = head.case.currency
    valid = form.validate_on_submit()
    if "way" not in request.form:
        form.way.data = None
    if "look" in request.form:
        for said in (form.reason_text, form.letter_text, form.way, form.subscription_effect):
            said.errors = ()
        form.form_errors = []
        return _page(_work_out(head, charges, form, request.form))
    lawful = request.form.get("by_rule")
    if lawful is not None:
        _take_the_rule(form, head)
    desk = _work_out(head, charges, form, request.form)
    seen = lawful == str(desk.sums.by_rule) if lawful is not None else _was_seen(desk)
    if _complete(desk) and valid:
        if seen:
            return _propose(desk)
        form.form_errors = [
            *form.form_errors,
            _("The figures follow your last choice only now. Check them, then confirm."),
        ]
    return _page(desk, 422)


def _propose(desk: Desk) -> Response:
    form, case_id = desk.form, desk.head.case.id
    said: list[str] = []

    def deed(session: Session) -> str:
        command = form.to_command(case_id, desk.lines)
        decision = deciding.propose_decision(session, command, actor=g.actor, now=g.now)
        drafts.drop(session, g.actor.id, place_of(case_id, "decision"))
        waits = decision.state == "proposed"
        said.append(
            _("Proposed; it waits for approval.")
            if waits
            else _("Decided; the letter and the payment follow.")
        )
        return url_for("cases.show", case_id=case_id)

    try:
        done = once(form, deed)
    except Conflict as conflict:
        return _conflicted(desk, conflict)
    except (InvalidInput, RuleBroken, NotAllowed) as refusal:
        return _refused(desk, refusal)
    for sentence in said:
        flash(sentence)
    return done


def _refused(desk: Desk, refusal: InvalidInput | RuleBroken | NotAllowed) -> Response:
    """What the rules refuse, said at its field. Where the verdict is another by now, the page shows the new one."""
    desk.form.refuse(refusal)
    case = desk.head.case
    if refusal.code in ("decision.reason", "decision.below_statute") and _judged_anew(case.id):
        head = _head(db.session(), case.id)
        desk.form.renew(head.case.version, last_seq(db.session(), case.id))
        desk.form.form_errors = [
            *desk.form.form_errors,
            _("The verdict was worked out anew and is another now. Look at the figures again."),
        ]
        desk = _work_out(head, desk.charges, desk.form, request.form)
    return _page(desk, 422)


def _judged_anew(case_id: int) -> bool:
    """Is the case's verdict another than the one that the page showed? Keeps it, so that the page can show it."""
    db.session.rollback()
    with transaction() as session:
        case = case_for(session, g.actor, case_id, lock=True)
        before = case.judgement_id
        return judge_case(session, case, actor=g.actor, now=g.now).judgement_id != before


def _conflicted(desk: Desk, conflict: Conflict) -> Response:
    """What a colleague did meanwhile, above what was typed; the same form, sent again, is then meant."""
    session = db.session()
    form, case_id = desk.form, desk.head.case.id
    missed = entries_after(session, case_id, form.seen_seq)
    head = _head(session, case_id)
    form.renew(head.case.version, missed[-1].seq if missed else form.seen_seq)
    form.refuse(conflict)
    anew = _work_out(head, offered(session, head), form, request.form)
    anew.missed = [missed_line(line) for line in missed]
    return _page(anew, 409)


def _head(session: Session, case_id: int) -> CaseSheet:
    return sheet(session, g.actor, case_id, place_of(case_id, "decision"), now=g.now)


def _due(head: CaseSheet) -> Owed:
    if head.case.verdict is None:
        return Owed("needs_review", None, False)
    return owed(Verdict.from_canonical(head.case.verdict.encode()))


def _work_out(head: CaseSheet, charges: list[ChargeLine], form: DecisionForm, sent: Any) -> Desk:
    """The figures of what is typed, and the money on each charge."""
    due, currency = _due(head), head.case.currency
    too_much = _("More than is left of this charge. Lower it.")
    parts = read_parts(sent, parts_of(charges), currency, too_much)
    by_rule, whole = by_rule_of(due), whole_of(head, charges)
    typed = [part.minor for part in parts.values() if part.minor is not None]
    chosen = {
        "rule": by_rule,
        "whole": whole,
        "each": sum(typed) if typed else None,
        "other": form.other.data,
        "refuse": 0,
    }.get(form.way.data or "")
    sums = Sums(currency, by_rule, whole, sum(charge.refundable for charge in charges), chosen, due)
    desk = Desk(head, charges, form, parts, sums)
    method = form.method.data or "refund"
    if form.way.data == "each":
        desk.lines = lines_of_parts(parts, method)
    else:
        desk.lines = shared_out(chosen or 0, charges, method)
    return desk


def _start(form: DecisionForm, head: CaseSheet, may_pay: bool, asked: bool) -> None:
    """What is usual: by rule where the verdict says; the contract ends where the customer asked for that."""
    due = _due(head)
    leaving = head.case.kind == "cancellation"
    if by_rule_of(due) is not None:
        form.way.data = "rule"
    else:
        form.way.data = "other" if may_pay and not leaving else "refuse"
    if (leaving or asked) and head.contract and not _is_over(head):
        form.subscription_effect.data = "end_now" if due.outcome == "allowed" else "end_at_period_end"


def _is_over(head: CaseSheet) -> bool:
    """Has the contract ended already?"""
    ends_on = head.contract.ends_on if head.contract else None
    return ends_on is not None and ends_on <= _today(head)


def _take_the_rule(form: DecisionForm, head: CaseSheet) -> None:
    """The lawful minimum: what the rule gives, and the way out where that is what the law gives."""
    form.way.data = "rule"
    due = _due(head)
    if due.leaving and due.outcome == "allowed" and form.subscription_effect.data == "keep":
        form.subscription_effect.data = "end_now"


def _was_seen(desk: Desk) -> bool:
    """Did the page show these figures when the button was pressed? True where the form does not say."""
    return request.form.get("shown", desk.shown) == desk.shown


def _complete(desk: Desk) -> bool:
    """Is an amount chosen that can be paid? Says at the field what is missing."""
    form, sums = desk.form, desk.sums
    told = len(form.faults)
    if form.way.data not in WAYS or form.subscription_effect.data not in EFFECTS:
        form.form_errors = [*form.form_errors, _("Choose an amount and what becomes of the contract.")]
        return False
    if form.way.data == "each" and any(part.refusal for part in desk.parts.values()):
        form.way.errors = [_("An amount on a charge cannot be booked. See below.")]
    elif sums.chosen is None:
        _ask_for_amount(form)
    elif sums.chosen > sums.left:
        text = _("Only %(left)s can be given back.", left=locale.money(sums.left, sums.currency))
        place = form.other if form.way.data == "other" else form.way
        place.errors = [*place.errors, text]
    if form.subscription_effect.data == "end_now" and form.effect_on.data and desk.head.contract:
        _check_end(form, desk.head.contract.started_on, _today(desk.head))
    return len(form.faults) == told


def _ask_for_amount(form: DecisionForm) -> None:
    if form.way.data == "rule":
        text = _("The verdict gives no amount yet. Choose another way, or set the missing fact first.")
        form.way.errors = [*form.way.errors, text]
    elif form.way.data == "each":
        form.way.errors = [*form.way.errors, _("Enter an amount on one charge at least.")]
    elif not form.other.errors:
        form.other.errors = [_("Enter the amount.")]


def _check_end(form: DecisionForm, started_on: date, today: date) -> None:
    ends_on = form.effect_on.data or today
    if ends_on < started_on:
        text = _("The contract began only on %(day)s. Choose a later day.", day=locale.day(started_on))
        form.effect_on.errors = [*form.effect_on.errors, text]
    elif ends_on > today + LATEST_END:
        form.effect_on.errors = [*form.effect_on.errors, _("This day is too far ahead. Check the year.")]


def _today(head: CaseSheet) -> date:
    """The day at the customer's place."""
    zone = head.customer.time_zone if head.customer else g.actor.time_zone
    return g.now.astimezone(ZoneInfo(zone)).date()


def _page(desk: Desk, status: int = 200) -> Response:
    session = db.session()
    head, form, sums = desk.head, desk.form, desk.sums
    case, closed = head.case, head.case.status == "closed"
    if not (form.is_submitted() and form.version.data):
        form.renew(case.version, last_seq(session, case.id))
    ceilings = Ceilings(g.actor.goodwill_ceiling_minor, g.actor.approval_ceiling_minor)
    reasons = approval_reasons(sums.due, sums.chosen or 0, ceilings)
    html = render_template(
        "cases/decide.html",
        sheet=head,
        case=case,
        closed=closed,
        name=head.name or _("Unknown customer"),
        form=form,
        sums=sums,
        parts=[(charge, desk.parts[charge.id]) for charge in desk.charges if charge.id in desk.parts],
        shown=desk.shown,
        verdict=view_of_stored(session, head),
        clock_face=clock_of(head),
        clocks=clocks_of(session, ("case", case.id), now=g.now),
        reasons=[words.said(words.APPROVAL, code) for code in reasons],
        approvers=_approvers(session, desk) if reasons else [],
        below=sums.chosen is not None and below_statute(sums.due, sums.chosen, ends_contract=desk.ends),
        in_force=_in_force(session, head),
        today=_today(head),
        missed=desk.missed,
        lines=desk.lines,
        charged={charge.id: charge for charge in desk.charges},
        command=form.to_command(case.id, desk.lines),
        draft_at=locale.hour(head.draft.saved_at) if head.draft and not form.is_submitted() else "",
        clock_name=clock_name,
        reason_choices=[(code, str(word)) for code, word in words.REASON.items()],
        words=words,
    )
    response = make_response(html)
    response.status_code = status
    return response


def _approvers(session: Session, desk: Desk) -> Sequence[Any]:
    case = desk.head.case
    return approvers(session, g.actor, desk.sums.chosen or 0, team_id=case.team_id, owner_id=case.owner_id)


def _in_force(session: Session, head: CaseSheet) -> Any:
    """The decision that a new one would replace."""
    if head.case.decided_at is None:
        return None
    return next((d for d in reversed(decisions(session, head.case.id)) if d.state == "effective"), None)
