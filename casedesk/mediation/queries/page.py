"""One file as its reader sees it: the whole to the mediator and the two parties, the outline to everybody else.

Five statements however much was said: the head with who may see it, the clocks, the chain, its rows, the mails.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session, aliased

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases.models import Case, Cause
from casedesk.cases.queries.sight import visible
from casedesk.channels.queries import Delivery, deliveries_of
from casedesk.customers.models import Entity
from casedesk.deadlines.queries import ClockLine, clocks_of
from casedesk.kernel.errors import NotFound
from casedesk.mediation.models import Agreement, Appointment, Mediation, Party
from casedesk.mediation.queries import dealing, telling
from casedesk.mediation.queries.chain import Chain, chain_of, rows_of
from casedesk.mediation.queries.sight import INSIDE, role_in
from casedesk.mediation.queries.views import (
    Deed,
    DocumentView,
    MessageView,
    PartyView,
    PointView,
    ProposalView,
    RequestView,
    RestatementView,
    RoundView,
    TaskView,
)
from casedesk.mediation.rules.states import acts_for
from casedesk.rulebook.models import Judgement


@dataclass(frozen=True)
class FilePage:
    """The file. Everything below `clocks` is empty for whoever sees the outline only."""

    file: Mediation
    role: str
    acts: frozenset[str]
    case_number: str
    entity: str
    cause: tuple[str, str] | None
    customer: str
    company: str
    mediator: str | None
    proposed: str | None
    verdict: tuple[str | None, int | None]
    clocks: list[ClockLine]
    parties: dict[str, PartyView] = field(default_factory=dict)
    points: list[PointView] = field(default_factory=list)
    proposals: list[ProposalView] = field(default_factory=list)
    restatement: RestatementView | None = None
    messages: list[MessageView] = field(default_factory=list)
    documents: list[DocumentView] = field(default_factory=list)
    requests: list[RequestView] = field(default_factory=list)
    rounds: list[RoundView] = field(default_factory=list)
    tasks: list[TaskView] = field(default_factory=list)
    agreement: Agreement | None = None
    deeds: list[Deed] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    judgement: Judgement | None = None
    checked: dict[str, Any] = field(default_factory=dict)
    checked_at: datetime | None = None
    opinion: str = ""

    @property
    def inside(self) -> bool:
        return self.role in INSIDE

    def may(self, act: str) -> bool:
        return act in self.acts

    @property
    def open_proposal(self) -> ProposalView | None:
        return next((one for one in reversed(self.proposals) if one.open), None)

    @property
    def open_round(self) -> RoundView | None:
        return next((one for one in reversed(self.rounds) if one.state == "open"), None)

    @property
    def wanting(self) -> list[RequestView]:
        return [one for one in self.requests if not one.met]


_CLOCKS_SHOWN = ("refusal", "outcome")
"""The days that whoever is outside the file reads."""


def file_page(session: Session, actor: Actor, mediation_id: int, *, now: datetime) -> FilePage:
    """The file as `actor` sees it. Raises NotFound where they have no part in it."""
    head = session.execute(_head(actor, mediation_id)).one_or_none()
    role = role_in(actor, head.Mediation) if head is not None else None
    if head is None or role is None or (role == "desk" and not head.sees_case):
        raise NotFound("not_found")
    shell = _shell(head, role)
    if role == "customer":  # reads the day on the file itself, at a door of its own
        return _inside(session, shell, head)
    clocks = clocks_of(session, ("mediation", mediation_id), now=now)
    if role in INSIDE:
        return _inside(session, replace(shell, clocks=clocks), head)
    return _outline(session, replace(shell, clocks=[one for one in clocks if one.name in _CLOCKS_SHOWN]))


def _head(actor: Actor, mediation_id: int) -> Any:
    """The file with its case, people, parties, judgement, last appointment and last agreement: one row."""
    mediator, proposed = aliased(Person), aliased(Person)
    customer, company = aliased(Party, name="customer"), aliased(Party, name="company")
    appointed = select(func.max(Appointment.id)).where(Appointment.mediation_id == mediation_id)
    agreed = select(func.max(Agreement.id)).where(Agreement.mediation_id == mediation_id)
    return (
        select(
            Mediation,
            Case.number.label("case_number"),
            Case.verdict_outcome,
            Case.verdict_minor,
            visible(actor).label("sees_case"),
            Entity.name.label("entity"),
            Cause.label_en,
            Cause.label_fr,
            mediator.name.label("mediator"),
            proposed.name.label("proposed"),
            customer,
            company,
            Judgement,
            Appointment.checked,
            Appointment.appointed_at,
            Agreement,
        )
        .join(Case, Case.id == Mediation.case_id)
        .join(Entity, Entity.id == Mediation.entity_id)
        .join(customer, and_(customer.mediation_id == Mediation.id, customer.side == "customer"))
        .join(company, and_(company.mediation_id == Mediation.id, company.side == "company"))
        .outerjoin(Cause, Cause.code == Mediation.cause)
        .outerjoin(mediator, mediator.id == Mediation.mediator_id)
        .outerjoin(proposed, proposed.id == Mediation.proposed_mediator_id)
        .outerjoin(Judgement, Judgement.id == Mediation.judgement_id)
        .outerjoin(Appointment, Appointment.id == appointed.scalar_subquery())
        .outerjoin(Agreement, Agreement.id == agreed.scalar_subquery())
        .where(Mediation.id == mediation_id)
    )


def _shell(head: Row[Any], role: str) -> FilePage:
    return FilePage(
        file=head.Mediation,
        role=role,
        acts=acts_for(head.Mediation.state, role),
        case_number=head.case_number or "",
        entity=head.entity,
        cause=(head.label_en, head.label_fr) if head.label_en else None,
        customer=head.customer.name,
        company=head.company.name,
        mediator=head.mediator,
        proposed=head.proposed,
        verdict=(head.verdict_outcome, head.verdict_minor),
        clocks=[],
    )


def _outline(session: Session, page: FilePage) -> FilePage:
    """State, dates and outcome; how the agreement is carried out to the desk, which carries it out."""
    if page.role != "desk":
        return page
    rows = rows_of(session, page.file.id, side="")
    return replace(page, tasks=dealing.tasks(rows.get("task", []), {}))


def _inside(session: Session, page: FilePage, head: Row[Any]) -> FilePage:
    chain = chain_of(session, page.file.id, side=page.role)
    mails = deliveries_of(session, ("mediation", page.file.id)) if page.role == "mediator" else []
    return replace(
        _told(page, chain),
        parties={one.side: _party(one) for one in (head.customer, head.company)},
        agreement=head.Agreement,
        deliveries=mails,
        judgement=head.Judgement,
        checked=dict(head.checked or {}),
        checked_at=head.appointed_at,
    )


def _told(page: FilePage, chain: Chain) -> FilePage:
    documents = telling.documents(chain)
    return replace(
        page,
        points=telling.points(chain, documents),
        proposals=dealing.proposals(chain, page.role),
        restatement=telling.restatement(chain),
        messages=telling.messages(chain),
        documents=documents,
        requests=telling.requests(chain),
        rounds=dealing.rounds(chain),
        tasks=dealing.tasks(chain.made("task"), chain.by_id()),
        deeds=telling.deeds(chain, page.role),
        opinion=telling.opinion(chain),
    )


def _party(one: Party) -> PartyView:
    return PartyView(one.side, one.name, one.mail, one.locale, one.representative, one.mandate)
