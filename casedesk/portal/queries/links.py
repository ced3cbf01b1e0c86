"""Links: who holds one, and those of a case for the desk."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session, aliased

from casedesk.accounts.models import Person
from casedesk.cases.models import Case
from casedesk.customers.models import ContactPoint, Customer, Entity, Subscription
from casedesk.mediation.models import Mediation, Party
from casedesk.portal import tokens
from casedesk.portal.commands import Holder
from casedesk.portal.models import LinkVisit, PartyLink
from casedesk.portal.rules import is_open


@dataclass(frozen=True)
class LinkLine:
    """A link as the desk sees it: never its address."""

    id: int
    made_at: datetime
    made_by: str | None
    expires_at: datetime
    mailed_at: datetime | None
    shown_by: str | None
    revoked_at: datetime | None
    first_at: datetime | None
    last_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        return is_open(expires_at=self.expires_at, revoked_at=self.revoked_at, now=now)


def holder_of(session: Session, token: str, secret: str, *, now: datetime) -> Holder | None:
    """Who holds the link of `token`; None for one that is forged, ended, revoked or of somebody who was erased."""
    link_id = tokens.link_id_of(token)
    link = session.get(PartyLink, link_id) if link_id is not None else None
    if link is None or not tokens.is_genuine(token, link.id, link.nonce, secret):
        return None
    if not is_open(expires_at=link.expires_at, revoked_at=link.revoked_at, now=now):
        return None
    return holder(session, link)


def holder(session: Session, link: PartyLink) -> Holder | None:
    """The party of a link, read anew; None where the person was erased."""
    find = {"case": _of_case, "mediation": _of_mediation, "subscription": _of_subscription}
    return find[link.subject_kind](session, link)


def _of_case(session: Session, link: PartyLink) -> Holder | None:
    row = session.execute(
        select(Case, Entity, Customer, _mail(link.customer_id))
        .join(Entity, Entity.id == Case.entity_id)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .where(Case.id == link.subject_id)
    ).one_or_none()
    if row is None or row[0].customer_id != link.customer_id or _erased(row[2]):
        return None
    case, entity, customer, mail = row
    claimed = case.claimed_contact or ""
    return _made(
        link, entity, customer,
        case_id=case.id,
        number=case.number or str(case.id),
        name=customer.name if customer else case.claimed_name or "",
        mail=mail or (claimed if "@" in claimed else ""),
    )  # fmt: skip


def _of_mediation(session: Session, link: PartyLink) -> Holder | None:
    row = session.execute(
        select(Mediation, Entity, Customer, Party)
        .join(Entity, Entity.id == Mediation.entity_id)
        .join(Party, (Party.mediation_id == Mediation.id) & (Party.side == "customer"))
        .outerjoin(Customer, Customer.id == Mediation.customer_id)
        .where(Mediation.id == link.subject_id)
    ).one_or_none()
    if row is None or _erased(row[2]):
        return None
    file, entity, customer, party = row
    return _made(
        link, entity, customer,
        case_id=file.case_id,
        number=file.number or str(file.id),
        name=party.representative or party.name,
        mail=party.representative_mail or party.mail,
    )  # fmt: skip


def _of_subscription(session: Session, link: PartyLink) -> Holder | None:
    row = session.execute(
        select(Subscription, Entity, Customer)
        .join(Entity, Entity.id == Subscription.entity_id)
        .join(Customer, Customer.id == Subscription.customer_id)
        .where(Subscription.id == link.subject_id)
    ).one_or_none()
    if row is None or row[0].customer_id != link.customer_id or _erased(row[2]):
        return None
    subscription, entity, customer = row
    return _made(
        link, entity, customer,
        case_id=None,
        number=subscription.reference,
        name=customer.name,
        mail=mail_of(session, customer.id),
    )  # fmt: skip


def _erased(customer: Customer | None) -> bool:
    return customer is not None and customer.erased_at is not None


def _made(
    link: PartyLink,
    entity: Entity,
    customer: Customer | None,
    *,
    case_id: int | None,
    number: str,
    name: str,
    mail: str,
) -> Holder:
    return Holder(
        link_id=link.id,
        subject_kind=link.subject_kind,
        subject_id=link.subject_id,
        case_id=case_id,
        customer_id=link.customer_id,
        name=name,
        mail=mail,
        locale=link.locale,
        time_zone=customer.time_zone if customer else entity.time_zone,
        entity_id=entity.id,
        brand=entity.name,
        company=entity.legal_name.split(",")[0],
        number=number,
    )


def mail_of(session: Session, customer_id: int | None) -> str:
    """The customer's mail address; empty where none is known."""
    if customer_id is None:
        return ""
    return session.scalar(select(_mail(customer_id))) or ""


def _mail(customer_id: int | None) -> ScalarSelect[str]:
    return (
        select(ContactPoint.value)
        .where(ContactPoint.customer_id == customer_id, ContactPoint.kind == "mail")
        .order_by(ContactPoint.preferred.desc(), ContactPoint.id)
        .limit(1)
        .scalar_subquery()
    )


def links_of(session: Session, subject: tuple[str, int]) -> list[LinkLine]:
    """The links of a case or mediation, newest first. One statement."""
    maker, shower = aliased(Person), aliased(Person)
    rows = session.execute(
        select(
            PartyLink.id, PartyLink.made_at, maker.name.label("maker"), PartyLink.expires_at, PartyLink.mailed_at,
            shower.name.label("shower"), PartyLink.revoked_at, LinkVisit.first_at, LinkVisit.last_at,
        )
        .outerjoin(maker, maker.id == PartyLink.made_by)
        .outerjoin(shower, shower.id == PartyLink.shown_by)
        .outerjoin(LinkVisit, LinkVisit.link_id == PartyLink.id)
        .where(PartyLink.subject_kind == subject[0], PartyLink.subject_id == subject[1])
        .order_by(PartyLink.id.desc())
    )  # fmt: skip
    return [LinkLine(*row) for row in rows]


def open_link(session: Session, subject: tuple[str, int], *, now: datetime) -> PartyLink | None:
    """The newest link of the subject that still opens."""
    return session.scalars(
        select(PartyLink)
        .where(
            PartyLink.subject_kind == subject[0],
            PartyLink.subject_id == subject[1],
            PartyLink.revoked_at.is_(None),
            PartyLink.expires_at > now,
        )
        .order_by(PartyLink.id.desc())
        .limit(1)
    ).one_or_none()
