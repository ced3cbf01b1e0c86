"""Trying out what is unknown: a tree of the facts that came to be read, every value of each a branch.

Only what is really read is supposed: a fact that one branch never reaches is not multiplied there. The
leaves partition all combinations, so that two questions are answered exactly: do all agree, and which
facts make a difference?
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from casedesk.policy.reading import Needs

Supposed = Mapping[str, object]


class TooMany(Exception):
    """More leaves than may be tried; `names`: the facts that had come to be read."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names)
        self.names = names


@dataclass(frozen=True, slots=True)
class _Node:
    """A leaf (`name` empty, its mark), or a fact with a node for each value. Equal nodes are one object."""

    name: str
    mark: object
    children: tuple["_Node", ...] = ()


@dataclass(slots=True)
class Explored:
    """The tree over the marks of all leaves."""

    names: list[str] = field(default_factory=list)  # in the order in which they came to be read
    leaves: list[tuple[Supposed, object]] = field(default_factory=list)  # what was supposed, and the mark
    marks: set[object] = field(default_factory=set)
    root: _Node | None = None

    def mattering(self) -> tuple[str, ...]:
        """The facts of which a change alone changes the mark somewhere, in the order in which they were read."""
        found: set[str] = set()
        seen: set[int] = set()
        waiting = [self.root] if self.root is not None else []
        while waiting:
            node = waiting.pop()
            if not node.children or id(node) in seen:
                continue
            seen.add(id(node))
            waiting += node.children
            if node.name not in found and _differ(node.children):
                found.add(node.name)
        return tuple(name for name in self.names if name in found)


class Differs(Exception):
    """Two values of the fact that was asked about give different answers."""


def explore(
    mark: Callable[[Supposed], object],
    values_of: Callable[[str], list[object]],
    most: int,
    *,
    asked: str = "",
) -> Explored:
    """Suppose every value of each fact that `mark` needs, until it gives the mark of an answer.

    Raises TooMany beyond `most` leaves, and Differs as soon as fact `asked` is seen to make a difference.
    """
    told = Explored()
    known: dict[tuple[str, object, tuple[int, ...]], _Node] = {}

    def one(name: str, of: object, children: tuple[_Node, ...]) -> _Node:
        key = (name, of, tuple(map(id, children)))
        return known.setdefault(key, _Node(name, of, children))

    def grow(supposed: dict[str, object]) -> _Node:
        try:
            found = mark(supposed)
        except Needs as needs:
            return branch(needs.fact, supposed)
        if len(told.leaves) >= most:
            raise TooMany(tuple(told.names))
        told.leaves.append((supposed, found))
        told.marks.add(found)
        return one("", found, ())

    def branch(name: str, supposed: dict[str, object]) -> _Node:
        if name in supposed:  # it asks again for what was given: of that nothing follows
            raise TooMany(tuple(told.names))
        if name not in told.names:
            told.names.append(name)
        children: list[_Node] = []
        for value in values_of(name):
            children.append(grow({**supposed, name: value}))
            if name == asked and _differ((children[0], children[-1])):
                raise Differs
        same = all(child is children[0] for child in children)
        return children[0] if same else one(name, None, tuple(children))

    told.root = grow({})
    return told


def _differ(nodes: tuple[_Node, ...]) -> bool:
    """Do two of these trees answer differently anywhere?"""
    first = nodes[0]
    others = {id(node): node for node in nodes[1:] if node is not first}
    return any(not _same(first, other, {}) for other in others.values())


def _same(one: _Node, other: _Node, given: Mapping[str, int]) -> bool:
    """Do two trees give the same mark for every combination? They may read their facts in another order."""
    one, other = _down(one, given), _down(other, given)
    if one is other:
        return True
    if not one.children and not other.children:
        return one.mark == other.mark
    node = one if one.children else other
    return all(_same(one, other, {**given, node.name: at}) for at in range(len(node.children)))


def _down(node: _Node, given: Mapping[str, int]) -> _Node:
    while node.children and node.name in given:
        node = node.children[given[node.name]]
    return node
