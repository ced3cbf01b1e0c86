"""What a customer does on the page of a case: write, answer what is asked, answer an offer, ask for the mediator.

Each is an inbound exchange of the channel `portal` by the actor 'customer by link', and is receipted.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor, not_a_person
from casedesk.cases.actions.exchanging import record_exchange
from casedesk.cases.actions.supplying import supply_fact
from casedesk.cases.commands import FactLine, RecordExchange, SupplyFact
from casedesk.cases.entries import ActLine
from casedesk.cases.models import Case
from casedesk.documents.tongue import Tongue
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound, RuleBroken
from casedesk.mediation.actions.asking import request_mediation
from casedesk.mediation.commands import RequestMediation
from casedesk.portal.actions import papers
from casedesk.portal.actions.carrying import BY_HAND, PAID, RELEASED, carry_out
from casedesk.portal.actions.linking import Mark, new_link
from casedesk.portal.commands import AnswerOffer, AskMediation, Holder, NewLink, Say, TellFact
from casedesk.portal.models import Offer, Paper, PartyLink
from casedesk.portal.rules import ANSWERABLE
from casedesk.store.models import Entry, EntryText

LONGEST = 20_000


def actor_of(party: Holder) -> Actor:
    """The customer by link, in their language and zone."""
    return replace(not_a_person("customer"), name=party.name, locale=party.locale, time_zone=party.time_zone)


def say(session: Session, party: Holder, command: Say, *, mark: Mark, now: datetime) -> Paper:
    """Record the customer's message with its files. Raises InvalidInput."""
    said = command.said or ", ".join(file.name for file in command.files)
    if len(said) > LONGEST:
        raise InvalidInput("link.too_long", field="said", most=LONGEST)
    exchange = RecordExchange(
        case_id=_case(party),
        channel="portal",
        inbound=True,
        said=said,
        counterpart=party.name,
        attachments=command.files,
    )
    entry = record_exchange(session, exchange, actor=actor_of(party), now=now)
    names = [file.name for file in command.files]
    return papers.receipt(
        session, party, "message", entry, said=command.said, files=names, mark=mark, now=now
    )


def tell_fact(session: Session, party: Holder, command: TellFact, *, mark: Mark, now: datetime) -> Paper:
    """Record the customer's answer in words, and supply the fact with that entry as its source. Raises InvalidInput."""
    if command.name not in ANSWERABLE:
        raise InvalidInput("fact.unknown", field="name")
    said = f"{command.question}\n{command.answer}"
    exchange = RecordExchange(_case(party), "portal", True, said, counterpart=party.name)
    entry = record_exchange(session, exchange, actor=actor_of(party), now=now)
    if command.state != "unknown":
        fact = FactLine(command.name, command.state, command.value, source=f"entry:{entry.id}")
        supply_fact(session, SupplyFact(_case(party), fact), actor=actor_of(party), now=now)
    return papers.receipt(session, party, "fact", entry, said=said, mark=mark, now=now)


