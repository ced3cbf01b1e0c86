"""Properties of the engine: monotony, sums, idempotence, and an independent slow reference for windows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casedesk.kernel.calendar import calendar_for
from casedesk.policy.evaluate import judge, judge_case
from casedesk.policy.facts import NEVER, FactError, Facts, Kind, vocabulary
from casedesk.policy.pack import Packs, load, shipped
from casedesk.policy.verdict import Outcome, Verdict

PARIS = ZoneInfo("Europe/Paris")
INSTANTS = st.integers(1420070400, 2240524800).map(lambda second: datetime.fromtimestamp(second, UTC))
SHORT = st.timedeltas(timedelta(days=-2), timedelta(days=500))
FAST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

WINDOW = """
pack = "p"
version = "2000-01-01"
level = "house"
jurisdiction = "contract"
title = {{en = "t", fr = "t"}}
[[rule]]
id = "R"
kind = "window"
window = {{start = "purchase_at", path = ["{days} days"{roll}]}}
"""


def window(days: int, *, roll: bool = False) -> Packs:
    return Packs([load(WINDOW.format(days=days, roll=', "roll"' if roll else ""), "p")])


def outcome(packs: Packs, rule: str, **facts: object) -> Outcome:
    return judge(
        packs, Facts.of({"timezone": "Europe/Paris", "holiday_calendar": "FR", **facts}), rule
    ).outcome


@FAST
@given(INSTANTS, SHORT, st.integers(0, 400), st.integers(0, 60))
def test_a_longer_window_never_refuses_more(bought: datetime, later: timedelta, days: int, more: int) -> None:
    facts = {"purchase_at": bought, "action_at": bought + later}
    if outcome(window(days), "R", **facts) is Outcome.ALLOWED:
        assert outcome(window(days + more), "R", **facts) is Outcome.ALLOWED


@FAST
@given(INSTANTS, SHORT, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_acting_earlier_never_loses_the_right(
    concluded: datetime, later: timedelta, earlier: timedelta
) -> None:
    facts = {
        "channel": "online",
        "consumer": True,
        "contract_kind": "service",
        "contract_concluded_at": concluded,
        "withdrawal_information_given_at": "never",
    }
    if outcome(shipped(), "FR-WD-14", **facts, action_at=concluded + later) is Outcome.ALLOWED:
        assert (
            outcome(shipped(), "FR-WD-14", **facts, action_at=concluded + later - earlier) is Outcome.ALLOWED
        )


def slow_in_time(bought: datetime, acted: datetime, days: int) -> bool:
    """Walks the legal days one by one, without the engine's arithmetic."""
    day, off = bought.astimezone(PARIS).date(), calendar_for("FR").days
    for _ in range(days):
        day = date.fromordinal(day.toordinal() + 1)
    while day.strftime("%u") in ("6", "7") or day in off:
        day = date.fromordinal(day.toordinal() + 1)
    return acted.astimezone(PARIS).date() <= day


@FAST
@given(INSTANTS, SHORT, st.integers(0, 60))
def test_a_window_agrees_with_a_slow_walk_through_the_days(
    bought: datetime, later: timedelta, days: int
) -> None:
    got = outcome(window(days, roll=True), "R", purchase_at=bought, action_at=bought + later)
    assert (got is Outcome.ALLOWED) == slow_in_time(bought, bought + later, days)


@FAST
@given(INSTANTS, SHORT, st.one_of(st.none(), st.just("never"), SHORT))
def test_judging_twice_is_equal_to_the_byte(concluded: datetime, later: timedelta, told: Any) -> None:
    information = concluded + told if isinstance(told, timedelta) else told
    facts = Facts.of(
        {
            "timezone": "Europe/Paris",
            "channel": "online",
            "consumer": True,
            "contract_kind": "service",
            "contract_concluded_at": concluded,
            "withdrawal_information_given_at": information,
            "action_at": concluded + later,
        }
    )
    first = judge(shipped(), facts, "FR-WD-EXT")
    assert first.to_canonical() == judge(shipped(), facts, "FR-WD-EXT").to_canonical()
    assert Verdict.from_canonical(first.to_canonical()) == first
    replayed = judge(shipped(), Facts.from_plain(facts.to_plain()), "FR-WD-EXT")
    assert (replayed.outcome, replayed.answer) == (first.outcome, first.answer)


@FAST
@given(
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.integers(1, 400),
    st.integers(0, 400),
    st.sampled_from(["half_up", "half_even", "floor"]),
)
def test_kept_and_refunded_add_up_to_what_was_paid(
    price: int, paid: int, period: int, used: int, mode: str
) -> None:
    facts = {
        "consumer": True,
        "express_request": True,
        "informed": True,
        "price_minor": price,
        "paid_minor": paid,
        "currency": "EUR",
        "period_days": period,
        "used_days": used,
        "separately_priced_parts": "none",
        "market_price_minor": "none",
        "rounding": {"target": "retained", "mode": mode},
    }
    answer = judge(shipped(), Facts.of(facts), "FR-WD-AMOUNT").answer
    refund, kept = answer["refundable_minor"], answer["retained_minor"]
    assert isinstance(refund, int)
    assert isinstance(kept, int)
    assert refund + kept == paid
    assert 0 <= refund <= paid


