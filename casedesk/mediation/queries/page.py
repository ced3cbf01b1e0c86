"""One file as its reader sees it: the whole to the mediator and the two parties, the outline to everybody else."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import literal, null, select, union_all
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases.models import Case, Cause
from casedesk.channels.queries import Delivery, deliveries_of
from casedesk.customers.models import Entity
from casedesk.deadlines.queries import ClockLine, clocks_of
from casedesk.mediation.models import (
    Agreement,
    Appointment,
    BlindOffer,
    Document,
    DocumentRequest,
    Mediation,
    OfferRound,
    Party,
    Point,
    Proposal,
    ProposalPart,
    Restatement,
    Task,
)
from casedesk.mediation.queries.sight import INSIDE, file_for
from casedesk.mediation.rules.proposals import answer_shown, given_up
from casedesk.mediation.rules.states import SIDES, acts_for
from casedesk.rulebook.models import Judgement
from casedesk.store.models import Entry, EntryText


@dataclass(frozen=True)
class PartyView:
    side: str
    name: str
    mail: str
    locale: str
    representative: str
    mandate: str


@dataclass(frozen=True)
class StatementView:
    said: str
    amount_minor: int | None
    at: datetime
    by: str
    how: str
    earlier: int


@dataclass(frozen=True)
class PointView:
    """A point with the newest words of each side; `agreed`: nobody disputes it, and `said` says what."""

    id: int
    n: int
    title: str
    code: str
    agreed: bool
    said: str
    statements: dict[str, StatementView]
    documents: list["DocumentView"]


@dataclass(frozen=True)
class DocumentView:
    id: int
    side: str
    name: str
    size: int
    at: datetime
    point_id: int | None
    readable: bool


@dataclass(frozen=True)
class RequestView:
    id: int
    side: str
    said: str
    asked_at: datetime
    due_on: date
    met_at: datetime | None


@dataclass(frozen=True)
class AnswerView:
    """`hidden`: given, and not shown to this reader before both have answered."""

    answer: str
    at: datetime | None
    how: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class PartView:
    kind: str
    amount_minor: int | None
    months: int | None
    effect: str | None
    within_days: int
    said: str


@dataclass(frozen=True)
class ProposalView:
    id: int
    n: int
    side: str
    state: str
    amount_minor: int
    currency: str
    parts: list[PartView]
    said: str
    made_at: datetime
    expires_at: datetime
    version: int
    by_rule_minor: int | None
    given_up_minor: int
    counters: int | None
    blind: bool
    answers: dict[str, AnswerView]

    @property
    def open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True)
class RestatementView:
    id: int
    n: int
    at: datetime
    parts: dict[str, str]
    answers: dict[str, tuple[str, str, datetime]]


@dataclass(frozen=True)
class MessageView:
    side: str
    by: str
    said: str
    at: datetime


@dataclass(frozen=True)
class RoundView:
    """A round of blind offers: what it tells is its rule and, to a side, how many of its own it has made."""

    id: int
    n: int
    state: str
    distance_minor: int
    currency: str
    expires_at: datetime
    settled_minor: int | None
    mine: int


@dataclass(frozen=True)
class TaskView:
    id: int
    kind: str
    side: str
    amount_minor: int | None
    due_on: date
    state: str
    done_at: datetime | None
    said: str
    paid_by_desk: bool


@dataclass(frozen=True)
class Deed:
    """A line of the file's own history: code and parameters; words are shown where they belong."""

    seq: int
    kind: str
    at: datetime
    by: str
    side: str
    body: dict[str, Any]
    said: str = ""


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
        return [one for one in self.requests if one.met_at is None]


@dataclass
class _Line:
    id: int
    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    actor: str
    body: dict[str, Any]
    text: dict[str, Any]


def file_page(session: Session, actor: Actor, mediation_id: int, *, now: datetime) -> FilePage:
    """The file as `actor` sees it. Raises NotFound where they have no part in it."""
    file, role = file_for(session, actor, mediation_id)
    head = _head(session, file)
    clocks = clocks_of(session, ("mediation", file.id), now=now)
    shell = FilePage(
        file=file,
        role=role,
        acts=acts_for(file.state, role),
        clocks=clocks if role in INSIDE else [c for c in clocks if c.name in ("refusal", "outcome")],
        **head,
    )
    if role not in INSIDE:
        return _outline(session, shell)
    return _inside(session, shell)


