"""A mediation from the request to its end, through the room's actions: states, days, money, and what the case learns."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from casedesk.cases.actions import deciding
from casedesk.cases.commands import MoneyLine, ProposeDecision
from casedesk.cases.models import Case, Decision
from casedesk.channels.models import OutgoingMail
from casedesk.deadlines.models import Clock
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBroken
from casedesk.ledger.models import ChargeBalance
from casedesk.mediation import commands as c
from casedesk.mediation import jobs
from casedesk.mediation.actions import admitting, asking, closing, hearing, offering, proposing, settling
from casedesk.mediation.models import Agreement, BlindOffer, Closing, Mediation, OfferRound, Proposal
from casedesk.mediation.rules.proposals import Part
from casedesk.refunds import actions as refunds
from casedesk.store.db import db
from casedesk.store.models import Entry, EntryText
from casedesk.store.transaction import transaction
from casedesk.store.verify import verify
from tests.factories import a_person, actor_of
from tests.integration.mediations import CUSTOMER, SYSTEM, Play, a_play, fresh


@pytest.fixture
def play(app: Flask) -> Play:
    return a_play(app)


def clock(play: Play, name: str) -> Clock:
    fresh()
    return db.session.scalars(
        select(Clock)
        .where(Clock.subject_kind == "mediation", Clock.subject_id == play.file_id, Clock.name == name)
        .order_by(Clock.round.desc())
    ).first()  # type: ignore[return-value]


def mails(play: Play) -> list[OutgoingMail]:
    fresh()
    return list(
        db.session.scalars(
            select(OutgoingMail).where(
                OutgoingMail.subject_kind == "mediation", OutgoingMail.subject_id == play.file_id
            )
        )
    )


def test_a_request_gets_a_number_asks_the_panel_and_starts_the_three_weeks(play: Play) -> None:
    play.requested()
    file = play.file
    assert file.number
    assert file.number.startswith("MED-2026-")
    assert (file.state, file.waits_for) == ("requested", "panel")
    assert file.proposed_mediator_id in (play.mediator.id, play.second.id)
    assert clock(play, "refusal").working["rule"] == "FR-MED-3W"
    assert (play.case.stage, play.case.status) == ("mediation", "waiting-third-party")


def test_the_ninety_days_run_from_the_notification(play: Play) -> None:
    play.requested().appointed().admitted().later(days=3).notified()
    assert play.file.due_on == (play.now + timedelta(days=90)).date()
    assert clock(play, "outcome").working["rule"] == "FR-MED-90D"
    assert clock(play, "refusal").state == "kept"
    assert {mail.recipient for mail in mails(play)} >= {play.manager.mail}


def test_both_yeses_agree_pay_and_are_carried_out(play: Play) -> None:
    play.in_exchange().agreed()
    assert play.file.state == "agreed"
    assert (play.case.outcome, play.case.status) == ("settled", "decided")
    decision = db.session.scalars(select(Decision)).one()
    assert (decision.outcome, decision.amount_minor, decision.state) == ("settled", 20_000, "effective")
    decision_id = decision.id
    assert db.session.get_one(ChargeBalance, play.charge_id).reserved == 20_000
    with transaction() as session:
        for intent in refunds.create_intents(session, play.case_id, decision_id, actor=SYSTEM, now=play.now):
            refunds.settle(
                session,
                session.get_one(Case, play.case_id),
                intent,
                "sandbox",
                "r-1",
                actor=SYSTEM,
                now=play.now,
            )
    with transaction() as session:
        session.execute(_done("refund.create", play.now))
        jobs.watch(session, {}, now=play.now)
    assert [task.state for task in play.tasks()] == ["done"]
    assert play.file.waits_for == "nobody"


def _done(kind: str, now: object) -> object:
    from sqlalchemy import update

    from casedesk.store.models import OutboxRow

    return update(OutboxRow).where(OutboxRow.kind == kind).values(state="done", done_at=now)


def test_the_desks_clocks_are_held_while_the_mediator_has_the_case(play: Play) -> None:
    def decide() -> Clock:
        fresh()
        mine = Clock.subject_kind == "case", Clock.subject_id == play.case_id, Clock.name == "decide"
        return db.session.scalars(select(Clock).where(*mine).order_by(Clock.round.desc())).first()  # type: ignore[return-value]

    play.in_exchange()
    assert decide().state == "paused"
    play.later(days=4).agreed()
    assert decide().paused_at is None
    assert decide().stopped_at == play.now


def test_a_proposal_that_waited_lapses_with_its_money_when_the_parties_agree(play: Play) -> None:
    agent = a_person("agent")
    play.in_exchange()
    with transaction() as session:
        waiting = ProposeDecision(
            play.case_id,
            session.get_one(Case, play.case_id).version,
            (MoneyLine(play.charge_id, 9_000),),
            reason_code="goodwill",
            reason_text="Jamais venue.",
        )
        deciding.propose_decision(session, waiting, actor=actor_of(agent), now=play.now)
    assert play.case.status == "waiting-approval"
    play.agreed()
    states = db.session.scalars(select(Decision.state).order_by(Decision.n)).all()
    assert states == ["lapsed", "effective"]
    assert db.session.get_one(ChargeBalance, play.charge_id).reserved == 20_000


def test_what_was_said_is_no_entry_of_the_case(play: Play) -> None:
    play.in_exchange().agreed()
    said = db.session.scalars(
        select(EntryText.text)
        .join(Entry, Entry.id == EntryText.entry_id)
        .where(Entry.subject_kind == "case", Entry.subject_id == play.case_id)
    ).all()
    assert "Villeurbanne" not in str(said)
    assert "Villeurbanne" in play.words()
    kinds = set(db.session.scalars(select(Entry.kind).where(Entry.subject_kind == "case")))
    assert not {kind for kind in kinds if kind.startswith("mediation.")}


def test_the_chain_of_the_file_holds(play: Play) -> None:
    play.in_exchange().agreed()
    assert not list(verify(db.session()).faults)


def test_a_yes_alone_to_the_mediators_proposal_concludes_nothing(play: Play) -> None:
    play.in_exchange()
    proposal = play.proposed()
    play.answered(proposal, CUSTOMER)
    assert play.file.state == "proposal"
    assert play.file.waits_for == "company"
    play.answered(proposal, play.manager, accept=False)
    assert play.file.state == "exchange"
    assert db.session.get_one(Proposal, proposal.id).state == "refused"


def test_a_party_counters_with_terms_of_its_own(play: Play) -> None:
    play.in_exchange()
    first = play.proposed(CUSTOMER, 47_880)
    second = play.proposed(play.manager, 15_000, counters_id=first.id)
    fresh()
    assert db.session.get_one(Proposal, first.id).state == "countered"
    play.answered(second, CUSTOMER)
    assert play.file.state == "agreed"


def test_accepting_needs_to_have_read_what_is_given_up(play: Play) -> None:
    play.in_exchange()
    proposal = play.proposed()
    with pytest.raises(InvalidInput, match="understood"):
        play.do(
            proposing.answer_proposal,
            c.AnswerProposal(play.file_id, proposal.id, accept=True, understood=False),
            CUSTOMER,
        )


def test_an_answer_after_the_last_day_is_refused(play: Play) -> None:
    play.in_exchange()
    proposal = play.proposed()
    play.later(days=20)
    with pytest.raises(Conflict):
        play.answered(proposal, CUSTOMER)


def test_a_representative_binds_the_company_up_to_the_ceiling(play: Play) -> None:
    small = a_person("manager", approval_ceiling_minor=5_000)
    play.in_exchange()
    play.do(
        asking.name_representative,
        c.NameRepresentative(play.file_id, "company", person_id=small.id),
        play.manager,
    )
    with pytest.raises(NotAllowed):
        play.proposed(small, 6_000)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((), "mediation.no_part"),
        ((Part("refund", -1),), "mediation.part_amount"),
        ((Part("refund", 10**14),), "mediation.part_too_large"),
        ((Part("refund", 100), Part("refund", 100)), "mediation.part_twice"),
        ((Part("extension", months=99),), "mediation.part_months"),
        ((Part("bribe", 100),), "mediation.part_kind"),
        ((Part("waiver"),), "mediation.part_said"),
        ((Part("apology", within_days=0),), "mediation.part_days"),
    ],
)
def test_a_proposal_that_cannot_stand_is_refused(play: Play, parts: tuple[Part, ...], code: str) -> None:
    play.in_exchange()
    with pytest.raises(InvalidInput, match=code):
        play.proposed(parts=parts)


def test_an_offer_in_another_currency_is_refused(play: Play) -> None:
    play.in_exchange()
    with pytest.raises(InvalidInput, match=r"mediation\.currency"):
        play.proposed(currency="GBP")


def a_round(play: Play, distance: int = 2_000) -> OfferRound:
    play.in_exchange()
    until = (play.now + timedelta(days=10)).date()
    return play.do(offering.open_offers, c.OpenOffers(play.file_id, distance, until), play.mediator)


def offer(play: Play, one: OfferRound, by: object, minor: int) -> object:
    return play.do(offering.offer_blind, c.OfferBlind(play.file_id, one.id, minor, understood=True), by)  # type: ignore[arg-type]


def test_blind_offers_that_overlap_settle_at_the_midpoint(play: Play) -> None:
    one = a_round(play)
    assert offer(play, one, CUSTOMER, 30_001) is None
    settled = offer(play, one, play.manager, 30_002)
    assert settled is not None
    assert settled.amount_minor == 30_002
    assert play.file.state == "agreed"


def test_blind_offers_apart_tell_nothing_and_are_three_at_most(play: Play) -> None:
    one = a_round(play)
    offer(play, one, CUSTOMER, 40_000)
    for minor in (10_000, 12_000, 14_000):
        assert offer(play, one, play.manager, minor) is None
    with pytest.raises(RuleBroken, match="offers_used"):
        offer(play, one, play.manager, 16_000)
    figures = {"40000", "10000", "12000", "14000", "400,00", "100,00"}
    told = " ".join(str(entry.body) for entry in play.entries()) + play.words()
    assert not [figure for figure in figures if figure in told and figure != "400,00"]
    assert all(
        str(n).encode() not in row.sealed for row in db.session.scalars(select(BlindOffer)) for n in (40_000,)
    )


def test_an_unpaid_part_opens_the_exchange_again(play: Play) -> None:
    play.in_exchange().agreed()
    name = f"task-{play.tasks()[0].id}"
    due = clock(play, name).due_at.isoformat()
    play.later(days=20)
    with transaction() as session:
        payload = {"clock": name, "subject_id": play.file_id, "due_at_was": due}
        jobs.breached(session, payload, now=play.now)
    assert (play.file.state, play.tasks()[0].state) == ("exchange", "breached")
    assert play.case.status == "waiting-third-party"


def test_declining_needs_a_ground_and_a_reason_and_gives_the_case_back(play: Play) -> None:
    play.requested().appointed()
    with pytest.raises(InvalidInput):
        play.do(admitting.decline, c.Decline(play.file_id, "whim", "Non."), play.mediator)
    play.do(admitting.decline, c.Decline(play.file_id, "elsewhere", "Un tribunal est saisi."), play.mediator)
    assert (play.file.state, play.file.ground) == ("declined", "elsewhere")
    assert play.case.stage == "manager"
    assert db.session.scalars(select(Closing.state)).all() == ["declined"]


def test_more_time_is_taken_before_the_end_and_both_are_told(play: Play) -> None:
    play.in_exchange()
    before = len(mails(play))
    until = play.file.due_on + timedelta(days=45)  # type: ignore[operator]
    play.do(admitting.extend, c.Extend(play.file_id, until, "Expertise en cours."), play.mediator)
    assert play.file.extended_to == until
    assert clock(play, "outcome").working["last"] == until.isoformat()
    assert len(mails(play)) == before + 2
    with pytest.raises(InvalidInput, match="not_later"):
        play.do(admitting.extend, c.Extend(play.file_id, date(2026, 12, 1), "Encore."), play.mediator)


def test_either_party_may_leave_at_any_time(play: Play) -> None:
    play.in_exchange()
    play.do(closing.withdraw, c.Withdraw(play.file_id, "Je préfère le tribunal.", cause="court"), CUSTOMER)
    assert play.file.state == "withdrawn"
    assert db.session.scalars(select(Closing.interruption)).all() == ["court"]


def test_a_late_file_lapses_after_the_grace_and_not_before(play: Play) -> None:
    play.in_exchange()
    due = clock(play, "outcome").due_at
    play.now = due + timedelta(hours=1)
    with transaction() as session:
        jobs.breached(
            session,
            {"clock": "outcome", "subject_id": play.file_id, "due_at_was": due.isoformat()},
            now=play.now,
        )
    assert play.file.state == "exchange"
    grace = clock(play, "grace").due_at
    play.now = grace + timedelta(minutes=1)
    with transaction() as session:
        jobs.breached(
            session,
            {"clock": "grace", "subject_id": play.file_id, "due_at_was": grace.isoformat()},
            now=play.now,
        )
    assert play.file.state == "lapsed"


def test_closing_with_an_opinion_frees_the_mediator_and_counts(play: Play) -> None:
    play.in_exchange()
    opinion = "La salle a prévenu ses membres ; la perte de onze séances justifie une part du prix."
    command = c.CloseWithOpinion(play.file_id, opinion, "shared", "service_not_rendered", "notice")
    play.do(closing.close_with_opinion, command, play.mediator)
    assert play.file.state == "closed"
    assert opinion in "".join(mail.text for mail in mails(play))


def test_a_restatement_is_confirmed_or_put_right_once(play: Play) -> None:
    play.in_exchange()
    restated = play.do(
        hearing.restate,
        c.Restate(play.file_id, customer_concern="Onze séances perdues", facts_agreed="612 € payés"),
        play.mediator,
    )
    play.do(hearing.answer_restatement, c.AnswerRestatement(play.file_id, restated.id), CUSTOMER)
    with pytest.raises(InvalidInput, match="answered"):
        play.do(hearing.answer_restatement, c.AnswerRestatement(play.file_id, restated.id), CUSTOMER)
    assert play.file.waits_for == "company"


def test_a_second_file_on_the_same_case_waits_for_the_first(play: Play) -> None:
    play.requested()
    with pytest.raises(RuleBroken, match="running"):
        play.do(asking.request_mediation, c.RequestMediation(play.case_id, "Encore."), CUSTOMER)


def test_nobody_without_a_part_reaches_a_file(play: Play) -> None:
    play.in_exchange()
    stranger = a_person("mediator", name="Hors panel")
    with pytest.raises(NotFound):
        play.do(hearing.write_message, c.WriteMessage(play.file_id, "Bonjour"), stranger)


def test_money_that_is_gone_meanwhile_stops_the_agreement(play: Play) -> None:
    play.in_exchange()
    proposal = play.proposed(minor=47_880)
    play.answered(proposal, CUSTOMER)
    with transaction() as session:
        balance = session.get_one(ChargeBalance, play.charge_id)
        balance.disputed = 40_000
    with pytest.raises(RuleBroken, match="money_gone"):
        play.answered(proposal, play.manager)
    assert play.file.state == "proposal"
    assert db.session.scalars(select(Agreement)).all() == []
    assert db.session.scalars(select(Mediation.state)).all() == ["proposal"]


def test_fulfilling_a_part_by_hand(play: Play) -> None:
    play.in_exchange()
    proposal = play.proposed(parts=(Part("apology", said="Nos excuses"), Part("extension", months=2)))
    play.answered(proposal, CUSTOMER)
    play.answered(proposal, play.manager)
    for task_id in [task.id for task in play.tasks()]:
        play.do(settling.fulfil, c.Fulfil(task_id), play.manager)
    assert {task.state for task in play.tasks()} == {"done"}
