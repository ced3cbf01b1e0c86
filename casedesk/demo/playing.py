"""Play a story through the desk's own actions, each at its instant: record, clocks, verdicts and money come out true."""

import random
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import not_a_person
from casedesk.cases.actions.changing import change_case, close_case
from casedesk.cases.actions.deciding import answer_decision, propose_decision
from casedesk.cases.actions.exchanging import record_exchange, record_note
from casedesk.cases.actions.opening import open_case
from casedesk.cases.commands import (
    AnswerDecision,
    ChangeCase,
    CloseCase,
    FactLine,
    MoneyLine,
    OpenCase,
    ProposeDecision,
    RecordExchange,
    RecordNote,
)
from casedesk.cases.entries import ActLine
from casedesk.cases.models import Case, Cause, Decision
from casedesk.demo.calendar import Steps, working
from casedesk.demo.phrases import Voice, day, sum_of
from casedesk.demo.stories import Story
from casedesk.kernel.errors import RuleBroken
from casedesk.ledger import actions as ledger
from casedesk.refunds import actions as refunds

SYSTEM = not_a_person("system")
SPOKEN = ("phone", "chat", "meeting")
RECENT = timedelta(hours=30)
"""What is younger stays to be done by the worker."""
REASONS = {
    "health": ("hardship",),
    "unexpected_renewal": ("not_used", "our_mistake"),
    "service_not_rendered": ("our_mistake", "agreed"),
    "quality": ("our_mistake", "agreed"),
    "unclear_terms": ("our_mistake", "goodwill"),
    "commitment_misunderstood": ("our_mistake", "goodwill"),
}
"""Why the desk goes beyond the rule, by what it is about; otherwise a gesture, or a sum agreed upon."""

LEAVING = ("moved_away", "health", "commitment_misunderstood", "changed_mind")
NOTICED = ("unexpected_renewal", "price_change")


