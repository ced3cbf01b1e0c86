"""The ladder's doors on a case: raise it, take it up, bring it down, say what a message means; its clocks with their working."""

from collections.abc import Callable
from typing import Any

from flask import flash, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases import handover, words
from casedesk.cases.actions import escalating, evidence, weighing
from casedesk.cases.commands import TakeUp
from casedesk.cases.forms.escalating import ComeDownForm, EscalateForm, EvidenceForm, WordsForm
from casedesk.cases.forms.writing import OnCase
from casedesk.cases.ladder import rung
from casedesk.cases.ladder_faces import clock_part, rise_face
from casedesk.cases.queries.escalation import rises_of
from casedesk.cases.queries.people import receivers
from casedesk.cases.queries.sheet import CaseSheet, sheet
from casedesk.cases.queries.sight import case_for
from casedesk.cases.routes.blueprint import bp
from casedesk.cases.rules import FREE_STAGES, STAGES, may_change_stage, may_take_up
from casedesk.deadlines.queries import workings_of
from casedesk.kernel.errors import CasedeskError, Conflict, InvalidInput, NotAllowed, RuleBroken
from casedesk.store.db import db
from casedesk.web.deed import once
from casedesk.web.errors import status_of
from casedesk.web.fields import listed
from casedesk.web.form import DeskForm


@bp.get("/cases/<int:case_id>/escalation")
@guard(Permission.WORK_CASE)
def escalation(case_id: int) -> Response:
    return _page(case_id)


@bp.post("/cases/<int:case_id>/escalations")
@guard(Permission.WORK_CASE)
def escalate(case_id: int) -> Response:
    form, head = EscalateForm(), _head(case_id)
    _offer(form, head)
    return _attempt(
        case_id,
        form,
        lambda session: escalating.escalate(session, form.to_command(case_id), actor=g.actor, now=g.now),
        _("The case is raised; whoever is to take it up is told."),
        raising=form,
    )


@bp.post("/cases/<int:case_id>/escalations/<int:escalation_id>/acknowledgement")
@guard(Permission.WORK_CASE)
def take_up(case_id: int, escalation_id: int) -> Response:
    form = DeskForm()
    command = TakeUp(case_id, escalation_id)
    return _attempt(
        case_id,
        form,
        lambda session: escalating.acknowledge(session, command, actor=g.actor, now=g.now),
        _("You have taken the case up."),
    )


@bp.post("/cases/<int:case_id>/descent")
@guard(Permission.WORK_CASE)
def come_down(case_id: int) -> Response:
    form, head = ComeDownForm(), _head(case_id)
    _offer_down(form, head)
    return _attempt(
        case_id,
        form,
        lambda session: escalating.come_down(session, form.to_command(case_id), actor=g.actor, now=g.now),
        _("The case is brought down."),
        lowering=form,
    )


@bp.post("/cases/<int:case_id>/words")
@guard(Permission.WORK_CASE)
def answer_words(case_id: int) -> Response:
    form = WordsForm()
    return _attempt(
        case_id,
        form,
        lambda session: weighing.answer_words(session, form.to_command(case_id), actor=g.actor, now=g.now),
        _("Noted."),
        back="cases.show",
    )


@bp.get("/cases/<int:case_id>/clocks")
@guard(Permission.SEE_CASES)
def clocks(case_id: int) -> Response:
    return _clocks_page(case_id, EvidenceForm(formdata=None))


@bp.post("/cases/<int:case_id>/evidence-date")
@guard(Permission.WORK_CASE)
def give_evidence_date(case_id: int) -> Response:
    form = EvidenceForm()
    case_for(db.session(), g.actor, case_id)
    if form.validate_on_submit():
        try:
            done = once(form, lambda session: _given(session, form, case_id))
        except (InvalidInput, RuleBroken, Conflict) as refusal:
            form.refuse(refusal)
            return _clocks_page(case_id, form, status_of(refusal))
        flash(_("The date is noted and its clock runs."))
        return done
    return _clocks_page(case_id, form, 422)


def _given(session: Session, form: EvidenceForm, case_id: int) -> str:
    evidence.give_evidence_date(session, form.to_command(case_id), actor=g.actor, now=g.now)
    return url_for("cases.clocks", case_id=case_id)


