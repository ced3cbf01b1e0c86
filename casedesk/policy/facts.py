"""What a clause may know: typed facts, each Known, KnownNever or Unknown, each with its source.

The vocabulary (vocabulary.toml beside this file) names every fact with its kind, the values of
enumerations, and what people read when they are asked for it.
"""

import reprlib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from typing import Final

from casedesk.kernel.calendar import zone_named
from casedesk.kernel.errors import InvalidInput
from casedesk.kernel.money import EXPONENTS, MAXIMUM_MINOR

FIRST_YEAR, LAST_YEAR = 1970, 2199


class Kind(StrEnum):
    """What shape a fact has."""

    INSTANT = "instant"
    DAY = "day"
    MOMENT = "moment"  # an instant, or a local day alone
    MONTH = "month"
    MONEY = "money"  # integer minor units of the fact `currency`
    COUNT = "count"
    SHARE = "share"  # 0 to 100, exact
    FLAG = "flag"
    ENUMERATION = "enumeration"
    TEXT = "text"
    DECIMAL = "decimal"  # a decimal number as text
    CURRENCY = "currency"
    ZONE = "zone"
    COUNTS = "counts"
    RECORD = "record"


class Never:
    """Known that it has not happened, or that there is none. One object: NEVER."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NEVER"


NEVER: Final = Never()


@dataclass(frozen=True, slots=True)
class Known:
    """The fact is known to be `value`; `source` says where from."""

    value: object
    source: str = ""


@dataclass(frozen=True, slots=True)
class KnownNever:
    """It is known that this has not happened or does not exist; `source` is a statement or a complete register."""

    source: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody has said yet."""


UNKNOWN: Final = Unknown()
Fact = Known | KnownNever | Unknown


class FactError(InvalidInput):
    """A fact that cannot be read; `params`: field, value, expected."""


@dataclass(frozen=True, slots=True)
class FactSpec:
    """What the vocabulary says of one fact."""

    name: str
    kind: Kind
    label: Mapping[str, str]
    ask: Mapping[str, str]
    you: Mapping[str, str]  # the same question put to the customer
    values: tuple[object, ...] = ()
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    many: bool = False
    never: bool = False
    none: bool = False
    minimum: int = 0
    maximum: int = 10**9
    fields: Mapping[str, Kind] = field(default_factory=dict)
    field_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    closed: bool = False  # what is not in `values` cannot be read, instead of being a doubt
    probes: tuple[object, ...] = ()


@lru_cache(maxsize=1)
def vocabulary() -> Mapping[str, FactSpec]:
    """Every fact by name."""
    text = files("casedesk.policy").joinpath("vocabulary.toml").read_text(encoding="utf-8")
    return {name: _spec(name, entry) for name, entry in tomllib.loads(text)["fact"].items()}


def _spec(name: str, entry: Mapping[str, object]) -> FactSpec:
    """One entry of the vocabulary, typed."""
    known = {slot for slot in FactSpec.__slots__ if slot != "name"} | {
        "en",
        "fr",
        "ask_en",
        "ask_fr",
        "you_en",
        "you_fr",
    }
    unknown = set(entry) - known
    if unknown:
        raise FactError("facts.vocabulary_key", field=name, value=sorted(unknown))
    read = {key: value for key, value in entry.items() if key in known}
    label = {"en": str(read.pop("en", name)), "fr": str(read.pop("fr", name))}
    ask = {locale: str(read.pop(f"ask_{locale}", label[locale])) for locale in ("en", "fr")}
    you = {locale: str(read.pop(f"you_{locale}", ask[locale])) for locale in ("en", "fr")}
    for key in ("values", "probes"):
        if key in read:
            read[key] = tuple(read[key])  # type: ignore[arg-type]
    read["kind"] = Kind(str(read["kind"]))
    if "fields" in read:
        read["fields"] = {key: Kind(kind) for key, kind in dict(read["fields"]).items()}  # type: ignore[call-overload]
    return FactSpec(name=name, label=label, ask=ask, you=you, **read)  # type: ignore[arg-type]


