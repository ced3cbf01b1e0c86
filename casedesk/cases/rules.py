"""What a case may be and become: kinds, statuses, stages, outcomes, and who may make which change."""

from dataclasses import dataclass

KINDS = ("refund", "cancellation", "dispute", "chargeback")
STATUSES = ("open", "waiting-customer", "waiting-third-party", "waiting-approval", "decided", "closed")
STAGES = ("intake", "desk", "team-lead", "manager", "mediation", "outside-body")
OUTCOMES = ("granted", "partly-granted", "refused", "withdrawn", "settled", "no-answer", "duplicate")
CHANNELS = ("mail", "phone", "chat", "letter", "portal", "meeting")
ACTS = (
    "withdrawal",
    "termination",
    "refund_request",
    "written_complaint",
    "proof",
    "offer",
    "acceptance",
    "information",
)
GRADES = ("ordinary", "medical", "identity")
EFFECTS = ("keep", "end_now", "end_at_period_end")

LIVE = ("open", "waiting-customer", "waiting-third-party", "waiting-approval", "decided")

_WORKS = frozenset({"agent", "manager"})
_MANAGES = frozenset({"manager"})
_SYSTEM = frozenset({"system"})
_DECIDES = _WORKS | _SYSTEM

TRANSITIONS: dict[tuple[str, str], frozenset[str]] = {
    ("open", "waiting-customer"): _WORKS,
    ("open", "waiting-third-party"): _WORKS,
    ("open", "waiting-approval"): _WORKS,
    ("open", "decided"): _WORKS,
    ("open", "closed"): _WORKS,
    ("waiting-customer", "open"): _DECIDES,
    ("waiting-customer", "waiting-third-party"): _WORKS,
    ("waiting-customer", "waiting-approval"): _WORKS,
    ("waiting-customer", "decided"): _WORKS,
    ("waiting-customer", "closed"): _WORKS,
    ("waiting-third-party", "open"): _DECIDES,
    ("waiting-third-party", "waiting-customer"): _WORKS,
    ("waiting-third-party", "waiting-approval"): _WORKS,
    ("waiting-third-party", "decided"): _WORKS,
    ("waiting-third-party", "closed"): _WORKS,
    ("waiting-approval", "open"): _MANAGES | _SYSTEM,
    ("waiting-approval", "decided"): _MANAGES,
    ("decided", "open"): _DECIDES,
    ("decided", "closed"): _DECIDES,
    ("closed", "open"): _DECIDES,
}
"""Who may move a case from one status to another (``system``: a customer's message or a job). What is not
here happens to nobody; mediation and outside bodies add their stages, not statuses."""

_MEDIATES = frozenset({"manager", "mediator", "system"})

STAGE_CHANGES: dict[tuple[str, str], frozenset[str]] = {
    ("intake", "desk"): _DECIDES,
    ("intake", "team-lead"): _DECIDES,
    ("intake", "manager"): _DECIDES,
    ("desk", "intake"): _WORKS,
    ("desk", "team-lead"): _DECIDES,
    ("desk", "manager"): _DECIDES,
    ("desk", "mediation"): _MEDIATES,
    ("team-lead", "desk"): _WORKS,
    ("team-lead", "manager"): _DECIDES,
    ("team-lead", "mediation"): _MEDIATES,
    ("manager", "desk"): _MANAGES,
    ("manager", "team-lead"): _MANAGES,
    ("manager", "mediation"): _MEDIATES,
    ("manager", "outside-body"): _MANAGES,
    ("mediation", "manager"): _MEDIATES,
    ("mediation", "outside-body"): _MEDIATES,
    ("outside-body", "manager"): _MANAGES,
}
"""Who may move a case from one rung of the ladder to another (``system``: a rule of escalation). Upwards a rung may be
left out; from mediation and the outside body a case comes back to a manager."""

FREE_STAGES = ("intake", "desk")
"""Between these a case moves without a word; every other step is an escalation or its end, with a summary or reason."""


GIVEN = ("statutory.evidence",)
"""Clocks whose date somebody gives; a verdict does not take them away."""

PAUSING = ("waiting-customer",)
"""Statuses in which the desk's service clocks are held: the next word is the customer's."""

DIRECT_CLOSINGS = ("withdrawn", "no-answer", "duplicate")
"""Outcomes with which a case may be closed without a decision."""


def may_change_status(role: str, before: str, after: str) -> bool:
    """May someone of `role` move a case from status `before` to `after`?"""
    return role in TRANSITIONS.get((before, after), frozenset())


def may_take_up(role: str, is_lead: bool, to_stage: str) -> bool:
    """May someone of `role` take up a case that was raised to `to_stage`? A manager may stand in for a team lead."""
    if to_stage == "team-lead":
        return role == "manager" or (role == "agent" and is_lead)
    return role in {"manager": ("manager",), "mediation": ("manager", "mediator", "system")}.get(to_stage, ())


def may_change_stage(role: str, before: str, after: str) -> bool:
    """May someone of `role` move a case from stage `before` to `after`?"""
    return role in STAGE_CHANGES.get((before, after), frozenset())


@dataclass(frozen=True)
class Owed:
    """What the verdict says of the money: outcome, the amount by rule (None: open) and whether the law itself says so."""

    outcome: str
    amount_minor: int | None
    by_statute: bool
    leaving: bool = False
    """The question was whether the customer may leave, not what is paid."""


@dataclass(frozen=True)
class Ceilings:
    """How far someone decides alone, in minor units: beyond the rule, and in all (0: no ceiling is set)."""

    goodwill_minor: int
    total_minor: int


def below_statute(owed: Owed, amount_minor: int, *, ends_contract: bool = False) -> bool:
    """Would this refuse what the law gives, the money or the way out? Nobody of the company may decide that."""
    if owed.outcome != "allowed" or not owed.by_statute:
        return False
    if owed.leaving and not ends_contract:
        return True
    return owed.amount_minor is not None and amount_minor < owed.amount_minor


def approval_reasons(owed: Owed, amount_minor: int, ceilings: Ceilings) -> tuple[str, ...]:
    """Why a second person must agree to paying `amount_minor`; empty where the decider may decide alone."""
    by_rule = owed.amount_minor or 0
    reasons = []
    if owed.outcome in ("needs_information", "needs_review"):
        reasons.append("verdict_open")
    elif amount_minor < by_rule:
        reasons.append("below_verdict")
    elif amount_minor - by_rule > ceilings.goodwill_minor:
        reasons.append("beyond_rule")
    if ceilings.total_minor and amount_minor > ceilings.total_minor:
        reasons.append("above_ceiling")
    return tuple(reasons)


def outcome_of(amount_minor: int, claimed_minor: int | None, *, ends_contract: bool) -> str:
    """The outcome of a decision: granted, partly-granted or refused, by what was asked."""
    if amount_minor == 0:
        return "granted" if ends_contract and not claimed_minor else "refused"
    return "partly-granted" if claimed_minor and amount_minor < claimed_minor else "granted"
