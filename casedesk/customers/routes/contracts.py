"""The page of a contract, and recording what was disclosed."""

from flask import flash, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.customers import actions, queries, wording
from casedesk.customers.forms import DisclosureForm
from casedesk.customers.routes import bp
from casedesk.kernel.errors import InvalidInput, RuleBroken
from casedesk.store.db import db
from casedesk.web.deed import once


@bp.get("/subscriptions/<int:subscription_id>")
@guard(Permission.SEE_CUSTOMERS)
def subscription(subscription_id: int) -> ResponseReturnValue:
    return _page(subscription_id, DisclosureForm(formdata=None))


@bp.post("/subscriptions/<int:subscription_id>/disclosures")
@guard(Permission.CHANGE_CUSTOMERS)
def record_disclosure(subscription_id: int) -> ResponseReturnValue:
    form = DisclosureForm()
    if not form.validate_on_submit():
        return _page(subscription_id, form), 422

    def deed(session: Session) -> str:
        actions.record_disclosure(session, form.to_command(subscription_id), actor=g.actor, now=g.now)
        return url_for(".subscription", subscription_id=subscription_id)

    try:
        response = once(form, deed)
    except (InvalidInput, RuleBroken) as refused:
        form.refuse(refused)
        return _page(subscription_id, form), 422
    flash(_("The disclosure is recorded."))
    return response


def _page(subscription_id: int, form: DisclosureForm) -> str:
    return render_template(
        "customers/subscription.html",
        contract=queries.subscription(db.session(), subscription_id),
        form=form,
        may_change=g.actor.may(Permission.CHANGE_CUSTOMERS),
        words=wording,
    )
