"""Packs: dated TOML files whose rules are records over the clause kinds. Read, lint, in force, digest.

A pack is a folder; each file in it is one published version. A file may hold all rules, or only the
next wording of some: of two versions of a rule, the one with the later `effective.from` that the
deciding fact's day has reached is in force.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from casedesk.policy import shapes
from casedesk.policy.clauses import CLAUSES
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.conditions import GROUPS, PackError, Test, condition, facts_of
from casedesk.policy.facts import shown, vocabulary
from casedesk.policy.reading import NO, REVIEW, YES, Answer, Needs, Open, Reading, review
from casedesk.policy.verdict import Citation, Level

LOCALES = ("en", "fr")
_RULE_KEYS = {
    "id", "kind", "like", "title", "question", "explain", "citation", "effective", "subjects", "confidence",
    "verified", "level", "gate", "exception", "case", "amounts", "pays_all", "product_only", "example",
    "review_by", "duties", "suspended",
}  # fmt: skip
_PACK_KEYS = {
    "pack", "version", "title", "level", "jurisdiction", "calendar", "review_by", "notice", "rule", "remedy",
    "example_only", "calendars_by_jurisdiction", "clocks", "guards",
}  # fmt: skip
_REMEDY_KEYS = {
    "id", "subjects", "right", "amount", "obligation", "instead", "code", "but_not", "end", "whole", "when", "fells", "on_record", "window",
}  # fmt: skip
_GATE_KEYS = {"when", "answer", "code"}
_SUSPENDED_KEYS = {"code", "when", "while_no", "then"}
REST, AT_ONCE = "rest", "at_once"
"""How the period of a duty goes on after it was suspended: with the days that were left, or due at once."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A test that, where it is met, answers before the clause is asked."""

    test: Test
    answer: str
    code: str


@dataclass(frozen=True, slots=True)
class Suspension:
    """What holds the period of a duty: facts (`when`), or another rule that answers no (`while_no`)."""

    code: str
    when: Test | None
    while_no: str
    then: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a pack, ready to judge."""

    id: str
    kind: str
    pack: str
    level: Level
    jurisdiction: str
    title: Mapping[str, str]
    question: Mapping[str, str]
    explain: Mapping[str, str]
    citation: Citation
    effective_from: date | None
    effective_to: date | None
    attaches_to: str
    confidence: str
    review_by: str
    product_only: bool
    gates: tuple[Gate, ...]
    clauses: tuple[tuple[Test | None, Clause], ...]
    amounts: tuple[str, ...]
    pays_all: tuple[str, Test] | None
    calendar: str
    calendars: Mapping[str, str]  # by jurisdiction, where the pack is of several places
    reads: tuple[str, ...]
    numbers: tuple[int, ...]
    days: tuple[date, ...]
    suspensions: tuple[Suspension, ...]
    table: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Effective from, as text; empty where the rule has no date."""
        return self.effective_from.isoformat() if self.effective_from else ""

    def judge(self, reading: Reading) -> Answer:
        """The answer on what the reading knows. Raises Needs, Open."""
        for gate in self.gates:
            if gate.test(reading):
                return self._stopped(gate, reading)
        clause = self._clause(reading)
        answer = clause.judge(reading)
        if clause.extras is not None and clause.extras_always:
            answer.always.update(clause.extras(reading))
        if answer.eligible == NO:
            self._nothing(answer, reading)
        if self.pays_all is not None:
            self._pay_all(answer, reading)
        return answer

    def always_keys(self, reading: Reading) -> dict[str, object]:
        """Keys that come even where the answer is open."""
        try:
            clause = self._clause(reading)
            return clause.extras(reading) if clause.extras is not None and clause.extras_always else {}
        except (Needs, Open):
            return {}

    def _clause(self, reading: Reading) -> Clause:
        for test, clause in self.clauses:
            if test is None or test(reading):
                return clause
        raise PackError("pack.no_case_fits", rule=self.id)

    def _stopped(self, gate: Gate, reading: Reading) -> Answer:
        answer = review(gate.code) if gate.answer == REVIEW else Answer(gate.answer, gate.code)
        clause = self.clauses[-1][1]
        if clause.extras is not None and (gate.answer != REVIEW or clause.extras_always):
            target = answer.always if clause.extras_always else answer.keys
            target.update(clause.extras(reading))
        if gate.answer == NO:
            self._nothing(answer, reading)
        if self.pays_all is not None:
            self._pay_all(answer, reading)
        return answer

    def _nothing(self, answer: Answer, reading: Reading) -> None:
        """A no owes nothing: every amount that the rule lists is 0, unless the clause gave one."""
        for name in self.amounts:
            if name in answer.keys:
                continue
            if name == "retained_minor":
                paid = reading.optional("paid_minor")
                if paid is not None:
                    answer.keys[name] = paid
            else:
                answer.keys[name] = 0
        currency = reading.optional("currency") if self.amounts else None
        if currency is not None:
            answer.keys.setdefault("currency", currency)

    def _pay_all(self, answer: Answer, reading: Reading) -> None:
        """Where an amount was paid, a yes gives all of it back, unless another rule computes it."""
        assert self.pays_all is not None
        fact, computed_elsewhere = self.pays_all
        paid = reading.optional(fact)
        if paid is None or answer.eligible == REVIEW:
            return
        if answer.eligible == NO:
            answer.keys["refundable_minor"] = 0
        elif computed_elsewhere(reading):
            return
        else:
            answer.keys["refundable_minor"] = paid
        currency = reading.currency() if answer.keys["refundable_minor"] else reading.optional("currency")
        if currency is not None:
            answer.keys["currency"] = currency


