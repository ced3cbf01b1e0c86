"""A mapping: how the columns of one source become the fields of one kind. A TOML file per source.

kind = "customers"              # customers, subscriptions, charges, cases, exchanges
source = "old-desk"             # references are known under this name
zone = "Europe/Paris"           # of moments that say none

[fields]
reference = "Kundennummer"      # a column
kind = { constant = "consumer" }
created_at = { column = "Seit", date = "DD.MM.YYYY" }
"""

import re
import tomllib
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from casedesk.customers.rules import STATED
from casedesk.imports.faults import MappingFault
from casedesk.imports.kinds import FIELDS, KINDS, field_of
from casedesk.imports.reading import FileRule
from casedesk.imports.values import FieldRule, pattern_of
from casedesk.kernel.money import EXPONENTS
from casedesk.policy.facts import FactError, read_fact

SHIPPED = Path(__file__).parent / "maps"

Problems = list[tuple[str, dict[str, object]]]


@dataclass(frozen=True)
class LeaveOut:
    """Rows that are not meant: by the start or the whole of a column's text, or by a number below a bound."""

    column: str
    starts_with: str = ""
    equals: str | None = None
    below: str | None = None
    because: str = ""


@dataclass(frozen=True)
class Join:
    """Cells of another file, as `name.column`: rows whose `on` columns are the same as ours.

    `several` says which of many is meant: first, last or none, in the order of column `order_by`, of which only
    rows up to our `up_to` count.
    """

    name: str
    file: str
    on: Dict[str, str]
    several: str = "first"
    order_by: str = ""
    up_to: str = ""
    date: str = ""
    read: FileRule = field(default_factory=FileRule)


@dataclass(frozen=True)
class Match:
    """Cancelling documents of the same file are matched to the document they take back; see matching.py."""

    document: str
    cancels: str
    who: str
    item: tuple[str, ...]
    quantity: str
    when: str


@dataclass(frozen=True)
class Mapping:
    kind: str
    source: str
    title: str
    zone: str
    read: FileRule
    fields: Dict[str, FieldRule]
    group_by: str = ""
    leave_out: tuple[LeaveOut, ...] = ()
    joins: tuple[Join, ...] = ()
    match: Match | None = None
    count_by: tuple[str, ...] = ()
    entity: Dict[str, Any] = field(default_factory=dict)
    plan: Dict[str, Any] = field(default_factory=dict)
    terms: Dict[str, Any] = field(default_factory=dict)
    causes: Dict[str, Any] = field(default_factory=dict)

    def files(self) -> tuple[str, ...]:
        """The other files that the mapping joins."""
        return tuple(dict.fromkeys(join.file for join in self.joins))


def shipped() -> dict[str, Path]:
    """The example mappings of this release by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}


def parse(text: str) -> Mapping:
    """The mapping that `text` writes. Raises MappingFault with every fault that was found."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingFault([("import.toml", {"reason": str(error)})]) from error
    problems: Problems = []
    kind = raw.get("kind")
    if kind not in KINDS:
        raise MappingFault([("import.kind", {"text": str(kind), "choices": ", ".join(KINDS)})])
    _only(raw, _TOP, "", problems)
    if not isinstance(raw.get("source"), str) or not raw["source"].strip():
        problems.append(("import.source", {}))
    made = Mapping(
        kind=kind,
        source=str(raw.get("source", "")),
        title=str(raw.get("title", "")),
        zone=_zone(str(raw.get("zone", "UTC")), problems),
        read=_made(FileRule, _dict(raw, "file", problems), "file", problems),
        fields=_fields(kind, _dict(raw, "fields", problems), problems),
        group_by=str(_dict(raw, "rows", problems).get("group_by", "")),
        leave_out=_leave_out(_dict(raw, "rows", problems), problems),
        joins=_joins(_dict(raw, "joins", problems), problems),
        match=_match(raw, problems),
        count_by=tuple(_list(_dict(raw, "totals", problems).get("count_by"))),
        **{name: _dict(raw, name, problems) for name in ("entity", "plan", "terms", "causes")},
    )
    for kind in ("plan", "terms"):
        _check_facts(kind, _dict(raw, kind, problems), problems)
    if problems:
        raise MappingFault(problems)
    return made


def _check_facts(kind: str, raw: dict[str, Any], problems: Problems) -> None:
    """`[plan.facts]` and `[terms.facts]` hold facts that may be stated of them, as files write them."""
    facts = raw.get("facts", {})
    if not isinstance(facts, dict):
        problems.append(("import.table", {"name": f"{kind}.facts"}))
        return
    for name, value in facts.items():
        if name not in STATED[kind]:
            known = ", ".join(STATED[kind])
            problems.append(("import.unknown_name", {"name": f"{kind}.facts.{name}", "known": known}))
            continue
        try:
            read_fact(name, value)
        except FactError as error:
            expected = str(error.params.get("expected", ""))
            problems.append(("import.stated", {"name": f"{kind}.facts.{name}", "expected": expected}))


