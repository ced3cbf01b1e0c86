"""Add and change customers, their contact points and consents."""

from collections.abc import Callable

from flask import flash, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.customers import actions, queries
from casedesk.customers.commands import ChangeCustomer
from casedesk.customers.forms import ConsentForm, ContactForm, CustomerForm, NewCustomerForm, PlainForm
from casedesk.customers.routes import bp
from casedesk.customers.routes.seeing import page
from casedesk.kernel.errors import Conflict, InvalidInput, RuleBroken
from casedesk.store.db import db
from casedesk.web.deed import once
from casedesk.web.errors import status_of


@bp.get("/customers/new")
@guard(Permission.CHANGE_CUSTOMERS)
def new() -> ResponseReturnValue:
    return render_template("customers/edit.html", form=NewCustomerForm(formdata=None), customer=None)


@bp.post("/customers")
@guard(Permission.CHANGE_CUSTOMERS)
def add() -> ResponseReturnValue:
    form = NewCustomerForm()
    if not form.validate_on_submit():
        return render_template("customers/edit.html", form=form, customer=None), 422

    def deed(session: Session) -> str:
        customer = actions.add_customer(session, form.to_command(), actor=g.actor, now=g.now)
        return url_for(".show", customer_id=customer.id)

    try:
        response = once(form, deed)
    except InvalidInput as refused:
        form.refuse(refused)
        return render_template("customers/edit.html", form=form, customer=None), 422
    flash(_("%(name)s is added.", name=form.name.data))
    return response


@bp.get("/customers/<int:customer_id>/edit")
@guard(Permission.CHANGE_CUSTOMERS)
def edit(customer_id: int) -> ResponseReturnValue:
    view = queries.customer(db.session(), customer_id)
    return render_template(
        "customers/edit.html",
        form=CustomerForm(formdata=None, obj=view, kind_known=view.kind_known),
        customer=view,
    )


@bp.post("/customers/<int:customer_id>")
@guard(Permission.CHANGE_CUSTOMERS)
def change(customer_id: int) -> ResponseReturnValue:
    view = queries.customer(db.session(), customer_id)
    form = CustomerForm(kind_known=view.kind_known)
    if not form.validate_on_submit():
        return render_template("customers/edit.html", form=form, customer=view), 422

    def deed(session: Session) -> str:
        command = ChangeCustomer(customer_id, form.version.data or 0, form.to_data())
        actions.change_customer(session, command, actor=g.actor, now=g.now)
        return url_for(".show", customer_id=customer_id)

    try:
        response = once(form, deed)
    except (InvalidInput, RuleBroken, Conflict) as refused:
        form.refuse(refused)
        view = queries.customer(db.session(), customer_id)
        if isinstance(refused, Conflict):
            form.version.data = view.version  # what is stored now stands beside what was typed
        return render_template("customers/edit.html", form=form, customer=view), status_of(refused)
    flash(_("%(name)s is changed.", name=form.name.data))
    return response


@bp.post("/customers/<int:customer_id>/contacts")
@guard(Permission.CHANGE_CUSTOMERS)
def add_contact(customer_id: int) -> ResponseReturnValue:
    form = ContactForm()
    if not form.validate_on_submit():
        return page(customer_id, contact=form), 422

    def deed(session: Session) -> None:
        actions.add_contact(session, form.to_command(customer_id), actor=g.actor, now=g.now)

    try:
        response = once(form, _then_back(deed, customer_id))
    except (InvalidInput, RuleBroken) as refused:
        form.refuse(refused)
        return page(customer_id, contact=form), 422
    flash(_("The contact point is added."))
    return response


@bp.post("/customers/<int:customer_id>/contacts/<int:contact_id>/removal")
@guard(Permission.CHANGE_CUSTOMERS)
def remove_contact(customer_id: int, contact_id: int) -> ResponseReturnValue:
    def deed(session: Session) -> None:
        actions.remove_contact(session, customer_id, contact_id, actor=g.actor, now=g.now)

    response = once(PlainForm(), _then_back(deed, customer_id))
    flash(_("The contact point is removed."))
    return response


@bp.post("/customers/<int:customer_id>/consents")
@guard(Permission.CHANGE_CUSTOMERS)
def record_consent(customer_id: int) -> ResponseReturnValue:
    form = ConsentForm()
    if not form.validate_on_submit():
        return page(customer_id, consent=form), 422

    def deed(session: Session) -> None:
        actions.record_consent(session, form.to_command(customer_id), actor=g.actor, now=g.now)

    try:
        response = once(form, _then_back(deed, customer_id))
    except (InvalidInput, RuleBroken) as refused:
        form.refuse(refused)
        return page(customer_id, consent=form), 422
    flash(_("The consent is recorded."))
    return response


def _then_back(deed: Callable[[Session], None], customer_id: int) -> Callable[[Session], str]:
    def whole(session: Session) -> str:
        deed(session)
        return url_for(".show", customer_id=customer_id)

    return whole
