"""May a draft be changed, asked for, published? And which version follows which?"""

from collections.abc import Collection
from datetime import date

from casedesk.kernel.errors import Conflict, RuleBroken

DRAFT_STATES = ("draft", "in_review", "published", "discarded")
REPLAY_STATES = ("waiting", "running", "done", "cancelled", "failed")

GOING = ("waiting", "running")
"""A replay in these states is still to come to its end."""

CHANGES = ("same", "money", "now_owed", "no_longer_owed", "needs_person", "other")
"""What a draft does to a judgement: nothing, another amount, owed where it was not, the reverse, open, the rest."""


def may_edit(state: str) -> None:
    """Only what nobody reviews or has published may be edited. Raises Conflict."""
    if state != "draft":
        raise Conflict("rulebook.not_a_draft")


def may_ask(state: str, problems: int) -> None:
    """A draft without problems may be asked to be published. Raises Conflict, RuleBroken."""
    may_edit(state)
    if problems:
        raise RuleBroken("rulebook.has_problems", count=problems)


def may_publish(state: str, problems: int, person: int, editors: Collection[int]) -> None:
    """Published by a second person who wrote nothing in it, and without problems. Raises Conflict, RuleBroken."""
    if state != "in_review":
        raise Conflict("rulebook.not_in_review")
    if person in editors:
        raise RuleBroken("rulebook.own_draft")
    if problems:
        raise RuleBroken("rulebook.has_problems", count=problems)


def next_version(today: date, taken: Collection[str]) -> str:
    """The version of the day: its date, and `.02`, `.03` where the day or a later one is taken already.

    Versions sort as text, and the last one is in force; so a new one sorts after all of them.
    """
    latest = max(taken, default="")
    if not latest or today.isoformat() > latest:
        return today.isoformat()
    day, _, number = latest.partition(".")
    return f"{day}.{int(number or 1) + 1:02d}"


def change_of(before: tuple[str, int | None], after: tuple[str, int | None]) -> str:
    """What became of a judgement, by outcome and amount before and after: one of CHANGES."""
    if before == after:
        return "same"
    was, now = _owed(before), _owed(after)
    if was and now:
        return "money"
    if now:
        return "now_owed"
    if after[0] in _OPEN and before[0] != after[0]:
        return "needs_person"
    return "no_longer_owed" if was else "other"


_OPEN = ("needs_review", "needs_information")


def _owed(result: tuple[str, int | None]) -> bool:
    """Allowed, and with something to pay where an amount is known: a right to nothing is no gain."""
    return result[0] == "allowed" and result[1] != 0
