"""Rules of escalation: the list, one rule, a new one, the usual ones."""

from flask import flash, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases import words
from casedesk.cases.actions import ruling
from casedesk.cases.event_words import clock_name
from casedesk.cases.forms.escalating import RuleForm
from casedesk.cases.ladder_faces import rule_sentence
from casedesk.cases.queries.escalation import RuleLine, rules_of_escalation
from casedesk.cases.routes.blueprint import bp
from casedesk.cases.usual_rules import USUAL
from casedesk.deadlines.settings import STATUTORY
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound
from casedesk.store.db import db
from casedesk.web.deed import once
from casedesk.web.errors import status_of
from casedesk.web.fields import listed
from casedesk.web.form import DeskForm


@bp.get("/escalation-rules")
@guard(Permission.SEE_SERVICE)
def escalation_rules() -> ResponseReturnValue:
    lines = rules_of_escalation(db.session())
    return render_template(
        "cases/escalation/rules.html",
        lines=[
            (
                line,
                words.cause_label(line.name_en, line.name_fr),
                rule_sentence(line),
                words.said(words.STAGE, line.to_stage),
            )
            for line in lines
        ],
        may_change=g.actor.may(Permission.CHANGE_SERVICE),
    )


@bp.get("/escalation-rules/new")
@guard(Permission.CHANGE_SERVICE)
def new_escalation_rule() -> ResponseReturnValue:
    return _page(RuleForm(formdata=None), None)


@bp.post("/escalation-rules")
@guard(Permission.CHANGE_SERVICE)
def add_escalation_rule() -> ResponseReturnValue:
    return _save(RuleForm(), None)


@bp.post("/escalation-rules/usual")
@guard(Permission.CHANGE_SERVICE)
def add_usual_rules() -> ResponseReturnValue:
    def deed(session: Session) -> str:
        if not rules_of_escalation(session):
            for command in USUAL:
                ruling.set_rule(session, command, actor=g.actor.ref, now=g.now)
        return url_for("cases.escalation_rules")

    response = once(DeskForm(), deed)
    flash(_("The usual rules are set. Look at each and change what your house does differently."))
    return response


@bp.get("/escalation-rules/<int:rule_id>")
@guard(Permission.SEE_SERVICE)
def escalation_rule(rule_id: int) -> ResponseReturnValue:
    line = _line(rule_id)
    return _page(RuleForm(formdata=None, obj=line), line)


@bp.post("/escalation-rules/<int:rule_id>")
@guard(Permission.CHANGE_SERVICE)
def change_escalation_rule(rule_id: int) -> ResponseReturnValue:
    return _save(RuleForm(), _line(rule_id))


def _save(form: RuleForm, line: RuleLine | None) -> ResponseReturnValue:
    _offer(form)
    if not form.validate_on_submit():
        return _page(form, line), 422

    def deed(session: Session) -> str:
        command = form.to_command(line.id if line else None)
        ruling.set_rule(session, command, actor=g.actor.ref, now=g.now)
        return url_for("cases.escalation_rules")

    try:
        response = once(form, deed)
    except (InvalidInput, Conflict) as refusal:
        form.refuse(refusal)
        if isinstance(refusal, Conflict) and line is not None:
            line = _line(line.id)
            form.version.data = line.version
        return _page(form, line), status_of(refusal)
    flash(_("The rule is saved. It speaks of what happens from now on."))
    return response


def _line(rule_id: int) -> RuleLine:
    found = next((line for line in rules_of_escalation(db.session()) if line.id == rule_id), None)
    if found is None:
        raise NotFound("not_found")
    return found


def _offer(form: RuleForm) -> None:
    known = [(code, word) for code, word in words.CLOCK.items()]
    known.append((STATUTORY, clock_name(STATUTORY)))
    known.append(("statutory.evidence", _("Evidence to bank")))
    form.clock.choices = [form.clock.choices[0], *listed(known)]


def _page(form: RuleForm, line: RuleLine | None) -> str:
    _offer(form)
    return render_template(
        "cases/escalation/rule.html",
        form=form,
        line=line,
        name=words.cause_label(line.name_en, line.name_fr) if line else _("New rule"),
        sentence=rule_sentence(line) if line else "",
        may_change=g.actor.may(Permission.CHANGE_SERVICE),
    )