class Play:
    """One case being played; `steps` is the clock of the story."""

    def __init__(self, session: Session, story: Story, rng: random.Random, now: datetime) -> None:
        self.session, self.story, self.rng, self.now = session, story, rng, now
        self.voice = Voice(story.buyer.locale, story.mood, self._facts(), rng)
        self.steps = Steps(story.at, story.end, rng)
        self.case_id = 0

    def run(self) -> int:
        """Play it to its status and return the case's id."""
        story = self.story
        self._open()
        if story.target == "open":
            self._leave_open()
        elif story.target == "waiting-customer":
            self._talk()
            self._ask(then="waiting-customer")
        elif story.target == "waiting-third-party":
            self._talk()
            self._write(
                "reply", "third_bank" if story.kind == "chargeback" else "third", then="waiting-third-party"
            )
        elif story.direct:
            self._close_without_decision(story.direct)
        else:
            self._talk()
            self._decide()
            if story.target == "closed":
                self._close()
        return self.case_id

    @property
    def case(self) -> Case:
        return self.session.get_one(Case, self.case_id)

    def _facts(self) -> dict[str, str]:
        story, buyer, locale = self.story, self.story.buyer, self.story.buyer.locale
        contract, paid = story.contract, story.charge
        code, today = contract.plan.currency, story.at.date()
        return {
            "name": buyer.name,
            "first": buyer.name.split()[0],
            "plan": contract.plan.name.split(",")[0],
            "paid": sum_of(paid.amount, code, locale),
            "asked": sum_of(story.claimed or paid.amount, code, locale),
            "amount": sum_of(paid.amount, code, locale),
            "on": day(paid.on, locale, today),
            "since": day(contract.started, locale, today),
            "last4": contract.card[1],
            "hall": story.hall,
            "agent": story.agent.name,
        }

    # --- what is said ---------------------------------------------------------------------------

    def _open(self) -> None:
        story, at = self.story, self.story.at
        spoken = story.channel in SPOKEN
        said = self.voice.call(story.cause) if spoken else self.voice.first(story.cause, story.kind)
        acts: tuple[ActLine, ...] = ()
        if story.cause == "changed_mind":
            acts = (ActLine("withdrawal", declared_at=at, sent_at=at, received_at=at),)
        logged = at + timedelta(minutes=self.rng.randint(3, 11))
        self.case_id = open_case(
            self.session,
            OpenCase(
                kind=story.kind,
                channel=story.channel,
                said=said,
                cause_code=story.cause,
                said_at=at,
                customer_id=story.buyer.id,
                subscription_id=story.contract.id,
                charge_id=story.charge.id,
                claimed_minor=story.claimed,
                priority=story.priority,
                acts=acts,
                facts=self._known(),
                take=story.taken,
            ),
            actor=story.agent,
            now=min(logged, self.now),
        )
        self.steps.at = min(logged, self.now)
        if story.kind == "chargeback" and not story.override and self.rng.random() < 0.5:
            ledger.dispute(
                self.session,
                story.charge.id,
                story.charge.amount,
                key=f"dispute-case-{self.case_id}",
                case_id=self.case_id,
                now=self.steps.at,
            )
            self.disputed = True

    disputed = False

    def _known(self) -> tuple[FactLine, ...]:
        """What the agent could establish while logging the case; now and then it is left to ask."""
        story = self.story
        if self.rng.random() < 0.15:
            return ()
        if story.kind == "cancellation":
            put_forward = {"health": "medical", "moved_away": "relocation"}.get(story.cause)
            if put_forward:
                return (FactLine("cause", "known", put_forward),)
            return (FactLine("cause", "never", source=f"exchange of {story.at:%Y-%m-%d}"),)
        if story.kind == "chargeback":
            return (FactLine("dispute_date", "known", story.at.date().isoformat()),)
        return ()

    def _leave_open(self) -> None:
        if not self.story.replied:
            if self.rng.random() < 0.3 and self.story.late:
                self._hear("more", "chase")
            return
        self._acknowledge()
        if self.rng.random() < 0.5:
            self._note()
        if self.rng.random() < 0.45:
            self._hear("more", self.rng.choice(("chase", "chase", "insist")))
        self._resume()
        if self.story.long:
            self._call()
            self._answer()
            self._ask()

    def _talk(self) -> None:
        """What is said before anybody decides."""
        spoken = self.story.channel in SPOKEN
        if self.rng.random() < (0.2 if spoken else 0.75):
            self._acknowledge()
        if self.rng.random() < 0.25:
            self._note()
        self._resume()
        if not self.story.long:
            return
        self._ask()
        self._answer()
        self._call()
        self._hear("more", self.rng.choice(("insist", "chase")))

    def _resume(self) -> None:
        """The customer was asked for something and took their time; the clocks were held meanwhile."""
        answered = self.story.resumes
        if answered is None:
            return
        self._ask(then="waiting-customer")
        self.steps.at = max(self.steps.at, answered - timedelta(hours=2))
        self._hear("more", f"answer_{self._about}")

    @property
    def _about(self) -> str:
        """Whether the talk is of money or of the end of the contract."""
        return "end" if self.story.kind == "cancellation" and self.story.cause in LEAVING else "money"

    def _acknowledge(self) -> None:
        self._write("reply", "ack_money" if self._about == "money" else "ack")

    def _ask(self, then: str | None = None) -> None:
        self._write("reply", f"question_{self._about}", then=then)

    def _answer(self) -> None:
        self._hear("more", f"answer_{self._about}")

    def _write(self, *path: str, then: str | None = None) -> None:
        at = self.steps.desk(0.5, 5)
        record_exchange(
            self.session,
            RecordExchange(self.case_id, "mail", False, self.voice.say(*path), then_status=then),
            actor=self.story.agent,
            now=at,
        )

    def _hear(self, *path: str) -> None:
        at = self.steps.customer(2, 30)
        logged = min(working(at) + timedelta(minutes=2), self.story.end)
        record_exchange(
            self.session,
            RecordExchange(self.case_id, "mail", True, self.voice.say(*path), happened_at=min(at, logged)),
            actor=SYSTEM,
            now=max(at, logged),
        )
        self.steps.at = max(at, logged)

    def _call(self) -> None:
        at = self.steps.desk(2, 20)
        record_exchange(
            self.session,
            RecordExchange(
                self.case_id,
                "phone",
                False,
                self.voice.say("more", "call_back"),
                minutes=self.rng.randint(2, 14),
            ),
            actor=self.story.agent,
            now=at,
        )

    def _note(self) -> None:
        at = self.steps.desk(0.2, 3)
        record_note(
            self.session,
            RecordNote(self.case_id, self.voice.say("note", "any")),
            actor=self.story.agent,
            now=at,
        )

    # --- what is decided ------------------------------------------------------------------------

    def _decide(self) -> None:
        at = self.steps.desk(2, 14)
        if self.rng.random() < 0.2:
            self._establish(at)
        total = self._total()
        try:
            decision = self._propose(total, at)
        except RuleBroken as broken:
            if broken.code != "decision.below_statute":
                raise
            decision = self._propose(int(str(broken.params["minor"])), at)
        if decision.state == "proposed" and self.story.target != "waiting-approval":
            self._approve(decision)
        if decision.state == "effective":
            self._follow(decision)

    def _total(self) -> int:
        story, case = self.story, self.case
        owed = case.verdict_minor or 0
        if self.disputed:
            return 0
        if story.override:
            return story.charge.amount
        if case.verdict_outcome == "allowed":
            return min(owed, story.charge.amount)
        if case.verdict_outcome == "refused" or story.kind == "cancellation":
            return 0
        half = (story.claimed or story.charge.amount) // 20 * 10
        return self.rng.choice((0, 0, half, story.claimed or story.charge.amount))

    def _propose(self, total: int, at: datetime) -> Decision:
        story, case = self.story, self.case
        owed = case.verdict_minor or 0
        code = text = None
        if total != owed:
            code = (
                "evidence_missing"
                if total < owed or not total
                else self.rng.choice(REASONS.get(story.cause, ("goodwill", "agreed")))
            )
            text = self.voice.say("reason", code)
        lines = (MoneyLine(story.charge.id, total),) if total else ()
        return propose_decision(
            self.session,
            ProposeDecision(
                case_id=case.id,
                case_version=case.version,
                lines=lines,
                reason_code=code,
                reason_text=text or "",
                subscription_effect=self._effect(total),
                letter_text=self.voice.say("letter", "any"),
            ),
            actor=story.agent,
            now=at,
        )

    def _effect(self, total: int) -> str:
        if self.story.kind == "cancellation":
            return "end_now" if total or self.rng.random() < 0.3 else "end_at_period_end"
        if total and self.story.cause in ("changed_mind", "trial_only", "unexpected_renewal"):
            return "end_now"
        return "keep"

    def _approve(self, decision: Decision) -> None:
        at = self.steps.desk(1, 8)
        answer_decision(
            self.session,
            AnswerDecision(decision.id, decision.version, True, self.voice.say("approve", "any")),
            actor=self.story.manager,
            now=at,
        )

    def _follow(self, decision: Decision) -> None:
        """Pay, and tell the customer."""
        if decision.amount_minor:
            self.voice.facts["amount"] = sum_of(
                decision.amount_minor, decision.currency, self.story.buyer.locale
            )
        self._pay(decision)
        if decision.amount_minor:
            whole = decision.amount_minor >= self.story.charge.amount
            self._write("reply", "paid_full" if whole else "paid_part")
        elif decision.subscription_effect != "keep":
            self._write("reply", "ended")
        else:
            self._write("reply", "refused")

    def _pay(self, decision: Decision) -> None:
        """The refund is ordered at once; the provider has paid it where that is more than a day ago."""
        at = self.steps.desk(0.3, 6)
        ordered = refunds.create_intents(self.session, self.case_id, decision.id, actor=SYSTEM, now=at)
        if self.story.target != "closed" and (self.by_hand or at > self.now - RECENT):
            return
        for intent in ordered:
            reference = f"sbx_{self.rng.getrandbits(64):016x}"
            refunds.settle(self.session, self.case, intent, "sandbox", reference, actor=SYSTEM, now=at)

    @property
    def by_hand(self) -> bool:
        return self.story.charge.provider == "manual"

    # --- how it ends ----------------------------------------------------------------------------

    def _close(self) -> None:
        case = self.case
        if case.status != "decided":
            return
        if case.outcome != "refused" and self.rng.random() < 0.35:
            self._hear("more", "thanks")
        at = self.steps.desk(8, 60)
        if self.disputed and self.rng.random() < 0.5:
            story = self.story
            ledger.dispute_won(
                self.session,
                story.charge.id,
                story.charge.amount,
                key=f"won-case-{case.id}",
                case_id=case.id,
                now=at,
            )
        close_case(self.session, CloseCase(case.id, self.case.version), actor=self.story.agent, now=at)

    def _close_without_decision(self, outcome: str) -> None:
        self._acknowledge() if outcome == "duplicate" else self._ask()
        if outcome == "withdrawn":
            self._hear("more", "thanks")
        at = self.steps.desk(10, 90)
        close_case(
            self.session, CloseCase(self.case_id, self.case.version, outcome), actor=self.story.agent, now=at
        )

    def _establish(self, at: datetime) -> None:
        """The desk says what it found to be the cause; mostly what the customer said."""
        code = self.story.cause if self.rng.random() < 0.85 else "unclear_terms"
        cause_id = self.session.scalar(select(Cause.id).where(Cause.code == code))
        change_case(
            self.session,
            ChangeCase(self.case_id, self.case.version, {"established_cause_id": cause_id}),
            actor=self.story.agent,
            now=at,
        )