@dataclass(frozen=True, slots=True)
class Remedy:
    """How the rules of a pack come together in a case: a right, what it pays, and what must then be done."""

    id: str
    pack: str
    level: Level
    subjects: tuple[str, ...]
    right: str
    code: str
    amount: str = ""
    obligation: str = ""
    but_not: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)
    whole: str = ""  # the fact whose whole sum comes back
    end: str = ""  # the fact on whose day the contract ends
    when: Test | None = None
    fells: tuple[str, ...] = ()  # rules that fall where this right holds
    on_record: str = ""  # the trader's own act: without it on the record nobody is asked for it
    window: str = ""  # the rule of the period alone: where it says no, nothing else of the right can matter
    reads: tuple[str, ...] = ()  # the facts that it reads itself, beside those of its rules


@dataclass(frozen=True, slots=True)
class Pack:
    """One published version of a pack."""

    id: str
    version: str
    title: Mapping[str, str]
    jurisdiction: str
    level: Level
    review_by: str
    notice: Mapping[str, str]
    digest: str
    rules: tuple[Rule, ...]
    remedies: tuple[Remedy, ...]
    clocks: tuple[str, ...]  # rules whose deadlines stand beside every case
    guards: tuple[str, ...]  # rules that may stop a payment that is due
    covers: tuple[str, ...]  # further places whose cases it applies to
    example_only: bool
    toml: str


_TAKING = (
    "jurisdiction", "timezone", "holiday_calendar", "currency", "paid_minor", "already_refunded_minor",
    "lost_dispute_minor", "dispute_status", "action_at", "requested_end", "period_start", "period_end",
    "period_days", "used_days",
)  # fmt: skip
"""What taking a remedy reads beside its rules, and what follows from other facts."""


class Packs:
    """The packs that a judgement may use, with every rule by its id."""

    __slots__ = ("_by_place", "_by_rule", "_conflicts", "_reads", "packs")

    def __init__(self, packs: Iterable[Pack]) -> None:
        self.packs = tuple(sorted(packs, key=lambda pack: (pack.id, pack.version)))
        self._by_rule: dict[str, list[tuple[Pack, Rule]]] = {}
        self._conflicts: set[str] = set()
        self._by_place: dict[str, list[Pack]] = {}
        self._reads: dict[int, tuple[str, ...]] = {}
        for pack in self.packs:
            for rule in pack.rules:
                known = self._by_rule.setdefault(rule.id, [])
                if any(old.version == rule.version and other.id != pack.id for other, old in known):
                    self._conflicts.add(rule.id)
                known[:] = [(other, old) for other, old in known if old.version != rule.version]
                known.append((pack, rule))
        for known in self._by_rule.values():
            known.sort(key=lambda found: found[1].version)

    def __contains__(self, rule: object) -> bool:
        return rule in self._by_rule

    def ids(self, *, answerable: bool = False) -> list[str]:
        """Every rule's id; with `answerable` those that can be asked alone."""
        return [
            name for name, known in self._by_rule.items() if not (answerable and known[-1][1].product_only)
        ]

    def versions(self, rule: str) -> list[tuple[Pack, Rule]]:
        """Every version of a rule, oldest first."""
        return self._by_rule.get(rule, [])

    def rule(self, name: str, *, on: date | None = None) -> tuple[Pack, Rule]:
        """The version of a rule in force on a day; the newest where the day is unknown. Raises PackError."""
        known = self._by_rule.get(name)
        if not known:
            raise PackError("pack.unknown_rule", rule=name)
        if on is None:
            return known[-1]
        reached = [
            found for found in known if found[1].effective_from is None or found[1].effective_from <= on
        ]
        return reached[-1] if reached else known[0]

    def for_place(self, jurisdiction: str) -> list[Pack]:
        """The newest version of every pack that applies to a case of this place."""
        if jurisdiction not in self._by_place:
            newest = {pack.id: pack for pack in self.packs}
            found = [pack for pack in newest.values() if _applies(pack, jurisdiction)]
            self._by_place[jurisdiction] = found
        return self._by_place[jurisdiction]

    def reads_of(self, remedy: Remedy) -> tuple[str, ...]:
        """Every fact that taking this remedy can read, by any version of its rules."""
        if id(remedy) not in self._reads:
            named = [*_TAKING, *remedy.reads]
            for name in (remedy.right, remedy.amount, remedy.window, *remedy.but_not):
                for _pack, rule in self.versions(name):
                    named += [*rule.reads, *([rule.attaches_to] if rule.attaches_to else [])]
            self._reads[id(remedy)] = tuple(dict.fromkeys(named))
        return self._reads[id(remedy)]

    def conflicts(self) -> tuple[str, ...]:
        """Rules that two packs write for the same date: nobody can tell which one holds."""
        return tuple(sorted(self._conflicts))


