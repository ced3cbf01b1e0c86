"""Whose turn it is in a file: what the list and the badge of a page say."""

from collections.abc import Mapping
from dataclasses import dataclass

NOBODY = "nobody"


@dataclass(frozen=True)
class Standing:
    """What waits in a file. Sides as they are named in states.SIDES."""

    state: str
    has_mediator: bool = True
    stated: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    """Sides of whom a document or an answer to the restatement is awaited."""
    unanswered: frozenset[str] = frozenset()
    """Sides that have not answered a proposal which needs them."""
    tasks: frozenset[str] = frozenset()


def waits_for(s: Standing) -> str:
    """mediator, customer, company, both, panel or nobody."""
    if s.state in ("declined", "closed", "withdrawn", "lapsed"):
        return NOBODY
    if not s.has_mediator:
        return "panel"
    if s.state in ("requested", "admissible"):
        return "customer" if "customer" in s.asked else "mediator"
    if s.state == "agreed":
        return _named(s.tasks) if s.tasks else NOBODY
    if s.state == "proposal" and s.unanswered:
        return _named(s.unanswered)
    missing = frozenset({"customer", "company"}) - s.stated if s.state == "notified" else frozenset()
    due = missing | s.asked
    return _named(due) if due else "mediator"


def _named(sides: frozenset[str]) -> str:
    return "both" if len(sides) == 2 else next(iter(sides))


def sides_needed(author: str, answers: Mapping[str, str]) -> frozenset[str]:
    """The sides whose answer a proposal by `author` still needs."""
    return frozenset({"customer", "company"}) - {author} - answers.keys()