def _head(session: Session, file: Mediation) -> dict[str, Any]:
    mediator, proposed = Person.__table__.alias("mediator"), Person.__table__.alias("proposed")
    row = session.execute(
        select(
            Case.number,
            Case.verdict_outcome,
            Case.verdict_minor,
            Entity.name,
            Cause.label_en,
            Cause.label_fr,
            mediator.c.name,
            proposed.c.name,
        )
        .select_from(Case)
        .join(Entity, Entity.id == file.entity_id)
        .outerjoin(Cause, Cause.code == file.cause)
        .outerjoin(mediator, mediator.c.id == file.mediator_id)
        .outerjoin(proposed, proposed.c.id == file.proposed_mediator_id)
        .where(Case.id == file.case_id)
    ).one()
    named = select(Party.side, Party.name).where(Party.mediation_id == file.id)
    names = dict(session.execute(named).all())
    return {
        "case_number": row[0] or "",
        "verdict": (row[1], row[2]),
        "entity": row[3],
        "cause": (row[4], row[5]) if row[4] else None,
        "mediator": row[6],
        "proposed": row[7],
        "customer": names.get("customer", ""),
        "company": names.get("company", ""),
    }


def _outline(session: Session, page: FilePage) -> FilePage:
    """State, dates and outcome; how the agreement is carried out to the desk, which carries it out."""
    if page.role != "desk":
        return page
    lines: list[_Line] = []
    return _with(page, tasks=_tasks(session, page.file.id, lines, words=False))


def _inside(session: Session, page: FilePage) -> FilePage:
    file = page.file
    lines = _lines(session, file.id)
    ids = _ids(session, file.id)
    documents, requests = _documents(session, file.id, lines)
    checked = session.execute(
        select(Appointment.checked, Appointment.appointed_at)
        .where(Appointment.mediation_id == file.id)
        .order_by(Appointment.id.desc())
        .limit(1)
    ).one_or_none()
    agreement = session.scalars(
        select(Agreement).where(Agreement.mediation_id == file.id).order_by(Agreement.n.desc()).limit(1)
    ).one_or_none()
    opinions = [line.text.get("opinion", "") for line in lines if line.kind == "closed"]
    return _with(
        page,
        parties=_parties(session, file.id),
        points=_points(lines, ids, documents),
        proposals=_proposals(session, page, lines),
        restatement=_restatement(lines, ids),
        messages=[
            MessageView(line.body["side"], line.actor, line.text.get("said", ""), line.at)
            for line in lines
            if line.kind == "message"
        ],
        documents=documents,
        requests=requests,
        rounds=_rounds(session, page),
        tasks=_tasks(session, file.id, lines, words=True),
        agreement=agreement,
        deeds=_deeds(lines, page.role),
        deliveries=deliveries_of(session, ("mediation", file.id)) if page.role == "mediator" else [],
        judgement=session.get(Judgement, file.judgement_id) if file.judgement_id else None,
        checked=dict(checked[0]) if checked else {},
        checked_at=checked[1] if checked else None,
        opinion=opinions[-1] if opinions else "",
    )


def _with(page: FilePage, **parts: Any) -> FilePage:
    return replace(page, **parts)


def _lines(session: Session, mediation_id: int) -> list[_Line]:
    """Every entry of the file with its words: one statement, in the order of the chain."""
    rows = session.execute(
        select(
            Entry.id,
            Entry.seq,
            Entry.kind,
            Entry.happened_at,
            Entry.recorded_at,
            Entry.actor_kind,
            Entry.body,
            EntryText.text,
            Person.name,
        )
        .outerjoin(EntryText, EntryText.entry_id == Entry.id)
        .outerjoin(Person, (Person.id == Entry.actor_id) & (Entry.actor_kind == "person"))
        .where(Entry.subject_kind == "mediation", Entry.subject_id == mediation_id)
        .order_by(Entry.seq)
    )
    return [_Line(r[0], r[1], r[2].partition(".")[2], r[3], r[4], r[8] or "", r[6], r[7] or {}) for r in rows]


