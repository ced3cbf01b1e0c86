"""The period of a duty is held where the pack says so, by facts that are known, and by nothing else."""

import pytest

from casedesk.policy.conditions import PackError
from casedesk.policy.facts import Facts
from casedesk.policy.lint import lint_all
from casedesk.policy.pack import load, shipped, shipped_text
from casedesk.policy.remedies import judge_case
from casedesk.policy.verdict import Obligation, Outcome, Verdict

KNOWN = {
    "jurisdiction": "FR",
    "timezone": "Europe/Paris",
    "holiday_calendar": "FR",
    "currency": "EUR",
    "consumer": True,
    "channel": "online",
    "contract_kind": "goods",
    "category": "other",
    "contract_concluded_at": "2026-11-02T10:00:00+01:00",
    "goods_received_at": "2026-11-05T10:00:00+01:00",
    "withdrawal_information_given_at": "2026-11-02T10:00:00+01:00",
    "action_at": "2026-11-10T10:00:00+01:00",
    "trader_informed_of_withdrawal_at": "2026-11-10T10:00:00+01:00",
    "express_request": False,
    "price_minor": 5_000,
    "paid_minor": 5_000,
    "already_refunded_minor": 0,
    "renewed": False,
}


def judged(**more: object) -> Verdict:
    return judge_case(shipped(), Facts.lenient({**KNOWN, **more}, {}), "refund")


def duty(**more: object) -> Obligation:
    [found] = judged(**more).obligations
    assert found.deadline is not None
    assert found.deadline.last_local_date.isoformat() == "2026-11-24"
    return found


@pytest.mark.parametrize("place", ["FR", "DE", "BE", "EU"])
def test_the_company_may_wait_for_goods_that_are_known_not_to_be_back(place: str) -> None:
    held = duty(jurisdiction=place, goods_back_at="never")
    assert (held.suspended, held.then) == ("suspended.goods_not_back", "at_once")
    assert held.suspended_by == held.rule
    assert duty(jurisdiction=place).suspended == ""  # nobody knows: the period runs
    assert duty(jurisdiction=place, goods_back_at="2026-11-20T10:00:00+01:00").suspended == ""


@pytest.mark.parametrize("status", ["needs_response", "under_review", "appeal_under_review"])
def test_nothing_is_repaid_while_the_bank_has_taken_the_money_back(status: str) -> None:
    held = duty(dispute_status=status)
    assert (held.suspended, held.suspended_by) == ("suspended.dispute_open", "CB-NO-DOUBLE-REFUND")
    assert held.then == "rest"


@pytest.mark.parametrize("status", ["won", "warning_closed", "warning_under_review", "prevented"])
def test_a_dispute_that_is_over_or_has_taken_nothing_holds_nothing(status: str) -> None:
    assert duty(dispute_status=status).suspended == ""


def test_a_verdict_keeps_what_holds_a_duty_and_one_that_runs_keeps_the_bytes_it_had() -> None:
    held, running = judged(goods_back_at="never"), judged()
    assert Verdict.from_canonical(held.to_canonical()).obligations == held.obligations
    assert Verdict.from_canonical(running.to_canonical()).obligations == running.obligations
    assert len(running.to_plain()["body"]["obligations"][0]["v"]) == 5
    assert len(held.to_plain()["body"]["obligations"][0]["v"]) == 8


def test_what_came_back_already_is_owed_by_no_duty_any_more() -> None:
    verdict = judged(already_refunded_minor=5_000)
    assert verdict.outcome is Outcome.ALLOWED
    assert [one.amount.minor for one in verdict.obligations if one.amount is not None] == [0]


NAME = "eu/2026-01-01.toml"
MARK = 'code = "suspended.dispute_open"\nwhile_no = "CB-NO-DOUBLE-REFUND"\n'


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ('code = "x"\n', "pack.suspended_by_what"),
        (MARK + "when = {consumer = true}\n", "pack.suspended_by_what"),
        (MARK + 'then = "later"\n', "pack.suspended_then"),
        (MARK + "days = 3\n", "pack.unknown_key"),
        ('code = "x"\nwhen = {consumer = "maybe"}\n', "pack.unreachable_word"),
    ],
)
def test_a_mark_that_cannot_be_read_is_refused_with_the_rule(written: str, code: str) -> None:
    with pytest.raises(PackError) as refused:
        load(shipped_text(NAME).replace(MARK, written), NAME)
    assert (refused.value.code, refused.value.params["rule"]) == (code, "EU-WD-REFUND")


def test_a_mark_that_names_a_rule_which_no_pack_has_is_found() -> None:
    text = shipped_text(NAME).replace(MARK, 'code = "suspended.dispute_open"\nwhile_no = "NO-SUCH-RULE"\n')
    found = [one for one in lint_all([(NAME, text)]) if one.code == "pack.unknown_reference"]
    assert [one.params["key"] for one in found] == ["NO-SUCH-RULE"]
