"""Decisions in great numbers: a rule of kind `requirements` as one compiled function.

The function is written as Python text from the checked table of the pack, and compiled once. Its text
holds only names of slots (v0, t1, k2): values of the pack are handed in as a tuple, never spliced in.
It answers with one number, what failed in its low bits and what is undecided in its high ones; findings, bodies and bytes are made
from the operands when somebody reads them.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from typing import Any

from casedesk.kernel.calendar import zone_named
from casedesk.policy.clauses.base import Params
from casedesk.policy.clauses.requirements import ZONES, Requirement, Requirements, requirements_of
from casedesk.policy.facts import NEVER, Facts
from casedesk.policy.findings import stamp_of
from casedesk.policy.pack import Pack, Packs, Rule
from casedesk.policy.verdict import Body, Finding, Outcome, Standing, Step, Verdict, canonical_text

_SHIFT = 32
_LOW = (1 << _SHIFT) - 1
_CODES = ("requirement.met", "requirement.failed", "requirement.undecided")
_STANDINGS = (Standing.FOR, Standing.AGAINST, Standing.ASK)


class Decision:
    """A rule of requirements, compiled."""

    def __init__(self, pack: Pack, rule: Rule, on: date | None = None) -> None:
        self.pack, self.rule, self.on = pack, rule, on
        self.requirements: Requirements = requirements_of(Params(rule.table["requirements"]))
        self.masks: Callable[[Mapping[str, Any]], int] = _compiled(self.requirements)
        self._reasons: dict[int, tuple[str, ...]] = {}
        self._stamps = (stamp_of(pack, on),)
        self._pieces: dict[Any, list[str]] = {}

    def judge(self, facts: Facts) -> "DecisionVerdict":
        """The verdict on these facts: outcome and reasons at once, the rest when it is read."""
        return DecisionVerdict(self, facts)

    def judge_many(self, many: Iterable[Facts]) -> "array[int]":
        """One number for each: what failed in the low bits, what is undecided in the high ones."""
        masks = self.masks
        codes = array("q")
        for piece in in_pieces(many, 4096):
            codes.extend([masks(facts.known) for facts in piece])
        return codes

    def outcome_of(self, code: int) -> tuple[Outcome, tuple[str, ...]]:
        """Outcome and reasons of one number of `judge_many`."""
        failed = code & _LOW
        return _outcome(failed, code >> _SHIFT), self.reasons(failed)

    def reasons(self, failed: int) -> tuple[str, ...]:
        """The ids of the requirements that failed, in the order of the pack."""
        known = self._reasons.get(failed)
        if known is None:
            ids = (one.id for at, one in enumerate(self.requirements.all) if failed >> at & 1)
            known = self._reasons[failed] = tuple(ids)
        return known

    def unknown(self, known: Mapping[str, Any]) -> tuple[str, ...]:
        """The facts that are not known, or for which no table has a line, in the order of the pack."""
        place = known.get(self.requirements.by)
        bad = {self.requirements.by} if place is not None and not self._has_lines(place) else set()
        return tuple(name for name in self.requirements.facts if known.get(name) is None or name in bad)

    def _has_lines(self, place: Any) -> bool:
        return all(place in table for table in self.requirements.tables.values())

    def body(self, known: Mapping[str, Any], failed: int, undecided: int) -> Body:
        """Everything beside outcome and reasons."""
        unknown = () if not undecided and _complete(self.requirements, known) else self.unknown(known)
        asks = not failed and bool(undecided)
        return Body(
            findings=tuple(
                [
                    self._finding(at, one, known, failed, undecided)
                    for at, one in enumerate(self.requirements.all)
                ]
            ),
            missing=unknown if asks else (),
            unknown=() if asks else unknown,
            packs=self._stamps,
            judged_on=self.on,
        )

    def _finding(
        self, at: int, one: Requirement, known: Mapping[str, Any], failed: int, undecided: int
    ) -> Finding:
        state = 2 if undecided >> at & 1 else failed >> at & 1
        operands = {name: known.get(name) for name in one.reads}
        steps = self._steps(one, known) if state != 2 else ()
        return self._shape(one, state, operands, steps)

    def _shape(
        self, one: Requirement, state: int, operands: Mapping[str, Any], steps: tuple[Step, ...]
    ) -> Finding:
        rule = self.rule
        return Finding(
            one.id, rule.version, rule.pack, rule.level, _STANDINGS[state], _CODES[state], operands, rule.citation, steps
        )  # fmt: skip

    def _steps(self, one: Requirement, known: Mapping[str, Any]) -> tuple[Step, ...]:
        """The date arithmetic of a requirement that reads days."""
        days = self._days(one, known)
        if days is None:
            return ()
        if one.test == "after_day":
            return (Step("act_compared", {"day": days[0], "last": days[1]}),)
        return (
            Step("add_days", {"count": days[3], "from": days[2], "to": days[1]}),
            Step("act_compared", {"day": days[0], "last": days[1]}),
        )

    def _days(self, one: Requirement, known: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """(day of the act, last day, first day, days); None where the requirement reads no days."""
        if one.test == "after_day":
            last = known[one.of]
            return None if last is NEVER else (self._local(known, one.fact), last, None, None)
        if one.test != "within_days":
            return None
        first = self._local(known, one.of)
        count = one.limit if isinstance(one.limit, int) else self._line(one.limit, known)
        return self._local(known, one.fact), first + timedelta(days=count), first, count

    def _local(self, known: Mapping[str, Any], name: str) -> date:
        found: date = known[name].astimezone(zone_named(self._line(ZONES, known))).date()
        return found

    def _line(self, table: str, known: Mapping[str, Any]) -> Any:
        return self.requirements.tables[table][known[self.requirements.by]]

    # --- canonical bytes, from pieces that were encoded once ------------------------------------

    def canonical(self, known: Mapping[str, Any], failed: int, undecided: int) -> str:
        """The canonical text of the verdict: the same as the general way gives, but in pieces."""
        written = {name: _text(known.get(name)) for name in self.requirements.facts}
        findings = [
            self._finding_text(at, one, known, written, failed, undecided)
            for at, one in enumerate(self.requirements.all)
        ]
        unknown = () if not undecided and _complete(self.requirements, known) else self.unknown(known)
        key = (failed, undecided, unknown)
        frame = self._pieces.get(key)
        if frame is None:
            frame = self._pieces[key] = self._frame(failed, undecided, unknown)
        return frame[0] + ",".join(findings) + frame[1]

    def _frame(self, failed: int, undecided: int, unknown: tuple[str, ...]) -> list[str]:
        """The text of the verdict before and after its findings."""
        asks = not failed and bool(undecided)
        mark = Step("findings", {})
        body = Body(
            findings=(mark,),  # type: ignore[arg-type]
            missing=unknown if asks else (),
            unknown=() if asks else unknown,
            packs=self._stamps,
            judged_on=self.on,
        )
        verdict = Verdict(self.rule.id, _outcome(failed, undecided), self.reasons(failed), body)
        return verdict.to_canonical().decode().split(canonical_text(mark))

    def _finding_text(
        self,
        at: int,
        one: Requirement,
        known: Mapping[str, Any],
        written: Mapping[str, str],
        failed: int,
        undecided: int,
    ) -> str:
        state = 2 if undecided >> at & 1 else failed >> at & 1
        days = self._days(one, known) if state != 2 else None
        key = (at, state, days is None)
        pieces = self._pieces.get(key)
        if pieces is None:
            pieces = self._pieces[key] = self._template(one, state, with_days=days is not None)
        values = [written[name] for name in sorted(one.reads)]
        if days is not None:
            values += _days_texts(one, days)
        return "".join([text for pair in zip(pieces, [*values, ""], strict=True) for text in pair])

    def _template(self, one: Requirement, state: int, *, with_days: bool) -> list[str]:
        """The text of one finding, cut where its operands stand (in sorted order, then the days)."""
        hole = "\x00"
        operands = dict.fromkeys(one.reads, hole)
        steps: tuple[Step, ...] = ()
        if with_days:
            compared = Step("act_compared", {"day": hole, "last": hole})
            added = Step("add_days", {"count": hole, "from": hole, "to": hole})
            steps = (compared,) if one.test == "after_day" else (added, compared)
        finding = self._shape(one, state, operands, steps)
        return canonical_text(finding).split(canonical_text(hole))


def _days_texts(one: Requirement, days: tuple[Any, ...]) -> list[str]:
    act, last = _day_text(days[0]), _day_text(days[1])
    if one.test == "after_day":
        return [act, last]
    return [str(days[3]), _day_text(days[2]), last, act, last]


_day_text = lru_cache(maxsize=8192)(canonical_text)
_small_text = lru_cache(maxsize=8192)(canonical_text)


def _text(value: Any) -> str:
    """One operand as canonical text; words, days and shares come back often and are kept."""
    kind = type(value)
    if kind is int:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is datetime:
        return f'{{"$":"instant","v":"{value.isoformat()[:-6]}Z"}}'
    return _small_text(value)


class DecisionVerdict(Verdict):
    """A verdict that keeps its operands and makes the rest when it is read."""

    __slots__ = ("_decision", "_failed", "_known", "_undecided")

    def __init__(self, decision: Decision, facts: Facts) -> None:
        known = facts.known
        code = decision.masks(known)
        failed, undecided = code & _LOW, code >> _SHIFT
        self._decision, self._known, self._failed, self._undecided = decision, known, failed, undecided
        self._body = None
        self.asked = decision.rule.id
        if failed:
            self.outcome = Outcome.REFUSED
            self.reasons = decision.reasons(failed)
        else:
            self.outcome = Outcome.NEEDS_INFORMATION if undecided else Outcome.ALLOWED
            self.reasons = ()

    @property
    def body(self) -> Body:
        """Everything beside outcome and reasons."""
        if self._body is None:
            self._body = self._decision.body(self._known, self._failed, self._undecided)
        return self._body

    def to_canonical(self) -> bytes:
        """The bytes that are stored and compared."""
        return self._decision.canonical(self._known, self._failed, self._undecided).encode()

    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in hexadecimal."""
        return sha256(self.to_canonical()).hexdigest()


