"""Two versions side by side: as sentences with what went and what came, and as lines of text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from casedesk.policy.pack import Pack
from casedesk.rulebook.saying import Piece, remedies_of
from casedesk.rulebook.tomltext import remedy_text, rule_text

CONTEXT = 2


class Stretch(NamedTuple):
    """A stretch of a compared sentence. `change` is ins, del, or empty for what stayed."""

    text: str
    strong: bool
    change: str = ""


class Line(NamedTuple):
    """A line of a compared text. `sign` is + - or empty; `number` counts in the text that has the line."""

    number: int
    sign: str
    text: str
    gap: bool = False


@dataclass(frozen=True)
class Changed:
    """One rule that differs between two versions of a pack: added, changed or removed."""

    rule: str
    how: str


def sentences(old: Sequence[Piece], new: Sequence[Piece]) -> tuple[Stretch, ...]:
    """The new sentence with what went from the old one, word by word."""
    left, right = _words(old), _words(new)
    found: list[Stretch] = []
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Stretch(*word) for word in right[c:d]]
            continue
        found += [Stretch(word.text, word.strong, "del") for word in left[a:b]]
        found += [Stretch(word.text, word.strong, "ins") for word in right[c:d]]
    return _joined(found)


def lines(old: str, new: str, context: int = CONTEXT) -> tuple[Line, ...]:
    """The lines of both texts: those of `old` with -, of `new` with +, and a few beside each change."""
    left, right = old.splitlines(), new.splitlines()
    every: list[Line] = []
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            every += [Line(c + at + 1, "", text) for at, text in enumerate(right[c:d])]
            continue
        every += [Line(a + at + 1, "-", text) for at, text in enumerate(left[a:b])]
        every += [Line(c + at + 1, "+", text) for at, text in enumerate(right[c:d])]
    return _near(every, context)


def rules(old: Pack | None, new: Pack) -> tuple[Changed, ...]:
    """The rules that differ, in the order of the new version, then those that went."""
    before, after = _tables(old) if old else {}, _tables(new)
    found = [
        Changed(name, "changed" if name in before else "added")
        for name, table in after.items()
        if before.get(name) != table
    ]
    return (*found, *(Changed(name, "removed") for name in before if name not in after))


def text_of(pack: Pack | None, rule: str) -> str:
    """The text of one rule of a pack and of the remedies that rest on it, without its examples; empty where it has none."""
    found = next((one for one in pack.rules if one.id == rule), None) if pack else None
    if found is None or pack is None:
        return ""
    text = rule_text({key: value for key, value in found.table.items() if key != "example"})
    return "\n".join([text, *map(remedy_text, _resting(pack, rule))])


def _tables(pack: Pack) -> dict[str, tuple[object, ...]]:
    """Every rule with the remedies that rest on it: where those apply is a part of what the rule says."""
    return {rule.id: (rule.table, *_resting(pack, rule.id)) for rule in pack.rules}


def _resting(pack: Pack, rule: str) -> list[Mapping[str, Any]]:
    return [one for one in remedies_of(pack.toml) if one["right"] == rule]


def _words(pieces: Sequence[Piece]) -> list[Piece]:
    """Words with the blanks before them, so that a change takes no blank of its neighbour."""
    return [Piece(word, piece.strong) for piece in pieces for word in re.findall(r"\s+|[^\s]+", piece.text)]


def _joined(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    told: list[Stretch] = []
    for one in stretches:
        if told and (told[-1].strong, told[-1].change) == (one.strong, one.change):
            told[-1] = one._replace(text=told[-1].text + one.text)
        else:
            told.append(one)
    return tuple(told)


def _near(every: Sequence[Line], context: int) -> tuple[Line, ...]:
    """Only the changes and the lines near them; `gap` marks where lines were left out before one."""
    changed = [at for at, line in enumerate(every) if line.sign]
    kept = [at for at in range(len(every)) if any(abs(at - one) <= context for one in changed)]
    return tuple(
        every[at]._replace(gap=(before is not None and at - before > 1) or (before is None and at > 0))
        for at, before in zip(kept, [None, *kept], strict=False)
    )
