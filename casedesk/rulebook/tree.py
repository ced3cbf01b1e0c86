"""A condition of a pack as a tree: groups of which all, any or none must hold, with comparisons at the leaves. Pure.

Every `when` that a pack can hold has a tree, and every tree has a `when` that asks for the same; a form shows and
changes the tree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from casedesk.policy.conditions import GROUPS
from casedesk.policy.facts import Kind, vocabulary

_WORDS = (Kind.FLAG, Kind.ENUMERATION)


@dataclass(frozen=True, slots=True)
class Compared:
    """A fact, how it is compared, and with what. `of`: the other fact of `within_days`."""

    fact: str
    verb: str
    value: Any
    of: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Parts of which all, any or none must hold."""

    how: str
    parts: "tuple[Part, ...]"


Part = Compared | Group
Table = dict[str, Any]


def tree(when: object) -> Group:
    """The tree of a `when` that a pack was found to hold; nothing at all is a group of nothing."""
    found = _part(when) if when else Group("all", ())
    return found if isinstance(found, Group) else Group("all", (found,))


def _part(when: object) -> Part:
    if isinstance(when, list):
        return _group("any", [_part(one) for one in when])
    assert isinstance(when, Mapping)
    return _group("all", [part for name, wanted in when.items() for part in _entry(str(name), wanted)])


def _group(how: str, parts: list[Part]) -> Part:
    """A group; of one part alone it is that part, unless it turns it round."""
    if how == "all":
        parts = [one for part in parts for one in _spliced(part)]
    return parts[0] if len(parts) == 1 and how != "none" else Group(how, tuple(parts))


def _entry(name: str, wanted: object) -> Iterator[Part]:
    if name in GROUPS:
        assert isinstance(wanted, list)
        parts = [_part(one) for one in wanted]
        if name == "all":  # beside the rest of the table they hold all together
            yield from (part for one in parts for part in _spliced(one))
        else:
            yield _group(name, parts)
    elif not isinstance(wanted, Mapping):
        yield from _is(name, "is", wanted)
    else:
        for verb, operand in wanted.items():
            if verb == "of":
                continue
            if verb != "not":
                yield Compared(name, str(verb), operand, str(wanted.get("of", "")))
            elif isinstance(operand, Mapping):
                yield Group("none", (_group("all", list(_entry(name, operand))),))
            else:
                yield from _is(name, "is_not", operand)


def _spliced(part: Part) -> tuple[Part, ...]:
    """The parts of a group of all, down to those that are none; any other part alone."""
    part = _bare(part)
    if not isinstance(part, Group) or part.how != "all":
        return (part,)
    return tuple(inner for one in part.parts for inner in _spliced(one))


def _is(name: str, verb: str, value: object) -> Iterator[Part]:
    """`is` and `is not`; what never happened stands beside figures and days as a comparison of its own."""
    words = value if isinstance(value, list) else [value]
    never = [word for word in words if word in ("never", "none")]
    others = [word for word in words if word not in never]
    if vocabulary()[name].kind in _WORDS or not never or not others:
        yield Compared(name, verb, value)
        return
    parts = (Compared(name, "is", _alone(others)), Compared(name, "is", never[0]))
    yield Group("any" if verb == "is" else "none", parts)


def _alone(listed: list[Any]) -> Any:
    return listed[0] if len(listed) == 1 else listed


# --- and back ------------------------------------------------------------------------------------


def when_of(found: Group) -> Any:
    """The `when` that asks for this tree: a table, or a list of tables of which any may hold; {} where it is empty."""
    if not found.parts:
        return {}
    if found.how != "none" and _is_group(found.parts):
        return when_of(found.parts[0])  # type: ignore[arg-type]
    if found.how == "any" and len(found.parts) > 1:
        return [_table(part) for part in found.parts]
    return _table(found)


def _bare(part: Part) -> Part:
    """A part without the groups around it that hold it alone."""
    while isinstance(part, Group) and part.how != "none" and len(part.parts) == 1:
        part = part.parts[0]
    return part


def _table(part: Part) -> Table:
    part = _bare(part)
    if isinstance(part, Compared):
        return {part.fact: _wanted(part)}
    if part.how == "all":
        return _all(part.parts)
    if part.how == "none" and len(part.parts) == 1:
        only = _bare(part.parts[0])
        if isinstance(only, Compared):
            return _turned(only)
        if only.how == "none":  # not none of them: any
            return _table(Group("any", only.parts))
    return {part.how: [_table(one) for one in part.parts]}


def _all(parts: tuple[Part, ...]) -> Table:
    """One table for all; what cannot stand in it twice stands beside it."""
    told: Table = {}
    beside: list[Table] = []
    for part in (inner for one in parts for inner in _spliced(one)):
        written = _table(part)
        if not _joined(told, written):
            beside.append(written)
    if beside:
        told["all"] = [*told.get("all", []), *beside]
    return told


def _joined(told: Table, written: Table) -> bool:
    """Are these entries now in the table? Two comparisons of one fact share an entry where their verbs differ."""
    if any(not _fits(told.get(name), wanted) for name, wanted in written.items() if name in told):
        return False
    for name, wanted in written.items():
        told[name] = {**told[name], **wanted} if name in told else wanted
    return True


def _fits(one: Any, other: Any) -> bool:
    both = isinstance(one, Mapping) and isinstance(other, Mapping)
    return both and not set(one) & set(other)


def _wanted(part: Compared) -> Any:
    if part.verb == "is":
        return part.value
    if part.verb == "is_not":
        return {"not": part.value}
    if part.verb == "within_days":
        return {part.verb: part.value, "of": part.of}
    return {part.verb: part.value}


def _turned(part: Compared) -> Table:
    """The opposite of one comparison."""
    if part.verb == "is_not":
        return {part.fact: part.value}
    return {part.fact: {"not": _wanted(part)}}


def opposite(found: Group) -> Group:
    """The tree that holds where this one does not."""
    if found.how == "none":
        if _is_group(found.parts):
            return found.parts[0]  # type: ignore[return-value]
        return Group("any" if len(found.parts) > 1 else "all", found.parts)
    if len(found.parts) == 1 and isinstance(found.parts[0], Compared):
        only = found.parts[0]
        if only.verb in ("is", "is_not"):
            turned = Compared(only.fact, "is_not" if only.verb == "is" else "is", only.value)
            return Group("all", (turned,))
        return Group("none", found.parts)
    if len(found.parts) == 1:
        return opposite(found.parts[0])  # type: ignore[arg-type]
    return Group("none", found.parts if found.how == "any" else (found,))


def normal(found: Group) -> Group:
    """The tree as it would be read again: two that are equal ask for the same in the same words."""
    return tree(when_of(found))


def turned(when: object) -> Group | None:
    """What must hold for this `when` not to: where it is written as the opposite of that; None where it is not."""
    found = tree(when)
    only = found.parts[0] if len(found.parts) == 1 else None
    is_not = isinstance(only, Compared) and only.verb == "is_not" and found.how == "all"
    return opposite(found) if is_not or found.how == "none" else None


def _is_group(parts: tuple[Part, ...]) -> bool:
    return len(parts) == 1 and isinstance(parts[0], Group)