def _outcome(failed: int, undecided: int) -> Outcome:
    if failed:
        return Outcome.REFUSED
    return Outcome.NEEDS_INFORMATION if undecided else Outcome.ALLOWED


def _complete(requirements: Requirements, known: Mapping[str, Any]) -> bool:
    return all(name in known for name in requirements.facts)


# --- the function ------------------------------------------------------------------------------


def _compiled(requirements: Requirements) -> Callable[[Mapping[str, Any]], int]:
    """One function of known values: what failed in the low bits, what is undecided in the high ones."""
    slot = {name: f"v{at}" for at, name in enumerate(requirements.facts)}
    constants: dict[str, Any] = {"NEVER": NEVER}
    lines = ["def masks(known):", " get = known.get", " failed = undecided = 0"]
    lines += [f" {slot[name]} = get({name!r})" for name in requirements.facts]
    by = slot[requirements.by]
    for at, (name, table) in enumerate(requirements.tables.items()):
        ready = {place: zone_named(zone) for place, zone in table.items()} if name == ZONES else dict(table)
        constants[f"lookup{at}"] = ready.get
        lines.append(f" t{at} = lookup{at}({by})")
    tables = {name: f"t{at}" for at, name in enumerate(requirements.tables)}
    for at, one in enumerate(requirements.all):
        limit, currency = one.limit, tables.get(one.currency, "")
        if isinstance(limit, str):
            limit = tables[limit]
        elif limit is not None:
            constants[f"k{at}"] = limit
            limit = f"k{at}"
        lines += _lines_of(one, 1 << at, slot, limit, currency, tables.get(ZONES, ""))
    lines.append(f" return failed | undecided << {_SHIFT}")
    code = compile("\n".join(lines), "<requirements>", "exec")
    exec(code, constants)  # noqa: S102 (the text holds slot names only)
    made: Callable[[Mapping[str, Any]], int] = constants["masks"]
    return made


