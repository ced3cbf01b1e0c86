"""The page of a contract, and recording what was disclosed."""

from flask import flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.customers import actions, queries, stated_queries, wording
from casedesk.customers.fact_fields import fact_field
from casedesk.customers.fact_words import state_said
from casedesk.customers.forms import DisclosureForm, StatedForm
from casedesk.customers.routes import bp
from casedesk.kernel.errors import InvalidInput, RuleBroken
from casedesk.policy.facts import vocabulary
from casedesk.store.db import db
from casedesk.web.deed import once


@bp.get("/subscriptions/<int:subscription_id>")
@guard(Permission.SEE_CUSTOMERS)
def subscription(subscription_id: int) -> ResponseReturnValue:
    name = request.args.get("fact", "")[:80]
    stated = StatedForm(formdata=None, name=name) if name in vocabulary() else None
    return contract_page(subscription_id, stated=stated)


@bp.post("/subscriptions/<int:subscription_id>/disclosures")
@guard(Permission.CHANGE_CUSTOMERS)
def record_disclosure(subscription_id: int) -> ResponseReturnValue:
    form = DisclosureForm()
    if not form.validate_on_submit():
        return contract_page(subscription_id, form), 422

    def deed(session: Session) -> str:
        actions.record_disclosure(session, form.to_command(subscription_id), actor=g.actor, now=g.now)
        return url_for(".subscription", subscription_id=subscription_id)

    try:
        response = once(form, deed)
    except (InvalidInput, RuleBroken) as refused:
        form.refuse(refused)
        return contract_page(subscription_id, form), 422
    flash(_("The disclosure is recorded."))
    return response


def contract_page(
    subscription_id: int, form: DisclosureForm | None = None, *, stated: StatedForm | None = None
) -> str:
    """The page of a contract, with the forms that are open or came back refused."""
    session = db.session()
    return render_template(
        "customers/subscription.html",
        contract=queries.subscription(session, subscription_id),
        lines=stated_queries.stated(session, "subscription", subscription_id),
        form=form or DisclosureForm(formdata=None),
        stated_form=stated,
        may_change=g.actor.may(Permission.CHANGE_CUSTOMERS),
        words=wording,
        fact_field=fact_field,
        state_said=state_said,
        typed=request.form,
    )