class Facts(Mapping[str, Fact]):
    """A frozen set of facts. What is not in `values` is unknown; NEVER stands for known never or none."""

    __slots__ = ("known", "sources")

    def __init__(self, values: Mapping[str, object], sources: Mapping[str, str] | None = None) -> None:
        self.known = dict(values)
        self.sources = dict(sources or {})

    @classmethod
    def of(cls, written: Mapping[str, object], sources: Mapping[str, str] | None = None) -> "Facts":
        """Facts from values as people and files write them. Raises FactError for the first that is unreadable."""
        values = {}
        for name, value in written.items():
            read = read_fact(name, value)
            if read is not None:
                values[name] = read
        return cls(values, sources)

    @classmethod
    def lenient(cls, written: Mapping[str, object], sources: Mapping[str, str] | None = None) -> "Facts":
        """As `of`, but what cannot be read or is not listed is unknown: never false, never zero."""
        values = {}
        for name, value in written.items():
            try:
                read = read_fact(name, value)
            except FactError:
                continue
            if read is None or (read is not NEVER and not listed(name, read)):
                continue
            values[name] = read
        return cls(values, sources)

    def supposing(self, values: Mapping[str, object]) -> "Facts":
        """These facts with others supposed beside them."""
        return Facts({**self.known, **values}, self.sources)

    def __getitem__(self, name: str) -> Fact:
        value = self.known.get(name)
        if value is None:
            return UNKNOWN
        source = self.sources.get(name, "")
        return KnownNever(source) if value is NEVER else Known(value, source)

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)

    def __contains__(self, name: object) -> bool:
        return name in self.known

    def value(self, name: str) -> object | None:
        """The bare value; NEVER where known never; None where unknown."""
        return self.known.get(name)

    def with_fact(self, name: str, value: object, source: str = "") -> "Facts":
        """These facts with `name` set to a typed `value` (NEVER; None makes it unknown again)."""
        values, sources = dict(self.known), dict(self.sources)
        values.pop(name, None)
        sources.pop(name, None)
        if value is not None:
            values[name] = value
            sources[name] = source
        return Facts(values, sources)

    def to_plain(self) -> dict[str, dict[str, object]]:
        """JSON-able: {name: {"value": ..., "source": ...}}; `from_plain` reads it back."""
        return {
            name: {"value": written(name, value), "source": self.sources.get(name, "")}
            for name, value in sorted(self.known.items())
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Mapping[str, object]]) -> "Facts":
        """What `to_plain` wrote. Raises FactError."""
        sources = {name: str(entry.get("source", "")) for name, entry in plain.items()}
        return cls.of({name: entry["value"] for name, entry in plain.items()}, sources)


# --- reading what people and files write ------------------------------------------------------


def read_fact(name: str, value: object) -> object | None:
    """The typed value of one fact; None where it is unknown. Raises FactError with what to change."""
    spec = vocabulary().get(name)
    if spec is None:
        raise FactError("facts.unknown_fact", field=name, value=shown(value))
    if value is None:
        return None
    if value is NEVER or (value == "never" and spec.never) or (value == "none" and spec.none):
        return NEVER
    if spec.many:
        return _read_many(spec, value)
    return _read_one(spec, value)


def shown(value: object) -> str:
    """A value of any kind and size as a message shows it: short, whatever it holds."""
    try:
        return reprlib.repr(value)
    except Exception:  # a number of more figures than Python writes
        return type(value).__name__


def listed(name: str, value: object) -> bool:
    """Is a typed value one that the vocabulary lists (always, where the fact is no enumeration)?"""
    spec = vocabulary()[name]
    return spec.kind is not Kind.ENUMERATION or value in spec.values


def _read_many(spec: FactSpec, value: object) -> object | None:
    """A list of values, or one value alone; a list with an unknown in it is unknown."""
    items = value if isinstance(value, (list, tuple)) else [value]
    if any(item is None for item in items) or not items:
        return None
    return tuple(
        NEVER if (item == "never" and spec.never) or item is NEVER else _read_one(spec, item)
        for item in items
    )


def _read_one(spec: FactSpec, value: object) -> object:
    try:
        return _READERS[spec.kind](spec, value)
    except FactError:
        raise
    except (ValueError, TypeError, OverflowError, KeyError) as error:
        expected = f"{spec.kind}: {error}"[:200]
        raise FactError("facts.wrong_type", field=spec.name, value=shown(value), expected=expected) from error


def _instant(spec: FactSpec, value: object) -> datetime:
    if isinstance(value, str) and "T" in value:
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        raise ValueError("write an instant with its offset, like 2026-03-02T10:15:00+01:00")
    if value.tzinfo is None:
        raise ValueError("the offset is missing (or Z)")
    value = value.astimezone(UTC)
    _check_year(value.year)
    return value


def _day(spec: FactSpec, value: object) -> date:
    if isinstance(value, datetime):
        raise ValueError("write a day like 2026-03-02, without a time")
    if isinstance(value, str):
        if len(value) != 10:
            raise ValueError("write a day like 2026-03-02")
        value = date.fromisoformat(value)
    if not isinstance(value, date):
        raise ValueError("write a day like 2026-03-02")
    _check_year(value.year)
    return value


