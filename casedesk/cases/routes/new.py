"""New case: who, what, how it came; the verdict moves beside the form while one types. Works without JavaScript:
Find, the hits, Update the verdict and Clear are buttons of the same form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases import words
from casedesk.cases.actions import judging, opening
from casedesk.cases.commands import FactLine
from casedesk.cases.facts import ActFact, SuppliedLine
from casedesk.cases.forms.logging import NewCaseForm, moment_or, read_facts
from casedesk.cases.queries.causes import causes
from casedesk.cases.queries.file import Subjects
from casedesk.cases.queries.logging import currency_for, entity_id_for, open_cases_of
from casedesk.cases.routes.blueprint import bp
from casedesk.cases.routes.verdict import view_of
from casedesk.cases.routes.writing import keep_uploads, read_uploads
from casedesk.customers import queries as customers
from casedesk.customers.fact_fields import fact_field
from casedesk.customers.queries import ContractLine
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBroken
from casedesk.ledger.queries import charges_of_customer
from casedesk.rulebook.view import VerdictView
from casedesk.store import drafts
from casedesk.store.db import db
from casedesk.web import locale
from casedesk.web.deed import once
from casedesk.web.fields import listed

PLACE = "case-new"

USUAL_ACT = {"refund": "refund_request", "cancellation": "termination"}
"""What a first message legally is where nobody says otherwise: as `opening` records it."""


@dataclass(frozen=True)
class Disputable:
    """What the picked customer can dispute."""

    contracts: Sequence[ContractLine]
    charges: list[Any]

    def charge_of(self, charge_id: int | None, subscription_id: int | None) -> Any:
        """The charge that is meant: the one picked, else the newest of the contract."""
        picked = [c for c in self.charges if c.id == charge_id]
        if picked and picked[0].subscription_id in (None, subscription_id):
            return picked[0]
        return next((c for c in self.charges if c.subscription_id == subscription_id), None)


@dataclass(frozen=True)
class Picked(Disputable):
    """The customer that the form is about, with what can be disputed and what looks alike."""

    customer: Any
    alike: list[Any]


@bp.get("/cases/new")
@guard(Permission.LOG_CASE)
def new() -> Response:
    session = db.session()
    draft = None if request.args else drafts.load(session, g.actor.id, PLACE)
    form = NewCaseForm(formdata=MultiDict(draft.body) if draft else None)
    for name in ("customer_id", "subscription_id", "charge_id"):
        given = request.args.get(name.removesuffix("_id"), "")
        if given.isascii() and given.isdecimal() and len(given) < 19:
            form[name].data = int(given)
    if request.args.get("who"):
        form.who.data = request.args["who"][:200]
    sent = MultiDict(draft.body) if draft else MultiDict()
    saved_at = locale.hour(draft.saved_at) if draft else ""
    return _page(form, sent, saved_at=saved_at, ask_for_all=draft is None)


@bp.post("/cases/new")
@guard(Permission.LOG_CASE)
def create() -> Response:
    form = NewCaseForm()
    session = db.session()
    if "discard" in request.form:
        drafts.discard(g.actor.id, PLACE)
        flash(_("Draft discarded."))
        return redirect(url_for("cases.queue"), 303)
    if "clear" in request.form:
        form.customer_id.data = form.subscription_id.data = form.charge_id.data = None
        return _page(form, request.form)
    if "pick" in request.form:
        _pick(form, request.form["pick"])
        return _page(form, request.form, ask_for_all=True)
    if request.form.keys() & {"find", "judge"} or "never" in request.args:
        return _page(form, request.form)
    return _log(session, form)


def _log(session: Session, form: NewCaseForm) -> Response:
    _offer(session, form, _disputable(session, form))
    facts, _typed, told = read_facts(request.form, currency=form.claimed.currency, zone=g.actor.time_zone)
    found, refused = read_uploads()
    told += refused
    decide = request.form.get("then") == "decide"

    def deed(session: Session) -> str:
        files = keep_uploads(session, found, form.grade.data)
        case_id = opening.open_case(session, form.to_command(facts, files), actor=g.actor, now=g.now)
        drafts.drop(session, g.actor.id, PLACE)
        return url_for("cases.decide" if decide else "cases.show", case_id=case_id)

    if form.validate_on_submit() and not told:
        try:
            done = once(form, deed)
        except (InvalidInput, RuleBroken, NotAllowed, Conflict) as refusal:
            form.refuse(refusal)
        except NotFound:
            form.form_errors = [
                *form.form_errors,
                _("The customer, contract or charge is gone. Find it again."),
            ]
        else:
            flash(_("Case logged."))
            return done
    for name, sentence in told:
        if name in form:
            form[name].errors = [*form[name].errors, sentence]
        else:
            form.form_errors = [*form.form_errors, sentence]
    return _page(form, request.form, status=422)


@bp.get("/cases/new/lookup")
@guard(Permission.LOG_CASE)
def lookup() -> str:
    """The customers that what is typed in 'Who' may mean: a piece of the page."""
    who = request.args.get("who", "")[:200]
    return render_template("cases/_hits.html", hits=customers.find(db.session(), who, 6), who=who)


@bp.post("/cases/new/verdict")
@guard(Permission.LOG_CASE)
def verdict() -> str:
    """The verdict on what is typed so far: a piece of the page. Nothing is stored."""
    session = db.session()
    form = NewCaseForm()
    picked = _picked(session, form)
    _offer(session, form, picked)
    form.validate()
    return render_template("cases/_new_verdict.html", **_judged(session, form, picked, request.form))


def _page(
    form: NewCaseForm,
    sent: MultiDict[str, str],
    *,
    status: int = 200,
    saved_at: str = "",
    ask_for_all: bool = False,
) -> Response:
    session = db.session()
    picked = _picked(session, form)
    _offer(session, form, picked)
    charge = picked.charge_of(form.charge_id.data, form.subscription_id.data) if picked else None
    if ask_for_all and charge is not None and not getattr(form.claimed, "typed", ""):
        form.claimed.data = charge.amount_minor
    hits = customers.find(session, form.who.data or "", 6) if picked is None and form.who.data else None
    html = render_template(
        "cases/new.html",
        form=form,
        picked=picked,
        hits=hits,
        who=form.who.data or "",
        alike=_alike(picked, form),
        saved_at=saved_at,
        kinds=[(code, str(word)) for code, word in words.KIND.items()],
        channels=[
            (code, str(words.CHANNEL_NAME[code]))
            for code in ("phone", "mail", "letter", "chat", "portal", "meeting")
        ],
        customer_kind=words.said(words.CUSTOMER_KIND, picked.customer.kind) if picked else "",
        words=words,
        upload_limit=current_app.extensions["settings"].max_upload_mb,
        **_judged(session, form, picked, sent),
    )
    response = make_response(html)
    response.status_code = status
    return response


def _picked(session: Session, form: NewCaseForm) -> Picked | None:
    """The picked customer; None where none is picked, or it is gone."""
    if form.customer_id.data is None:
        return None
    try:
        customer = customers.customer(session, form.customer_id.data)
    except NotFound:
        form.customer_id.data = None
        return None
    charges = charges_of_customer(session, customer.id)
    return Picked(customer.contracts, charges, customer, open_cases_of(session, g.actor, customer.id))


def _disputable(session: Session, form: NewCaseForm) -> Disputable | None:
    """What a form that is only stored needs of the picked customer; where it finds nothing, is there such a customer?"""
    customer_id = form.customer_id.data
    if customer_id is None:
        return None
    contracts = customers.contracts(session, customer_id)
    charges = charges_of_customer(session, customer_id)
    return Disputable(contracts, charges) if contracts or charges else _picked(session, form)


def _offer(session: Session, form: NewCaseForm, picked: Disputable | None) -> None:
    """Causes in force, and the contract, charge, amount and currency that follow from what is picked."""
    known = [
        (c.code, words.cause_label(c.label_en, c.label_fr)) for c in causes(session) if c.valid_to is None
    ]
    form.cause.choices = [form.cause.choices[0], *listed(known)]
    if picked is not None:
        _complete(form, picked)
    form.claimed.currency = _currency(session, form, picked)


def _complete(form: NewCaseForm, picked: Disputable) -> None:
    """With one contract there is nothing to choose; the charge in dispute is the newest of the contract."""
    contracts = picked.contracts
    if form.subscription_id.data not in [c.id for c in contracts]:
        form.subscription_id.data = contracts[0].id if contracts else None
    charge = picked.charge_of(form.charge_id.data, form.subscription_id.data)
    form.charge_id.data = charge.id if charge else None


def _currency(session: Session, form: NewCaseForm, picked: Disputable | None) -> str:
    contract = (
        next((c for c in picked.contracts if c.id == form.subscription_id.data), None) if picked else None
    )
    if contract is not None:
        return str(contract.currency)
    return currency_for(session, entity_id_for(session, None))


def _pick(form: NewCaseForm, text: str) -> None:
    """``customer:contract:charge`` of a hit, where contract and charge may be empty."""
    parts = [int(p) if p.isascii() and p.isdecimal() and len(p) < 19 else None for p in text.split(":")]
    form.customer_id.data, form.subscription_id.data, form.charge_id.data = (*parts, None, None, None)[:3]


def _alike(picked: Picked | None, form: NewCaseForm) -> Any:
    """The open case that looks most alike: on the same contract, else any."""
    if picked is None or not picked.alike:
        return None
    same = [line for line in picked.alike if line.subscription_id == form.subscription_id.data]
    return (same or picked.alike)[0]


def _judged(
    session: Session, form: NewCaseForm, picked: Picked | None, sent: MultiDict[str, str]
) -> dict[str, Any]:
    """The verdict panel: what the rules say of the form as it stands, and what they still ask."""
    facts, typed, _told = read_facts(sent, currency=form.claimed.currency, zone=g.actor.time_zone)
    return {"verdict": preview(session, form, picked, facts), "typed": typed, "fact_field": fact_field}


def preview(
    session: Session, form: NewCaseForm, picked: Picked | None, facts: list[FactLine]
) -> VerdictView | None:
    """The verdict on the typed case; None where there is no contract to judge yet."""
    entity_id = entity_id_for(session, form.subscription_id.data)
    if picked is None or entity_id is None or form.subscription_id.data is None:
        return None
    at = moment_or(form, g.now)
    kind = form.kind.data if form.kind.data in words.KIND else "refund"
    subjects = Subjects(
        kind=kind,
        asked_at=at,
        entity_id=entity_id,
        customer_id=picked.customer.id,
        subscription_id=form.subscription_id.data,
        charge_id=form.charge_id.data,
        claimed_minor=form.claimed.data,
        cause_code=form.cause.data or None,
        acts=(ActFact(USUAL_ACT[kind], at, at, None),) if kind in USUAL_ACT else (),
        supplied=tuple(SuppliedLine(f.name, f.state, f.value, f.source) for f in facts),
    )
    return view_of(session, judging.preview(session, subjects, now=g.now), now=g.now)
