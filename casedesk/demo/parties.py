"""Customers' pages of the demo: links to cases in different places, offers, messages by link; a mediator's sealed notes.

The addresses are printed by `casedesk demo`, for whoever wants to be the customer.
"""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.accounts.sign_ins import PERSON_COLUMNS
from casedesk.cases.models import Case
from casedesk.customers.models import Customer
from casedesk.kernel.errors import CasedeskError
from casedesk.mediation.models import Mediation
from casedesk.mediation.sealed import actions as sealed
from casedesk.mediation.sealed.commands import SealNote
from casedesk.mediation.sealed.queries import secrets_of
from casedesk.portal.actions import linking, offering, speaking
from casedesk.portal.commands import AnswerOffer, Holder, MakeOffer, NewLink, Say
from casedesk.portal.models import Offer, PartyLink
from casedesk.portal.queries.links import holder
from casedesk.portal.secret import address, mark

PASSPHRASE = "marmotte granite boussole septembre"  # noqa: S105 - printed for everyone who tries the desk
MEDIATORS = ("agnes@cimes.example", "aurelien@cimes.example")

NOTES = {
    "fr": (
        ("customer", "Accepterait les deux tiers si le paiement arrive avant Noël. Tient à ce que l’on reconnaisse l’absence d’information."),
        ("company", "Marge jusqu’aux trois quarts, pas de précédent souhaité pour les autres membres de la salle."),
    ),
    "en": (
        ("customer", "Would take two thirds if it is paid before Christmas. Wants it said that nobody told her."),
        ("company", "Could go to three quarters; fears a precedent for the other members of the hall."),
    ),
}  # fmt: skip

OFFERED = {
    "fr": "Nous regrettons les séances manquées. Cette proposition est un geste, sans condition.",
    "en": "We are sorry for the sessions that you missed. This offer comes without conditions.",
}
WROTE = {
    "fr": (
        "Bonjour, je n’ai toujours pas reçu la réponse promise. Pouvez-vous me dire où en est mon dossier ?",
        "Merci pour votre message. Ma carte a changé : le virement peut aller sur le même compte.",
        "J’ajoute que la salle était fermée les deux derniers mardis de septembre.",
    ),
    "en": (
        "Hello, I have not had the answer that I was promised. Where does my case stand?",
        "Thank you for your message. My card changed; the account stays the same.",
        "One more thing: the hall was closed on the last two Tuesdays of September.",
    ),
}  # fmt: skip


def play(session: Session, rng: random.Random, *, now: datetime) -> None:
    """Links, offers and messages on some thirty cases, notes in the files of two mediators."""
    agents = _agents(session)
    for status, count in (("open", 8), ("waiting-customer", 6), ("decided", 6)):
        for case in _cases(session, status, count, now):
            _write(session, case, agents, rng, now)
    for n, case in enumerate(_cases(session, "open", 12, now, kinds=("dispute", "refund"))[-6:]):
        _offer(session, case, agents, ("open", "open", "accepted", "refused", "open", "refused")[n], now)
    for mail in MEDIATORS:
        _seal(session, mail, now)
    session.flush()


def addresses(session: Session) -> list[tuple[str, str, str]]:
    """(number, who, address) of a few pages, one of each kind."""
    told, seen = [], set()
    offered = set(session.scalars(select(Offer.case_id).where(Offer.state == "open")))
    rows = session.scalars(
        select(PartyLink).where(PartyLink.revoked_at.is_(None)).order_by(PartyLink.id.desc())
    )
    for link in rows:
        case = session.get(Case, link.subject_id) if link.subject_kind == "case" else None
        what = link.subject_kind
        if case is not None:
            what = "offer" if case.id in offered else case.status
        party = holder(session, link)
        if party is None or (what, link.locale) in seen:
            continue
        seen.add((what, link.locale))
        told.append((party.number, f"{party.name}, {what}", address(link)))
    return sorted(told, key=lambda one: one[1])[:14]


def _agents(session: Session) -> list[Actor]:
    rows = session.execute(
        select(*PERSON_COLUMNS).where(Person.role == "manager", Person.active).order_by(Person.id)
    )
    return [Actor(*tuple(row)) for row in rows]


