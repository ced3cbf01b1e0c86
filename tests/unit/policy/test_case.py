"""A whole case: law and contract together, the kinder prevails, with clocks, duties and what is missing."""

from datetime import date
from typing import Any

import pytest

from casedesk.kernel.money import Money
from casedesk.policy.evaluate import judge_case
from casedesk.policy.facts import Facts
from casedesk.policy.pack import shipped
from casedesk.policy.verdict import Outcome, Standing, Verdict

ONLINE: dict[str, Any] = {
    "timezone": "Europe/Paris",
    "jurisdiction": "FR",
    "consumer": True,
    "channel": "online",
    "contract_kind": "digital_service",
    "category": "other",
    "contract_concluded_at": "2026-11-11T21:07:00+01:00",
    "withdrawal_information_given_at": "2026-11-11T21:07:00+01:00",
    "action_at": "2026-11-24T10:38:00+01:00",
    "price_minor": 35880,
    "paid_minor": 35880,
    "currency": "EUR",
    "period_start": "2026-11-11T21:07:00+01:00",
    "period_end": "2027-11-11T21:07:00+01:00",
    "informed": True,
    "rounding": {"target": "retained", "mode": "half_up"},
    "separately_priced_parts": "none",
    "market_price_minor": "none",
    "already_refunded_minor": 0,
    "renewed": False,
    "leisure_specific_date": "none",
    "service_fully_performed_at": "never",
    "contract_refund_window_days": "none",
    "sector": "none",
    "purchase_at": "2026-11-11T21:07:00+01:00",
}
RENEWED: dict[str, Any] = {
    **ONLINE,
    "contract_kind": "service_fixed_term_tacit_renewal",
    "contract_concluded_at": "2024-10-12T10:00:00+02:00",
    "withdrawal_information_given_at": "2024-10-12T10:00:00+02:00",
    "action_at": "2026-11-20T16:38:00+01:00",
    "renewed": True,
    "renewal_date": "2026-10-12",
    "non_renewal_limit_date": "2026-09-11",
    "notice_sent_at": "2026-08-28T09:12:00+02:00",
    "price_minor": 47880,
    "paid_minor": 47880,
    "period_start": "2026-10-12",
    "period_end": "2027-10-12",
    "contract_refund_window_days": 14,
    "purchase_at": "2026-10-12T09:00:00+02:00",
    "express_request": True,
}
TODAY = date(2026, 11, 24)


def case(facts: dict[str, Any], subject: str = "refund") -> Verdict:
    return judge_case(shipped(), Facts.of(facts), subject, on=TODAY)


def standings(verdict: Verdict) -> dict[str, Standing]:
    return {finding.rule: finding.standing for finding in verdict.findings}


def test_the_right_is_certain_and_the_amount_depends_on_one_fact() -> None:
    verdict = case(ONLINE)
    assert verdict.outcome is Outcome.NEEDS_INFORMATION
    assert verdict.missing == ("express_request",)
    offered = {one.value: (one.outcome, one.amount) for one in verdict.alternatives}
    assert offered == {
        True: (Outcome.ALLOWED, Money(34602, "EUR")),
        False: (Outcome.ALLOWED, Money(35880, "EUR")),
    }
    assert standings(verdict)["FR-WD-EXC"] is Standing.FOR
    assert standings(verdict)["FR-WD-AMOUNT"] is Standing.ASK


def test_the_amount_comes_with_its_working_and_the_duty_with_its_day() -> None:
    verdict = case({**ONLINE, "express_request": True})
    assert (verdict.outcome, verdict.amount) == (Outcome.ALLOWED, Money(34602, "EUR"))
    working = next(finding for finding in verdict.findings if finding.rule == "FR-WD-AMOUNT")
    assert [step.code for step in working.steps] == ["paid", "used_share", "kept_share", "to_refund"]
    assert working.steps[1].params == {"used": 13, "period": 365}
    (duty,) = verdict.obligations
    assert duty.deadline is not None
    assert duty.deadline.last_local_date == date(2026, 12, 8)
    assert [clock.name for clock in verdict.clocks] == ["withdrawal", "refund_by"]