def _ids(session: Session, mediation_id: int) -> dict[tuple[str, int], int]:
    """(what, number) to id of points and restatements: forms name them by id. One statement."""
    points = select(literal("point"), Point.n, Point.id).where(Point.mediation_id == mediation_id)
    restated = select(literal("restatement"), Restatement.n, Restatement.id).where(
        Restatement.mediation_id == mediation_id
    )
    return {(row[0], row[1]): row[2] for row in session.execute(union_all(points, restated))}


def _parties(session: Session, mediation_id: int) -> dict[str, PartyView]:
    rows = session.scalars(select(Party).where(Party.mediation_id == mediation_id))
    return {p.side: PartyView(p.side, p.name, p.mail, p.locale, p.representative, p.mandate) for p in rows}


def _points(
    lines: Iterable[_Line], ids: dict[tuple[str, int], int], documents: list[DocumentView]
) -> list[PointView]:
    titled: dict[int, _Line] = {}
    said: dict[int, dict[str, StatementView]] = {}
    for line in lines:
        if line.kind == "point":
            titled[line.body["n"]] = line
        elif line.kind == "requested":
            said.setdefault(1, {})["customer"] = _statement(line, None)
        elif line.kind == "statement":
            mine = said.setdefault(line.body["point"], {})
            mine[line.body["side"]] = _statement(line, mine.get(line.body["side"]))
    return [
        PointView(
            id=ids.get(("point", n), 0),
            n=n,
            title=line.text.get("title", ""),
            code=line.body.get("code", ""),
            agreed=bool(line.body.get("agreed")),
            said=line.text.get("said", ""),
            statements=said.get(n, {}),
            documents=[one for one in documents if one.point_id == ids.get(("point", n))],
        )
        for n, line in sorted(titled.items())
    ]


def _statement(line: _Line, before: StatementView | None) -> StatementView:
    received = line.body.get("received_at")
    return StatementView(
        said=line.text.get("said", ""),
        amount_minor=line.body.get("amount_minor"),
        at=datetime.fromisoformat(received) if received else line.at,
        by=line.actor if line.body.get("how") not in ("mail", "phone", "letter", "meeting") else "",
        how=line.body.get("how", ""),
        earlier=before.earlier + 1 if before else 0,
    )


def _documents(
    session: Session, mediation_id: int, lines: list[_Line]
) -> tuple[list[DocumentView], list[RequestView]]:
    texts = {line.id: line.text for line in lines}
    documents = [
        DocumentView(d.id, d.side, d.name, d.size, d.at, d.point_id, d.blob_digest is not None)
        for d in session.scalars(
            select(Document).where(Document.mediation_id == mediation_id).order_by(Document.id)
        )
    ]
    requests = [
        RequestView(r.id, r.side, texts.get(r.entry_id, {}).get("said", ""), r.asked_at, r.due_on, r.met_at)
        for r in session.scalars(
            select(DocumentRequest)
            .where(DocumentRequest.mediation_id == mediation_id)
            .order_by(DocumentRequest.id)
        )
    ]
    return documents, requests


def _proposals(session: Session, page: FilePage, lines: list[_Line]) -> list[ProposalView]:
    rows = session.scalars(
        select(Proposal).where(Proposal.mediation_id == page.file.id).order_by(Proposal.n)
    ).all()
    texts = {line.id: line for line in lines}
    given: dict[int, dict[str, _Line]] = {}
    for line in lines:
        if line.kind == "answer":
            given.setdefault(line.body["n"], {})[line.body["side"]] = line
    numbers = {row.id: row.n for row in rows}
    return [_proposal(row, page, texts[row.entry_id], given.get(row.n, {}), numbers) for row in rows]


