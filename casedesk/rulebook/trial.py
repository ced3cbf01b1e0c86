"""A draft tried on stored facts: would outcome or amount differ, and does it stay above the law? Pure, and made for many.

Only remedies that the draft touches are judged, on the facts that they read; where they give the same, so does the whole
case, and where one of them gives something else that alone may tell (policy/shifting.py). Only what is left is judged whole.
A test holds all of this against judging everything. Facts are read without their sources, which no rule reads.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from casedesk.kernel.calendar import calendar_for
from casedesk.policy.derive import derived
from casedesk.policy.facts import FactError, Facts, read_fact
from casedesk.policy.pack import Pack, Packs, Remedy
from casedesk.policy.reading import Calendars, CalendarSource
from casedesk.policy.remedies import outcome_and_amount, route_of, same_gift
from casedesk.policy.routes import Route
from casedesk.policy.shifting import Result, shifted
from casedesk.policy.verdict import Level, Outcome
from casedesk.rulebook import rules

Pair = tuple[Route | None, Route]
"""One remedy on the same facts by the published packs (None: they have none such) and by the draft."""


@dataclass(frozen=True)
class Tried:
    """What the draft makes of one judgement. `below_law`: it gives less than the published law does."""

    change: str
    before: Result
    after: Result
    below_law: bool = False


class _Touched(NamedTuple):
    """What of a place and subject the draft touches, with the facts that judging it reads."""

    remedies: tuple[tuple[Pack, Remedy, tuple[Pack, Remedy] | None], ...]
    gone: bool
    others: bool
    reads: tuple[str, ...]


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
        self._touched: dict[tuple[str, str], _Touched] = {}
        self._always = bool(self._changed & {name for pack in self.after.packs for name in pack.guards})
        self._values: dict[tuple[str, Any, type], object | None] = {}
        self._draft = draft.id

    def judge(self, facts_text: str | Mapping[str, Any], stored: Result, *, current: bool) -> Tried:
        """What becomes of one stored judgement; `current`: it was judged by the packs of today."""
        plain = json.loads(facts_text) if isinstance(facts_text, str) else facts_text
        written, subject = plain["facts"], str(plain["subject"])
        place = written.get("jurisdiction", {}).get("value")
        touched = self._of(place, subject) if isinstance(place, str) else _NOTHING
        pairs = [] if self._always else self._differing(touched, self._facts(written, touched.reads))
        if not (pairs or touched.gone or self._always):
            return Tried("same", stored, stored)
        facts = self._facts(written, written)
        # a sum of nothing was stored as none; then only judging again tells the two apart
        trusted = current and stored != (Outcome.ALLOWED.value, None)
        before = stored if trusted else self._result(self.before, facts, subject)
        after = (
            None if touched.gone or self._always else _shifted(before, pairs, facts, others=touched.others)
        )
        if after is None:
            after = self._result(self.after, facts, subject)
        change = rules.change_of(before, after)
        return Tried(change, before, after, change != "same" and self._below(facts, subject, before, after))

    def _differing(self, touched: _Touched, facts: Facts) -> list[Pair]:
        """The remedies that give something else on these facts, by the published packs and by the draft."""
        if not touched.remedies:
            return []
        whole, found = derived(facts), []
        old_days, new_days = Calendars(self.calendars), Calendars(self.calendars)
        for pack, remedy, old in touched.remedies:
            after = route_of(self.after, whole, pack, remedy, calendars=new_days)
            before = route_of(self.before, whole, *old, calendars=old_days) if old is not None else None
            if after.skipped if before is None else same_gift(before, after):
                continue
            found.append((before, after))
        return found

    def _of(self, place: str, subject: str) -> _Touched:
        """What the draft touches for this place and subject."""
        key = (place, subject)
        if key not in self._touched:
            remedies = tuple(
                (pack, remedy, self._old(remedy))
                for pack in self.after.for_place(place)
                for remedy in pack.remedies
                if subject in remedy.subjects and self._is_touched(pack, remedy)
            )
            every = [one for _pack, one, _old in remedies] + [old[1] for *_, old in remedies if old]
            reads = tuple(dict.fromkeys(name for one in every for name in self.after.reads_of(one)))
            others = self._speaks_always(place, subject, {one.id for one in every})
            self._touched[key] = _Touched(remedies, self._gone(place, subject), others, reads)
        return self._touched[key]

    def _speaks_always(self, place: str, subject: str, touched: set[str]) -> bool:
        """Is there a remedy that the draft leaves alone and that no case of this kind is without?"""
        return any(
            subject in one.subjects and one.when is None and not one.on_record and one.id not in touched
            for pack in self.before.for_place(place)
            for one in pack.remedies
        )

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

    def _facts(self, plain: Mapping[str, Any], names: Iterable[str]) -> Facts:
        """The stored facts of these names, typed; words that come back often are read once."""
        known, values = {}, self._values
        for name in names:
            entry = plain.get(name)
            if entry is None:
                continue
            value = entry["value"]
            if isinstance(value, (list, dict)):
                read = _read(name, value)
            elif (key := (name, value, type(value))) in values:
                read = values[key]
            else:
                read = _read(name, value)
                if len(values) < _MOST_VALUES:
                    values[key] = read
            if read is not None:
                known[name] = read
        return Facts(known)


def _read(name: str, value: object) -> object | None:
    """A stored value, typed; unknown where the vocabulary of today cannot read it."""
    try:
        return read_fact(name, value)
    except FactError:
        return None


_MOST_VALUES = 50_000
_NOTHING = _Touched((), gone=False, others=False, reads=())


def _shifted(before: Result, pairs: Iterable[Pair], facts: Facts, *, others: bool) -> Result | None:
    """What the case comes to with each of these remedies changed in turn; None where only judging it tells."""
    after: Result | None = before
    for old, new in pairs:
        after = None if after is None else shifted(after, old, new, facts, others=others)
    return after


def _tables(packs: Packs, rule: str) -> list[tuple[object, ...]]:
    return [
        (
            found.version,
            found.level,
            found.calendar,
            dict(found.calendars),
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