def test_a_contract_clause_that_gives_less_than_the_law_is_set_aside() -> None:
    verdict = case({**ONLINE, "express_request": True})
    assert standings(verdict)["CONTRACT-REFUND-WINDOW"] is Standing.SET_ASIDE


def test_a_contract_that_gives_more_prevails_and_the_duty_of_the_law_stays() -> None:
    verdict = case(
        {**ONLINE, "express_request": True, "contract_refund_window_days": 30, "proration_method": "full"}
    )
    assert verdict.amount == Money(35880, "EUR")
    assert verdict.reasons == ("CONTRACT-REFUND-WINDOW",)
    assert [duty.rule for duty in verdict.obligations] == ["FR-WD-REFUND"]


def test_a_late_reminder_frees_the_customer_and_the_unused_part_comes_back() -> None:
    verdict = case(RENEWED)
    assert (verdict.outcome, verdict.amount) == (Outcome.ALLOWED, Money(42764, "EUR"))
    assert verdict.reasons == ("FR-CHATEL",)
    found = next(finding for finding in verdict.findings if finding.rule == "FR-CHATEL")
    assert [step.params for step in found.steps if step.code == "reminder_late"] == [{"days": 17}]
    assert standings(verdict)["FR-WD-EXT"] is Standing.NOT_APPLICABLE
    assert standings(verdict)["CONTRACT-REFUND-WINDOW"] is Standing.SET_ASIDE
    assert verdict.obligations[0].deadline is not None
    assert verdict.obligations[0].deadline.last_local_date == date(2026, 12, 20)
    assert verdict.answer["contract_ends_local_date"] == date(2026, 11, 20)


def test_a_commitment_falls_where_the_reminder_was_not_duly_sent() -> None:
    terms = {"commitment_start": "2026-10-12", "commitment_months": 12, "cause": "none", "notice_months": 1}
    verdict = case({**RENEWED, **terms}, "cancellation")
    assert verdict.outcome is Outcome.ALLOWED
    assert standings(verdict)["CONTRACT-COMMITMENT"] is Standing.FALLEN


def test_a_commitment_holds_where_the_reminder_was_duly_sent() -> None:
    terms = {"commitment_start": "2026-10-12", "commitment_months": 12, "cause": "none", "notice_months": 1}
    sent = {"notice_sent_at": "2026-08-01T09:12:00+02:00", "notice_form": "dedicated_with_box"}
    verdict = case({**RENEWED, **terms, **sent}, "cancellation")
    assert verdict.outcome is Outcome.REFUSED
    assert standings(verdict)["CONTRACT-COMMITMENT"] is Standing.AGAINST


def test_what_was_refunded_before_is_taken_off_once() -> None:
    verdict = case({**ONLINE, "express_request": True, "already_refunded_minor": 10000})
    assert verdict.amount == Money(24602, "EUR")
    again = case({**ONLINE, "express_request": True, "already_refunded_minor": 10000, "contract_refund_window_days": 30, "proration_method": "full"})  # fmt: skip
    assert again.amount == Money(25880, "EUR")


def test_nothing_is_owed_where_every_window_is_closed() -> None:
    old = {
        "contract_concluded_at": "2026-10-01T10:00:00+02:00",
        "withdrawal_information_given_at": "2026-10-01T10:00:00+02:00",
    }
    verdict = case({**ONLINE, **old})
    assert verdict.outcome is Outcome.REFUSED
    assert verdict.amount is None
    assert standings(verdict)["FR-WD-EXT"] is Standing.AGAINST


def test_an_open_chargeback_stops_the_payment_for_a_person_to_look() -> None:
    verdict = case({**ONLINE, "express_request": True, "dispute_status": "needs_response"})
    assert verdict.outcome is Outcome.NEEDS_REVIEW
    assert [doubt.rule for doubt in verdict.doubts] == ["CB-NO-DOUBLE-REFUND"]


def test_a_place_that_no_pack_covers_is_for_a_person() -> None:
    verdict = case(
        {
            **ONLINE,
            "jurisdiction": "CH",
            "channel": "online",
            "contract_refund_window_days": None,
            "sector": None,
        }
    )
    assert verdict.outcome is not Outcome.ALLOWED


