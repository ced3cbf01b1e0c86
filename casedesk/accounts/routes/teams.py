"""Teams: add, rename, retire."""

from flask import flash, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts import actions, queries
from casedesk.accounts.forms import TeamForm
from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.accounts.routes import bp
from casedesk.kernel.errors import InvalidInput, NotFound, RuleBroken
from casedesk.store.db import db
from casedesk.web.deed import once


@bp.get("/teams")
@guard(Permission.SEE_PEOPLE)
def teams() -> ResponseReturnValue:
    return _page(TeamForm(formdata=None))


@bp.post("/teams")
@guard(Permission.CHANGE_PEOPLE)
def add_team() -> ResponseReturnValue:
    form = TeamForm()
    if not form.validate_on_submit():
        return _page(form), 422

    def deed(session: Session) -> str:
        actions.add_team(session, form.name.data, actor=g.actor.ref, now=g.now)
        return url_for("accounts.teams")

    try:
        response = once(form, deed)
    except InvalidInput as refused:
        form.refuse(refused)
        return _page(form), 422
    flash(_("Team %(name)s is added.", name=form.name.data))
    return response


@bp.get("/teams/<int:team_id>")
@guard(Permission.CHANGE_PEOPLE)
def team(team_id: int) -> ResponseReturnValue:
    line = _line(team_id)
    return render_template("accounts/team.html", form=TeamForm(formdata=None, obj=line), team=line)


@bp.post("/teams/<int:team_id>")
@guard(Permission.CHANGE_PEOPLE)
def change_team(team_id: int) -> ResponseReturnValue:
    line, form = _line(team_id), TeamForm()
    if not form.validate_on_submit():
        return render_template("accounts/team.html", form=form, team=line), 422

    def deed(session: Session) -> str:
        actions.change_team(session, team_id, form.name.data, form.active.data, actor=g.actor.ref, now=g.now)
        return url_for("accounts.teams")

    try:
        response = once(form, deed)
    except (InvalidInput, RuleBroken) as refused:
        form.refuse(refused)
        return render_template("accounts/team.html", form=form, team=line), 422
    flash(_("Team %(name)s is changed.", name=form.name.data))
    return response


def _line(team_id: int) -> queries.TeamLine:
    found = next((team for team in queries.teams(db.session()) if team.id == team_id), None)
    if found is None:
        raise NotFound("not_found")
    return found


def _page(form: TeamForm) -> str:
    return render_template(
        "accounts/teams.html",
        form=form,
        teams=queries.teams(db.session()),
        may_change=g.actor.may(Permission.CHANGE_PEOPLE),
    )