def _lines_of(
    one: Requirement, bit: int, slot: Mapping[str, str], limit: Any, currency: str, zone: str
) -> list[str]:
    """Undecided where something that it reads is unknown; failed where its test is not met."""
    fact, of = slot[one.fact], slot.get(one.of, "")
    needed = [slot[name] for name in one.reads]
    if isinstance(limit, str) and limit.startswith("t"):
        needed.append(limit)
    if one.test in ("within_days", "after_day"):
        needed.append(zone)
    unknown = " or ".join(f"{name} is None" for name in needed)
    passed = {
        "below": f"{fact} < {limit}",
        "is": f"{fact} == {limit}",
        "below_in_currency": f"{of} == {currency} and {fact} < {limit}",
        "within_days": f"0 <= {fact}.astimezone({zone}).toordinal() - {of}.astimezone({zone}).toordinal() <= {limit}",
        "after_day": f"{of} is NEVER or {fact}.astimezone({zone}).toordinal() > {of}.toordinal()",
    }[one.test]
    return [f" if {unknown}: undecided |= {bit}", f" elif not ({passed}): failed |= {bit}"]


def in_pieces(items: Iterable[Facts], size: int) -> Iterator[list[Facts]]:
    """`items` in lists of `size`, so that memory does not grow with their number."""
    iterator = iter(items)
    while piece := list(islice(iterator, size)):
        yield piece


@lru_cache(maxsize=64)
def decision(packs: Packs, rule: str, on: date | None = None) -> Decision:
    """The compiled decision of a rule of requirements. Raises PackError."""
    pack, found = packs.rule(rule)
    return Decision(pack, found, on)
