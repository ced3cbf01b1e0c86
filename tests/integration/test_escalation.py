"""The ladder: raised by hand and by rule, taken up by one, brought down with a reason, during absences too."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases import commands as c
from casedesk.cases.actions import absences, changing, escalating, exchanging, opening, ruling, weighing
from casedesk.cases.actions.evidence import give_evidence_date
from casedesk.cases.escalation_models import CaseNotice, Escalation, FoundWords
from casedesk.cases.models import Case
from casedesk.cases.rules import GIVEN
from casedesk.cases.usual_rules import USUAL
from casedesk.channels.models import OutgoingMail
from casedesk.deadlines import changing as settings
from casedesk.deadlines.models import Clock
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, RuleBroken
from casedesk.mediation import jobs as mediation
from casedesk.store import verify
from casedesk.store.db import db
from casedesk.store.models import Entry, EntryText, OutboxRow
from casedesk.store.record import SYSTEM as BY_SYSTEM
from casedesk.store.transaction import transaction
from tests.factories import NOW, a_person, a_team, actor_of, an_entity, send, sign_in

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _desk(app: Flask) -> None:
    an_entity()


class Desk:
    """A team with an agent, its lead and a manager; a second manager elsewhere."""

    def __init__(self) -> None:
        team = a_team("Lille")
        self.agent = a_person("agent", name="Chloé Dürrenmatt", team_id=team.id, locale="fr")
        self.lead = a_person("agent", name="Inès Belkacem", team_id=team.id, is_lead=True)
        self.manager = a_person("manager", name="Solène Kerbiriou", team_id=team.id, locale="fr")
        self.other = a_person("manager", name="Fiona MacAllister", team_id=a_team("Leeds").id)

    def log(self, said: str = "Bonjour, je souhaite être remboursée.", **more: object) -> int:
        command = c.OpenCase(
            **{
                "kind": "refund", "channel": "mail", "said": said, "cause_code": None,
                "claimed_name": "Éléonore Vandenbroucke", "claimed_minor": 47_880, **more,
            }
        )  # fmt: skip
        with transaction() as session:
            return opening.open_case(session, command, actor=actor_of(self.agent), now=NOW)


@pytest.fixture
def desk(_desk: None) -> Desk:
    return Desk()


def raised(
    case_id: int, to_stage: str, actor: Person, *, at: datetime = NOW, to: Person | None = None
) -> int:
    command = c.Escalate(
        case_id, to_stage, "no_agreement", "Qui : E. Quoi : 478,80 €.", to_person_id=to.id if to else None
    )
    with transaction() as session:
        return escalating.escalate(session, command, actor=actor_of(actor), now=at).id


def taken(case_id: int, escalation_id: int, actor: Person, *, at: datetime = NOW + HOUR) -> None:
    with transaction() as session:
        escalating.acknowledge(session, c.TakeUp(case_id, escalation_id), actor=actor_of(actor), now=at)


def the(case_id: int) -> Case:
    db.session.remove()
    return db.session.get_one(Case, case_id)


def clock(case_id: int, name: str) -> Clock:
    return db.session.scalars(
        select(Clock).where(Clock.subject_id == case_id, Clock.name == name).order_by(Clock.id.desc())
    ).first()


def worked(kinds: tuple[str, ...], now: datetime) -> None:
    """Run the due rows of these kinds, as the worker does."""
    from casedesk.worker import collect

    handlers = collect().handlers
    with transaction() as session:
        rows = session.scalars(
            select(OutboxRow)
            .where(OutboxRow.kind.in_(kinds), OutboxRow.state == "ready", OutboxRow.due_at <= now)
            .order_by(OutboxRow.due_at, OutboxRow.id)
        ).all()
        for row in rows:
            handlers[row.kind](session, dict(row.payload), now=now)
            row.state = "done"


def test_a_raised_case_has_a_receiver_a_clock_a_summary_on_record_and_a_notice(desk: Desk) -> None:
    case_id = desk.log()
    escalation_id = raised(case_id, "team-lead", desk.agent)
    case = the(case_id)
    assert (case.stage, case.escalation_id) == ("team-lead", escalation_id)
    row = db.session.get_one(Escalation, escalation_id)
    assert (row.to_person_id, row.from_stage, row.state) == (desk.lead.id, "intake", "open")
    assert clock(case_id, "acknowledge").due_at == NOW + 2 * HOUR
    entry = db.session.scalars(select(Entry).where(Entry.kind == "event.escalated")).one()
    text = db.session.get_one(EntryText, entry.id)
    assert text.text == {"said": "Qui : E. Quoi : 478,80 €."}
    told = db.session.scalars(select(CaseNotice)).one()
    assert (told.person_id, told.code) == (desk.lead.id, "escalated")
    assert verify.verify(db.session()).faults == []


def test_who_takes_it_up_owns_it_and_stops_the_clock(desk: Desk) -> None:
    case_id = desk.log()
    taken(case_id, raised(case_id, "team-lead", desk.agent), desk.lead)
    assert the(case_id).owner_id == desk.lead.id
    assert clock(case_id, "acknowledge").state == "kept"
    assert db.session.scalars(select(CaseNotice.seen_at)).one() is not None


def test_of_two_managers_who_take_up_at_once_one_wins_and_the_other_is_told_by_name(desk: Desk) -> None:
    case_id = desk.log()
    escalation_id = raised(case_id, "manager", desk.agent)
    taken(case_id, escalation_id, desk.manager)
    with pytest.raises(Conflict) as told:
        taken(case_id, escalation_id, desk.other)
    assert told.value.params["name"] == "Solène Kerbiriou"
    assert the(case_id).owner_id == desk.manager.id
    entries = db.session.scalars(select(Entry).where(Entry.kind == "event.escalation_taken_up")).all()
    assert len(entries) == 1


def test_an_agent_who_leads_nothing_takes_nothing_up(desk: Desk) -> None:
    case_id = desk.log()
    escalation_id = raised(case_id, "team-lead", desk.agent)
    with pytest.raises(RuleBroken, match="not_yours"):
        taken(case_id, escalation_id, desk.agent)


def test_a_case_comes_down_with_a_reason_to_who_had_it(desk: Desk) -> None:
    case_id = desk.log()
    taken(case_id, raised(case_id, "team-lead", desk.agent), desk.lead)
    lead = actor_of(desk.lead)
    with transaction() as session, pytest.raises(InvalidInput):
        escalating.come_down(session, c.ComeDown(case_id, "desk", ""), actor=lead, now=NOW + 2 * HOUR)
    with transaction() as session:
        escalating.come_down(
            session, c.ComeDown(case_id, "desk", "Pièce reçue."), actor=lead, now=NOW + 2 * HOUR
        )
    case = the(case_id)
    assert (case.stage, case.owner_id, case.escalation_id) == ("desk", desk.agent.id, None)
    assert db.session.scalars(select(CaseNotice.code).where(CaseNotice.person_id == desk.agent.id)).all() == [
        "came_down"
    ]


def test_an_agent_does_not_reach_mediation_and_nobody_goes_up_by_the_form_of_changes(desk: Desk) -> None:
    case_id = desk.log()
    with pytest.raises(RuleBroken):
        raised(case_id, "mediation", desk.agent)
    command = c.ChangeCase(case_id, the(case_id).version, {"stage": "manager"})
    with transaction() as session, pytest.raises(RuleBroken) as told:
        changing.change_case(session, command, actor=actor_of(desk.agent), now=NOW)
    assert told.value.code == "case.stage_by_escalation"


def test_a_case_that_reaches_mediation_leaves_word_for_the_room_of_that_rung(desk: Desk) -> None:
    case_id = desk.log()
    taken(case_id, raised(case_id, "manager", desk.agent), desk.manager)
    escalation_id = raised(case_id, "mediation", desk.manager, at=NOW + 2 * HOUR)
    row = db.session.scalars(select(OutboxRow).where(OutboxRow.kind == "case.reached_mediation")).one()
    assert row.payload == {"case_id": case_id, "escalation_id": escalation_id}
    assert clock(case_id, "acknowledge").state == "kept"


def test_a_closed_case_has_nothing_to_take_up(desk: Desk) -> None:
    case_id = desk.log()
    escalation_id = raised(case_id, "team-lead", desk.agent)
    command = c.CloseCase(case_id, the(case_id).version, "withdrawn")
    with transaction() as session:
        changing.close_case(session, command, actor=actor_of(desk.agent), now=NOW)
    assert the(case_id).escalation_id is None
    assert db.session.get_one(Escalation, escalation_id).state == "ended"
    with pytest.raises(RuleBroken):
        raised(case_id, "manager", desk.agent)


def test_a_mail_about_a_rise_goes_while_the_desk_is_open_and_not_where_it_was_seen(desk: Desk) -> None:
    night = datetime(2026, 11, 27, 22, 0, tzinfo=NOW.tzinfo)  # a Friday
    case_id = desk.log()
    raised(case_id, "manager", desk.agent, at=night)
    row = db.session.scalars(select(OutboxRow).where(OutboxRow.kind == "case.notice_mail")).one()
    assert row.due_at == datetime(2026, 11, 30, 8, 0, tzinfo=NOW.tzinfo)  # Monday 9:00 in Paris
    due, notice_id = row.due_at, row.payload["notice_id"]
    worked(("case.notice_mail",), due)
    mail = db.session.scalars(select(OutgoingMail)).one()
    assert mail.recipient == desk.manager.mail
    assert "Transmis à vous" in mail.title
    assert "Éléonore" not in mail.title + mail.text
    with transaction() as session:
        session.delete(session.scalars(select(OutgoingMail)).one())
        session.get_one(CaseNotice, notice_id).seen_at = night
        session.scalars(select(OutboxRow).where(OutboxRow.kind == "case.notice_mail")).one().state = "ready"
    worked(("case.notice_mail",), due)
    assert db.session.scalars(select(OutgoingMail)).all() == []


# --- rules ---------------------------------------------------------------------------------------


def usual() -> None:
    with transaction() as session:
        for rule in USUAL:
            ruling.set_rule(session, rule, actor=BY_SYSTEM, now=NOW)


def test_rules_raise_a_large_sum_once_with_a_summary_drafted_from_the_record(desk: Desk) -> None:
    usual()
    case_id = desk.log(claimed_minor=95_000)
    worked(("case.weigh",), NOW)
    case = the(case_id)
    assert case.stage == "team-lead"
    row = db.session.scalars(select(Escalation)).one()
    assert (row.reason, row.raised_by) == ("amount_above", None)
    text = db.session.get_one(EntryText, row.entry_id)
    assert "Éléonore Vandenbroucke" in text.text["said"]
    assert "950,00" in text.text["said"]
    with transaction() as session:
        escalating.come_down(
            session, c.ComeDown(case_id, "desk", "Vu."), actor=actor_of(desk.lead), now=NOW + HOUR
        )
        exchange = c.RecordExchange(case_id, "mail", True, "Alors ?")
        exchanging.record_exchange(session, exchange, actor=actor_of(desk.agent), now=NOW + HOUR)
    worked(("case.weigh",), NOW + HOUR)
    assert the(case_id).stage == "desk"  # the rule has spoken of this sum already


def test_words_raise_only_once_a_person_has_confirmed_them(desk: Desk) -> None:
    usual()
    case_id = desk.log("Mon avocat vous écrira.", claimed_minor=1_000)
    worked(("case.weigh",), NOW)
    assert (the(case_id).stage, the(case_id).words_found) == ("intake", 1)
    entry_id = db.session.scalars(select(FoundWords.entry_id)).one()
    with transaction() as session:
        answer = c.AnswerWords(case_id, entry_id, "lawyer", True)
        weighing.answer_words(session, answer, actor=actor_of(desk.agent), now=NOW)
    with transaction() as session, pytest.raises(Conflict):
        weighing.answer_words(session, answer, actor=actor_of(desk.lead), now=NOW)
    worked(("case.weigh",), NOW)
    assert (the(case_id).stage, the(case_id).words_found) == ("manager", 0)


def test_a_clock_that_runs_out_raises_the_case_and_one_later_raises_it_further(desk: Desk) -> None:
    usual()
    with transaction() as session:
        settings.set_threshold(
            session, settings.SetThreshold("decide", 540, "manager"), actor=BY_SYSTEM, now=NOW
        )
    case_id = desk.log(claimed_minor=1_000)
    due = clock(case_id, "decide").due_at
    ladder = ("clock.look", "case.clock_breached", "case.clock_overdue", "case.weigh")
    for at, stage in (
        (due - HOUR, "intake"),
        (due, "team-lead"),
        (due + HOUR, "team-lead"),
        (due + DAY, "manager"),
    ):
        for _ in range(3):
            worked(ladder, at)
        assert the(case_id).stage == stage, at
    rises = db.session.scalars(select(Escalation.to_stage).order_by(Escalation.n)).all()
    assert rises == ["team-lead", "manager"]


# --- absences ------------------------------------------------------------------------------------


def away(desk: Desk, person: Person, substitute: Person, start: datetime, end: datetime, by: Person) -> int:
    with transaction() as session:
        command = c.SetAbsence(person.id, substitute.id, start, end)
        return absences.set_absence(session, command, actor=actor_of(by), now=NOW).id


def test_what_falls_due_goes_to_the_substitute_and_comes_back(desk: Desk) -> None:
    case_id, far = desk.log(), desk.log()
    given = c.ChangeCase(far, the(far).version, {"owner_id": desk.lead.id})
    with transaction() as session:
        changing.change_case(session, given, actor=actor_of(desk.agent), now=NOW)
    away(desk, desk.agent, desk.lead, NOW + HOUR, NOW + 7 * DAY, desk.agent)
    worked(("absence.begin", "absence.end"), NOW + HOUR)
    assert the(case_id).owner_id == desk.lead.id
    assert the(far).owner_id == desk.lead.id
    new = desk.log()
    given = c.ChangeCase(new, the(new).version, {"owner_id": None})
    with transaction() as session:
        changing.change_case(session, given, actor=actor_of(desk.manager), now=NOW + 2 * HOUR)
    given = c.ChangeCase(new, the(new).version, {"owner_id": desk.agent.id})
    with transaction() as session:
        changing.change_case(session, given, actor=actor_of(desk.manager), now=NOW + 2 * HOUR)
    assert the(new).owner_id == desk.lead.id  # new work goes to the substitute
    worked(("absence.begin", "absence.end"), NOW + 7 * DAY)
    assert the(case_id).owner_id == desk.agent.id
    assert the(far).owner_id == desk.lead.id  # was never the absent agent's
    codes = set(db.session.scalars(select(CaseNotice.code)))
    assert {"stands_in", "back_again"} <= codes


def test_a_rise_to_somebody_who_is_away_goes_to_who_stands_in(desk: Desk) -> None:
    away(desk, desk.manager, desk.other, NOW - HOUR, NOW + DAY, desk.other)
    case_id = desk.log()
    escalation_id = raised(case_id, "manager", desk.agent, to=desk.manager)
    assert db.session.get_one(Escalation, escalation_id).to_person_id == desk.other.id


def test_two_do_not_stand_in_for_one_another(desk: Desk) -> None:
    away(desk, desk.agent, desk.lead, NOW, NOW + DAY, desk.agent)
    with pytest.raises(RuleBroken, match="mutual"):
        away(desk, desk.lead, desk.agent, NOW + HOUR, NOW + 2 * DAY, desk.lead)
    with pytest.raises(RuleBroken, match="twice"):
        away(desk, desk.agent, desk.manager, NOW + HOUR, NOW + 2 * DAY, desk.agent)
    with pytest.raises(NotAllowed):
        away(desk, desk.manager, desk.lead, NOW, NOW + DAY, desk.agent)


# --- dates that are given -------------------------------------------------------------------------


def test_a_date_for_evidence_runs_as_given_through_every_pause_and_verdict(desk: Desk) -> None:
    case_id = desk.log(kind="chargeback")
    agent: Actor = actor_of(desk.agent)
    due = NOW + 9 * DAY
    with transaction() as session:
        give_evidence_date(session, c.GiveEvidenceDate(case_id, due, "Banque, 4417"), actor=agent, now=NOW)
        ask = c.RecordExchange(case_id, "letter", False, "Quelle date ?", then_status="waiting-customer")
        exchanging.record_exchange(session, ask, actor=agent, now=NOW + HOUR)
        fact = c.SupplyFact(case_id, c.FactLine("dispute_date", "known", "2026-11-20"))
        from casedesk.cases.actions.supplying import supply_fact

        supply_fact(session, fact, actor=agent, now=NOW + 2 * HOUR)
    found = clock(case_id, GIVEN[0])
    assert (found.state, found.due_at) == ("running", due)
    with transaction() as session, pytest.raises(InvalidInput):
        give_evidence_date(session, c.GiveEvidenceDate(case_id, NOW - DAY, "Banque"), actor=agent, now=NOW)


# --- pages ---------------------------------------------------------------------------------------


def test_the_page_of_the_ladder_drafts_raises_and_takes_up(client: FlaskClient, desk: Desk) -> None:
    case_id = desk.log()
    sign_in(client, desk.agent)
    page = client.get(f"/cases/{case_id}/escalation").text
    assert "Éléonore Vandenbroucke" in page
    version = str(the(case_id).version)
    fields = {"to_stage": "team-lead", "reason": "tone", "summary": "", "version": version}
    assert send(client, f"/cases/{case_id}/escalations", fields).status_code == 422
    assert (
        send(client, f"/cases/{case_id}/escalations", fields | {"summary": "Tout est dit."}).status_code
        == 303
    )
    escalation_id = the(case_id).escalation_id
    shown = client.get(f"/cases/{case_id}").text
    assert "Transmis au niveau" in shown
    assert "Tout est dit." in shown
    lead = sign_in(client.application.test_client(), desk.lead)
    assert "To take up" in lead.get("/").text
    url = f"/cases/{case_id}/escalations/{escalation_id}/acknowledgement"
    assert send(lead, url).status_code == 303
    manager = sign_in(client.application.test_client(), desk.manager)
    told = send(manager, url)
    assert told.status_code == 409
    assert "Inès Belkacem" in told.text


def test_the_page_of_clocks_opens_each_into_its_working(client: FlaskClient, desk: Desk) -> None:
    case_id = desk.log()
    page = sign_in(client, desk.lead).get(f"/cases/{case_id}/clocks").text
    assert "of service time" in page
    assert "First reply" in page


def test_a_stale_rise_is_refused_and_keeps_the_summary(client: FlaskClient, desk: Desk) -> None:
    case_id = desk.log()
    sign_in(client, desk.agent)
    fields = {"to_stage": "manager", "reason": "tone", "summary": "Gardé mot pour mot.", "version": "1"}
    answer = send(client, f"/cases/{case_id}/escalations", fields)
    assert answer.status_code == 409
    assert "Gardé mot pour mot." in answer.text


def test_who_has_the_case_and_the_managers_read_that_a_mediation_may_be_asked_for_and_once(
    desk: Desk,
) -> None:
    case_id = desk.log()
    taken(case_id, raised(case_id, "manager", desk.agent), desk.manager)
    escalation_id = raised(case_id, "mediation", desk.other, at=NOW + 2 * HOUR)
    for _ in range(2):
        with transaction() as session:
            mediation.reached(session, {"case_id": case_id, "escalation_id": escalation_id}, now=NOW + HOUR)
    told = db.session.scalars(
        select(CaseNotice.person_id).where(CaseNotice.code == "mediation_reached")
    ).all()
    assert told == [desk.manager.id]


def test_nobody_is_told_of_a_mediation_where_the_case_came_down_meanwhile(desk: Desk) -> None:
    case_id = desk.log()
    taken(case_id, raised(case_id, "manager", desk.agent), desk.manager)
    escalation_id = raised(case_id, "mediation", desk.other, at=NOW + 2 * HOUR)
    down = c.ComeDown(case_id, "manager", "L’offre a été acceptée.", the(case_id).version)
    with transaction() as session:
        escalating.come_down(session, down, actor=actor_of(desk.manager), now=NOW + HOUR)
    with transaction() as session:
        mediation.reached(session, {"case_id": case_id, "escalation_id": escalation_id}, now=NOW + HOUR)
    assert db.session.scalars(select(CaseNotice).where(CaseNotice.code == "mediation_reached")).all() == []


def test_a_case_that_goes_to_an_outside_body_leaves_no_work_that_nobody_does(desk: Desk) -> None:
    case_id = desk.log()
    taken(case_id, raised(case_id, "manager", desk.agent), desk.manager)
    raised(case_id, "outside-body", desk.manager, at=NOW + 2 * HOUR)
    left = set(db.session.scalars(select(OutboxRow.kind).where(OutboxRow.subject_id == case_id)))
    assert {kind for kind in left if kind.startswith("case.reached")} == set()
    states = db.session.scalars(select(Escalation.state).order_by(Escalation.n)).all()
    assert states == ["ended", "acknowledged"]
