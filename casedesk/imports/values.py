"""One field of a record out of the cells of a row, as the mapping says: text, moments, days, sums, choices."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from zoneinfo import ZoneInfo

from casedesk.imports.faults import RowFault
from casedesk.kernel.money import EXPONENTS, MAXIMUM_MINOR, exponent
from casedesk.policy.facts import FactError, Kind, read_fact, vocabulary

Cells = Mapping[str, str]

FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True)
class Field:
    """A field of a kind: `type` is text, moment, day, money, whole, choice, flag, tags, told or fact."""

    name: str
    type: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldRule:
    """Where a field comes from and how its text is read. Exactly one of columns, constant, template, product, digest."""

    columns: tuple[str, ...] = ()
    constant: str | None = None
    template: str | None = None
    product: tuple[str, ...] = ()
    digest: bool = False
    table: Mapping[str, str] | None = None
    otherwise: str | None = None
    default: str = ""
    drop_suffix: str = ""
    date: tuple[str, ...] = ()
    zone: str = ""
    currency: str = ""
    currency_column: str = ""
    unit: str = "major"
    decimal: str = "."
    negate: bool = False
    sum: bool = False
    lines: bool = False

    def names(self) -> tuple[str, ...]:
        """The columns that the rule reads."""
        named = tuple(_SLOT.findall(self.template)) if self.template else ()
        extra = (self.currency_column,) if self.currency_column else ()
        return (*self.columns, *self.product, *named, *extra)


@dataclass(frozen=True)
class Sum:
    """An amount as read: exact, and in minor units where the currency can hold it."""

    exact: Decimal
    currency: str

    @property
    def is_whole(self) -> bool:
        """Can minor units of the currency hold it?"""
        scaled = self.exact.scaleb(exponent(self.currency))
        return scaled == scaled.to_integral_value()

    def minor(self, at: str) -> int:
        """Minor units. Raises RowFault where the amount is finer, negative or beyond the ledger."""
        if not self.is_whole:
            raise RowFault("import.finer", at, amount=format(self.exact, "f"), currency=self.currency)
        scaled = self.exact.scaleb(exponent(self.currency))
        if scaled < 0:
            raise RowFault("import.negative", at, amount=format(self.exact, "f"))
        if scaled > MAXIMUM_MINOR:
            raise RowFault("import.too_large", at, amount=format(self.exact, "f"))
        return int(scaled)


_SLOT = re.compile(r"\{([^{}]*)\}")


def text_of(field: Field, rule: FieldRule, cells: Cells) -> str:
    """The text that `rule` finds in one row, after its table; empty where there is none."""
    if rule.constant is not None:
        return rule.constant
    if rule.template is not None:
        return _SLOT.sub(lambda slot: cells.get(slot[1], ""), rule.template).strip()
    found = ""
    for name in rule.columns:
        found = cells.get(name, "")
        if found:
            break
    if rule.drop_suffix:
        found = found.removesuffix(rule.drop_suffix)
    if rule.table is None:
        return found or rule.default
    if found in rule.table:
        return rule.table[found]
    if not found:
        return rule.default
    if rule.otherwise is None:
        raise RowFault("import.not_in_table", field.name, text=found[:60], column=" / ".join(rule.columns))
    return rule.otherwise


def read(field: Field, rule: FieldRule, rows: Sequence[Cells], zone: str) -> object:
    """The value of `field` for one thing, which several rows may make up; None where it is empty.

    A sum comes as `Sum`: whether its currency can hold it is asked when it is stored.
    """
    if field.type == "money":
        return _money(field, rule, rows)
    if rule.lines:
        return "\n".join(filter(None, (text_of(field, rule, cells) for cells in rows)))
    text = text_of(field, rule, rows[0])
    if not text:
        if field.required:
            raise RowFault("import.missing", field.name, column=_where(rule))
        return None
    return _READERS[field.type](field, rule, text, zone)


def _where(rule: FieldRule) -> str:
    return " / ".join(rule.names())


def _text(_field: Field, _rule: FieldRule, text: str, _zone: str) -> object:
    return text


def _choice(field: Field, _rule: FieldRule, text: str, _zone: str) -> object:
    found = text.strip().lower()
    if found not in field.choices:
        raise RowFault("import.choice", field.name, text=text[:60], choices=", ".join(field.choices))
    return found


def _flag(field: Field, _rule: FieldRule, text: str, _zone: str) -> object:
    low = text.lower()
    if low in ("1", "true", "yes", "y", "oui", "vrai", "x"):
        return True
    if low in ("0", "false", "no", "n", "non", "faux", "-"):
        return False
    raise RowFault("import.flag", field.name, text=text[:60])


def _whole(field: Field, _rule: FieldRule, text: str, _zone: str) -> object:
    if not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
        raise RowFault("import.whole", field.name, text=text[:60])
    return int(text)


def _tags(_field: Field, _rule: FieldRule, text: str, _zone: str) -> object:
    return tuple(dict.fromkeys(tag.strip().lower()[:40] for tag in re.split(r"[,;|]", text) if tag.strip()))


# --- days and moments ---------------------------------------------------------------------------

_TOKENS = {
    "YYYY": r"(?P<year>\d{4})",
    "YY": r"(?P<short>\d{2})",
    "MM": r"(?P<month>\d{2})",
    "M": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{2})",
    "D": r"(?P<day>\d{1,2})",
    "hh": r"(?P<hour>\d{1,2})",
    "mm": r"(?P<minute>\d{2})",
    "ss": r"(?P<second>\d{2})(?:\.\d+)?",
}


@cache
def pattern_of(form: str) -> re.Pattern[str]:
    """The pattern of a date format such as ``DD-MM-YYYY hh:mm``. Raises ValueError where it has no day."""
    parts = re.split(r"(YYYY|YY|MM|M|DD|D|hh|mm|ss)", form)
    found = "".join(_TOKENS.get(part) or re.escape(part) for part in parts)
    if not all(f"<{name}>" in found for name in ("month", "day")) or not re.search("<(year|short)>", found):
        raise ValueError(form)
    return re.compile(found, re.ASCII)


_ISO = (
    "YYYY-MM-DD",
    "YYYY-MM-DD hh:mm",
    "YYYY-MM-DDThh:mm",
    "YYYY-MM-DD hh:mm:ss",
    "YYYY-MM-DDThh:mm:ss",
)


def _parts(field: Field, rule: FieldRule, text: str) -> dict[str, int]:
    for form in (*rule.date, *_ISO):
        found = pattern_of(form).fullmatch(text)
        if found:
            parts = {name: int(value) for name, value in found.groupdict().items() if value is not None}
            if "short" in parts:
                parts["year"] = parts.pop("short") + (2000 if parts["short"] < 70 else 1900)
            return parts
    raise RowFault(
        "import.date_form", field.name, text=text[:60], form=" / ".join(rule.date or ("YYYY-MM-DD",))
    )


def _date(field: Field, rule: FieldRule, text: str, _zone: str) -> date:
    parts = _parts(field, rule, text)
    return _moment_of(field, text, parts).date()


def _moment_of(field: Field, text: str, parts: Mapping[str, int]) -> datetime:
    try:
        wall = datetime(**parts)  # type: ignore[arg-type]  # noqa: DTZ001 - the zone is added by the caller
    except ValueError as error:
        raise RowFault("import.date_not_real", field.name, text=text[:60]) from error
    if not FIRST_YEAR <= wall.year <= LAST_YEAR:
        raise RowFault("import.date_year", field.name, text=text[:60], first=FIRST_YEAR, last=LAST_YEAR)
    return wall


def _instant(field: Field, rule: FieldRule, text: str, zone: str) -> datetime:
    if len(text) > 19 and (text.endswith("Z") or text[-6:-5] in "+-"):
        return _with_offset(field, text)
    wall = _moment_of(field, text, _parts(field, rule, text))
    local = wall.replace(tzinfo=ZoneInfo(rule.zone or zone))
    instant = local.astimezone(UTC)
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) != wall:
        raise RowFault("import.hour_not_real", field.name, text=text[:60], zone=rule.zone or zone)
    return instant


def _with_offset(field: Field, text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RowFault("import.date_form", field.name, text=text[:60], form="YYYY-MM-DDThh:mm:ssZ") from error
    return (
        _moment_of(field, text, {"year": instant.year, "month": instant.month, "day": instant.day})
        and instant
    )


# --- money --------------------------------------------------------------------------------------


def _money(field: Field, rule: FieldRule, rows: Sequence[Cells]) -> Sum | None:
    currency = _currency(field, rule, rows[0])
    found = [
        amount
        for cells in (rows if rule.sum else rows[:1])
        if (amount := _amount(field, rule, cells)) is not None
    ]
    if not found:
        if field.required:
            raise RowFault("import.missing", field.name, column=_where(rule))
        return None
    exact = sum(found, Decimal(0))
    if rule.unit == "minor":
        exact = exact.scaleb(-exponent(currency))
    return Sum(-exact if rule.negate else exact, currency)


def exact_line(field: Field, rule: FieldRule, cells: Cells) -> Sum | None:
    """What one row adds to the sum of a field, exactly."""
    return _money(field, rule, [cells])


def _currency(field: Field, rule: FieldRule, cells: Cells) -> str:
    code = (cells.get(rule.currency_column, "") or rule.currency).strip().upper()
    if not code:
        raise RowFault("import.no_currency", field.name)
    if code not in EXPONENTS:
        raise RowFault("import.currency", field.name, text=code[:20])
    return code


def _amount(field: Field, rule: FieldRule, cells: Cells) -> Decimal | None:
    if not rule.product:
        text = text_of(field, rule, cells)
        return decimal_of(field, text, rule.decimal) if text else None
    factors = [cells.get(name, "") for name in rule.product]
    if not all(factors):
        return None
    result = Decimal(1)
    for factor in factors:
        result *= decimal_of(field, factor, rule.decimal)
    return result


def decimal_of(field: Field, text: str, mark: str) -> Decimal:
    """The number that `text` writes with `mark` before its decimals. Raises RowFault."""
    bare = re.sub(r"[\s\u00a0\u202f']", "", text)
    if mark == ",":
        bare = bare.replace(".", "").replace(",", ".") if _grouped(bare, ".", ",") else bare.replace(",", ".")
    elif _grouped(bare, ",", "."):
        bare = bare.replace(",", "")
    try:
        number = Decimal(bare)
    except InvalidOperation:
        raise RowFault("import.amount", field.name, text=text[:60]) from None
    if not number.is_finite() or number.adjusted() > 15:
        raise RowFault("import.amount", field.name, text=text[:60])
    return number


def _grouped(text: str, between: str, mark: str) -> bool:
    """Is `text` written with thousands set apart, as in 1.234.567,50?"""
    return re.fullmatch(rf"[-+]?\d{{1,3}}(?:\{between}\d{{3}})+(?:\{mark}\d*)?", text) is not None


NEVER = "never"


def _told(field: Field, rule: FieldRule, text: str, zone: str) -> object:
    """When the customer was told, or the word never."""
    return NEVER if text.lower() == NEVER else _instant(field, rule, text, zone)


def _fact(field: Field, rule: FieldRule, text: str, zone: str) -> object:
    """A fact `fact_<name>` of the rules as files write it, or the word never (or none)."""
    name = field.name.removeprefix("fact_")
    spec = vocabulary()[name]
    if text.lower() in ("never", "none") and (spec.never or spec.none):
        return NEVER
    value = _FACTS.get(spec.kind, _text)(field, rule, text, zone)
    if isinstance(value, date):
        value = value.isoformat()
    try:
        read_fact(name, value)
    except FactError as error:
        raise RowFault("import.fact", field.name, text=text[:60], fact=spec.label["en"]) from error
    return value


_FACTS = {Kind.INSTANT: _instant, Kind.DAY: _date, Kind.FLAG: _flag, Kind.COUNT: _whole, Kind.MONEY: _whole}

_READERS = {
    "told": _told,
    "fact": _fact,
    "text": _text,
    "choice": _choice,
    "flag": _flag,
    "whole": _whole,
    "tags": _tags,
    "day": _date,
    "moment": _instant,
}