def answer_offer(
    session: Session, party: Holder, command: AnswerOffer, *, mark: Mark, now: datetime
) -> Paper:
    """Accept or refuse the desk's offer, once. Raises Conflict where it was answered, withdrawn or is over."""
    _lock(session, party)
    offer = session.get(Offer, command.offer_id, with_for_update=True, populate_existing=True)
    if offer is None or offer.case_id != _case(party):
        raise NotFound("link.gone")
    if offer.state != "open" or offer.version != command.version:
        raise Conflict("offer.over")
    if now >= offer.expires_at:
        raise Conflict("offer.expired")
    if command.accept and not command.understood and _gives_up(offer):
        raise InvalidInput("offer.understood", field="understood")
    tongue = Tongue(party.locale, party.time_zone)
    sum_ = tongue.money(offer.amount_minor, offer.currency)
    said = (
        tongue.gettext("I accept the offer of %(sum)s.", sum=sum_)
        if command.accept
        else tongue.gettext("I refuse the offer of %(sum)s.", sum=sum_)
    )
    acts = (ActLine("acceptance", declared_at=now, sent_at=now, received_at=now),) if command.accept else ()
    exchange = RecordExchange(offer.case_id, "portal", True, said, counterpart=party.name, acts=acts)
    entry = record_exchange(session, exchange, actor=actor_of(party), now=now)
    offer.state = "accepted" if command.accept else "refused"
    offer.answered_at, offer.answer_entry_id = now, entry.id
    session.flush()
    rows = [(tongue.gettext("Offer"), sum_)]
    if command.accept:
        follows = carry_out(session, session.get_one(Case, offer.case_id), offer, now=now)
        rows.append((tongue.gettext("What happens now"), _what_follows(tongue, follows, party.company)))
    return papers.receipt(
        session, party, f"offer_{offer.state}", entry, said=said, rows=rows, mark=mark, now=now
    )


def ask_mediation(
    session: Session, party: Holder, command: AskMediation, *, mark: Mark, now: datetime
) -> tuple[Paper, PartyLink]:
    """Bring the case before the mediator. Answers the receipt and the link to the mediation's own page."""
    request = RequestMediation(
        case_id=_case(party),
        said=command.said,
        channel="portal",
        court_seized=command.court_seized,
        other_mediator=command.other_mediator,
        customer_name=party.name,
        customer_mail=party.mail,
    )
    file = request_mediation(session, request, actor=actor_of(party), now=now)
    session.flush()
    link = new_link(session, NewLink("mediation", file.id), actor=actor_of(party), now=now)
    entry = session.scalars(
        select(Entry)
        .where(
            Entry.subject_kind == "mediation",
            Entry.subject_id == file.id,
            Entry.kind == "mediation.requested",
        )
        .limit(1)
    ).one()
    there = replace(
        party,
        link_id=link.id,
        subject_kind="mediation",
        subject_id=file.id,
        number=file.number or str(file.id),
    )
    paper = papers.receipt(session, there, "mediation_asked", entry, said=command.said, mark=mark, now=now)
    return paper, link


def make_proof(session: Session, party: Holder, *, now: datetime) -> Paper:
    """The proof of the request that opened the case. Raises RuleBroken where the first message was erased."""
    _lock(session, party)
    entry = session.scalars(
        select(Entry)
        .where(Entry.subject_kind == "case", Entry.subject_id == _case(party), Entry.kind == "exchange")
        .order_by(Entry.seq)
        .limit(1)
    ).one_or_none()
    if entry is None:
        raise RuleBroken("link.no_proof")
    return papers.proof(session, party, entry, _said(session, entry), now=now)


def _said(session: Session, entry: Entry) -> str:
    if entry.body.get("channel") not in ("mail", "portal", "letter", "chat"):
        return ""
    text = session.get(EntryText, entry.id)
    return str(text.text.get("said", "")) if text else ""


def _what_follows(tongue: Tongue, follows: str, company: str) -> str:
    return {
        PAID: tongue.gettext(
            "%(company)s has ordered the payment, by the way you paid. The letter of the decision follows.",
            company=company,
        ),
        RELEASED: tongue.gettext(
            "A second person at %(company)s releases the payment, then you get the letter of the decision.",
            company=company,
        ),
        BY_HAND: tongue.gettext(
            "Somebody at %(company)s arranges the payment by hand and writes to you. Your acceptance is on record.",
            company=company,
        ),
    }[follows]


def _gives_up(offer: Offer) -> bool:
    return bool(offer.by_rule_minor and offer.by_rule_minor > offer.amount_minor)


def _case(party: Holder) -> int:
    if party.case_id is None:
        raise NotFound("link.gone")
    return party.case_id


def _lock(session: Session, party: Holder) -> None:
    session.execute(select(Case.id).where(Case.id == _case(party)).with_for_update())
