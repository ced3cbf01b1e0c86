"""One decision with its money and its words, reached only through its case."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.accounts.permits import ROLE_PERMISSIONS, Permission
from casedesk.cases.models import Act, Case, Decision, DecisionLine
from casedesk.cases.queries.sight import visible
from casedesk.kernel.errors import NotFound
from casedesk.ledger.models import Charge
from casedesk.rulebook.models import Judgement
from casedesk.store.db import values
from casedesk.store.models import EntryText, Head

_Approver = aliased(Person)

APPROVING = [role for role, permissions in ROLE_PERMISSIONS.items() if Permission.APPROVE in permissions]


@dataclass(frozen=True)
class PaidLine:
    charge_id: int
    reference: str
    amount_minor: int
    method: str
    means: str


@dataclass(frozen=True)
class DecisionDetail:
    """A decision as it was proposed and as it stands. `row` holds the plain columns with the names of both people."""

    row: Row[*tuple[Any, ...]]
    lines: tuple[PaidLine, ...]
    reason_text: str
    letter_text: str

    @property
    def effect_on(self) -> date | None:
        on: date | None = self.row.effect_on
        return on


def decision_for(session: Session, actor: Actor, decision_id: int) -> DecisionDetail:
    """The decision. Raises NotFound, also where the actor may not see its case."""
    row = session.execute(
        select(
            *Decision.__table__.columns,
            Person.name.label("proposer"),
            _Approver.name.label("approver"),
            EntryText.text.label("words"),
            Case.judgement_id.label("case_judgement_id"),
            Judgement.verdict,
            Judgement.judged_at,
            Judgement.packs_until,
        )
        .join(Case, Case.id == Decision.case_id)
        .join(Person, Person.id == Decision.proposed_by)
        .outerjoin(_Approver, _Approver.id == Decision.approved_by)
        .outerjoin(EntryText, EntryText.entry_id == Decision.entry_id)
        .outerjoin(Judgement, Judgement.id == Decision.judgement_id)
        .where(Decision.id == decision_id, visible(actor))
    ).one_or_none()
    if row is None:
        raise NotFound("not_found")
    words = row.words or {}
    return DecisionDetail(row, _lines(session, decision_id), words.get("reason", ""), words.get("letter", ""))


def waiting_decision(session: Session, case_id: int) -> int | None:
    """The decision of the case that waits for approval."""
    return session.scalar(
        select(Decision.id)
        .where(Decision.case_id == case_id, Decision.state == "proposed")
        .order_by(Decision.n.desc())
        .limit(1)
    )


def _lines(session: Session, decision_id: int) -> tuple[PaidLine, ...]:
    rows = session.execute(
        select(
            DecisionLine.charge_id,
            Charge.reference,
            DecisionLine.amount_minor,
            DecisionLine.method,
            DecisionLine.means,
        )
        .join(Charge, Charge.id == DecisionLine.charge_id)
        .where(DecisionLine.decision_id == decision_id)
        .order_by(DecisionLine.charge_id)
    )
    return tuple(PaidLine(*values(row)) for row in rows)


@dataclass(frozen=True)
class Approver:
    """Somebody who may approve, and up to which sum."""

    name: str
    ceiling_minor: int


def approvers(
    session: Session, actor: Actor, amount_minor: int, *, team_id: int | None, owner_id: int | None
) -> list[Approver]:
    """Who may approve this sum on a case of that team and owner: managers who see the case and whose ceiling
    is high enough, never the proposer; those with the lowest sufficient ceiling first."""
    sees = or_(Person.sees == "all", and_(Person.sees == "team", Person.team_id == team_id))
    rows = session.execute(
        select(Person.name, Person.approval_ceiling_minor)
        .where(
            Person.active,
            Person.role.in_(APPROVING),
            Person.id != actor.id,
            Person.approval_ceiling_minor >= amount_minor,
            or_(sees, Person.id == owner_id) if owner_id is not None else sees,
        )
        .order_by(Person.approval_ceiling_minor, Person.name, Person.id)
        .limit(3)
    )
    return [Approver(*row) for row in rows]


def last_seq(session: Session, case_id: int) -> int:
    """The number of the newest entry of the case; 0 before the first."""
    head = select(Head.seq).where(Head.subject_kind == "case", Head.subject_id == case_id)
    return session.scalar(head) or 0


def asks_to_leave(session: Session, case_id: int) -> bool:
    """Does the record hold a withdrawal or termination in this case, whatever its kind?"""
    leaving = select(exists().where(Act.case_id == case_id, Act.kind.in_(("withdrawal", "termination"))))
    return bool(session.scalar(leaving))
