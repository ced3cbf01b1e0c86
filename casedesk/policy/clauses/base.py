"""What every kind of clause shares: its parameters from the pack, and the clause that they become."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from casedesk.policy.conditions import PackError
from casedesk.policy.reading import Answer, Reading

Judge = Callable[[Reading], Answer]


class Clause(NamedTuple):
    """A clause ready to judge. `extras`: keys that also come where a gate has answered yes or no.

    `reads`: facts that the kind reads under fixed names, beside those that its table names.
    """

    judge: Judge
    extras: Callable[[Reading], dict[str, object]] | None = None
    extras_always: bool = False  # the extras also come with a review
    reads: tuple[str, ...] = ()


class Params:
    """A table of a pack that knows which of its keys were read."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = dict(table)
        self._read: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        """The value under `key`, or the default."""
        self._read.add(key)
        return self._table.get(key, default)

    def need(self, key: str) -> Any:
        """The value under `key`. Raises PackError where it is missing."""
        if key not in self._table:
            raise PackError("pack.missing_key", key=key)
        return self.get(key)

    def unread(self) -> Iterator[str]:
        """Keys that no clause asked for: a slip of the pen, most often."""
        return iter(sorted(set(self._table) - self._read))
