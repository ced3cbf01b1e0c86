"""Erase a customer's personal data: first the consequences, then the deed."""

from flask import flash, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.customers import actions, queries
from casedesk.customers.forms import EraseForm
from casedesk.customers.routes import bp
from casedesk.kernel.errors import RuleBroken
from casedesk.store.db import db
from casedesk.web.deed import once


@bp.get("/customers/<int:customer_id>/erasure")
@guard(Permission.ERASE)
def erasure(customer_id: int) -> ResponseReturnValue:
    return _page(customer_id, EraseForm(formdata=None))


@bp.post("/customers/<int:customer_id>/erasure")
@guard(Permission.ERASE)
def erase(customer_id: int) -> ResponseReturnValue:
    form = EraseForm()
    if not form.validate_on_submit():
        return _page(customer_id, form), 422

    def deed(session: Session) -> str:
        actions.erase(session, customer_id, actor=g.actor, now=g.now)
        return url_for(".show", customer_id=customer_id)

    try:
        response = once(form, deed)
    except RuleBroken as refused:
        form.refuse(refused)
        return _page(customer_id, form), 422
    flash(_("The customer is erased. The cases follow within a minute."))
    return response


def _page(customer_id: int, form: EraseForm) -> str:
    return render_template(
        "customers/erasure.html", customer=queries.customer(db.session(), customer_id), form=form
    )
