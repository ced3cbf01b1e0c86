"""The table of states, turns, grounds, proposals and the panel: pure rules of a mediation."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner

from casedesk.mediation.cli import main
from casedesk.mediation.rules import states
from casedesk.mediation.rules.dates import extension_fault
from casedesk.mediation.rules.figures import FileFigures, report
from casedesk.mediation.rules.panel import Candidate, weigh
from casedesk.mediation.rules.proposals import Part, answer_shown, fault_of, given_up, state_after, total
from casedesk.mediation.rules.turns import Standing, waits_for

DAY = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_the_table_names_only_known_states_roles_and_acts() -> None:
    for (state, act), roles in states.TABLE.items():
        assert state in states.STATES
        assert act in states.ACTS
        assert roles <= set(states.ROLES)


def test_nothing_happens_in_a_file_that_has_ended_but_the_mediators_own_notes() -> None:
    for state in states.ENDED:
        done = {act for act in states.ACTS if (state, act) in states.TABLE}
        assert done <= {"note"}
        assert not states.MOVES.get(state)


def test_every_state_can_be_reached_from_a_request() -> None:
    reached = {"requested"}
    while more := {after for before in reached for after in states.MOVES.get(before, ())} - reached:
        reached |= more
    assert reached == set(states.STATES)


def test_the_desk_and_whoever_keeps_the_panel_never_speak_in_a_file() -> None:
    speaking = {
        "state",
        "message",
        "propose",
        "answer",
        "restate",
        "offer_blind",
        "close",
        "admit",
        "decline",
    }
    for role in ("desk", "panel", "proposed", "system"):
        assert not any(states.may(state, act, role) for state in states.STATES for act in speaking)


def test_a_party_may_leave_in_every_running_state() -> None:
    assert all(states.may(state, "withdraw", "customer") for state in states.RUNNING)
    assert all(states.may(state, "withdraw", "company") for state in ("notified", "exchange", "proposal"))


def test_the_command_prints_every_state_and_act() -> None:
    printed = CliRunner().invoke(main, ["states"]).output
    assert all(state in printed for state in states.STATES)
    assert all(act in printed for act in states.ACTS)


@pytest.mark.parametrize(
    ("standing", "who"),
    [
        (Standing("requested", has_mediator=False), "panel"),
        (Standing("requested"), "mediator"),
        (Standing("requested", asked=frozenset({"customer"})), "customer"),
        (Standing("notified", stated=frozenset({"customer"})), "company"),
        (Standing("exchange"), "mediator"),
        (Standing("exchange", asked=frozenset({"customer", "company"})), "both"),
        (Standing("proposal", unanswered=frozenset({"company"})), "company"),
        (Standing("agreed", tasks=frozenset({"company"})), "company"),
        (Standing("agreed"), "nobody"),
        (Standing("closed"), "nobody"),
    ],
)
def test_whose_turn_it_is(standing: Standing, who: str) -> None:
    assert waits_for(standing) == who


def test_an_answer_to_the_mediator_is_hidden_until_both_have_answered() -> None:
    assert not answer_shown("mediator", {"customer": "accepted"}, of="customer", to="company")
    assert answer_shown("mediator", {"customer": "accepted"}, of="customer", to="customer")
    assert answer_shown("mediator", {"customer": "accepted"}, of="customer", to="mediator")
    both = {"customer": "accepted", "company": "refused"}
    assert answer_shown("mediator", both, of="customer", to="company")
    assert answer_shown("customer", {"company": "refused"}, of="company", to="customer")


def test_an_answer_to_a_proposal_that_ran_out_stays_hidden() -> None:
    given = {"customer": "accepted"}
    assert not answer_shown("mediator", given, of="customer", to="company", over=True)


def test_a_refusal_alone_does_not_end_the_mediators_proposal() -> None:
    assert state_after("mediator", {"customer": "refused"}) == "open"
    assert state_after("mediator", {"customer": "refused", "company": "accepted"}) == "refused"
    assert state_after("customer", {"company": "refused"}) == "refused"
    assert state_after("customer", {"company": "accepted"}) == "accepted"


def test_what_is_given_up_is_the_verdict_less_the_money() -> None:
    parts = (Part("refund", 20_000), Part("credit", 5_000), Part("apology", said="Nos excuses"))
    assert total(parts) == 25_000
    assert given_up(43_682, 25_000) == 18_682
    assert given_up(None, 25_000) == given_up(20_000, 25_000) == 0
    assert fault_of(parts, largest_minor=25_000) is None
    assert fault_of(parts, largest_minor=24_999) == ("mediation.part_too_large", "amount")


def test_time_is_extended_before_the_day_and_by_ninety_days_at_most() -> None:
    assert extension_fault(DAY + timedelta(days=90), DAY, DAY) is None
    assert extension_fault(DAY + timedelta(days=91), DAY, DAY) == ("mediation.extend_too_long", "until")
    assert extension_fault(DAY, DAY, DAY) == ("mediation.extend_not_later", "until")
    over = DAY + timedelta(days=1)
    assert extension_fault(DAY + timedelta(days=9), DAY, over) == ("mediation.extend_too_late", "until")


ONE = Candidate(1, "Agnès", ("dispute",), ("fr",), 3, 12, True, None, AT)


def test_the_panel_proposes_who_is_neutral_then_versed_then_least_loaded() -> None:
    tied = replace(ONE, person_id=2, name="Bérengère", load=0, parts=("customer",))
    loaded = replace(ONE, person_id=3, name="Chantal", load=9)
    stranger = replace(ONE, person_id=4, name="Denis", fields=("refund",), load=0)
    english = replace(ONE, person_id=5, name="Edith", locales=("en",), load=0)
    away = replace(ONE, person_id=6, name="Fanny", load=0, away_until=DAY)
    ranked = weigh([tied, loaded, stranger, english, away, ONE], field="dispute", locale="fr-FR", today=DAY)
    assert [w.candidate.person_id for w in ranked[:4]] == [1, 3, 4, 5]
    assert {w.candidate.person_id: w.against for w in ranked[4:]} == {2: ("customer",), 6: ("away",)}


def test_rotation_goes_to_who_waited_longest() -> None:
    waited = replace(ONE, person_id=2, name="Zoé", last_appointed_at=AT - timedelta(days=9))
    ranked = weigh([ONE, waited], field="dispute", locale="fr", today=DAY)
    assert [w.candidate.person_id for w in ranked] == [2, 1]


def test_the_figures_of_a_year_add_up_to_its_files() -> None:
    base = FileFigures(0, "", "refund", "renewal", "closed", AT, ended_at=AT, days=60, favours="shared")
    files = [
        replace(base, id=1),
        replace(base, id=2, state="declined", ground="elsewhere", favours=None),
        replace(base, id=3, state="withdrawn", interruption="court", favours=None),
        replace(base, id=4, state="agreed", days=30, tasks=2, tasks_done=2),
        replace(base, id=5, state="agreed", days=30, tasks=2, tasks_done=1, tasks_failed=1, kind="dispute"),
    ]
    found = {(f.code, f.sub): f for f in report(files, files).figures}
    assert (
        found["filed", ""].count == found["filed_kind", "refund"].count + found["filed_kind", "dispute"].count
    )
    ends = (found["declined", ""], found["interrupted", ""], found["amicable", ""], found["opinion", ""])
    assert sum(f.count for f in ends) == len(files)
    assert sorted(i for f in ends for i in f.files) == [1, 2, 3, 4, 5]
    assert found["duration", ""].mean_days == 40
    assert (found["carried_out", ""].count, found["carried_out", ""].of) == (1, 2)
