"""Find a customer, and the page of one."""

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.customers import queries, wording
from casedesk.customers.forms import ConsentForm, ContactForm, countries
from casedesk.customers.routes import bp
from casedesk.store.db import db
from casedesk.web.form import DeskForm, tidy
from casedesk.web.locale import reader_locale

SHOWN = 25


@bp.get("/customers")
@guard(Permission.SEE_CUSTOMERS)
def find() -> ResponseReturnValue:
    text = tidy(request.args.get("q", ""))
    hits = queries.find(db.session(), text, SHOWN) if text else []
    return render_template("customers/find.html", text=text, hits=hits, words=wording)


@bp.get("/customers/<int:customer_id>")
@guard(Permission.SEE_CUSTOMERS)
def show(customer_id: int) -> ResponseReturnValue:
    return page(customer_id)


def page(customer_id: int, *, contact: DeskForm | None = None, consent: DeskForm | None = None) -> str:
    """The page of a customer, with the forms that came back refused."""
    customer = queries.customer(db.session(), customer_id)
    return render_template(
        "customers/show.html",
        customer=customer,
        country=dict(countries(reader_locale())).get(customer.country, customer.country),
        contact=contact or ContactForm(formdata=None),
        consent=consent or ConsentForm(formdata=None),
        may_change=g.actor.may(Permission.CHANGE_CUSTOMERS) and customer.erased_at is None,
        may_erase=g.actor.may(Permission.ERASE) and customer.erased_at is None,
        may_log=g.actor.may(Permission.LOG_CASE) and customer.erased_at is None,
        words=wording,
    )
