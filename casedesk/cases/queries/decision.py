"""One decision with its money and its words, reached only through its case."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases.models import Case, Decision, DecisionLine
from casedesk.cases.queries.sight import visible
from casedesk.kernel.errors import NotFound
from casedesk.ledger.models import Charge
from casedesk.rulebook.models import Judgement
from casedesk.store.models import EntryText

_Approver = aliased(Person)


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
    return tuple(PaidLine(*tuple(row)) for row in rows)


def approvers(session: Session, actor: Actor, amount_minor: int) -> list[str]:
    """Who may approve this sum: managers with a high enough ceiling, never the proposer; names in order."""
    rows = session.scalars(
        select(Person.name)
        .where(
            Person.active,
            Person.role == "manager",
            Person.id != actor.id,
            Person.approval_ceiling_minor >= amount_minor,
        )
        .order_by(Person.name)
        .limit(3)
    )
    return list(rows)