def _proposal(
    row: Proposal, page: FilePage, line: _Line, given: dict[str, _Line], numbers: dict[int, int]
) -> ProposalView:
    plain = {side: answer.body["answer"] for side, answer in given.items()}
    answers = {
        side: _answer(
            answer,
            shown=answer_shown(
                row.side, plain, of=side, to=page.role, over=row.state in ("expired", "superseded")
            ),
        )
        for side, answer in given.items()
    }
    parts = [
        PartView(kind, minor, months, effect, days, line.text.get(f"part-{k}", ""))
        for k, (kind, minor, months, effect, days) in enumerate(line.body["parts"], 1)
    ]
    return ProposalView(
        id=row.id,
        n=row.n,
        side=row.side,
        state=row.state,
        amount_minor=row.amount_minor,
        currency=row.currency,
        parts=parts,
        said=line.text.get("said", ""),
        made_at=row.made_at,
        expires_at=row.expires_at,
        version=row.version,
        by_rule_minor=row.by_rule_minor,
        given_up_minor=given_up(row.by_rule_minor, row.amount_minor),
        counters=numbers.get(row.counters_id) if row.counters_id else None,
        blind=row.round_id is not None,
        answers=answers,
    )


def _answer(line: _Line, *, shown: bool) -> AnswerView:
    """What is not shown is not there: neither the answer nor that one was given."""
    if not shown:
        return AnswerView("", None, hidden=True)
    return AnswerView(line.body["answer"], line.at, line.body.get("how", ""))


def _restatement(lines: list[_Line], ids: dict[tuple[str, int], int]) -> RestatementView | None:
    newest = next((line for line in reversed(lines) if line.kind == "restated"), None)
    if newest is None:
        return None
    n = newest.body["n"]
    answers = {
        line.body["side"]: (line.body["answer"], line.text.get("said", ""), line.at)
        for line in lines
        if line.kind == "restatement_answer" and line.body["n"] == n
    }
    return RestatementView(ids.get(("restatement", n), 0), n, newest.at, newest.text, answers)


def _rounds(session: Session, page: FilePage) -> list[RoundView]:
    """The rounds; to a side the count of its own offers, to the mediator none."""
    mine = (
        select(BlindOffer.round_id, BlindOffer.n)
        .where(BlindOffer.side == page.role if page.role in SIDES else BlindOffer.side == null())
        .subquery()
    )
    rows = session.execute(
        select(OfferRound, mine.c.n)
        .outerjoin(mine, mine.c.round_id == OfferRound.id)
        .where(OfferRound.mediation_id == page.file.id)
        .order_by(OfferRound.n)
    ).all()
    counted: dict[int, RoundView] = {}
    for row, n in rows:
        before = counted[row.id].mine if row.id in counted else 0
        counted[row.id] = RoundView(
            row.id,
            row.n,
            row.state,
            row.distance_minor,
            row.currency,
            row.expires_at,
            row.settled_minor,
            before + (n is not None),
        )
    return list(counted.values())


def _tasks(session: Session, mediation_id: int, lines: list[_Line], *, words: bool) -> list[TaskView]:
    rows = session.execute(
        select(Task, ProposalPart.n)
        .join(ProposalPart, ProposalPart.id == Task.part_id)
        .where(Task.mediation_id == mediation_id)
        .order_by(Task.due_on, Task.id)
    ).all()
    said = {line.body["n"]: line.text for line in lines if line.kind == "proposal"} if words else {}
    agreed = [line.body["proposal"] for line in lines if line.kind == "agreed"]
    text = said.get(agreed[-1], {}) if agreed else {}
    return [
        TaskView(
            t.id,
            t.kind,
            t.side,
            t.amount_minor,
            t.due_on,
            t.state,
            t.done_at,
            text.get(f"part-{k}", ""),
            t.decision_id is not None,
        )
        for t, k in rows
    ]


_PRIVATE = ("fact", "notice", "notice_unsent", "clock_breached", "admitted")
"""Lines of the history that the mediator alone sees: working notes of the procedure."""


def _deeds(lines: list[_Line], role: str) -> list[Deed]:
    shown = [line for line in lines if role == "mediator" or line.kind not in _PRIVATE]
    if role != "mediator":
        shown = [line for line in shown if line.kind != "answer" or line.body["side"] == role]
        shown = [line for line in shown if line.kind != "offer_made" or line.body["side"] == role]
    return [
        Deed(line.seq, line.kind, line.at, line.actor, line.body.get("side", ""), line.body, _told(line))
        for line in reversed(shown)
    ]


def _told(line: _Line) -> str:
    kept = ("recused", "extended", "declined", "withdrawn", "admitted", "appointed")
    return str(line.text.get("said") or line.text.get("declaration") or "") if line.kind in kept else ""
