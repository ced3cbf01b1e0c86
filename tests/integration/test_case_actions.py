"""The verbs of a case on a real database: log, document, judge, decide, approve, close, correct, erase."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from casedesk.accounts.actor import Actor
from casedesk.cases import commands as c
from casedesk.cases import jobs
from casedesk.cases.actions import changing, deciding, exchanging, opening, supplying
from casedesk.cases.models import Act, Attachment, Case, Cause, Decision, SuppliedFact
from casedesk.channels.models import OutgoingMail
from casedesk.customers import actions as customers
from casedesk.customers.commands import RecordDisclosure
from casedesk.deadlines import jobs as deadline_jobs
from casedesk.deadlines.models import Clock
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBroken
from casedesk.ledger import actions as ledger
from casedesk.ledger.models import ChargeBalance
from casedesk.rulebook import actions as rulebook
from casedesk.rulebook.models import Judgement
from casedesk.store.db import db
from casedesk.store.models import Entry, EntryText, OutboxRow
from casedesk.store.transaction import transaction
from tests.factories import NOW, a_person, actor_of, stored
from tests.integration.house import House, charge, furnish


@pytest.fixture
def house(app: Flask) -> House:
    stored(
        Cause(code="unexpected_renewal", label_en="Unexpected renewal", label_fr="Reconduction inattendue")
    )
    return furnish()


@pytest.fixture
def agent(app: Flask) -> Actor:
    return actor_of(a_person("agent", goodwill_ceiling_minor=3_000))


@pytest.fixture
def manager(app: Flask) -> Actor:
    return actor_of(a_person("manager", approval_ceiling_minor=100_000))


def paid(house: House, minor: int = 47_880) -> int:
    with transaction() as session:
        return charge(session, house, minor).id


def logged(house: House, actor: Actor, **other: object) -> int:
    command = c.OpenCase(
        kind="refund",
        channel="mail",
        said="Bonjour, je souhaite être remboursée.",
        cause_code="unexpected_renewal",
        customer_id=house.customer.id,
        subscription_id=house.subscription.id,
    )
    with transaction() as session:
        return opening.open_case(session, replace(command, **other), actor=actor, now=NOW)  # type: ignore[arg-type]


def the(case_id: int) -> Case:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Case, case_id)


def kinds(case_id: int) -> list[str]:
    return list(
        db.session.scalars(
            select(Entry.kind)
            .where(Entry.subject_kind == "case", Entry.subject_id == case_id)
            .order_by(Entry.seq)
        )
    )


def test_a_logged_case_has_number_exchange_act_clocks_and_verdict(house: House, agent: Actor) -> None:
    case = the(logged(house, agent, charge_id=paid(house), claimed_minor=47_880))
    assert case.number is not None
    assert case.number.startswith("CD-2026-")
    assert (case.status, case.stage, case.owner_id, case.source) == ("open", "intake", agent.id, "facebook")
    assert kinds(case.id)[:2] == ["event.opened", "exchange"]
    assert "event.judged" in kinds(case.id)
    assert db.session.scalars(select(Act.kind)).all() == ["refund_request"]
    names = set(db.session.scalars(select(Clock.name).where(Clock.state == "running")))
    assert {"first_reply", "decide"} <= names
    assert case.next_clock == "first_reply"
    judgement = db.session.get_one(Judgement, case.judgement_id)
    assert judgement.outcome == case.verdict_outcome
    assert rulebook.replay(db.session(), judgement.id).digest() == judgement.digest


def test_a_case_on_somebody_elses_contract_is_refused(house: House, agent: Actor) -> None:
    other = furnish()
    with pytest.raises(InvalidInput, match=r"case\.not_theirs"):
        logged(house, agent, subscription_id=other.subscription.id)


def test_an_unknown_customer_needs_a_claimed_identity(house: House, agent: Actor) -> None:
    with pytest.raises(InvalidInput, match=r"case\.who"):
        logged(house, agent, customer_id=None, subscription_id=None)
    case = the(
        logged(
            house,
            agent,
            customer_id=None,
            subscription_id=None,
            claimed_name="Zoë P.",
            entity_id=house.entity.id,
        )
    )
    assert (case.customer_id, case.claimed_name, case.source) == (None, "Zoë P.", "unknown")


def test_a_mail_that_is_sent_stops_the_reply_clock_and_waits_in_the_outbox(
    house: House, agent: Actor
) -> None:
    case_id = logged(house, agent)
    with transaction() as session:
        exchanging.record_exchange(
            session,
            c.RecordExchange(
                case_id,
                "mail",
                inbound=False,
                said="Bonjour Madame, nous regardons.",
                then_status="waiting-customer",
            ),
            actor=agent,
            now=NOW + timedelta(minutes=19),
        )
    case = the(case_id)
    assert (case.status, case.unread, case.first_reply_at) == (
        "waiting-customer",
        False,
        NOW + timedelta(minutes=19),
    )
    states = {row.name: row.state for row in db.session.execute(select(Clock.name, Clock.state))}
    assert states["first_reply"] == "kept"
    assert states["decide"] == "paused"
    mail = db.session.scalars(select(OutgoingMail)).one()
    assert (mail.text, mail.state) == ("Bonjour Madame, nous regardons.", "waiting")
    assert "mail.send" in db.session.scalars(select(OutboxRow.kind)).all()


def test_the_customers_answer_wakes_the_case_and_its_clocks(house: House, agent: Actor) -> None:
    case_id = logged(house, agent)
    with transaction() as session:
        ask = c.RecordExchange(case_id, "mail", False, "Quelle date ?", then_status="waiting-customer")
        exchanging.record_exchange(session, ask, actor=agent, now=NOW + timedelta(hours=1))
    due = the(case_id).next_due_at
    with transaction() as session:
        answer = c.RecordExchange(case_id, "mail", True, "Le 12 octobre.")
        exchanging.record_exchange(session, answer, actor=agent, now=NOW + timedelta(days=2))
    case = the(case_id)
    assert (case.status, case.unread) == ("open", True)
    decide = db.session.scalars(select(Clock).where(Clock.name == "decide")).one()
    assert decide.state == "running"
    assert due is not None
    assert decide.due_at > due
    assert len(decide.working["pauses"]) == 1


def test_a_note_is_never_sent(house: House, agent: Actor) -> None:
    case_id = logged(house, agent)
    with transaction() as session:
        entry = exchanging.record_note(
            session, c.RecordNote(case_id, "Jamais venue depuis juillet."), actor=agent, now=NOW
        )
    assert (entry.kind, entry.body) == ("note", {})
    assert db.session.scalars(select(OutgoingMail.id)).all() == []


def test_a_correction_points_back_and_both_stay(house: House, agent: Actor) -> None:
    case_id = logged(house, agent)
    first = db.session.scalars(select(Entry).where(Entry.kind == "exchange")).one()
    first_id = first.id
    with transaction() as session:
        second = exchanging.correct_entry(
            session, c.CorrectEntry(case_id, first_id, "Elle a dit novembre."), actor=agent, now=NOW
        )
        assert second.corrects_id == first_id
    texts = db.session.scalars(select(EntryText.text).order_by(EntryText.entry_id)).all()
    assert [t["said"] for t in texts if "said" in t] == [
        "Bonjour, je souhaite être remboursée.",
        "Elle a dit novembre.",
    ]


def test_a_supplied_fact_is_kept_with_its_source_and_judged_anew(house: House, agent: Actor) -> None:
    case_id = logged(house, agent, charge_id=paid(house))
    before = the(case_id).judgement_id
    with transaction() as session:
        fact = c.FactLine("withdrawal_information_given_at", "never", source="mail log")
        supplying.supply_fact(session, c.SupplyFact(case_id, fact), actor=agent, now=NOW)
    stored_fact = db.session.scalars(select(SuppliedFact)).one()
    assert (stored_fact.state, stored_fact.source) == ("never", "mail log")
    assert the(case_id).judgement_id != before


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (c.FactLine("no_such_fact", "known", 1), "fact.unknown"),
        (c.FactLine("price_minor", "known", "many"), "fact.value"),
        (c.FactLine("price_minor", "never", source="x"), "fact.never"),
        (c.FactLine("notice_sent_at", "never"), "fact.never_source"),
        (c.FactLine("notice_sent_at", "known", "2026-02-30T10:00:00+01:00"), "fact.value"),
    ],
)
def test_a_fact_that_cannot_be_read_is_refused(
    house: House, agent: Actor, fact: c.FactLine, code: str
) -> None:
    case_id = logged(house, agent)
    with pytest.raises(InvalidInput) as refused, transaction() as session:
        supplying.supply_fact(session, c.SupplyFact(case_id, fact), actor=agent, now=NOW)
    assert refused.value.code == code
    assert db.session.scalars(select(SuppliedFact.id)).all() == []


def test_a_stale_save_is_refused(house: House, agent: Actor) -> None:
    case_id = logged(house, agent)
    seen = the(case_id).version
    with transaction() as session:
        changing.change_case(session, c.ChangeCase(case_id, seen, {"priority": 1}), actor=agent, now=NOW)
    with pytest.raises(Conflict, match=r"case\.changed"), transaction() as session:
        changing.change_case(session, c.ChangeCase(case_id, seen, {"priority": 2}), actor=agent, now=NOW)
    assert the(case_id).priority == 1


def proposal(case_id: int, charge_id: int, minor: int, **other: object) -> c.ProposeDecision:
    case = the(case_id)
    lines = (c.MoneyLine(charge_id, minor),) if minor else ()
    command = c.ProposeDecision(
        case_id, case.version, lines, reason_code="goodwill", reason_text="Jamais venue."
    )
    return replace(command, **other)  # type: ignore[arg-type]


def proposed(actor: Actor, command: c.ProposeDecision) -> c.AnswerDecision:
    """Propose, and give the approval that could answer it."""
    with transaction() as session:
        decision = deciding.propose_decision(session, command, actor=actor, now=NOW)
        return c.AnswerDecision(decision.id, decision.version, approve=True)


def answered(actor: Actor, answer: c.AnswerDecision) -> None:
    with transaction() as session:
        deciding.answer_decision(session, answer, actor=actor, now=NOW)


def state_of(answer: c.AnswerDecision) -> str:
    db.session.expire_all()
    return db.session.get_one(Decision, answer.decision_id).state


def test_money_beyond_the_rule_is_reserved_and_waits_for_a_second_person(
    house: House, agent: Actor, manager: Actor
) -> None:
    charge_id = paid(house)
    case_id = logged(house, agent, charge_id=charge_id, claimed_minor=47_880)
    decision = proposed(agent, proposal(case_id, charge_id, 47_880))
    assert state_of(decision) == "proposed"
    assert the(case_id).status == "waiting-approval"
    assert db.session.get_one(ChargeBalance, charge_id).reserved == 47_880
    with pytest.raises(NotAllowed, match=r"decision\.own"):
        answered(replace(agent, role="manager"), decision)
    answered(manager, decision)
    case = the(case_id)
    assert (case.status, case.outcome) == ("decided", "granted")
    assert kinds(case_id).count("decision.effective") == 1
    work = set(db.session.scalars(select(OutboxRow.kind)))
    assert {"letter.compose", "refund.create"} <= work


def test_a_declined_proposal_gives_the_money_back_and_says_why(
    house: House, agent: Actor, manager: Actor
) -> None:
    charge_id = paid(house)
    case_id = logged(house, agent, charge_id=charge_id)
    decision = proposed(agent, proposal(case_id, charge_id, 47_880))
    with pytest.raises(InvalidInput, match=r"decision\.decline_reason"):
        answered(manager, replace(decision, approve=False))
    answered(manager, replace(decision, approve=False, said="Deux visites en novembre."))
    assert state_of(decision) == "declined"
    assert db.session.get_one(ChargeBalance, charge_id).reserved == 0
    assert the(case_id).status == "open"


def test_a_proposal_lapses_when_the_facts_change(house: House, agent: Actor, manager: Actor) -> None:
    charge_id = paid(house)
    case_id = logged(house, agent, charge_id=charge_id)
    decision = proposed(agent, proposal(case_id, charge_id, 47_880))
    with transaction() as session:
        fact = c.FactLine("express_request", "known", True, "signed form")
        supplying.supply_fact(session, c.SupplyFact(case_id, fact), actor=agent, now=NOW)
    answered(manager, decision)
    assert state_of(decision) == "lapsed"
    assert db.session.get_one(ChargeBalance, charge_id).reserved == 0
    assert the(case_id).status == "open"


def test_a_manager_cannot_approve_above_the_ceiling(house: House, agent: Actor, manager: Actor) -> None:
    charge_id = paid(house, 200_000)
    case_id = logged(house, agent, charge_id=charge_id)
    decision = proposed(agent, proposal(case_id, charge_id, 150_000))
    with pytest.raises(RuleBroken, match=r"decision\.above_your_ceiling"):
        answered(manager, decision)


def test_more_than_was_captured_is_never_decided(house: House, agent: Actor) -> None:
    charge_id = paid(house, 1_000)
    case_id = logged(house, agent, charge_id=charge_id)
    with pytest.raises(RuleBroken):
        proposed(agent, proposal(case_id, charge_id, 1_001))
    assert db.session.scalars(select(Decision.id)).all() == []


def test_a_charge_of_another_customer_is_not_found(house: House, agent: Actor) -> None:
    other = furnish()
    case_id = logged(house, agent, charge_id=paid(house))
    of_another = paid(other)
    with pytest.raises(NotFound):
        proposed(agent, proposal(case_id, of_another, 100))


def test_a_case_closes_only_with_an_outcome(house: House, agent: Actor) -> None:
    case_id = logged(house, agent)
    with pytest.raises(RuleBroken, match=r"case\.close_needs_outcome"), transaction() as session:
        changing.close_case(session, c.CloseCase(case_id, the(case_id).version), actor=agent, now=NOW)
    with transaction() as session:
        changing.close_case(
            session, c.CloseCase(case_id, the(case_id).version, "withdrawn"), actor=agent, now=NOW
        )
    case = the(case_id)
    assert (case.status, case.outcome, case.next_due_at) == ("closed", "withdrawn", None)
    assert set(db.session.scalars(select(Clock.state))) == {"cancelled"}


def test_who_sees_only_what_is_assigned_finds_no_other_case(house: House, agent: Actor) -> None:
    case_id = logged(house, agent)
    stranger = actor_of(a_person("agent", sees="assigned"))
    with pytest.raises(NotFound), transaction() as session:
        exchanging.record_note(session, c.RecordNote(case_id, "x"), actor=stranger, now=NOW)
    assert db.session.scalars(select(Attachment.id)).all() == []


def test_nobody_decides_again_while_the_earlier_refund_is_on_its_way(
    house: House, agent: Actor, manager: Actor
) -> None:
    charge_id = paid(house)
    case_id = logged(house, agent, charge_id=charge_id)
    answered(manager, proposed(agent, proposal(case_id, charge_id, 10_000)))
    with transaction() as session:
        again = c.ChangeCase(case_id, session.get_one(Case, case_id).version, {"status": "open"})
        changing.change_case(session, again, actor=agent, now=NOW)
    with pytest.raises(RuleBroken, match=r"decision\.still_paying"):
        proposed(agent, proposal(case_id, charge_id, 10_000))
    with transaction() as session:
        ledger.refund(session, charge_id, 10_000, key="paid", case_id=case_id, now=NOW)
    assert state_of(proposed(agent, proposal(case_id, charge_id, 10_000))) == "proposed"


def test_what_the_customer_was_told_is_judged_once_it_is_recorded(
    house: House, agent: Actor, manager: Actor
) -> None:
    case_id = logged(house, agent, charge_id=paid(house))
    before = the(case_id).judgement_id
    told = RecordDisclosure(
        house.subscription.id,
        kind="withdrawal_information",
        given_at=house.subscription.concluded_at,
        never=False,
        medium="",
        source="web shop",
    )
    with transaction() as session:
        customers.record_disclosure(session, told, actor=manager, now=NOW)
    payload = db.session.scalars(
        select(OutboxRow.payload).where(OutboxRow.kind == "subscription.disclosed")
    ).one()
    with transaction() as session:
        jobs.HANDLERS["subscription.disclosed"](session, payload, now=NOW)
    assert the(case_id).judgement_id != before


def test_a_breached_clock_is_put_on_the_record_with_how_late_that_was_noticed(
    house: House, agent: Actor
) -> None:
    case_id = logged(house, agent)
    row = db.session.scalars(select(OutboxRow).where(OutboxRow.kind == "clock.look")).first()
    assert row is not None
    late = row.due_at + timedelta(hours=3)
    payload = row.payload
    with transaction() as session:
        deadline_jobs.look(session, payload, now=late)
        deadline_jobs.look(session, payload, now=late)
    told = db.session.scalars(select(OutboxRow.payload).where(OutboxRow.kind == "case.clock_breached")).one()
    with transaction() as session:
        jobs.HANDLERS["case.clock_breached"](session, told, now=late)
    events = db.session.scalars(select(Entry).where(Entry.kind == "event.clock_breached")).all()
    assert [event.body["noticed_after_s"] for event in events] == [3 * 3600]
    assert the(case_id).status == "open"
