"""What forms offer, and the bytes behind a document, each for who may see it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.accounts.permits import ROLE_PERMISSIONS, Permission
from casedesk.cases.models import Case, Cause
from casedesk.cases.queries.sight import visible
from casedesk.customers.models import Customer
from casedesk.kernel.errors import NotFound
from casedesk.mediation.models import Document, Mediation
from casedesk.mediation.queries.sight import INSIDE, file_for


@dataclass(frozen=True)
class StoredDocument:
    digest: str
    media_type: str
    name: str


def document_for(session: Session, actor: Actor, mediation_id: int, document_id: int) -> StoredDocument:
    """The document, for the file's mediator and parties. Raises NotFound for everybody else."""
    _, role = file_for(session, actor, mediation_id)
    document = session.get(Document, document_id)
    if (
        role not in INSIDE
        or document is None
        or document.mediation_id != mediation_id
        or document.blob_digest is None
    ):
        raise NotFound("not_found")
    return StoredDocument(document.blob_digest, document.media_type, document.name)


def representatives(session: Session, file: Mediation) -> list[tuple[str, str]]:
    """(id, name) of those who may speak for the company, managers first."""
    roles = [role for role, permits in ROLE_PERMISSIONS.items() if Permission.REPRESENT_COMPANY in permits]
    rows = session.execute(
        select(Person.id, Person.name)
        .where(Person.active, Person.role.in_(roles))
        .order_by(Person.role.desc(), Person.name)
    )
    return [(str(row[0]), row[1]) for row in rows]


def causes(session: Session, locale: str) -> list[tuple[str, str]]:
    """(code, label) of the taxonomy: the questions that the yearly report counts."""
    label = Cause.label_fr if locale == "fr" else Cause.label_en
    rows = session.execute(
        select(Cause.code, label)
        .where(Cause.valid_to.is_(None), Cause.merged_into_id.is_(None))
        .order_by(Cause.position, Cause.id)
    )
    return [("", "–"), *((row[0], row[1]) for row in rows)]


@dataclass(frozen=True)
class CaseForRequest:
    """What the form of a request shows of its case."""

    id: int
    number: str
    name: str
    kind: str
    claimed_minor: int | None
    currency: str


def case_for_request(session: Session, actor: Actor, case_id: int) -> CaseForRequest:
    """The case on which a mediation is asked for. Raises NotFound where the actor may not see it."""
    row = session.execute(
        select(Case, Customer.name)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .where(Case.id == case_id, visible(actor))
    ).one_or_none()
    if row is None:
        raise NotFound("not_found")
    case: Case = row[0]
    name = row[1] or case.claimed_name or ""
    return CaseForRequest(case.id, case.number or "", name, case.kind, case.claimed_minor, case.currency)
