"""Make a link, mail it, revoke it. The address never enters a table: a stored mail holds a mark that only sending fills."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions import writing as cases
from casedesk.cases.models import Case
from casedesk.cases.queries.sight import case_for
from casedesk.channels.actions import NewMail, queue_mail
from casedesk.customers.models import Customer, Entity, Subscription
from casedesk.documents.tongue import Tongue, language
from casedesk.kernel.errors import NotFound, RuleBroken
from casedesk.mediation.models import Mediation, Party
from casedesk.portal import composing, tokens
from casedesk.portal.commands import Holder, NewLink
from casedesk.portal.models import LinkVisit, PartyLink
from casedesk.portal.queries.links import holder
from casedesk.portal.rules import LINK_LASTS
from casedesk.store import record
from casedesk.store.record import Line
from casedesk.store.transaction import notes

Mark = Callable[[PartyLink], str]


def make_case_link(
    session: Session, case_id: int, *, shown: bool, actor: Actor, mark: Mark, now: datetime
) -> PartyLink:
    """A link for the customer of the case: mailed, or shown once to the actor. Raises RuleBroken without an address."""
    case = case_for(session, actor, case_id, lock=True)
    link = new_link(session, NewLink("case", case.id, shown), actor=actor, now=now)
    if not shown:
        mail_link(session, link, mark=mark, now=now)
    params = {"link": link.id, "how": "shown" if shown else "mail"}
    cases.write_event(session, case, "link_made", params, actor=actor, now=now)
    return link


def new_link(session: Session, command: NewLink, *, actor: Actor, now: datetime) -> PartyLink:
    """A new link of the subject; the ones before it stay open until they end or are revoked."""
    customer_id, locale = _whose(session, command)
    link = PartyLink(
        subject_kind=command.subject_kind,
        subject_id=command.subject_id,
        customer_id=customer_id,
        locale=language(locale),
        nonce=tokens.new_nonce(),
        made_by=actor.id or None,
        made_at=now,
        expires_at=now + LINK_LASTS[command.subject_kind],
        shown_by=(actor.id or None) if command.shown else None,
    )
    session.add(link)
    session.flush()
    return link


def mail_link(session: Session, link: PartyLink, *, mark: Mark, now: datetime) -> None:
    """Mail the link to its party. Raises RuleBroken where no address is known."""
    to = holder(session, link)
    if to is None or not to.mail:
        raise RuleBroken("link.no_mail")
    tongue = Tongue(link.locale, to.time_zone)
    title, text = composing.link_mail(
        tongue,
        link.subject_kind,
        name=to.name,
        brand=to.brand,
        number=to.number,
        until=link.expires_at,
        page=mark(link),
    )
    queue_mail(
        session,
        NewMail(
            subject=to.subject,
            entry_id=None,
            key=f"party-link-{link.id}",
            sender=session.get_one(Entity, to.entity_id).sender_mail,
            recipient=to.mail,
            title=title,
            text=text,
        ),
        now=now,
    )
    link.mailed_at = now
    session.flush()


def revoke(session: Session, case_id: int, link_id: int, *, actor: Actor, now: datetime) -> None:
    """The link opens nothing any more. Revoked twice it is recorded once. Raises NotFound."""
    case = case_for(session, actor, case_id, lock=True)
    link = session.get(PartyLink, link_id, with_for_update=True)
    if link is None or (link.subject_kind, link.subject_id) != ("case", case.id):
        raise NotFound("not_found")
    if link.revoked_at is None:
        link.revoked_at, link.revoked_by = now, actor.id
        cases.write_event(session, case, "link_revoked", {"link": link.id}, actor=actor, now=now)
    session.flush()


def renew_mediation_link(
    session: Session, mediation_id: int, *, actor: Actor, mark: Mark, now: datetime
) -> PartyLink:
    """A fresh link for the customer's side of a mediation; those before it end. Raises RuleBroken without an address."""
    if session.scalar(select(Mediation.id).where(Mediation.id == mediation_id).with_for_update()) is None:
        raise NotFound("not_found")
    for old in session.scalars(
        select(PartyLink).where(
            PartyLink.subject_kind == "mediation",
            PartyLink.subject_id == mediation_id,
            PartyLink.revoked_at.is_(None),
        )
    ):
        old.revoked_at, old.revoked_by = now, actor.id or None
    link = new_link(session, NewLink("mediation", mediation_id), actor=actor, now=now)
    mail_link(session, link, mark=mark, now=now)
    line = Line("mediation.link", {"side": "customer", "link": link.id})
    record.append(session, ("mediation", mediation_id), line, actor=actor.ref, now=now)
    return link


def note_visit(link_id: int, now: datetime) -> None:
    """Somebody opened the page of this link."""
    with notes() as session:
        visit = session.get(LinkVisit, link_id)
        if visit is None:
            session.add(LinkVisit(link_id=link_id, first_at=now, last_at=now))
        else:
            visit.last_at = now


def from_where(party: Holder, *, origin: str, browser: str) -> Holder:
    return replace(party, origin=origin[:60], browser=browser[:200])


def _whose(session: Session, command: NewLink) -> tuple[int | None, str]:
    """(customer, language) of the subject. Raises NotFound."""
    if command.subject_kind == "case":
        case = session.get(Case, command.subject_id)
        if case is None:
            raise NotFound("not_found")
        customer = session.get(Customer, case.customer_id) if case.customer_id else None
        return case.customer_id, customer.locale if customer else session.get_one(
            Entity, case.entity_id
        ).locale
    if command.subject_kind == "mediation":
        row = session.execute(
            select(Mediation.customer_id, Party.locale)
            .join(Party, (Party.mediation_id == Mediation.id) & (Party.side == "customer"))
            .where(Mediation.id == command.subject_id)
        ).one_or_none()
        if row is None:
            raise NotFound("not_found")
        return row[0], row[1]
    subscription = session.get(Subscription, command.subject_id)
    if subscription is None:
        raise NotFound("not_found")
    return subscription.customer_id, session.get_one(Customer, subscription.customer_id).locale