def _moment(spec: FactSpec, value: object) -> date | datetime:
    is_instant = isinstance(value, datetime) or (isinstance(value, str) and "T" in value)
    return _instant(spec, value) if is_instant else _day(spec, value)


def _month(spec: FactSpec, value: object) -> date:
    if not isinstance(value, str) or len(value) != 7:
        raise ValueError("write a month like 2026-03")
    month = date.fromisoformat(f"{value}-01")
    _check_year(month.year)
    return month


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}")


def _count(spec: FactSpec, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("write a whole number")
    if not spec.minimum <= value <= spec.maximum:
        raise ValueError(f"the number must lie between {spec.minimum} and {spec.maximum}")
    return value


def _money(spec: FactSpec, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("write whole minor units")
    if not 0 <= value < MAXIMUM_MINOR:
        raise ValueError(f"the amount must lie between 0 and {MAXIMUM_MINOR - 1}")
    return value


def _share(spec: FactSpec, value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, Fraction)):
        raise ValueError("write a number from 0 to 100")
    if not 0 <= value <= 100:
        raise ValueError("the share must lie between 0 and 100")
    return Fraction(str(value)) if isinstance(value, float) else Fraction(value)


def _flag(spec: FactSpec, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("write true or false")
    return value


def _enumeration(spec: FactSpec, value: object) -> object:
    if isinstance(value, bool):
        if value not in spec.values:
            raise ValueError("write one of the listed words")
        return value
    if not isinstance(value, str):
        raise ValueError("write one of the listed words")
    if spec.closed and value not in spec.values:
        raise ValueError("write one of the listed words")
    return value


def _text(spec: FactSpec, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("write a text")
    return value


def _decimal(spec: FactSpec, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("write the number as a text, like '19.99'")
    number = Decimal(value) if _plain_decimal(value) else None
    if number is None or not 0 <= number < MAXIMUM_MINOR:
        raise ValueError("write a plain decimal number from 0 on, like '19.99'")
    return value


def _plain_decimal(text: str) -> bool:
    whole, _, rest = text.partition(".")
    digits = whole + rest
    return 0 < len(digits) <= 30 and digits.isascii() and digits.isdigit() and whole != ""


def _currency(spec: FactSpec, value: object) -> str:
    if not isinstance(value, str) or value not in EXPONENTS:
        raise ValueError("write the three letters of an ISO 4217 currency")
    return value


def _zone(spec: FactSpec, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("write the name of a time zone, like Europe/Paris")
    zone_named(value)
    return value


def _counts(spec: FactSpec, value: object) -> tuple[int, ...]:
    if not isinstance(value, (list, tuple)) or not 0 < len(value) <= 10_000:
        raise ValueError("write a list of whole numbers")
    return tuple(_count(spec, item) for item in value)


def _record(spec: FactSpec, value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ValueError("write the fields: " + ", ".join(spec.fields))
    unknown = sorted(set(map(str, value)) - set(spec.fields))
    if unknown:
        raise ValueError(f"unknown field {unknown[0]}; the fields are {', '.join(spec.fields)}")
    return Record(
        {key: None if item is None else _READERS[spec.fields[key]](spec, item) for key, item in value.items()}
    )


class Record(dict[str, object]):
    """A fact of several fields, read once and never changed: it can be looked up by."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))


_READERS: dict[Kind, Callable[[FactSpec, object], object]] = {
    Kind.INSTANT: _instant,
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
    Kind.MONTH: _month,
    Kind.MONEY: _money,
    Kind.COUNT: _count,
    Kind.SHARE: _share,
    Kind.FLAG: _flag,
    Kind.ENUMERATION: _enumeration,
    Kind.TEXT: _text,
    Kind.DECIMAL: _decimal,
    Kind.CURRENCY: _currency,
    Kind.ZONE: _zone,
    Kind.COUNTS: _counts,
    Kind.RECORD: _record,
}


# --- writing it back ---------------------------------------------------------------------------


def written(name: str, value: object) -> object:
    """A typed value as files write it: `read_fact(name, written(name, value))` gives it back."""
    spec = vocabulary()[name]
    if value is NEVER:
        return "never" if spec.never else "none"
    if isinstance(value, tuple):
        return [written(name, item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item, spec.fields[key]) for key, item in value.items()}
    return _plain(value, spec.kind)


def _plain(value: object, kind: Kind) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()[:7] if kind is Kind.MONTH else value.isoformat()
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value
