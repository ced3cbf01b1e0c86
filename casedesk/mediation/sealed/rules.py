"""What holds of sealed notes: how long an unlocking lasts, what a passphrase must be, when notes end."""

from datetime import datetime, timedelta

from casedesk.mediation.sealing import MINIMUM_PASSPHRASE

IDLE = timedelta(minutes=15)
SEEN_EVERY = timedelta(seconds=30)
LONGEST_UNLOCK = timedelta(hours=10)
LONGEST_NOTE = 20_000

KEPT_AFTER_END = timedelta(days=30)
"""Notes of a closed file, and those that a recused mediator did not hand over, are destroyed this long after."""


def fault_of_passphrase(passphrase: str, again: str, mail: str) -> str | None:
    """The code of what is wrong with a new notes passphrase; None where it will do."""
    if len(passphrase) < MINIMUM_PASSPHRASE:
        return "notes.short"
    if len(passphrase) > 200:
        return "notes.long"
    if len(set(passphrase.lower())) < 6 or mail.split("@")[0].lower() in passphrase.lower():
        return "notes.simple"
    return "notes.differ" if passphrase != again else None


def is_over(opened_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Has an unlocking ended, by rest or by age?"""
    return now - seen_at >= IDLE or now - opened_at >= LONGEST_UNLOCK


def ends_at(ended_at: datetime | None) -> datetime | None:
    """When the notes of a file that ended at `ended_at` are destroyed."""
    return ended_at + KEPT_AFTER_END if ended_at else None
