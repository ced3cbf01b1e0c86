"""Enter a charge of a contract by hand."""

from flask import Blueprint, flash, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.customers import queries as customers
from casedesk.kernel.errors import Conflict, InvalidInput, RuleBroken
from casedesk.ledger.entering import enter_charge
from casedesk.ledger.forms import ChargeForm
from casedesk.store.db import db
from casedesk.web.deed import once
from casedesk.web.errors import status_of

bp = Blueprint("ledger", __name__)


@bp.get("/subscriptions/<int:subscription_id>/charges/new")
@guard(Permission.RECORD_CHARGES)
def new(subscription_id: int) -> ResponseReturnValue:
    contract = customers.subscription(db.session(), subscription_id)
    return _page(ChargeForm(contract.currency, formdata=None), contract)


@bp.post("/subscriptions/<int:subscription_id>/charges/new")
@guard(Permission.RECORD_CHARGES)
def enter(subscription_id: int) -> ResponseReturnValue:
    contract = customers.subscription(db.session(), subscription_id)
    form = ChargeForm(contract.currency)
    if not form.validate_on_submit():
        return _page(form, contract), 422

    def deed(session: Session) -> str:
        enter_charge(session, form.to_command(subscription_id), actor=g.actor, now=g.now)
        return url_for("customers.subscription", subscription_id=subscription_id)

    try:
        response = once(form, deed)
    except (InvalidInput, RuleBroken, Conflict) as refused:
        form.refuse(refused)
        return _page(form, contract), status_of(refused)
    flash(_("The charge is entered; live cases are judged anew within a minute."))
    return response


def _page(form: ChargeForm, contract: customers.SubscriptionView) -> str:
    return render_template("ledger/charge.html", form=form, contract=contract)