@pytest.mark.parametrize("place", ["DE", "BE", "EU"])
def test_exceptions_hold_wherever_the_directive_does(place: str) -> None:
    content = {"jurisdiction": place, "holiday_calendar": "FR", "contract_kind": "digital_content"}
    begun = {
        "supply_begun_at": "2026-11-12T10:00:00+01:00",
        "express_consent": True,
        "loss_acknowledged": True,
    }
    lost = case({**ONLINE, **content, **begun, "confirmation_provided": True}, "withdrawal")
    kept = case(
        {**ONLINE, **content, **begun, "confirmation_provided": False, "express_request": False}, "withdrawal"
    )
    assert lost.outcome is Outcome.REFUSED
    assert (kept.outcome, kept.amount) == (Outcome.ALLOWED, Money(35880, "EUR"))


def test_a_change_that_is_not_on_record_is_not_asked_for() -> None:
    plain = case({**ONLINE, "express_request": True}, "cancellation")
    assert "EU-DCD-MODIFICATION" not in standings(plain)
    changed = {"modified_at": "2026-11-20T10:00:00+01:00", "informed_at": "2026-11-20T10:00:00+01:00", "impact": "not_minor", "old_version_available": False}  # fmt: skip
    assert (
        standings(case({**ONLINE, "express_request": True, **changed}, "cancellation"))["EU-DCD-MODIFICATION"]
        is Standing.FOR
    )


def test_without_a_place_the_place_is_missing() -> None:
    verdict = case({"consumer": True})
    assert verdict.outcome is Outcome.NEEDS_INFORMATION
    assert verdict.missing == ("jurisdiction",)


@pytest.mark.parametrize("subject", ["refund", "withdrawal", "cancellation", "mediation", "chargeback"])
@pytest.mark.parametrize("place", ["FR", "DE", "BE", "UK", "CH", "US", "US-CA", "CA-QC", "EU"])
def test_every_subject_in_every_place_has_an_answer_and_keeps_it(subject: str, place: str) -> None:
    facts = Facts.of({**ONLINE, "jurisdiction": place, "express_request": True})
    first, second = (judge_case(shipped(), facts, subject, on=TODAY) for _ in range(2))
    assert first.to_canonical() == second.to_canonical()
    assert Verdict.from_canonical(first.to_canonical()) == first


def test_the_packs_and_calendars_of_a_verdict_replay_it() -> None:
    from casedesk.policy.pack import Packs

    verdict = case({**RENEWED})
    digests = {stamp.digest for stamp in verdict.packs}
    those = Packs(pack for pack in shipped().packs if pack.digest in digests)
    assert judge_case(those, Facts.of(RENEWED), "refund", on=TODAY).to_canonical() == verdict.to_canonical()
    assert [code for code, _ in verdict.body.calendars] == ["FR"]


def test_a_pack_past_its_review_date_says_so_and_still_judges() -> None:
    verdict = judge_case(shipped(), Facts.of(RENEWED), "refund", on=date(2027, 2, 1))
    assert verdict.amount == Money(42764, "EUR")
    assert [stamp.overdue for stamp in verdict.packs if stamp.pack == "consumer-fr"] == [True]


@pytest.mark.parametrize("fact", sorted(RENEWED))
def test_a_case_without_one_fact_never_pays_more_than_some_value_of_it_would(fact: str) -> None:
    """Taken away, a fact leaves the case open, or leaves it as it was."""
    whole = case(RENEWED)
    verdict = case({name: value for name, value in RENEWED.items() if name != fact})
    if verdict.outcome in (Outcome.ALLOWED, Outcome.REFUSED):
        assert (verdict.outcome, verdict.amount) == (whole.outcome, whole.amount), fact
    else:
        assert verdict.missing or verdict.doubts


def test_a_doubt_about_an_exception_does_not_matter_once_the_period_is_over() -> None:
    verdict = case({**RENEWED, "category": "gym_membership", "leisure_specific_date": "none"})
    assert verdict.outcome is Outcome.ALLOWED
    assert verdict.doubts == ()
    refused = case(
        {**RENEWED, "category": "gym_membership", "leisure_specific_date": "none", "renewed": False}
    )
    assert refused.outcome is Outcome.REFUSED
    assert "FR-WD-EXT" in refused.reasons
