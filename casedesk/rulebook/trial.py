"""A draft tried on stored facts: would outcome or amount differ, and does it stay above the law? Pure, and made for many.

Only remedies that the draft touches are judged twice; where they give the same, so does the whole case (a test holds
this against judging everything). Facts are read without their sources, which no rule reads.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casedesk.kernel.calendar import calendar_for
from casedesk.kernel.money import Money
from casedesk.policy.derive import derived
from casedesk.policy.facts import FactError, Facts, read_fact
from casedesk.policy.pack import Pack, Packs, Remedy
from casedesk.policy.reading import CalendarSource
from casedesk.policy.remedies import outcome_and_amount, what_it_gives
from casedesk.policy.verdict import Level, Outcome
from casedesk.rulebook import rules

Result = tuple[str, int | None]
"""Outcome, and the amount in minor units where there is one."""


@dataclass(frozen=True)
class Tried:
    """What the draft makes of one judgement. `below_law`: it gives less than the published law does."""

    change: str
    before: Result
    after: Result
    below_law: bool = False


class Trial:
    """The published packs and the same with a draft, side by side."""

    def __init__(self, published: Packs, draft: Pack, calendars: CalendarSource = calendar_for) -> None:
        self.before = published
        self.after = Packs([*published.packs, draft])
        self.calendars = calendars
        self.law = Packs(pack for pack in published.packs if pack.level is Level.STATUTE)
        self._changed = {
            rule.id for rule in draft.rules if _tables(published, rule.id) != _tables(self.after, rule.id)
        }
        self._touched: dict[tuple[str, str], tuple[tuple[Pack, Remedy], ...]] = {}
        self._always = bool(self._changed & {name for pack in self.after.packs for name in pack.guards})
        self._values: dict[tuple[str, Any, type], object | None] = {}
        self._draft = draft.id

    def judge(self, facts_text: str | Mapping[str, Any], stored: Result, *, current: bool) -> Tried:
        """What becomes of one stored judgement; `current`: it was judged by the packs of today."""
        plain = json.loads(facts_text) if isinstance(facts_text, str) else facts_text
        facts, subject = self._facts(plain["facts"]), str(plain["subject"])
        if not self._differs(facts, subject):
            return Tried("same", stored, stored)
        # a sum of nothing was stored as none; then only judging again tells the two apart
        trusted = current and stored != ("allowed", None)
        before = stored if trusted else self._result(self.before, facts, subject)
        after = self._result(self.after, facts, subject)
        change = rules.change_of(before, after)
        return Tried(change, before, after, change != "same" and self._below(facts, subject, before, after))

    def _differs(self, facts: Facts, subject: str) -> bool:
        """Does any remedy that the draft touches give something else on these facts?"""
        if self._always:
            return True
        place = facts.value("jurisdiction")
        if not isinstance(place, str):
            return False
        touched = self._remedies(place, subject)
        if not touched:
            return False
        whole = derived(facts)
        for pack, remedy in touched:
            old = self._old(remedy)
            if old is None:
                given = what_it_gives(self.after, whole, pack, remedy, calendars=self.calendars)
                if not given[3]:  # a new remedy that is not skipped
                    return True
            elif what_it_gives(self.after, whole, pack, remedy, calendars=self.calendars) != what_it_gives(
                self.before, whole, *old, calendars=self.calendars
            ):
                return True
        return self._gone(place, subject)

    def _remedies(self, place: str, subject: str) -> tuple[tuple[Pack, Remedy], ...]:
        """The remedies for this place and subject that rest on something that changed."""
        key = (place, subject)
        if key not in self._touched:
            self._touched[key] = tuple(
                (pack, remedy)
                for pack in self.after.for_place(place)
                for remedy in pack.remedies
                if subject in remedy.subjects and self._is_touched(pack, remedy)
            )
        return self._touched[key]

    def _is_touched(self, pack: Pack, remedy: Remedy) -> bool:
        named = {remedy.right, remedy.amount, remedy.window, *remedy.but_not}
        return bool(named & self._changed) or (pack.id == self._draft and self._rewritten(remedy))

    def _rewritten(self, remedy: Remedy) -> bool:
        old = self._old(remedy)
        return old is None or _plain(old[1]) != _plain(remedy) or (remedy.when is not None)

    def _old(self, remedy: Remedy) -> tuple[Pack, Remedy] | None:
        newest = {pack.id: pack for pack in self.before.packs}.get(self._draft)
        if remedy.pack != self._draft:
            pack = {pack.id: pack for pack in self.before.packs}[remedy.pack]
            return pack, remedy
        if newest is None:
            return None
        return next(((newest, one) for one in newest.remedies if one.id == remedy.id), None)

    def _gone(self, place: str, subject: str) -> bool:
        """Was a remedy taken away that a case of this kind could rest on?"""
        kept = {remedy.id for pack in self.after.for_place(place) for remedy in pack.remedies}
        return any(
            subject in remedy.subjects and remedy.id not in kept
            for pack in self.before.for_place(place)
            for remedy in pack.remedies
        )

    def _below(self, facts: Facts, subject: str, before: Result, after: Result) -> bool:
        """Would the draft give less than the published law gives?"""
        if (after[0] == "allowed" and (after[1] or 0) >= (before[1] or 0)) or before[0] != "allowed":
            return False
        law = self._result(self.law, facts, subject)
        return law[0] == "allowed" and (after[0] == "refused" or (after[1] or 0) < (law[1] or 0))

    def _result(self, packs: Packs, facts: Facts, subject: str) -> Result:
        outcome, amount = outcome_and_amount(packs, facts, subject, calendars=self.calendars)
        return outcome.value, amount.minor if amount is not None else None

    def _facts(self, plain: Mapping[str, Any]) -> Facts:
        """The stored facts, typed; words that come back often are read once."""
        known, values = {}, self._values
        for name, entry in plain.items():
            value = entry["value"]
            try:
                key = (name, value, type(value))
                if key in values:
                    read = values[key]
                else:
                    read = read_fact(name, value)
                    if len(values) < _MOST_VALUES:
                        values[key] = read
            except TypeError:  # a record or a list: not kept
                read = read_fact(name, value)
            except FactError:
                continue
            if read is not None:
                known[name] = read
        return Facts(known)


_MOST_VALUES = 50_000


def result_of(outcome: Outcome, amount: Money | None) -> Result:
    """A verdict's outcome and amount as a replay compares them."""
    return outcome.value, amount.minor if amount is not None else None


def _tables(packs: Packs, rule: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [
        (
            found.version,
            {key: value for key, value in found.table.items() if key in _JUDGES or key == found.kind},
        )
        for _pack, found in packs.versions(rule)
    ]


_JUDGES = {"kind", "effective", "gate", "exception", "case", "amounts", "pays_all", "level"}
"""Keys of a rule that judging reads, beside the table of its kind; the others are words."""


def _plain(remedy: Remedy) -> tuple[object, ...]:
    """A remedy as plain values; its compiled condition is compared by judging."""
    return (
        remedy.id, remedy.subjects, remedy.right, remedy.amount, remedy.obligation, remedy.but_not,
        dict(remedy.instead), remedy.whole, remedy.end, remedy.when is not None, remedy.fells,
        remedy.on_record, remedy.window,
    )  # fmt: skip