@FAST
@given(st.integers(0, 10**6), st.integers(1, 400), st.data())
def test_using_more_never_pays_more(paid: int, period: int, data: st.DataObject) -> None:
    less, more = sorted(data.draw(st.lists(st.integers(0, period), min_size=2, max_size=2)))

    def refund(used: int) -> object:
        facts = {
            "period_days": period,
            "used_days": used,
            "paid_minor": paid,
            "already_refunded_minor": 0,
            "currency": "EUR",
            "rounding": {"target": "retained", "mode": "half_up"},
        }
        return judge(shipped(), Facts.of(facts), "PRORATE-DAYS").answer["refundable_minor"]

    assert refund(more) <= refund(less)  # type: ignore[operator]


# --- never an exception, whatever the facts ----------------------------------------------------


def anything(name: str) -> st.SearchStrategy[object]:
    """Values of a fact as files may write them, and unlisted words."""
    spec = vocabulary()[name]
    by_kind: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.INSTANT: INSTANTS,
        Kind.DAY: st.dates(date(1970, 1, 1), date(2199, 12, 31)),
        Kind.MOMENT: st.one_of(INSTANTS, st.dates(date(1970, 1, 1), date(2199, 12, 31))),
        Kind.MONTH: st.dates(date(1970, 1, 1), date(2199, 12, 31)).map(lambda day: day.isoformat()[:7]),
        Kind.MONEY: st.integers(0, 10**15 - 1),
        Kind.COUNT: st.integers(spec.minimum, spec.maximum),
        Kind.SHARE: st.integers(0, 100),
        Kind.FLAG: st.booleans(),
        Kind.ENUMERATION: st.one_of(st.sampled_from([*spec.values, "unlisted"]), st.text(max_size=5)),
        Kind.TEXT: st.sampled_from(["FR", "DE-BE", "FR-57", "ZZ", "TARGET2", ""]),
        Kind.DECIMAL: st.sampled_from(["0", "1.5", "19.99", "1.23456"]),
        Kind.CURRENCY: st.sampled_from(["EUR", "JPY", "BHD"]),
        Kind.ZONE: st.sampled_from(["Europe/Paris", "Pacific/Kiritimati", "America/Sao_Paulo"]),
        Kind.COUNTS: st.lists(st.integers(0, 9), min_size=1, max_size=4),
        Kind.RECORD: st.sampled_from(list(spec.probes) or [None]).filter(
            lambda value: not isinstance(value, list)
        ),
    }
    words = [word for word, allowed in (("never", spec.never), ("none", spec.none)) if allowed]
    return st.one_of(by_kind[spec.kind], st.none(), *(st.just(word) for word in words))


def readable(written: dict[str, object]) -> Facts:
    """The facts without those that are refused by name; each refusal takes one away."""
    left = dict(written)
    while True:
        try:
            return Facts.of(left)
        except FactError as error:
            del left[str(error.params["field"])]


@pytest.mark.parametrize("rule", shipped().ids(answerable=True))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_engine_never_raises_on_facts(rule: str, data: st.DataObject) -> None:
    _pack, found = shipped().rule(rule)
    names = [*found.reads, "timezone", "currency", "rounding", "holiday_calendar", "paid_minor"]
    written = {name: data.draw(anything(name), label=name) for name in dict.fromkeys(names)}
    facts = readable(written)
    verdict = judge(shipped(), facts, rule)
    assert verdict.answer["eligible"] in ("yes", "no", "needs-review")
    assert "rule.failed" not in {doubt.code for doubt in verdict.doubts}
    assert Verdict.from_canonical(verdict.to_canonical()) == verdict


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_whole_case_never_raises_on_facts(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(vocabulary())), min_size=5, max_size=40, unique=True))
    written = {name: data.draw(anything(name), label=name) for name in names if name != "jurisdiction"}
    place = data.draw(st.sampled_from(["FR", "DE", "BE", "UK", "US", "CA-QC", "CH", "Atlantis"]))
    facts = readable({**written, "jurisdiction": place})
    subject = data.draw(st.sampled_from(["refund", "cancellation", "withdrawal", "mediation", "chargeback"]))
    verdict = judge_case(shipped(), facts, subject, on=date(2026, 11, 22))
    assert Verdict.from_canonical(verdict.to_canonical()) == verdict
    if verdict.outcome is Outcome.NEEDS_INFORMATION:
        assert verdict.missing


def test_never_is_one_object() -> None:
    assert Facts.of({"notice_sent_at": "never"}).value("notice_sent_at") is NEVER
