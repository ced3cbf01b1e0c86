"""The list of refunds to pay, and what the accountant says of them."""

from dataclasses import dataclass

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.kernel.errors import NotFound
from casedesk.refunds import actions, queries
from casedesk.refunds.forms import ConfirmForm
from casedesk.refunds.rules import VIEWS
from casedesk.store.db import db
from casedesk.web.deed import once
from casedesk.web.form import DeskForm

bp = Blueprint("refunds", __name__)


@dataclass(frozen=True)
class ViewTab:
    label: str
    url: str
    current: bool
    count: int
    late: bool = False


@bp.get("/refunds")
@guard(Permission.PAY_REFUNDS)
def index() -> str:
    view = request.args.get("view", "to_pay")
    if view not in VIEWS:
        raise NotFound("not_found")
    return _page(view, request.args.get("after", ""))


@bp.post("/refunds/<int:intent_id>/confirmation")
@guard(Permission.PAY_REFUNDS)
def confirm(intent_id: int) -> Response | tuple[str, int]:
    if queries.refund(db.session(), g.actor, intent_id) is None:
        raise NotFound("not_found")
    form = ConfirmForm()
    if not form.validate_on_submit():
        return _page("to_pay", "", intent_id, form), 422

    def deed(session: Session) -> str:
        actions.confirm_by_hand(session, intent_id, form.reference.data or "", actor=g.actor, now=g.now)
        return url_for(".index")

    return once(form, deed)


@bp.post("/refunds/<int:intent_id>/attempts")
@guard(Permission.PAY_REFUNDS)
def try_again(intent_id: int) -> Response | tuple[str, int]:
    form = DeskForm()
    if not form.validate_on_submit():
        return _page("to_pay", ""), 422

    def deed(session: Session) -> str:
        actions.try_again(session, intent_id, actor=g.actor, now=g.now)
        return url_for(".index")

    return once(form, deed)


def _page(view: str, after: str, wrong_id: int | None = None, wrong: ConfirmForm | None = None) -> str:
    shown = queries.page(db.session(), g.actor, view, after)
    labels = {"to_pay": _("To pay"), "on_its_way": _("On their way"), "paid": _("Paid")}
    tabs = [
        ViewTab(label, url_for(".index", view=name), name == view, shown.counts[name])
        for name, label in labels.items()
    ]
    return render_template(
        "refunds/index.html",
        page=shown,
        tabs=tabs,
        forms={line.id: ConfirmForm(formdata=None) for line in shown.lines},
        wrong_id=wrong_id,
        wrong=wrong,
        next_url=url_for(".index", view=view, after=shown.next) if shown.next else None,
    )
