"""Absences with their substitutes, and notices that were seen on Home."""

from flask import flash, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts import queries as accounts
from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases.actions import absences as absent
from casedesk.cases.actions import telling
from casedesk.cases.forms.escalating import AbsenceForm, CallOffForm, SeenForm
from casedesk.cases.line_faces import list_face
from casedesk.cases.queries.handed import open_of
from casedesk.cases.queries.people import absences as lasting
from casedesk.cases.routes.blueprint import bp
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, RuleBroken
from casedesk.store.db import db
from casedesk.web.deed import once
from casedesk.web.errors import status_of
from casedesk.web.fields import listed


@bp.get("/absences")
@guard(Permission.WORK_CASE)
def absences() -> ResponseReturnValue:
    form = AbsenceForm(formdata=None)
    form.person_id.data = str(g.actor.id)
    return _page(form)


@bp.post("/absences")
@guard(Permission.WORK_CASE)
def set_absence() -> ResponseReturnValue:
    form = AbsenceForm()
    _offer(form)
    if not form.validate_on_submit():
        return _page(form), 422

    def deed(session: Session) -> str:
        absent.set_absence(session, form.to_command(), actor=g.actor, now=g.now)
        return url_for("cases.absences")

    try:
        response = once(form, deed)
    except (InvalidInput, RuleBroken, NotAllowed) as refusal:
        form.refuse(refusal)
        return _page(form), status_of(refusal)
    flash(_("The absence is set. What falls due meanwhile is handed over when it begins."))
    return response


@bp.post("/absences/<int:absence_id>/calling-off")
@guard(Permission.WORK_CASE)
def call_off(absence_id: int) -> ResponseReturnValue:
    form = CallOffForm()

    def deed(session: Session) -> str:
        absent.call_off(session, absence_id, form.version.data or 0, actor=g.actor, now=g.now)
        return url_for("cases.absences")

    try:
        response = once(form, deed)
    except Conflict as refusal:
        kept = AbsenceForm(formdata=None)
        kept.person_id.data = str(g.actor.id)
        kept.refuse(refusal)
        return _page(kept), 409
    flash(_("The absence is called off; what was handed over is back."))
    return response


@bp.post("/notices/seen")
@guard(Permission.SEE_HOME)
def see_notices() -> ResponseReturnValue:
    form = SeenForm()

    def deed(session: Session) -> str:
        wanted = [form.notice.data] if form.notice.data else None
        telling.see(session, g.actor.id, wanted, now=g.now)
        return url_for("accounts.home")

    return once(form, deed)


def _offer(form: AbsenceForm) -> None:
    """Oneself, or for a manager everybody who works; substitutes are all who work."""
    people = [
        (str(p.id), p.name)
        for p in accounts.people_by_id(db.session()).values()
        if p.active and p.role in ("agent", "manager")
    ]
    people.sort(key=lambda one: one[1])
    own = people if g.actor.may(Permission.APPROVE) else [one for one in people if one[0] == str(g.actor.id)]
    form.person_id.choices = listed(own)
    form.substitute_id.choices = [form.substitute_id.choices[0], *listed(people)]


def _page(form: AbsenceForm) -> str:
    session = db.session()
    _offer(form)
    lines = lasting(session, now=g.now)
    if not g.actor.may(Permission.APPROVE):
        lines = [one for one in lines if g.actor.id in (one.person_id, one.substitute_id)]
    return render_template(
        "cases/escalation/absences.html",
        form=form,
        lines=lines,
        mine=list_face(open_of(session, g.actor), g.now, "/cases?view=mine"),
        may_all=g.actor.may(Permission.APPROVE),
    )
