"""The queue narrowed to the cases behind a figure of a higher room, which says how; the queue never knows what was counted."""

from functools import lru_cache
from typing import Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session


class Figures(Protocol):
    """What a higher room answers about the code of a figure in the queue's address."""

    def condition(self, code: str) -> ColumnElement[bool]:
        """The condition on `cases` for the cases behind it. Raises ValueError where it is the code of no figure."""

    def said(self, session: Session, code: str) -> str:
        """What the figure is called, for the chip of the filter."""


_installed: list[Figures] = []


def install(figures: Figures) -> None:
    """Have `figures` answer from now on; called by the application factory."""
    _installed[:] = [figures]
    condition.cache_clear()


@lru_cache(maxsize=256)
def condition(code: str) -> ColumnElement[bool]:
    """The cases behind the figure. Raises ValueError."""
    if not _installed:
        raise ValueError(code)
    return _installed[0].condition(code)


def said(session: Session, code: str) -> str:
    """The name of the figure, '' where there is none."""
    return _installed[0].said(session, code) if code and _installed else ""