def _applies(pack: Pack, jurisdiction: str) -> bool:
    """Does a pack bear on a case of this place? Terms, house rules and networks go with every place."""
    whole, _, _ = jurisdiction.partition("-")
    return (
        pack.level is not Level.STATUTE
        or jurisdiction in pack.covers
        or pack.jurisdiction in (jurisdiction, whole)
    )


def in_force(packs: Packs, on: date) -> Packs:
    """The packs published by `on`."""
    return Packs(pack for pack in packs.packs if pack.version[:10] <= on.isoformat())


@lru_cache(maxsize=1)
def shipped() -> Packs:
    """Every pack that comes with the release, examples apart."""
    return Packs(pack for pack in map(_load_shipped, shipped_names()) if not pack.example_only)


def shipped_names() -> list[str]:
    """The files of the release, as <pack>/<date>.toml."""
    folder = files("casedesk.policy").joinpath("packs")
    return sorted(
        f"{pack.name}/{version.name}"
        for pack in folder.iterdir()
        if pack.is_dir()
        for version in pack.iterdir()
        if version.name.endswith(".toml")
    )


@lru_cache(maxsize=64)
def _load_shipped(name: str) -> Pack:
    return load(shipped_text(name), name)


def shipped_text(name: str) -> str:
    """The TOML of one file of the release."""
    return files("casedesk.policy").joinpath("packs").joinpath(name).read_text(encoding="utf-8")


def shipped_pack(name: str) -> Pack:
    """One file of the release, read."""
    return _load_shipped(name)


def load(text: str, name: str) -> Pack:
    """The pack that a TOML text writes. Raises PackError with the file, the rule and what to change."""
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of too many figures is a ValueError alone
        raise PackError("pack.not_toml", file=name, reason=str(error)[:400]) from error
    try:
        return _pack(table, text)
    except PackError as error:
        raise PackError(error.code, **{"file": name, **error.params}) from error
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        RecursionError,
        OverflowError,
    ) as error:
        raise PackError(
            "pack.malformed", file=name, reason=f"{type(error).__name__}: {error}"[:400]
        ) from error


def _pack(table: Mapping[str, Any], text: str) -> Pack:
    _known_keys(table, _PACK_KEYS, rule="")
    shapes.look(table)
    level = _level(table["level"])
    for entry in (*table.get("rule", []), *table.get("remedy", [])):
        if "id" not in entry:
            raise PackError("pack.missing_key", rule="", key="id")
    written = {entry["id"]: entry for entry in table.get("rule", [])}
    if len(written) != len(table.get("rule", [])):
        twice, _times = Counter(entry["id"] for entry in table["rule"]).most_common(1)[0]
        raise PackError("pack.rule_twice", rule=twice)
    rules = tuple(_rule(_inherited(entry, written), table, level) for entry in table.get("rule", []))
    return Pack(
        id=str(table["pack"]),
        version=str(table["version"]),
        title=table["title"],
        jurisdiction=str(table["jurisdiction"]),
        level=level,
        review_by=str(table.get("review_by", "")),
        notice=table.get("notice", {}),
        digest=sha256(text.encode()).hexdigest(),
        rules=rules,
        remedies=tuple(_remedy(entry, table, level) for entry in table.get("remedy", [])),
        clocks=tuple(table.get("clocks", ())),
        guards=tuple(table.get("guards", ())),
        covers=tuple(table.get("calendars_by_jurisdiction", {})),
        example_only=bool(table.get("example_only", False)),
        toml=text,
    )


