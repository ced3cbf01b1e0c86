"""What differs between two versions of a pack: rules added, taken away, and changed, key by key."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from casedesk.policy.pack import Pack

_ABSENT = object()


class Difference(NamedTuple):
    """One place where two versions differ; None stands for what is not there."""

    rule: str
    key: str
    before: object
    after: object


def differences(old: Pack, new: Pack) -> list[Difference]:
    """Every difference, by rule and key; empty where both say the same."""
    before = {rule.id: rule.table for rule in old.rules}
    after = {rule.id: rule.table for rule in new.rules}
    found = []
    for name in dict.fromkeys([*before, *after]):
        if name not in after:
            found.append(Difference(name, "", "rule", None))
        elif name not in before:
            found.append(Difference(name, "", None, "rule"))
        else:
            found += [
                Difference(name, key, left, right)
                for key, left, right in _walk(before[name], after[name], "")
            ]
    return found


def _walk(left: object, right: object, key: str) -> Iterator[tuple[str, object, object]]:
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for name in dict.fromkeys([*left, *right]):
            inner = f"{key}.{name}" if key else str(name)
            yield from _walk(left.get(name, _ABSENT), right.get(name, _ABSENT), inner)
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for at, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from _walk(one, other, f"{key}[{at}]")
    elif left != right:
        yield key, None if left is _ABSENT else left, None if right is _ABSENT else right
