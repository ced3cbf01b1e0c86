"""All conditions of one rule in its form: its gates, the cases of its remedy, and what stands deeper in its clauses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from casedesk.rulebook import editing, words
from casedesk.rulebook.editing import Where
from casedesk.rulebook.forms import conditions
from casedesk.rulebook.forms.conditions import Knot
from casedesk.rulebook.tree import Group, normal, opposite, tree, turned, when_of

MOST_NEW = 20
Typed = MultiDict[str, str] | None
_LISTS = {False: "gate", True: "exception"}


@dataclass
class Slot:
    """One condition of the form. `was`: the gate that stood there; `effect`: what it does where it holds."""

    knot: Knot
    before: Group
    effect: str = ""
    had: str = ""
    was: Mapping[str, Any] | None = None
    exception: bool = False
    drop: bool = False
    where: Where = ()
    meant: Group | None = None

    @property
    def key(self) -> str:
        return self.knot.key

    @property
    def changed(self) -> bool:
        """Does it say something else than it did?"""
        return self.meant is not None and (
            self.effect != self.had or normal(self.meant) != normal(self.before)
        )


@dataclass
class Asked:
    """Every condition of a rule. `cases`: where its remedy applies, None where it has no remedy."""

    gates: list[Slot] = field(default_factory=list)
    inner: list[Slot] = field(default_factory=list)
    cases: Slot | None = None

    @classmethod
    def of(cls, table: Mapping[str, Any], remedy: Mapping[str, Any] | None, typed: Typed) -> "Asked":
        """The conditions of a rule as they stand, or as they were typed; a button that was pressed has done its work."""
        made = cls()
        for exception, name in _LISTS.items():
            for gate in table.get(name, []):
                made.gates.append(_gate(f"g{len(made.gates)}", gate, exception=exception))
        for at, where in enumerate(editing.inner_conditions(table)):
            made.inner.append(_slot(f"c{at}", editing.value_at(table, where), where=where))
        if remedy is not None:
            made.cases = _slot("w", remedy.get("when", {}))
        if typed is not None:
            made._take(typed)
        return made

    def slots(self) -> list[Slot]:
        """All of them, in the order of the page."""
        return [*([self.cases] if self.cases else []), *self.gates, *self.inner]

    def read(self) -> bool:
        """Can everything that was typed be meant? What cannot is told at its place."""
        good = True
        for slot in self.slots():
            if slot.drop:
                continue
            slot.meant = conditions.read(slot.knot, may_be_empty=slot is self.cases)
            good = slot.meant is not None and good
        return good

    def faults(self) -> Iterator[tuple[str, str]]:
        for slot in self.slots():
            if not slot.drop:
                yield from conditions.faults(slot.knot)

    def into(self, rule: Mapping[str, Any]) -> dict[str, Any]:
        """The rule with its gates and inner conditions as they were read; what says the same stays as it was written."""
        changed = editing.with_conditions(
            rule, {slot.where: when_of(slot.meant) for slot in self.inner if slot.meant and slot.changed}
        )
        for exception, name in _LISTS.items():
            kept = [_written(slot) for slot in self.gates if slot.exception is exception and not slot.drop]
            if kept:
                changed[name] = kept
            else:
                changed.pop(name, None)
        return changed

    def where(self) -> Any:
        """The condition of the remedy as it was read; None where it has none, or says what it said."""
        if self.cases is None or self.cases.meant is None or not self.cases.changed:
            return None
        return when_of(self.cases.meant)

    def _take(self, typed: MultiDict[str, str]) -> None:
        """What was typed, then what the pressed button says."""
        for slot in self.slots():
            found = conditions.typed_under(slot.key, typed)
            if found is not None:
                slot.knot = found
            slot.drop = f"{slot.key}-drop" in typed
            slot.effect = _effect(typed.get(f"{slot.key}-effect"), slot.effect)
        for key in conditions.keys_in(typed, "n")[:MOST_NEW]:
            knot = conditions.typed_under(key, typed)
            if knot is not None:
                self.gates.append(Slot(knot, Group("all", ()), _effect(typed.get(f"{key}-effect"), "only")))
        act = typed.get("act", "")
        if act.startswith("gate") or (not act and typed.get("more-new")):
            self._add(typed)
        elif act:
            self._press(act, typed)
        else:
            for slot in self.slots():
                for group in list(conditions.groups(slot.knot)):
                    conditions.add_chosen(group, typed)

    def _add(self, typed: MultiDict[str, str]) -> None:
        """One condition more, of the fact that was chosen at the foot of the list."""
        numbers = [int(slot.key[1:]) for slot in self.gates if slot.key.startswith("n")]
        if len(numbers) >= MOST_NEW:
            return
        knot = Knot(f"n{max(numbers, default=-1) + 1}")
        chosen = MultiDict({f"{knot.key}-new": typed.get("more-new", ""), "act": typed.get("act", "")})
        if conditions.add_chosen(knot, chosen):
            effect = _effect(typed.get("more-effect"), "only")
            self.gates.append(Slot(knot, Group("all", ()), effect))

    def _press(self, act: str, typed: MultiDict[str, str]) -> None:
        for slot in self.slots():
            if act == f"drop {slot.key}" and slot.was is None and slot in self.gates:
                self.gates.remove(slot)
            else:
                conditions.act_on(slot.knot, act, typed)


def _effect(typed: str | None, otherwise: str) -> str:
    return typed if typed in words.EFFECTS else otherwise


def _slot(key: str, when: Any, *, where: Where = ()) -> Slot:
    found = tree(when)
    return Slot(conditions.shown(key, found), found, where=where)


def _gate(key: str, gate: Mapping[str, Any], *, exception: bool) -> Slot:
    only = turned(gate["when"]) if gate["answer"] == "no" else None
    found, effect = (only, "only") if only is not None else (tree(gate["when"]), str(gate["answer"]))
    return Slot(conditions.shown(key, found), found, effect, effect, gate, exception)


def _written(slot: Slot) -> dict[str, Any]:
    """The gate as the pack holds it."""
    if slot.was is not None and not slot.changed:
        return dict(slot.was)
    assert slot.meant is not None
    answer = "no" if slot.effect == "only" else slot.effect
    kept = slot.was is not None and slot.was["answer"] == answer
    code = slot.was["code"] if kept and slot.was is not None else f"house.{answer}"
    meant = opposite(slot.meant) if slot.effect == "only" else slot.meant
    return {"when": when_of(meant), "answer": answer, "code": code}
