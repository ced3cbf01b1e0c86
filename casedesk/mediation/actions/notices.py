"""Mails of a file, each in its reader's language, left in the deed's own commit. They say that something waits and until
when; what was said in the mediation stays in the file. Delivery is on the file's page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.channels import actions as channels
from casedesk.channels.actions import NewMail
from casedesk.customers.models import Entity
from casedesk.deadlines import actions as deadlines
from casedesk.documents.tongue import Tongue, language
from casedesk.kernel.errors import InvalidInput
from casedesk.mediation import letters
from casedesk.mediation.actions.filing import Open, party, write
from casedesk.mediation.models import Mediation, Proposal
from casedesk.mediation.rules.states import SIDES, other


@dataclass(frozen=True)
class Reader:
    """Who gets a mail: address, name as it is written to, language and zone."""

    mail: str
    name: str
    tongue: Tongue


def received(session: Session, at: Open, *, now: datetime) -> None:
    """The request came in: the customer learns its number, the mediator who is asked that a file waits."""
    _tell(session, at, "customer", "received", {}, now=now)
    if at.file.proposed_mediator_id:
        asked_to_mediate(session, at, at.file.proposed_mediator_id, now=now)


def asked_to_mediate(session: Session, at: Open, person_id: int, *, now: datetime) -> None:
    _to_person(session, at, person_id, "asked", {}, now=now)


def to_mediator(
    session: Session, at: Open, what: str, params: Mapping[str, str] | None = None, *, now: datetime
) -> None:
    """Tell the file's mediator; nobody is told where there is none."""
    if at.file.mediator_id is not None:
        _to_person(session, at, at.file.mediator_id, what, params or {}, now=now)


def to_side(
    session: Session,
    at: Open,
    side: str,
    what: str,
    *,
    until: date | None = None,
    said: str = "",
    now: datetime,
) -> None:
    """Tell one party."""
    _tell(session, at, side, what, {"until": until, "said": said}, now=now)


def to_both(
    session: Session, at: Open, what: str, *, until: date | None = None, said: str = "", now: datetime
) -> None:
    """Tell both parties, each in its own language."""
    for side in SIDES:
        to_side(session, at, side, what, until=until, said=said, now=now)


def to_others(session: Session, at: Open, what: str, *, now: datetime) -> None:
    """Tell whoever did not do it: the other party, and the mediator where a party acted."""
    if at.side in SIDES:
        to_side(session, at, other(at.side), what, now=now)
        if at.role != "mediator":
            to_mediator(session, at, what, now=now)
    else:
        to_both(session, at, what, now=now)


def recused(session: Session, at: Open, *, now: datetime) -> None:
    if at.file.state != "requested":
        to_both(session, at, "recused", now=now)


def proposal_made(session: Session, at: Open, proposal: Proposal, until: date, *, now: datetime) -> None:
    """The sides whose answer is needed are told what a proposal means before they answer it (R612-4)."""
    sides = SIDES if at.side == "mediator" else (other(at.side),)
    what = "proposal_mediator" if at.side == "mediator" else "proposal_party"
    for side in sides:
        to_side(session, at, side, what, until=until, now=now)
    if at.side != "mediator":
        to_mediator(session, at, "proposal_party", now=now)


def stop_clock(session: Session, at: Open, name: str, *, now: datetime) -> None:
    """What the clock asked for was done."""
    deadlines.stop(session, at.subject, name, now=now)


def reader_of(session: Session, file: Mediation, side: str) -> Reader:
    """The party, or who speaks for it."""
    mine = party(session, file, side)
    mail, name = mine.mail, mine.name
    if mine.representative_mail:
        mail, name = mine.representative_mail, mine.representative
    return Reader(mail, name, Tongue(language(mine.locale), file.time_zone))


def _tell(
    session: Session, at: Open, side: str, what: str, params: Mapping[str, object], *, now: datetime
) -> None:
    _send(session, at, reader_of(session, at.file, side), what, side, params, now)


def _to_person(
    session: Session, at: Open, person_id: int, what: str, params: Mapping[str, object], *, now: datetime
) -> None:
    person = session.scalars(select(Person).where(Person.id == person_id)).one()
    reader = Reader(person.mail, person.name, Tongue(language(person.locale), person.time_zone))
    _send(session, at, reader, what, "mediator", params, now)


def _send(
    session: Session,
    at: Open,
    reader: Reader,
    what: str,
    side: str,
    params: Mapping[str, object],
    now: datetime,
) -> None:
    entity = session.get_one(Entity, at.file.entity_id)
    names = {one: party(session, at.file, one).name for one in SIDES}
    about = letters.About(number=at.file.number or "", customer=names["customer"], company=names["company"])
    title, text = letters.letter(reader.tongue, what, side, reader.name, about, params)
    entry = write(session, at, "notice", {"what": what, "to": side}, now=now)
    if not reader.mail:
        return  # told by letter or telephone: the entry says to whom, and that no mail left
    try:
        channels.queue_mail(
            session,
            NewMail(
                subject=at.subject,
                entry_id=entry.id,
                key=f"mediation-{at.file.id}-{entry.id}",
                sender=entity.sender_mail,
                recipient=reader.mail,
                title=title,
                text=text,
            ),
            now=now,
        )
    except InvalidInput:
        write(session, at, "notice_unsent", {"what": what, "to": side}, now=now)
