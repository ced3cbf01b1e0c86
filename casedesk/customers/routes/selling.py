"""Add a business, a plan, a version of terms; add a contract that the customer has and the desk does not know yet."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.customers import actions, queries, selling, selling_queries
from casedesk.customers.routes import bp
from casedesk.customers.selling_forms import BusinessForm, PlanForm, SubscriptionForm, TermsForm
from casedesk.kernel.errors import InvalidInput, RuleBroken
from casedesk.store.db import db
from casedesk.web.deed import once
from casedesk.web.form import DeskForm

Rows = Sequence[tuple[Any, str]]
"""Labels with their values, in words."""

OPTIONAL = {
    *(
        "legal_name",
        "mediator",
        "mediator_website",
        "mediator_address",
        "mediator_takes_part",
        "mediator_wait",
    ),
    *("refund_window_days", "commitment_until", "billing_day"),
    *("reference", "source", "medium", "campaign"),
}

HELP: dict[str, Any] = {
    "code": _l("For imports and exports; it never changes."),
    "mediator_takes_part": _l("Letters that refuse say so beside the name of the body."),
    "mediator_wait": _l("The rules read it; empty: not known."),
    "legal_name": _l("As it stands on letters; empty: the name."),
    "refund_window_days": _l("Beyond what the law gives; empty: none."),
    "interval_months": _l("0 where it is bought once."),
    "price": _l("For new contracts; those that run keep theirs."),
    "active": _l(
        "Without the tick nothing new begins with it; contracts, cases and letters stay as they are."
    ),
    "reference": _l("The number it has in your other systems; empty: one of the desk."),
    "billing_day": _l("Day of the month; empty: the day of the start."),
}


@bp.get("/businesses/new")
@guard(Permission.CHANGE_PLANS)
def new_business() -> ResponseReturnValue:
    return form_page(BusinessForm(formdata=None), _("Add a business"), url_for(".plans"))


@bp.post("/businesses/new")
@guard(Permission.CHANGE_PLANS)
def add_business() -> ResponseReturnValue:
    form = BusinessForm()

    def deed(session: Session) -> str:
        selling.add_business(session, form.to_command(), actor=g.actor, now=g.now)
        return url_for(".plans")

    return _done(form, deed, _("Add a business"), url_for(".plans"), _("The business is added."))


@bp.get("/plans/new")
@guard(Permission.CHANGE_PLANS)
def new_plan() -> ResponseReturnValue:
    return form_page(_plan_form(empty=True), _("Add a plan"), url_for(".plans"))


@bp.post("/plans/new")
@guard(Permission.CHANGE_PLANS)
def add_plan() -> ResponseReturnValue:
    form = _plan_form()

    def deed(session: Session) -> str:
        plan = selling.add_plan(session, form.to_command(), actor=g.actor, now=g.now)
        return url_for(".plan", plan_id=plan.id)

    return _done(form, deed, _("Add a plan"), url_for(".plans"), _("The plan is added."))


@bp.get("/terms/new")
@guard(Permission.CHANGE_PLANS)
def new_terms() -> ResponseReturnValue:
    return form_page(_terms_form(empty=True), _("Publish terms"), url_for(".plans"))


@bp.post("/terms/new")
@guard(Permission.CHANGE_PLANS)
def add_terms() -> ResponseReturnValue:
    form = _terms_form()

    def deed(session: Session) -> str:
        terms = selling.publish_terms(session, form.to_command(), actor=g.actor, now=g.now)
        return url_for(".terms", terms_id=terms.id)

    return _done(form, deed, _("Publish terms"), url_for(".plans"), _("The terms are published."))


@bp.get("/customers/<int:customer_id>/subscriptions/new")
@guard(Permission.CHANGE_CUSTOMERS)
def new_subscription(customer_id: int) -> ResponseReturnValue:
    view = queries.customer(db.session(), customer_id)
    title = _("Add a contract of %(name)s", name=view.name)
    return form_page(_subscription_form(empty=True), title, url_for(".show", customer_id=customer_id))


@bp.post("/customers/<int:customer_id>/subscriptions/new")
@guard(Permission.CHANGE_CUSTOMERS)
def add_subscription(customer_id: int) -> ResponseReturnValue:
    view, form = queries.customer(db.session(), customer_id), _subscription_form()

    def deed(session: Session) -> str:
        made = actions.add_subscription(session, form.to_command(customer_id), actor=g.actor, now=g.now)
        return url_for(".subscription", subscription_id=made.id)

    title, back = _("Add a contract of %(name)s", name=view.name), url_for(".show", customer_id=customer_id)
    return _done(form, deed, title, back, _("The contract is added."))


def _plan_form(*, empty: bool = False) -> PlanForm:
    return PlanForm(selling_queries.businesses(db.session()), **_formdata(empty=empty))


def _terms_form(*, empty: bool = False) -> TermsForm:
    return TermsForm(selling_queries.businesses(db.session()), **_formdata(empty=empty))


def _subscription_form(*, empty: bool = False) -> SubscriptionForm:
    return SubscriptionForm(selling_queries.offer(db.session()), **_formdata(empty=empty))


def _formdata(*, empty: bool) -> dict[str, Any]:
    return {"formdata": None} if empty else {}


def _done(
    form: DeskForm, deed: Callable[[Session], str], title: str, back: str, said: str
) -> ResponseReturnValue:
    if not form.validate_on_submit():
        return form_page(form, title, back), 422
    try:
        response = once(form, deed)
    except (InvalidInput, RuleBroken) as refused:
        form.refuse(refused)
        return form_page(form, title, back), 422
    flash(said)
    return response


def form_page(form: DeskForm, title: str, back: str, fixed: Rows = (), stored: Rows = ()) -> str:
    """The form of something that is sold; `fixed` is what of it cannot change, `stored` what a colleague saved meanwhile."""
    fields = [field for field in form if field.type not in ("HiddenField", "CSRFTokenField", "IdField")]
    return render_template(
        "customers/selling.html",
        form=form,
        fields=fields,
        title=title,
        back=back,
        fixed=fixed,
        stored=stored,
        optional=OPTIONAL,
        help=HELP,
        needs_business=_nothing_to_choose(form),
    )


def _nothing_to_choose(form: DeskForm) -> bool:
    """Is there no business, plan or version of terms yet that the form could be about?"""
    for name in ("entity_id", "plan_id", "terms_id"):
        field = form._fields.get(name)
        if field is not None and not any(value for value, *_rest in field.iter_choices()):
            return True
    return False