def _attempt(
    case_id: int,
    form: DeskForm,
    act: Callable[[Session], Any],
    said: str,
    *,
    raising: EscalateForm | None = None,
    lowering: ComeDownForm | None = None,
    back: str = "cases.escalation",
) -> Response:
    """Do the deed and say so; a refusal comes back to the page of the ladder with what was typed."""
    case = case_for(db.session(), g.actor, case_id)

    def deed(session: Session) -> str:
        act(session)
        return url_for(back, case_id=case_id)

    refused: CasedeskError | None = None
    if form.validate_on_submit():
        try:
            done = once(form, deed)
        except (Conflict, InvalidInput, RuleBroken, NotAllowed) as refusal:
            form.refuse(refusal)
            refused = refusal
        else:
            flash(said)
            return done
    elif isinstance(form, OnCase) and form.case_version not in (None, case.version):
        # What was chosen is no longer on offer since somebody was first: that is what has to be said.
        refused = Conflict("case.changed", case_id=case_id, seen=form.case_version, now=case.version)
        form.refuse(refused)
    return _page(case_id, raising, lowering, form, status_of(refused) if refused else 422)


def _page(
    case_id: int,
    raising: EscalateForm | None = None,
    lowering: ComeDownForm | None = None,
    sent: DeskForm | None = None,
    status: int = 200,
) -> Response:
    session, head = db.session(), _head(case_id)
    rises = [rise_face(rise) for rise in rises_of(session, case_id)]
    current = next((one for one in rises if one.rise.id == head.case.escalation_id), None)
    raising, lowering = raising or EscalateForm(formdata=None), lowering or ComeDownForm(formdata=None)
    _offer(raising, head)
    _offer_down(lowering, head)
    for form in (raising, lowering):
        _renew(form, head, sent)
    if not raising.is_submitted() or raising is not sent:
        raising.summary.data = raising.summary.data or handover.drafted(session, case_id, now=g.now)
    html = render_template(
        "cases/escalation/show.html",
        case=head.case,
        name=head.name or _("Unknown customer"),
        stage=words.said(words.STAGE, head.case.stage),
        stages=[(code, words.said(words.STAGE, code)) for code in STAGES],
        at=rung(head.case.stage),
        current=current,
        rises=rises,
        raising=raising if raising.to_stage.choices and head.case.status != "closed" else None,
        lowering=lowering if lowering.to_stage.choices and head.case.status != "closed" else None,
        sent=sent,
        may_take_up=bool(
            current
            and current.rise.state == "open"
            and may_take_up(g.actor.role, g.actor.is_lead, current.rise.to_stage)
        ),
    )
    response = make_response(html)
    response.status_code = status
    return response


def _renew(form: OnCase, head: CaseSheet, sent: DeskForm | None) -> None:
    """The form speaks of the case as it stands now: after a conflict it is what one then looks at."""
    if form is not sent or not form.version.data or form.form_errors:
        form.renew(head.case.version, 0)


def _head(case_id: int) -> CaseSheet:
    return sheet(db.session(), g.actor, case_id, now=g.now)


def _offer(form: EscalateForm, head: CaseSheet) -> None:
    """The stages above that the actor may raise to, and who is there at each."""
    now_at = head.case.stage
    above = [
        code
        for code in STAGES
        if rung(code) > rung(now_at)
        and code not in FREE_STAGES
        and may_change_stage(g.actor.role, now_at, code)
    ]
    form.to_stage.choices = listed([(code, words.STAGE[code]) for code in above])
    people = [
        (
            str(one.id),
            _("%(name)s, %(stage)s", name=one.name, stage=words.said(words.STAGE, code).lower())
            + (_(" (away)") if one.away else ""),
        )
        for code in above
        if code in ("team-lead", "manager")
        for one in receivers(db.session(), code, now=g.now)
        if one.id != g.actor.id
    ]
    form.to_person_id.choices = [form.to_person_id.choices[0], *listed(people)]


def _offer_down(form: ComeDownForm, head: CaseSheet) -> None:
    now_at = head.case.stage
    below = [
        code
        for code in STAGES
        if rung(code) < rung(now_at)
        and now_at not in FREE_STAGES
        and may_change_stage(g.actor.role, now_at, code)
    ]
    form.to_stage.choices = listed([(code, words.STAGE[code]) for code in reversed(below)])


def _clocks_page(case_id: int, form: EvidenceForm, status: int = 200) -> Response:
    session, head = db.session(), _head(case_id)
    if not form.version.data or form.form_errors:
        form.renew(head.case.version, 0)
    parts = [clock_part(working, g.now) for working in workings_of(session, ("case", case_id), now=g.now)]
    html = render_template(
        "cases/escalation/clocks.html",
        case=head.case,
        name=head.name or _("Unknown customer"),
        parts=parts,
        form=form,
        asks=bool(request.args.get("evidence")) or form.is_submitted() or head.case.kind == "chargeback",
    )
    response = make_response(html)
    response.status_code = status
    return response
