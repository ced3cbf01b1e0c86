"""Change a business or a plan, or retire it: contracts, cases and letters stay as they were."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import flash, g, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from wtforms import BooleanField, Field

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.customers import selling, selling_queries
from casedesk.customers.forms import countries
from casedesk.customers.routes import bp
from casedesk.customers.routes.selling import Rows, form_page
from casedesk.customers.selling_forms import ChangeBusinessForm, ChangePlanForm
from casedesk.customers.selling_queries import BusinessView, PlanView
from casedesk.kernel.errors import Conflict, InvalidInput, RuleBroken
from casedesk.store.db import db
from casedesk.web.deed import once
from casedesk.web.errors import status_of
from casedesk.web.fields import MoneyField
from casedesk.web.form import DeskForm
from casedesk.web.locale import reader_locale

Face = Callable[..., str]
"""The page of a form and of what is stored; `stale` where a colleague stored it after the form was opened."""


@bp.get("/businesses/<int:business_id>")
@guard(Permission.CHANGE_PLANS)
def business(business_id: int) -> ResponseReturnValue:
    view = selling_queries.business(db.session(), business_id)
    return _business_page(ChangeBusinessForm(formdata=None, obj=view), view)


@bp.post("/businesses/<int:business_id>")
@guard(Permission.CHANGE_PLANS)
def change_business(business_id: int) -> ResponseReturnValue:
    form = ChangeBusinessForm()

    def stored() -> BusinessView:
        return selling_queries.business(db.session(), business_id)

    def deed(session: Session) -> str:
        selling.change_business(session, form.to_change(business_id), actor=g.actor, now=g.now)
        return url_for(".plans")

    return _done(form, deed, stored, _business_page, _("The business is changed."))


@bp.get("/plans/<int:plan_id>/edit")
@guard(Permission.CHANGE_PLANS)
def edit_plan(plan_id: int) -> ResponseReturnValue:
    view = selling_queries.plan_view(db.session(), plan_id)
    return _plan_page(_plan_form(view, formdata=None, obj=view), view)


@bp.post("/plans/<int:plan_id>/edit")
@guard(Permission.CHANGE_PLANS)
def change_plan(plan_id: int) -> ResponseReturnValue:
    def stored() -> PlanView:
        return selling_queries.plan_view(db.session(), plan_id)

    form = _plan_form(stored())

    def deed(session: Session) -> str:
        selling.change_plan(session, form.to_change(plan_id), actor=g.actor, now=g.now)
        return url_for(".plan", plan_id=plan_id)

    return _done(form, deed, stored, _plan_page, _("The plan is changed."))


def _plan_form(view: PlanView, **given: Any) -> ChangePlanForm:
    form = ChangePlanForm(**given)
    form.price.currency = view.currency
    return form


def _business_page(form: ChangeBusinessForm, view: BusinessView, *, stale: bool = False) -> str:
    country = dict(countries(reader_locale())).get(view.country, view.country)
    fixed = (
        (_("Code"), view.code),
        (_("Country"), country),
        (_("Time zone"), view.time_zone),
        (_("Currency"), view.currency),
    )
    title, back = _("Change %(name)s", name=view.name), url_for(".plans")
    return form_page(form, title, back, fixed, _stored(form, view) if stale else ())


def _plan_page(form: ChangePlanForm, view: PlanView, *, stale: bool = False) -> str:
    contracts = ngettext("%(num)d contract", "%(num)d contracts", view.contracts)
    fixed = ((_("Code"), view.code), (_("On this plan"), contracts))
    title, back = _("Change %(name)s", name=view.name), url_for(".plan", plan_id=view.id)
    return form_page(form, title, back, fixed, _stored(form, view) if stale else ())


def _stored(form: DeskForm, view: BusinessView | PlanView) -> Rows:
    """What the form's fields would show of what is stored now."""
    now = type(form)(formdata=None, obj=view)
    for name, field in now._fields.items():
        if isinstance(field, MoneyField):
            field.currency = form._fields[name].currency
    return [(field.label.text, _said(field)) for field in now if field.name in asdict(view)][:-1]


def _said(field: Field) -> str:
    if isinstance(field, BooleanField):
        return _("yes") if field.data else _("no")
    return str(field._value() if hasattr(field, "_value") else field.data) or "–"


def _done(form: Any, deed: Callable[[Session], str], stored: Callable[[], Any], page: Face, said: str) -> Any:
    if not form.validate_on_submit():
        return page(form, stored()), 422
    try:
        response = once(form, deed)
    except (InvalidInput, RuleBroken, Conflict) as refused:
        form.refuse(refused)
        view, stale = stored(), isinstance(refused, Conflict)
        if stale:
            form.version.data = view.version  # who saves again has read what is told above the form
        return page(form, view, stale=stale), status_of(refused)
    flash(said)
    return response
