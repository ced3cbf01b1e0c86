"""What may become of a signal, pair by pair; when people are told of it; when a run of weeks is the same episode."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from casedesk.reports.signal_rules import (
    MOVES,
    STATES,
    after_quiet,
    held_by,
    is_asleep,
    is_to_be_told,
    may_become,
    same_episode,
)

ALLOWED = {
    ("new", "acknowledged"),
    ("new", "explained"),
    ("new", "assigned"),
    ("new", "closed"),
    ("acknowledged", "explained"),
    ("acknowledged", "assigned"),
    ("acknowledged", "closed"),
    ("explained", "acknowledged"),
    ("explained", "assigned"),
    ("explained", "closed"),
    ("assigned", "watched"),
    ("assigned", "closed"),
    ("watched", "assigned"),
    ("watched", "closed"),
    ("closed", "acknowledged"),
}


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_every_pair_of_states_is_allowed_or_refused(before: str, after: str) -> None:
    assert may_become(before, after) == ((before, after) in ALLOWED)


def test_every_state_can_be_left_and_every_one_but_new_can_be_reached() -> None:
    assert set(MOVES) == set(STATES)
    assert all(MOVES.values())
    assert set().union(*MOVES.values()) == set(STATES) - {"new"}


@pytest.mark.parametrize(
    ("told", "excess", "said"),
    [(None, 4.0, True), (10.0, 14.9, False), (10.0, 15.0, True), (10.0, 8.0, False), (0.0, 5.0, False)],
)
def test_one_mail_an_episode_and_another_when_it_has_grown_by_half(
    told: float | None, excess: float, said: bool
) -> None:
    assert is_to_be_told("new", told, excess, ended=False, asleep=False) is said


@pytest.mark.parametrize("state", ["explained", "closed"])
def test_nobody_is_told_of_what_is_known(state: str) -> None:
    assert not is_to_be_told(state, None, 9.0, ended=False, asleep=False)


def test_nobody_is_told_of_what_is_over_or_asleep() -> None:
    assert not is_to_be_told("new", None, 9.0, ended=True, asleep=False)
    assert not is_to_be_told("new", None, 9.0, ended=False, asleep=True)


def test_a_snoozed_signal_wakes_on_the_day() -> None:
    until = date(2026, 12, 1)
    assert is_asleep(until, date(2026, 11, 30))
    assert not is_asleep(until, until)
    assert not is_asleep(None, until)


@pytest.mark.parametrize(
    ("at", "sent"),
    [
        ((2026, 11, 24, 0, 5), (2026, 11, 24, 8, 0)),
        ((2026, 11, 24, 7, 59), (2026, 11, 24, 8, 0)),
        ((2026, 11, 24, 8, 0), (2026, 11, 24, 8, 0)),
        ((2026, 11, 24, 19, 59), (2026, 11, 24, 19, 59)),
        ((2026, 11, 24, 20, 0), (2026, 11, 25, 8, 0)),
        ((2026, 3, 28, 23, 0), (2026, 3, 29, 8, 0)),  # clocks change in that night
    ],
)
def test_mails_wait_for_the_morning(at: tuple[int, ...], sent: tuple[int, ...]) -> None:
    paris = ZoneInfo("Europe/Paris")
    assert after_quiet(datetime(*at, tzinfo=paris)) == datetime(*sent, tzinfo=paris)  # type: ignore[misc,arg-type]


def test_runs_that_share_a_week_are_one_episode() -> None:
    first, second = date(2026, 10, 5), date(2026, 10, 12)
    third, fourth = date(2026, 10, 19), date(2026, 10, 26)
    assert same_episode(first, second, second, third)
    assert same_episode(first, fourth, second, third)
    assert not same_episode(first, second, third, fourth)


@pytest.mark.parametrize(
    ("low", "high", "said"), [(0.3, 0.9, "yes"), (0.3, 1.1, "unclear"), (1.1, 2.0, "no")]
)
def test_a_change_held_where_its_interval_lies_below_one(low: float, high: float, said: str) -> None:
    assert held_by(low, high) == said
