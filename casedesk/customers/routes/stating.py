"""Plans and terms, and what is stated of them and of a contract: facts that the rules read."""

from typing import Any

from flask import flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.customers import selling_queries, stated_queries
from casedesk.customers.fact_fields import fact_field
from casedesk.customers.fact_values import typed_parts, typed_value
from casedesk.customers.fact_words import state_said
from casedesk.customers.forms import StatedForm, countries
from casedesk.customers.routes import bp
from casedesk.customers.routes.contracts import contract_page
from casedesk.customers.stated_queries import StatedPage
from casedesk.customers.stating import state_fact
from casedesk.kernel.errors import InvalidInput
from casedesk.policy.facts import vocabulary
from casedesk.store.db import db
from casedesk.web.deed import once
from casedesk.web.locale import reader_locale


@bp.get("/plans")
@guard(Permission.SEE_CUSTOMERS)
def plans() -> ResponseReturnValue:
    return render_template(
        "customers/plans.html",
        plans=stated_queries.plans(db.session()),
        businesses=selling_queries.business_lines(db.session()),
        countries=dict(countries(reader_locale())),
        kind_said=_kind_said,
        may_change=g.actor.may(Permission.CHANGE_PLANS),
    )


@bp.get("/plans/<int:plan_id>")
@guard(Permission.SEE_CUSTOMERS)
def plan(plan_id: int) -> ResponseReturnValue:
    return _page(stated_queries.plan_page(db.session(), plan_id), _asked())


@bp.get("/terms/<int:terms_id>")
@guard(Permission.SEE_CUSTOMERS)
def terms(terms_id: int) -> ResponseReturnValue:
    return _page(stated_queries.terms_page(db.session(), terms_id), _asked())


@bp.post("/plans/<int:plan_id>/facts")
@guard(Permission.CHANGE_PLANS)
def state_of_plan(plan_id: int) -> ResponseReturnValue:
    page = stated_queries.plan_page(db.session(), plan_id)
    form = StatedForm()
    done = _state(form, "plan", plan_id, page.currency, url_for(".plan", plan_id=plan_id))
    return done if done is not None else (_page(page, form), 422)


@bp.post("/terms/<int:terms_id>/facts")
@guard(Permission.CHANGE_PLANS)
def state_of_terms(terms_id: int) -> ResponseReturnValue:
    page = stated_queries.terms_page(db.session(), terms_id)
    form = StatedForm()
    done = _state(form, "terms", terms_id, page.currency, url_for(".terms", terms_id=terms_id))
    return done if done is not None else (_page(page, form), 422)


@bp.post("/subscriptions/<int:subscription_id>/facts")
@guard(Permission.CHANGE_CUSTOMERS)
def state_of_contract(subscription_id: int) -> ResponseReturnValue:
    form = StatedForm()
    currency = stated_queries.currency_of(db.session(), subscription_id)
    back = url_for(".subscription", subscription_id=subscription_id)
    done = _state(form, "subscription", subscription_id, currency, back)
    return done if done is not None else (contract_page(subscription_id, stated=form), 422)


def _kind_said(code: str) -> str:
    return state_said("contract_kind", "known" if code else "unknown", code)


def _asked() -> StatedForm | None:
    """The form for the fact that the address names, empty."""
    name = request.args.get("fact", "")[:80]
    return StatedForm(formdata=None, name=name) if name in vocabulary() else None


def _page(page: StatedPage, form: StatedForm | None) -> str:
    return render_template(
        "customers/stated.html",
        page=page,
        url=f"/plans/{page.id}" if page.kind == "plan" else f"/terms/{page.id}",
        form=form,
        may_change=g.actor.may(Permission.CHANGE_PLANS),
        fact_field=fact_field,
        state_said=state_said,
        typed=request.form,
    )


def _state(
    form: StatedForm, kind: str, subject_id: int, currency: str, back: str
) -> ResponseReturnValue | None:
    """The answer to a fact that was stated; None where it was refused, with the form saying why."""
    valid = form.validate_on_submit()
    value = _value(form, currency)
    if not valid or form.value.errors:
        return None

    def deed(session: Session) -> str:
        state_fact(session, form.to_command(kind, subject_id, value), actor=g.actor, now=g.now)
        return back

    try:
        response = once(form, deed)
    except InvalidInput as refused:
        form.refuse(refused)
        return None
    flash(_("The fact is stated; live cases are judged anew within a minute."))
    return response


def _value(form: StatedForm, currency: str) -> Any:
    """What was typed, as files write it; an error stands at the field."""
    name = form.name.data or ""
    if form.state.data != "known" or name not in vocabulary():
        return None
    try:
        if vocabulary()[name].fields:
            return typed_parts(name, request.form, "value", currency=currency, zone=g.actor.time_zone)
        return typed_value(name, form.value.data or "", currency=currency, zone=g.actor.time_zone)
    except ValueError as refused:
        form.value.errors = [*form.value.errors, str(refused)]
        return None
