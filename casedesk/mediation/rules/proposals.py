"""Proposals made of parts, their answers, and what an agreement makes of them. Amounts in minor units."""

from collections.abc import Sequence
from dataclasses import dataclass

PART_KINDS = ("refund", "credit", "extension", "waiver", "apology", "changed_term")
MONEY = ("refund", "credit")

PROPOSAL_STATES = ("open", "accepted", "refused", "countered", "expired", "superseded")
ANSWERS = ("accepted", "refused", "countered")
TASK_STATES = ("open", "done", "breached", "cancelled")
HOW = ("link", "desk", "mail", "phone", "letter", "meeting")
"""How an answer reached the file: by the party's link, at the desk, or told to the mediator, who records it."""

MOST_PARTS = 8
LONGEST_DAYS = 365
SHORTEST_ANSWER_DAYS, USUAL_ANSWER_DAYS = 7, 14
"""The law leaves the time to the mediator (R612-4): never under a week, two by default."""


@dataclass(frozen=True)
class Part:
    """One thing that a proposal gives. `months`: of an extension; `effect`: what a changed term or waiver does to the
    contract (keep, end_now, end_at_period_end); `said`: its words."""

    kind: str
    amount_minor: int | None = None
    months: int | None = None
    effect: str | None = None
    within_days: int = 15
    said: str = ""


def fault_of(parts: Sequence[Part], *, largest_minor: int) -> tuple[str, str] | None:
    """(code, field) of the first thing wrong with the parts of a proposal; None where they stand."""
    if not parts:
        return ("mediation.no_part", "parts")
    if len(parts) > MOST_PARTS:
        return ("mediation.too_many_parts", "parts")
    for part in parts:
        if part.kind not in PART_KINDS:
            return ("mediation.part_kind", "parts")
        if part.kind in MONEY and not (part.amount_minor and part.amount_minor > 0):
            return ("mediation.part_amount", "amount")
        if part.kind not in MONEY and part.amount_minor is not None:
            return ("mediation.part_no_amount", "amount")
        if part.kind == "extension" and not (part.months and 0 < part.months <= 24):
            return ("mediation.part_months", "months")
        if part.kind in ("waiver", "changed_term") and not part.said:
            return ("mediation.part_said", "said")
        if not 0 < part.within_days <= LONGEST_DAYS:
            return ("mediation.part_days", "within_days")
    if sum(part.kind == "refund" for part in parts) > 1 or sum(part.kind == "credit" for part in parts) > 1:
        return ("mediation.part_twice", "amount")
    if total(parts) > largest_minor:
        return ("mediation.part_too_large", "amount")
    return None


def total(parts: Sequence[Part]) -> int:
    """The money in a proposal: refund and credit together."""
    return sum(part.amount_minor or 0 for part in parts if part.kind in MONEY)


def given_up(by_rule_minor: int | None, amount_minor: int) -> int:
    """What the customer gives up of what the verdict gives; 0 where it gives no more, or is open."""
    return max(0, (by_rule_minor or 0) - amount_minor)


def state_after(author: str, answers: dict[str, str]) -> str:
    """The state of a proposal by `author` (customer, company, mediator) after these answers of the sides.

    A party's proposal needs the other's yes; the mediator's needs both. One no ends it.
    """
    needed = {"customer", "company"} - {author}
    if "countered" in answers.values():
        return "countered"
    if author != "mediator" and "refused" in answers.values():
        return "refused"
    if needed <= answers.keys():
        return "accepted" if all(answers[side] == "accepted" for side in needed) else "refused"
    return "open"


def answer_shown(author: str, answers: dict[str, str], *, of: str, to: str, over: bool = False) -> bool:
    """Does `to` see what `of` answered? Their own always; the other's to the mediator's proposal only once both have
    answered, or never where its time ran out before (`over`)."""
    if author != "mediator" or to in (of, "mediator"):
        return True
    return {"customer", "company"} <= answers.keys() and not over


def side_of_part(kind: str) -> str:
    """Who carries a part out: the customer waives, the rest is the company's."""
    return "customer" if kind == "waiver" else "company"