def _level(written: str) -> Level:
    if written not in set(Level):
        raise PackError("pack.unknown_method", key="level", value=written)
    return Level(written)


def _inherited(
    entry: Mapping[str, Any], written: Mapping[str, Any], seen: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A rule with what it takes over from the rule that it is `like`."""
    like = entry.get("like")
    if like is None:
        return dict(entry)
    if like in seen or like not in written:
        raise PackError("pack.like_goes_round" if like in seen else "pack.unknown_rule", rule=str(like))
    parent = _inherited(written[like], written, (*seen, str(entry["id"])))
    taken = {key: deepcopy(value) for key, value in parent.items() if key not in ("id", "example")}
    return {**taken, **{key: value for key, value in entry.items() if key != "like"}}


def _rule(entry: Mapping[str, Any], pack: Mapping[str, Any], level: Level) -> Rule:
    try:
        return _read_rule(entry, pack, level)
    except PackError as error:
        raise PackError(error.code, **{"rule": entry.get("id", ""), **error.params}) from error


def _read_rule(entry: Mapping[str, Any], pack: Mapping[str, Any], level: Level) -> Rule:
    kinds = {entry["kind"], *(case["kind"] for case in entry.get("case", []))}
    _known_keys(entry, _RULE_KEYS | kinds, rule=str(entry["id"]))
    clauses = _clauses(entry)
    fixed = [name for _test, clause in clauses for name in clause.reads]
    effective = entry.get("effective", {})
    pays_all = entry.get("pays_all")
    return Rule(
        id=str(entry["id"]),
        kind=str(entry["kind"]),
        pack=str(pack["pack"]),
        level=_level(entry.get("level", level)),
        jurisdiction=str(pack["jurisdiction"]),
        title=entry.get("title", {}),
        question=entry.get("question", {}),
        explain=entry.get("explain", {}),
        citation=Citation(**entry.get("citation", {"instrument": ""})),
        effective_from=_day(effective.get("from")),
        effective_to=_day(effective.get("to")),
        attaches_to=_attaches_to(effective.get("attaches_to")),
        confidence=str(entry.get("confidence", "")),
        review_by=str(entry.get("review_by", pack.get("review_by", ""))),
        product_only=bool(entry.get("product_only", False)),
        gates=tuple(_gate(gate) for gate in [*entry.get("gate", []), *entry.get("exception", [])]),
        clauses=clauses,
        amounts=tuple(entry.get("amounts", ())),
        pays_all=None if pays_all is None else (str(pays_all["paid"]), condition(pays_all["unless"])),
        calendar=str(pack.get("calendar", "")),
        calendars=pack.get("calendars_by_jurisdiction", {}),
        reads=tuple(dict.fromkeys([*_facts_in(entry), *fixed, *_EVERYWHERE])),
        numbers=tuple(sorted(set(_numbers_in(entry)))),
        days=tuple(sorted(set(_days_in(entry)))),
        suspensions=tuple(_suspension(mark) for mark in entry.get("suspended", [])),
        table=entry,
    )


def _gate(written: Mapping[str, Any]) -> Gate:
    _known_keys(written, _GATE_KEYS, rule="")
    if written["answer"] not in (YES, NO, REVIEW):
        raise PackError("pack.unknown_answer", value=str(written["answer"]))
    return Gate(condition(written["when"]), str(written["answer"]), str(written["code"]))


def _suspension(written: Mapping[str, Any]) -> Suspension:
    _known_keys(written, _SUSPENDED_KEYS, rule="")
    if ("when" in written) == ("while_no" in written):
        raise PackError("pack.suspended_by_what", key=str(written.get("code", "")))
    then = str(written.get("then", REST))
    if then not in (REST, AT_ONCE):
        raise PackError("pack.suspended_then", value=then)
    return Suspension(
        code=str(written["code"]),
        when=condition(written["when"]) if "when" in written else None,
        while_no=str(written.get("while_no", "")),
        then=then,
    )


def _clauses(entry: Mapping[str, Any]) -> tuple[tuple[Test | None, Clause], ...]:
    """The cases of a rule in order, and last the clause that holds where none of them does."""
    cases: list[tuple[Test | None, Clause]] = [
        (condition(case["when"]), _clause(str(case["kind"]), case.get(case["kind"], {})))
        for case in entry.get("case", [])
    ]
    return (*cases, (None, _clause(str(entry["kind"]), entry.get(entry["kind"], {}))))


def _clause(kind: str, table: Mapping[str, Any]) -> Clause:
    if kind not in CLAUSES:
        raise PackError("pack.unknown_kind", value=kind)
    params = Params(table)
    clause = CLAUSES[kind](params)
    for key in params.unread():
        raise PackError("pack.unknown_key", key=key)
    return clause


def _remedy(entry: Mapping[str, Any], pack: Mapping[str, Any], level: Level) -> Remedy:
    _known_keys(entry, _REMEDY_KEYS, rule=str(entry.get("id", "")))
    return Remedy(
        id=str(entry["id"]),
        pack=str(pack["pack"]),
        level=level,
        subjects=tuple(entry["subjects"]),
        right=str(entry["right"]),
        code=str(entry["code"]),
        amount=str(entry.get("amount", "")),
        obligation=str(entry.get("obligation", "")),
        but_not=tuple(entry.get("but_not", ())),
        instead=dict(entry.get("instead", {})),
        whole=str(entry.get("whole", "")),
        end=str(entry.get("end", "")),
        when=condition(entry["when"]) if "when" in entry else None,
        fells=tuple(entry.get("fells", ())),
        on_record=str(entry.get("on_record", "")),
        window=str(entry.get("window", "")),
        reads=_remedy_reads(entry),
    )


def _remedy_reads(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The facts of its condition, those it takes for others, and those whose day or sum it uses."""
    taken = [*entry.get("instead", {}), *entry.get("instead", {}).values()]
    named = (str(entry[key]) for key in ("whole", "end", "on_record") if key in entry)
    return tuple(dict.fromkeys([*facts_of(entry.get("when", {})), *taken, *named]))


def _known_keys(table: Mapping[str, Any], known: set[str], *, rule: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        params = {"rule": rule} if rule else {}
        raise PackError("pack.unknown_key", key=unknown[0], **params)


def _day(written: object) -> date | None:
    """A day, or none. Raises PackError."""
    if written is None or type(written) is date:
        return written
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        raise PackError("pack.no_day", value=shown(written)) from None


def _attaches_to(written: object) -> str:
    """The fact whose day decides which version is in force; empty where every day is the same. Raises PackError."""
    name = "" if written is None else str(written)
    if name and name not in vocabulary():
        raise PackError("pack.unknown_fact", fact=shown(written))
    return name


def _strings(value: object) -> Iterable[str]:
    """Every key and text inside a table."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


_PROSE = (
    "title", "question", "explain", "citation", "example", "effective", "subjects", "amounts", "suspended",
)  # fmt: skip
_EVERYWHERE = (
    "action_at",
    "timezone",
    "holiday_calendar",
    "good_friday_is_holiday_here",
    "currency",
    "rounding",
)
_CONDITIONS = ("when", "unless", *GROUPS)
_NO_FACT = ("kind", "method", "clock", "code", "doubt", "id")  # their values are words of the pack


def _facts_in(value: object, key: str = "") -> Iterable[str]:
    """The facts that a table names: as values, as the keys of a `when`, as the numbers of a path."""
    if isinstance(value, str):
        word = value.split(" ")[0]
        if key not in _NO_FACT and word in vocabulary():
            yield word
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if key in _CONDITIONS and name in vocabulary():
                yield name
            if name not in _PROSE:
                yield from _facts_in(item, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from _facts_in(item, key)


def _numbers_in(entry: object) -> Iterable[int]:
    """The numbers that a rule names: where its answer may turn."""
    if isinstance(entry, bool):
        return
    if isinstance(entry, int):
        yield entry
    elif isinstance(entry, str):
        number = entry.split(" ")[0]
        if number.lstrip("-").isdigit():
            yield int(number)
    elif isinstance(entry, Mapping):
        for key, value in entry.items():
            if key not in _PROSE:
                yield from _numbers_in(value)
    elif isinstance(entry, list):
        for value in entry:
            yield from _numbers_in(value)


def _days_in(entry: Mapping[str, Any]) -> Iterable[date]:
    """The days that a rule names."""
    for key, value in entry.items():
        if key in _PROSE:
            continue
        for text in _strings(value):
            try:
                yield date.fromisoformat(text if len(text) == 10 else f"{text}-01")
            except ValueError:
                continue
