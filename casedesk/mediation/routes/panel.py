"""The panel of mediators, and files that wait for one: for those who keep it, who see nothing of what files are about."""

from flask import flash, g, make_response, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases import words as case_words
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, RuleBroken
from casedesk.mediation import words
from casedesk.mediation.actions import appointing
from casedesk.mediation.forms.asking import AssignForm, MediatorForm
from casedesk.mediation.queries.panel import PanelLine, panel, unassigned, weighed_for
from casedesk.mediation.routes.blueprint import bp
from casedesk.store.db import db
from casedesk.web.deed import once


@bp.get("/mediation/panel")
@guard(Permission.ADMINISTER_PANEL)
def mediators() -> Response:
    return _page(200)


@bp.post("/mediation/panel/<int:person_id>")
@guard(Permission.ADMINISTER_PANEL)
def change(person_id: int) -> Response:
    form = MediatorForm()
    if not form.validate():
        return _page(422, wrong=person_id, form=form)

    def deed(session: Session) -> str:
        appointing.change_mediator(session, form.to_command(person_id), actor=g.actor, now=g.now)
        return url_for(".mediators")

    try:
        done = once(form, deed)
    except (InvalidInput, RuleBroken, NotAllowed) as refusal:
        form.refuse(refusal)
        return _page(422, wrong=person_id, form=form)
    except Conflict as conflict:
        form.refuse(conflict)
        return _page(409, wrong=person_id, form=form)
    flash(_("The panel is changed."))
    return done


@bp.post("/mediation/<int:mediation_id>/appointment")
@guard(Permission.ADMINISTER_PANEL)
def assign(mediation_id: int) -> Response:
    form = AssignForm()
    ranked = weighed_for(db.session(), g.actor, mediation_id, now=g.now)
    form.mediator_id.choices = [("", ""), *((str(w.candidate.person_id), w.candidate.name) for w in ranked)]
    if not form.validate() or not form.mediator_id.data:
        form.form_errors = [*form.form_errors, _("Choose a mediator of the panel.")]
        return _page(422, file=mediation_id, assigning=form)

    def deed(session: Session) -> str:
        appointing.appoint(session, form.to_command(mediation_id), actor=g.actor, now=g.now)
        return url_for(".mediators")

    try:
        done = once(form, deed)
    except (InvalidInput, RuleBroken, NotAllowed) as refusal:
        form.refuse(refusal)
        return _page(422, file=mediation_id, assigning=form)
    except Conflict as conflict:
        form.refuse(conflict)
        return _page(409, file=mediation_id, assigning=form)
    flash(_("Appointed; the mediator is told."))
    return done


def _page(
    status: int,
    *,
    wrong: int | None = None,
    form: MediatorForm | None = None,
    file: int | None = None,
    assigning: AssignForm | None = None,
) -> Response:
    session = db.session()
    lines = panel(session)
    files = unassigned(session)
    ranked = {
        one.mediation_id: weighed_for(session, g.actor, one.mediation_id, now=g.now) for one in files[:12]
    }
    html = render_template(
        "mediation/panel.html",
        lines=lines,
        forms={line.person_id: _form_of(line) for line in lines},
        wrong=wrong,
        wrong_form=form,
        files=files,
        ranked=ranked,
        file=file,
        assigning=assigning,
        fresh=lambda: AssignForm(formdata=None),
        words=words,
        kind=case_words.KIND,
    )
    response = make_response(html)
    response.status_code = status
    return response


def _form_of(line: PanelLine) -> MediatorForm:
    form = MediatorForm(formdata=None)
    form.version.data = str(line.version)
    form.fields_.data, form.locales.data = list(line.fields), list(line.locales)
    form.capacity.data, form.available.data = line.capacity, line.available
    form.away_until.data = line.away_until
    return form
