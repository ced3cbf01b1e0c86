"""Which rule of the packs sets which day of a file, and what the house sets where no pack does."""

from dataclasses import dataclass
from datetime import date, timedelta

ANSWER_DAYS = 21
OUTCOME_DAYS = 90
"""What the house keeps where no pack covers the customer's country: the days that EU and French law share."""

STATEMENT_DAYS = 20
COMPLETION_DAYS = 30
GRACE_DAYS = 15
"""House rules: for the company's first statement; for what the customer's file lacks; after the legal day, for the
mediator to end the file before it lapses."""

LONGEST_EXTENSION_DAYS = 90
DOCUMENT_DAYS = 10

BREACH_GRACE_DAYS = 5
"""House rule: how long after its day a part of an agreement may still come before the exchange opens again."""


@dataclass(frozen=True)
class Rules:
    """The ids of the pack rules of one place, and the event that begins the time for the outcome."""

    refusal: str
    outcome: str
    outcome_event: str


_FRANCE = Rules("FR-MED-3W", "FR-MED-90D", "R612-2_notification")
_UNION = Rules("EU-ADR-3W", "EU-ADR-90D", "complete_file_received")


def rules_for(jurisdiction: str | None) -> Rules | None:
    """The rules that set the days for a customer of `jurisdiction`; None where no pack covers it."""
    if jurisdiction == "FR":
        return _FRANCE
    return _UNION if jurisdiction in ("EU", "DE", "BE") else None


def extension_fault(until: date, due_on: date, today: date) -> tuple[str, str] | None:
    """(code, field) of what stands against an extension to `until`; None where it may be.

    Source: R612-5, art. 8(e): before the time is over, and only for a complex dispute.
    """
    if today > due_on:
        return ("mediation.extend_too_late", "until")
    if until <= due_on:
        return ("mediation.extend_not_later", "until")
    if until > due_on + timedelta(days=LONGEST_EXTENSION_DAYS):
        return ("mediation.extend_too_long", "until")
    return None