def _cases(
    session: Session,
    status: str,
    count: int,
    now: datetime,
    kinds: tuple[str, ...] = ("refund", "cancellation", "dispute"),
) -> list[Case]:
    return list(
        session.scalars(
            select(Case)
            .join(Customer, Customer.id == Case.customer_id)
            .where(
                Case.status == status,
                Case.kind.in_(kinds),
                Case.merged_into_id.is_(None),
                Customer.erased_at.is_(None),
            )
            .where(
                Case.stage != "mediation", Case.imported.is_(False), Case.opened_at < now - timedelta(days=1)
            )
            .order_by(Case.opened_at.desc(), Case.id)
            .limit(count)
        )
    )


def _held(session: Session, link: PartyLink, rng_no: int) -> Holder | None:
    party = holder(session, link)
    return replace(party, origin=f"198.51.100.{rng_no % 250 + 1}", browser="Firefox") if party else None


def _write(session: Session, case: Case, agents: list[Actor], rng: random.Random, now: datetime) -> None:
    """A link was mailed; one in two customers wrote by it."""
    actor = agents[case.id % len(agents)]
    sent = now - timedelta(hours=rng.randrange(20, 90))
    link = linking.new_link(session, NewLink("case", case.id), actor=actor, now=sent)
    link.mailed_at = sent
    party = _held(session, link, case.id)
    if party is None or case.id % 2 or case.status == "decided":
        return
    said = WROTE[link.locale][case.id % 3]
    at = now - timedelta(minutes=rng.randrange(30, 900))
    speaking.say(session, party, Say(said), mark=mark, now=at)


def _offer(session: Session, case: Case, agents: list[Actor], then: str, now: datetime) -> None:
    actor = replace(agents[case.id % len(agents)], goodwill_ceiling_minor=100_000)
    at = (now - timedelta(days=1)).replace(hour=8 + case.id % 7, minute=case.id * 7 % 60)
    customer = session.get(Customer, case.customer_id)
    words = OFFERED["fr" if customer and customer.locale.startswith("fr") else "en"]
    least = (case.verdict_minor or 0) if case.verdict_outcome == "allowed" else 0
    asked = case.claimed_minor or 9_000
    minor = max(least, asked * 3 // 5 // 50 * 50)  # in halves, as people offer
    until = (now + timedelta(days=6)).date()
    try:
        offer = offering.make_offer(
            session, MakeOffer(case.id, case.version, minor, words, until), actor=actor, mark=mark, now=at
        )
    except CasedeskError:  # this one waits for an approval, or lacks an address
        return
    link = session.scalars(
        select(PartyLink).where(PartyLink.subject_id == case.id).order_by(PartyLink.id.desc()).limit(1)
    ).one()
    party = _held(session, link, case.id)
    if then != "open" and party is not None:
        answer = AnswerOffer(offer.id, offer.version, then == "accepted", understood=True)
        speaking.answer_offer(session, party, answer, mark=mark, now=at + timedelta(hours=9))


def _seal(session: Session, mail: str, now: datetime) -> None:
    """The mediator's key, and notes in the files that run."""
    row = session.execute(select(*PERSON_COLUMNS).where(Person.mail == mail)).one_or_none()
    if row is None:
        return
    actor = Actor(*tuple(row))
    sealed.set_up(session, PASSPHRASE, actor=actor, now=now - timedelta(days=300))
    keys = secrets_of(session, actor.id)
    if keys is None:
        return
    opened = sealed.open_by_passphrase(keys, PASSPHRASE)
    files = session.scalars(
        select(Mediation)
        .where(Mediation.mediator_id == actor.id, Mediation.state.in_(("exchange", "proposal", "agreed")))
        .order_by(Mediation.id)
    ).all()
    for n, file in enumerate(files):
        for k, (side, said) in enumerate(NOTES[actor.locale]):
            at = (now - timedelta(days=3 + n - k)).replace(hour=9 + 6 * (1 - k), minute=30 - 15 * k)
            sealed.seal(session, SealNote(file.id, said, side), opened, actor=actor, now=at)
