"""What ties somebody to the role they have: rooms above say, before a role is changed, what stands against it."""

from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

from casedesk.kernel.errors import RuleBroken

Tie = Callable[[Session, int, str], RuleBroken | None]
"""``tie(session, person_id, name)``: the refusal of a change of role, or None where nothing stands against it."""

_installed: list[Tie] = []


def install(ties: Iterable[Tie]) -> None:
    """Have these asked before a role changes."""
    _installed[:] = list(ties)


def check_free(session: Session, person_id: int, name: str) -> None:
    """Raises RuleBroken where something ties the person to the present role."""
    for tie in _installed:
        refused = tie(session, person_id, name)
        if refused is not None:
            raise refused
