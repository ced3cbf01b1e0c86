"""Verdicts made by hand, so that a letter's words are tested apart from the engine and the packs."""

from datetime import UTC, date, datetime

from casedesk.kernel.calendar import Deadline
from casedesk.kernel.money import Money
from casedesk.policy.pack import shipped
from casedesk.policy.verdict import (
    Body,
    Citation,
    Finding,
    Level,
    Obligation,
    Outcome,
    Standing,
    Step,
    Verdict,
)

RULE = "FR-CHATEL"


def owed_pro_rata(paid: int = 47_880, kept: int = 5_116, *, rule: str = RULE) -> Verdict:
    """The law gives back what was paid less the share of 39 days of 365; a clause of the contract gives less."""
    back = Money(paid - kept, "EUR")
    pack, known = shipped().rule(rule)
    steps = (
        Step("paid", {"amount": Money(paid, "EUR")}),
        Step("used_share", {"used": 39, "period": 365}),
        Step("kept_share", {"used": 39, "period": 365, "amount": Money(kept, "EUR")}),
        Step("to_refund", {"amount": back}),
    )
    right = Finding(
        known.id,
        known.version,
        pack.id,
        Level.STATUTE,
        Standing.FOR,
        "reminder.outside",
        {},
        known.citation,
        steps,
        amount=back,
    )
    less = Finding(
        "contract-window",
        "",
        "contract",
        Level.CONTRACT,
        Standing.SET_ASIDE,
        "window.closed",
        {},
        Citation(""),
    )
    due = Deadline(date(2026, 12, 4), "Europe/Paris", datetime(2026, 12, 4, 23, tzinfo=UTC))
    body = Body(
        amount=back,
        obligations=(Obligation("free_termination", "trader", known.id, due, back),),
        findings=(right, less),
        judged_for=date(2026, 11, 20),
    )
    return Verdict("refund", Outcome.ALLOWED, (known.id,), body)
