"""One mediation of the demo, played as far as it is to come through the room's own actions."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.commands import NewAttachment
from casedesk.cases.models import Case, Cause, Decision
from casedesk.customers.models import Customer, Entity
from casedesk.demo.calendar import working
from casedesk.demo.house import House
from casedesk.demo.mediation_words import DEFAULT, MATTERS, OF_CAUSE, Words
from casedesk.demo.mediators import CUSTOMER, SYSTEM, Panel
from casedesk.mediation import commands as c
from casedesk.mediation.actions import (
    admitting,
    appointing,
    asking,
    closing,
    hearing,
    offering,
    proposing,
    settling,
)
from casedesk.mediation.models import Mediation, Point, Proposal, Task
from casedesk.mediation.queries.money import refundable
from casedesk.mediation.rules.proposals import Part
from casedesk.refunds import actions as refunds
from casedesk.store import blobs
from casedesk.store.models import OutboxRow
from casedesk.web.locale import money


class PlayedFile:
    """One file being played; `at` is its clock."""

    def __init__(
        self,
        session: Session,
        case: Case,
        target: str,
        house: House,
        panel: Panel,
        rng: random.Random,
        at: datetime,
        now: datetime,
    ) -> None:
        self.session, self.case, self.target, self.panel = session, case, target, panel
        self.rng, self.at, self.now, self.file_id = rng, at, now, 0
        entity = session.get_one(Entity, case.entity_id)
        customer = session.get_one(Customer, case.customer_id)
        self.manager = house.managers["FR" if entity.country == "FR" else "GB"]
        self.locale = customer.locale[:2]
        cause = session.get(Cause, case.stated_cause_id) if case.stated_cause_id else None
        self.cause = cause.code if cause else ""
        self.words: Words = MATTERS[OF_CAUSE.get(self.cause, DEFAULT)][self.locale]
        left = refundable(session, case)
        self.asked = min(case.claimed_minor or left, left) or left

    @property
    def file(self) -> Mediation:
        return self.session.get_one(Mediation, self.file_id)

    @property
    def mediator(self) -> Actor:
        return self.panel.mediators[self.file.mediator_id or 0]

    def later(self, days: float) -> datetime:
        """The next step so many days on, in working time, never beyond now."""
        shift = timedelta(days=days * self.rng.uniform(0.8, 1.2))
        self.at = min(max(working(self.at + shift), self.at + timedelta(minutes=3)), self.now)
        return self.at

    def do(self, action: Callable[..., Any], command: Any, actor: Actor) -> Any:
        done = action(self.session, command, actor=actor, now=self.at)
        self.session.flush()
        return done

    def run(self) -> None:
        self._request()
        if self.target == "requested":
            return
        self._take()
        if self.target.startswith("declined"):
            self._decline()
        elif self.target == "incomplete":
            self._ask_document("customer", 12)
        elif self.target != "taken":
            self._admit()

    def _request(self) -> None:
        said = self.words["request"].format(asked=money(self.asked, self.case.currency, self.locale))
        elsewhere = self.target == "declined_elsewhere"
        command = c.RequestMediation(
            self.case.id, said, court_seized=elsewhere, other_mediator=False, channel="mail"
        )
        self.file_id = self.do(asking.request_mediation, command, CUSTOMER).id

    def _take(self) -> None:
        self.later(1.2)
        proposed = self.file.proposed_mediator_id
        mediator = self.panel.mediators[proposed or next(iter(self.panel.mediators))]
        self.do(appointing.appoint, c.Appoint(self.file_id, mediator.id), mediator)

    def _decline(self) -> None:
        self.later(5)
        ground = self.target.removeprefix("declined_")
        command = c.Decline(self.file_id, ground, self.words["decline"])
        self.do(admitting.decline, command, self.mediator)

    def _admit(self) -> None:
        self.later(4)
        said = {"fr": "Les pièces établissent la réclamation et la réponse de l’entreprise."}.get(
            self.locale, "The papers show the complaint and the company's answer."
        )
        self.do(admitting.admit, c.Admit(self.file_id, said=said), self.mediator)
        if self.target == "admissible":
            return
        self._represent()
        self.later(0.3)
        self.do(admitting.notify, c.Notify(self.file_id), self.mediator)
        if self.target == "lapsed":
            return
        if self.target == "withdrawn_settled":
            self._leave(CUSTOMER, "settled")
        elif self.target != "notified":
            self._hear()

    def _represent(self) -> None:
        command = c.NameRepresentative(self.file_id, "company", person_id=self.manager.id)
        self.do(asking.name_representative, command, self.manager)

    def _hear(self) -> None:
        points = self._points()
        self.later(9)
        self.do(hearing.state, c.State(self.file_id, points[0], self.words["company"]), self.manager)
        self.later(1)
        second = self.do(hearing.add_point, c.AddPoint(self.file_id, self.words["point"]), self.mediator).id
        self.later(2)
        self.do(hearing.state, c.State(self.file_id, second, self.words["point_customer"]), CUSTOMER)
        self.later(1.5)
        self.do(hearing.state, c.State(self.file_id, second, self.words["point_company"]), self.manager)
        self.do(
            hearing.add_point,
            c.AddPoint(self.file_id, _undisputed(self.locale), agreed=True, said=self.words["agreed"]),
            self.mediator,
        )
        self._document(second)
        if self.target in ("exchange", "late"):
            return
        if self.target == "withdrawn_court":
            self._leave(CUSTOMER, "court")
        elif self.target == "withdrawn_company":
            self._leave(self.manager, "withdrew")
        else:
            self._understand()

    def _document(self, point: int) -> None:
        text = f"{self.words['document']}\n\n{self.file.number}\n".encode()
        digest = blobs.put(self.session, text, "text/plain", now=self.at)
        name = {"fr": "pièce jointe.txt"}.get(self.locale, "attachment.txt")
        file = NewAttachment(digest, name, "text/plain", len(text))
        self.do(hearing.add_document, c.AddDocument(self.file_id, file, point_id=point), self.manager)

    def _points(self) -> list[int]:
        return list(self.session.scalars(select(Point.id).where(Point.mediation_id == self.file_id)))

    def _understand(self) -> None:
        self.later(2)
        self.do(hearing.write_message, c.WriteMessage(self.file_id, self.words["message"]), self.mediator)
        command = c.Restate(
            self.file_id,
            customer_concern=self.words["customer_concern"],
            customer_need=self.words["customer_need"],
            company_concern=self.words["company_concern"],
            company_need=self.words["company_need"],
            facts_agreed=self.words["agreed"],
            points_open=self.words["open"],
        )
        restated = self.do(hearing.restate, command, self.mediator)
        self.later(1.5)
        self.do(hearing.answer_restatement, c.AnswerRestatement(self.file_id, restated.id), CUSTOMER)
        if self.target == "restated":
            return
        self.later(1)
        self.do(hearing.answer_restatement, c.AnswerRestatement(self.file_id, restated.id), self.manager)
        if self.target == "asked":
            self._ask_document("company", 10)
        elif self.target == "extended":
            self._extend()
        elif self.target == "offers":
            self._offers(settle=False)
        elif self.target == "settled_blind":
            self._offers(settle=True)
        else:
            self._negotiate()

    def _ask_document(self, side: str, days: int) -> None:
        self.later(1)
        due = (max(self.at, self.now - timedelta(days=4)) + timedelta(days=days)).date()
        due = min(due, (self.at + timedelta(days=29)).date())
        self.do(
            hearing.ask_document,
            c.AskDocument(self.file_id, side, self.words["document"], due),
            self.mediator,
        )

    def _extend(self) -> None:
        self.at = max(self.at, self.now - timedelta(days=6))
        until = (self.file.due_on or self.now.date()) + timedelta(days=45)
        self.do(admitting.extend, c.Extend(self.file_id, until, self.words["extension"]), self.mediator)

    def _offers(self, *, settle: bool) -> None:
        self.later(2)
        self.at = self.at if settle else max(self.at, self.now - timedelta(days=3))
        until = (self.at + timedelta(days=12)).date()
        distance = max(500, self.asked // 20 // 100 * 100)
        one = self.do(offering.open_offers, c.OpenOffers(self.file_id, distance, until), self.mediator)
        self.later(1)
        high, low = self.asked * 8 // 10, self.asked * 3 // 10
        self.do(offering.offer_blind, c.OfferBlind(self.file_id, one.id, high, understood=True), CUSTOMER)
        if not settle:
            return
        self.later(1)
        self.do(offering.offer_blind, c.OfferBlind(self.file_id, one.id, low), self.manager)
        self.later(1)
        self.do(offering.offer_blind, c.OfferBlind(self.file_id, one.id, high), self.manager)
        self._pay()

    def _negotiate(self) -> None:
        self.later(2)
        first = self._propose(CUSTOMER, (Part("refund", self.asked),))
        self.later(2)
        small = max(100, self.asked * 3 // 10 // 100 * 100)
        extra = Part("extension", months=2, within_days=10)
        if self.target == "countered":
            self._propose(self.manager, (Part("refund", small), extra), counters_id=first.id)
            return
        self._answer(first, self.manager, accept=False)
        self.later(1)
        second = self._propose(self.manager, (Part("refund", small), extra))
        if self.target == "proposal" and self.locale == "en":
            return
        self.later(2)
        self._answer(second, CUSTOMER, accept=False)
        self._conclude()

    def _conclude(self) -> None:
        self.later(3)
        middle = max(100, self.asked * 6 // 10 // 100 * 100 + self.rng.choice((0, 50, 90)))
        parts: tuple[Part, ...] = (Part("refund", min(middle, self.asked)),)
        if self.target not in ("closed", "proposal", "half"):
            parts += (Part("apology", within_days=10, said=self.words["apology"]),)
        last = self._propose(self.mediator, parts, said=self.words["reasons"])
        if self.target == "proposal":
            return
        self.later(3)
        self._answer(last, CUSTOMER, accept=True)
        if self.target == "half":
            return
        self.later(3)
        if self.target == "closed":
            self._answer(last, self.manager, accept=False)
            self._close()
            return
        self._answer(last, self.manager, accept=True)
        if self.target in ("carried_out", "agreed"):
            self._pay()

    def _propose(
        self, by: Actor, parts: tuple[Part, ...], *, said: str = "", counters_id: int | None = None
    ) -> Proposal:
        until = (max(self.at, self.now - timedelta(days=4)) + timedelta(days=12)).date()
        until = min(until, (self.at + timedelta(days=85)).date())
        command = c.Propose(self.file_id, parts, expires_on=until, said=said, counters_id=counters_id)
        made: Proposal = self.do(proposing.propose, command, by)
        return made

    def _answer(self, proposal: Proposal, by: Actor, *, accept: bool) -> None:
        command = c.AnswerProposal(self.file_id, proposal.id, accept=accept, understood=accept)
        self.do(proposing.answer_proposal, command, by)

    def _close(self) -> None:
        self.later(4)
        favours = self.rng.choice(("customer", "shared", "shared", "company"))
        command = c.CloseWithOpinion(
            self.file_id, self.words["opinion"], favours, self.cause, self.words["recommendation"]
        )
        self.do(closing.close_with_opinion, command, self.mediator)

    def _leave(self, who: Actor, cause: str) -> None:
        self.later(6)
        said = self.words["leaves"] if who is CUSTOMER else ""
        self.do(closing.withdraw, c.Withdraw(self.file_id, said, cause=cause), who)

    def _pay(self) -> None:
        """The desk orders the refund at once; where that is a while ago, it was paid and the rest done."""
        decision = self.session.scalars(
            select(Decision).where(Decision.case_id == self.case.id).order_by(Decision.n.desc()).limit(1)
        ).one()
        case = self.session.get_one(Case, self.case.id)
        ordered = refunds.create_intents(self.session, case.id, decision.id, actor=SYSTEM, now=self.at)
        self.session.execute(_ordered(decision.id, self.at))
        if self.target == "agreed":
            return
        self.later(2)
        for intent in ordered:
            reference = f"sbx_{self.rng.getrandbits(64):016x}"
            refunds.settle(self.session, case, intent, "sandbox", reference, actor=SYSTEM, now=self.at)
        settling.watch(self.session, self.file_id, actor=SYSTEM, now=self.at)
        self.later(2)
        for task_id in self.session.scalars(
            select(Task.id).where(Task.mediation_id == self.file_id, Task.state == "open")
        ).all():
            self.do(settling.fulfil, c.Fulfil(task_id), self.manager)


def _ordered(decision_id: int, at: datetime) -> Any:
    return (
        update(OutboxRow)
        .where(OutboxRow.key == f"refund-{decision_id}")
        .values(state="done", done_at=at, started_at=at, attempts=1)
    )


def _undisputed(locale: str) -> str:
    return {"fr": "Non contesté"}.get(locale, "Not disputed")