_TOP = (
    *("kind", "source", "title", "zone", "file", "rows", "fields", "joins", "match", "totals"),
    *("entity", "plan", "terms", "causes"),
)


def _fields(kind: str, raw: dict[str, Any], problems: Problems) -> dict[str, FieldRule]:
    found = {}
    for name, given in raw.items():
        if field_of(kind, name) is None:
            known = ", ".join(one.name for one in FIELDS[kind])
            problems.append(("import.field", {"name": name, "kind": kind, "known": known}))
        else:
            found[name] = _rule(name, given, problems)
    for one in FIELDS[kind]:
        if one.required and one.name not in raw:
            problems.append(("import.field_missing", {"name": one.name}))
    return found


_SOURCES = ("column", "columns", "constant", "template", "product", "digest")


def _rule(name: str, given: Any, problems: Problems) -> FieldRule:
    if isinstance(given, str):
        return FieldRule(columns=(given,))
    if not isinstance(given, dict) or sum(key in given for key in _SOURCES) != 1:
        problems.append(("import.field_rule", {"name": name, "sources": ", ".join(_SOURCES)}))
        return FieldRule()
    raw = dict(given)
    raw["columns"] = _list(raw.pop("column", None)) + _list(raw.get("columns"))
    for key in ("columns", "product", "date"):
        raw[key] = tuple(_list(raw.get(key)))
    if "table" in raw:
        raw["table"] = (
            {str(k): str(v) for k, v in raw["table"].items()} if isinstance(raw["table"], dict) else {}
        )
    rule: FieldRule = _made(FieldRule, raw, f"fields.{name}", problems)
    _check_rule(name, rule, problems)
    return rule


def _check_rule(name: str, rule: FieldRule, problems: Problems) -> None:
    for form in rule.date:
        try:
            pattern_of(form)
        except (ValueError, re.error):
            problems.append(("import.date_pattern", {"name": name, "text": form}))
    if rule.zone:
        _zone(rule.zone, problems)
    if rule.currency and rule.currency not in EXPONENTS:
        problems.append(("import.currency", {"text": rule.currency}))
    if rule.unit not in ("major", "minor"):
        problems.append(("import.unit", {"name": name, "text": rule.unit}))
    if rule.decimal not in (".", ","):
        problems.append(("import.decimal", {"name": name, "text": rule.decimal}))


def _leave_out(raw: dict[str, Any], problems: Problems) -> tuple[LeaveOut, ...]:
    _only(raw, ("group_by", "leave_out"), "rows", problems)
    return tuple(_made(LeaveOut, one, "rows.leave_out", problems) for one in raw.get("leave_out", ()))


def _joins(raw: dict[str, Any], problems: Problems) -> tuple[Join, ...]:
    joins = []
    for name, given in raw.items():
        if not isinstance(given, dict) or not given.get("file") or not isinstance(given.get("on"), dict):
            problems.append(("import.join", {"name": name}))
            continue
        more = dict(given)
        reading = _made(FileRule, more.pop("read", {}), f"joins.{name}.read", problems)
        joins.append(_made(Join, {"name": name, "read": reading, **more}, f"joins.{name}", problems))
    return tuple(joins)


def _match(raw: dict[str, Any], problems: Problems) -> Match | None:
    given = _dict(raw, "match", problems)
    if not given:
        return None
    missing = [one.name for one in fields(Match) if one.name not in given]
    if missing:
        problems.append(("import.match", {"names": ", ".join(missing)}))
        return None
    return _made(Match, {**given, "item": tuple(_list(given["item"]))}, "match", problems)


def _made(model: type, raw: Any, where: str, problems: Problems) -> Any:
    """`model` from a table of the mapping; unknown names and wrong types are named."""
    if not isinstance(raw, dict):
        problems.append(("import.table", {"name": where}))
        return None
    names = {one.name: one for one in fields(model)}
    _only(raw, tuple(names), where, problems)
    kept = {}
    for name, value in raw.items():
        if name not in names:
            continue
        wants_flag = names[name].type in (bool, "bool")
        if wants_flag != isinstance(value, bool) or (isinstance(value, int | float) and not wants_flag):
            problems.append(("import.type", {"name": f"{where}.{name}"}))
            continue
        kept[name] = value
    try:
        return model(**kept)
    except TypeError:
        problems.append(("import.table", {"name": where}))
        return None


def _only(raw: dict[str, Any], known: tuple[str, ...], where: str, problems: Problems) -> None:
    for name in raw:
        if name not in known:
            shown = f"{where}.{name}" if where else name
            problems.append(("import.unknown_name", {"name": shown, "known": ", ".join(known)}))


def _dict(raw: dict[str, Any], name: str, problems: Problems) -> dict[str, Any]:
    value = raw.get(name, {})
    if not isinstance(value, dict):
        problems.append(("import.table", {"name": name}))
        return {}
    return value


def _list(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def _zone(text: str, problems: Problems) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        problems.append(("import.zone", {"text": text}))
        return "UTC"
    return text
