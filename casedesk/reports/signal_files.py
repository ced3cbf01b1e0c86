"""Reads cases, exposure and count matrices from CSV (plain or gzip) and writes flags: one clear refusal per bad file."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from casedesk.kernel.errors import InvalidInput
from casedesk.reports.exposure import Exposed
from casedesk.reports.findings import UNSTATED

Ints = NDArray[np.int64]
Array = NDArray[np.float64]

CASE_COLUMNS = ("opened_at", "cause", "traffic_source", "product")
EXPOSURE_COLUMNS = ("period", "traffic_source", "product")
FIGURES = ("active_subscriptions", "purchases")
FLAG_COLUMNS = ("kind", "period", "cause", "traffic_source", "score", "dimension", "value")
UNKNOWN_AGE = -1
_EPOCH = date(1970, 1, 1).toordinal()
_DAY = 86_400


@dataclass(frozen=True)
class Cases:
    """The cases of a file, in its order: codes into the lists of names, and plain numbers.

    opened: seconds since 1970 UTC; day: local day of opening, days since 1970-01-01; age: whole days since
    purchase, UNKNOWN_AGE where the purchase is unknown or after the case; minor: amount, 0 where unknown;
    clocks: further clocks by name with the bin of each case, -1 where unknown; delay: whole days since the charge
    that the case is about, UNKNOWN_AGE where it names none; None where nothing is known of charges.
    """

    causes: tuple[str, ...]
    sources: tuple[str, ...]
    products: tuple[str, ...]
    currencies: tuple[str, ...]
    cause: Ints
    source: Ints
    product: Ints
    currency: Ints
    opened: Ints
    day: Ints
    age: Ints
    minor: Ints
    clocks: Mapping[str, Ints] = field(default_factory=dict)
    delay: Ints | None = None

    def __len__(self) -> int:
        return int(self.cause.size)

    def only(self, kept: NDArray[np.bool_]) -> "Cases":
        """The cases where `kept`; the names stay."""
        return Cases(
            self.causes,
            self.sources,
            self.products,
            self.currencies,
            self.cause[kept],
            self.source[kept],
            self.product[kept],
            self.currency[kept],
            self.opened[kept],
            self.day[kept],
            self.age[kept],
            self.minor[kept],
            {name: bins[kept] for name, bins in self.clocks.items()},
            None if self.delay is None else self.delay[kept],
        )


@dataclass(frozen=True)
class Exposure:
    """Rows of an exposure file: period (day), source, product, and the column that was used; NaN where blank.

    since: the Monday that cases were first written down; rows before it only say what later cases are about.
    complete: what has no row before its first one had no exposure then, as where the desk itself counts.
    """

    period: tuple[int, ...]
    source: tuple[str, ...]
    product: tuple[str, ...]
    amount: Array
    measure: str
    since: int | None = None
    complete: bool = False


@dataclass(frozen=True)
class Matrix:
    """Counts of series: counts (series, weeks), monday: first week in days since 1970-01-01."""

    names: tuple[str, ...]
    counts: Ints
    monday: int


def day_number(text: str) -> int:
    """Days since 1970-01-01 of an ISO date. Raises ValueError."""
    return date.fromisoformat(text).toordinal() - _EPOCH


def day_text(day: int) -> str:
    """The ISO date of days since 1970-01-01."""
    return date.fromordinal(day + _EPOCH).isoformat()


def _opened(path: Path) -> TextIO:
    """The text of a file, unpacked where its first bytes say gzip."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    opener: Callable[..., TextIO] = gzip.open if packed else open
    return opener(path, "rt", encoding="utf-8-sig", newline="")


@contextmanager
def _rows(path: Path, needed: Sequence[str]) -> Iterator[tuple[list[str], Iterator[list[str]]]]:
    """Header and rows of a CSV file. Raises InvalidInput for no header, a missing column or bytes that are no text."""
    try:
        opened = _opened(path)
    except OSError as problem:
        raise InvalidInput("signals.no_file", file=path.name) from problem
    with opened as text:
        reader = csv.reader(text)
        try:
            header = [name.strip() for name in next(reader, [])]
            twice = next((name for name in header if name and header.count(name) > 1), "")
            if twice:
                raise InvalidInput("signals.column_twice", file=path.name, column=twice)
            missing = [name for name in needed if name not in header]
            if missing:
                raise InvalidInput("signals.columns", file=path.name, columns=", ".join(missing))
            yield header, reader
        except (UnicodeDecodeError, csv.Error, gzip.BadGzipFile, EOFError) as problem:
            raise InvalidInput("signals.not_csv", file=path.name, row=reader.line_num) from problem


class Codes:
    """Gives each name a number, in order of appearance."""

    def __init__(self) -> None:
        self.of: dict[str, int] = {}

    def __call__(self, name: str) -> int:
        return self.of.setdefault(name, len(self.of))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.of)


class _Instants:
    """Reads instants fast: the date part once per date, the rest by position."""

    def __init__(self) -> None:
        self._days: dict[str, int] = {}

    def seconds(self, text: str) -> int:
        """Seconds since 1970 UTC of an ISO instant; without an offset it is taken as UTC. Raises ValueError."""
        head = text[:10]
        day = self._days.get(head)
        if day is None:
            day = self._days[head] = day_number(head) * _DAY
        if len(text) == 20 and text[19] == "Z":
            return day + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
        if len(text) == 10:
            return day
        moment = datetime.fromisoformat(text)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def local_days(seconds: Ints, zone: str) -> Ints:
    """The day of each instant in `zone`, days since 1970-01-01; daylight saving and its changes included."""
    return np.asarray(_local_seconds(seconds, zone) // _DAY, dtype=np.int64)


def local_hours(seconds: Ints, zone: str) -> Ints:
    """The hour of the clock of each instant in `zone`, 0 to 23.

    In the night that clocks change one hour is missing or comes twice, for all causes alike: a cause is compared
    with the others in the same hour, so neither is a finding.
    """
    return np.asarray(_local_seconds(seconds, zone) % _DAY // 3600, dtype=np.int64)


def _local_seconds(seconds: Ints, zone: str) -> Ints:
    if zone == "UTC" or seconds.size == 0:
        return seconds
    place = ZoneInfo(zone)
    # No zone changes its clocks within a quarter of an hour.
    quarters, back = np.unique(seconds // 900, return_inverse=True)
    offsets = np.array(
        [
            int(offset.total_seconds())
            for quarter in quarters.tolist()
            if (offset := datetime.fromtimestamp(quarter * 900, place).utcoffset()) is not None
        ]
    )
    return np.asarray(seconds + offsets[back], dtype=np.int64)


def read_cases(path: Path, zone: str = "UTC") -> Cases:
    """The cases of `path`. Raises InvalidInput naming the file, the row and what is wrong with it."""
    cause, source, product, currency = Codes(), Codes(), Codes(), Codes()
    causes: list[int] = []
    sources: list[int] = []
    products: list[int] = []
    currencies: list[int] = []
    opened: list[int] = []
    bought: list[int] = []
    minor: list[int] = []
    instants = _Instants()
    with _rows(path, CASE_COLUMNS) as (header, rows):
        at = {name: place for place, name in enumerate(header)}
        o, c, s, p = (at[name] for name in CASE_COLUMNS)
        a, m, b = at.get("amount_minor"), at.get("currency"), at.get("purchased_at")
        for number, row in enumerate(rows, start=2):
            if not row:
                continue
            try:
                opened.append(instants.seconds(row[o]))
                bought.append(instants.seconds(row[b]) if b is not None and row[b] else -(10**12))
                minor.append(int(row[a]) if a is not None and row[a] else 0)
                causes.append(cause(row[c].strip() or UNSTATED))
                sources.append(source(row[s].strip() or UNSTATED))
                products.append(product(row[p].strip() or UNSTATED))
                currencies.append(currency(row[m].strip().upper() if m is not None else ""))
            except (ValueError, IndexError, OverflowError) as problem:
                raise InvalidInput("signals.bad_row", file=path.name, row=number) from problem
    seconds = np.array(opened, dtype=np.int64)
    day = local_days(seconds, zone)
    purchase = np.array(bought, dtype=np.int64) // _DAY
    age = np.where((purchase > -(10**6)) & (purchase <= day), day - purchase, UNKNOWN_AGE)
    return Cases(
        cause.names,
        source.names,
        product.names,
        currency.names,
        np.array(causes, dtype=np.int64),
        np.array(sources, dtype=np.int64),
        np.array(products, dtype=np.int64),
        np.array(currencies, dtype=np.int64),
        seconds,
        day,
        age,
        np.array(minor, dtype=np.int64),
    )


@dataclass(frozen=True)
class ExposureLine:
    """One row of an exposure file; NaN where a figure is blank. `row`: its number in the file."""

    row: int
    period: int
    source: str
    product: str
    active_subscriptions: float
    purchases: float


def _exposure_lines(path: Path) -> list[ExposureLine]:
    """The rows of an exposure file. Raises InvalidInput as `read_exposure`."""
    lines: list[ExposureLine] = []
    seen: set[tuple[int, str, str]] = set()
    with _rows(path, EXPOSURE_COLUMNS) as (header, rows):
        at = {name: place for place, name in enumerate(header)}
        if not set(FIGURES) & set(at):
            raise InvalidInput("signals.no_figures", file=path.name, columns=", ".join(FIGURES))
        for number, row in enumerate(rows, start=2):
            if not row:
                continue
            try:
                line = ExposureLine(
                    number,
                    day_number(row[at["period"]][:10]),
                    row[at["traffic_source"]].strip() or "*",
                    row[at["product"]].strip() or "*",
                    *(_figure(row, at, name) for name in FIGURES),
                )
            except (ValueError, IndexError) as problem:
                raise InvalidInput("signals.bad_row", file=path.name, row=number) from problem
            if any(value < 0 or np.isinf(value) for value in (line.active_subscriptions, line.purchases)):
                raise InvalidInput("signals.negative_exposure", file=path.name, row=number)
            key = (line.period, line.source, line.product)
            if key in seen:
                raise InvalidInput("signals.overlap", file=path.name, row=number)
            seen.add(key)
            lines.append(line)
    if not lines:
        raise InvalidInput("signals.empty", file=path.name)
    return lines


def _figure(row: list[str], at: Mapping[str, int], name: str) -> float:
    text = row[at[name]].strip() if name in at else ""
    if text.lower() == "nan":  # a number to Python, and none to a reader: blank is how unknown is written
        raise ValueError(text)
    return float(text) if text else np.nan


def read_exposure(path: Path) -> Exposure:
    """The exposure of `path`: active subscriptions, or purchases where no row has any.

    Raises InvalidInput for a negative number, a period that is no date, or two rows for one period, source and
    product.
    """
    lines = _exposure_lines(path)
    measure, amounts = "active_subscriptions", np.array([line.active_subscriptions for line in lines])
    if not np.isfinite(amounts).any():
        measure, amounts = "purchases", np.array([line.purchases for line in lines])
    return Exposure(
        tuple(line.period for line in lines),
        tuple(line.source for line in lines),
        tuple(line.product for line in lines),
        amounts,
        measure,
    )


def read_exposure_rows(path: Path) -> list[Exposed]:
    """The rows of `path` as the desk keeps them: whole figures, a blank one unknown. Raises InvalidInput as above."""
    rows = []
    for line in _exposure_lines(path):
        figures = []
        for value in (line.active_subscriptions, line.purchases):
            if np.isfinite(value) and value != int(value):
                raise InvalidInput("signals.whole_numbers", file=path.name, row=line.row)
            figures.append(int(value) if np.isfinite(value) else None)
        day = date.fromordinal(line.period + _EPOCH)
        rows.append(Exposed(day, line.source, line.product, *figures))
    return rows


def read_matrix(path: Path) -> Matrix:
    """The count matrix of `path`: a week a row, in order and without a gap. Raises InvalidInput."""
    days: list[int] = []
    counts: list[list[int]] = []
    with _rows(path, ("period",)) as (header, rows):
        for number, row in enumerate(rows, start=2):
            if not row:
                continue
            try:
                day, values = day_number(row[0][:10]), [int(value) for value in row[1:]]
            except ValueError as problem:
                raise InvalidInput("signals.bad_row", file=path.name, row=number) from problem
            if (days and day != days[-1] + 7) or len(values) != len(header) - 1 or min(values, default=0) < 0:
                raise InvalidInput("signals.bad_row", file=path.name, row=number)
            days.append(day)
            counts.append(values)
        if header[0] != "period":
            raise InvalidInput("signals.columns", file=path.name, columns="period")
    if not days:
        raise InvalidInput("signals.empty", file=path.name)
    return Matrix(tuple(header[1:]), np.array(counts, dtype=np.int64).T, days[0])


@dataclass(frozen=True)
class Flag:
    """One row of a flags file; `period` is blank for what holds over the whole period."""

    kind: str
    period: str
    cause: str
    traffic_source: str
    score: float
    dimension: str = ""
    value: str = ""


def write_flags(path: Path, flags: Iterable[Flag]) -> None:
    """`path` holds the flags, as CSV, gzipped CSV or JSON by its ending. Raises InvalidInput where it cannot be written."""
    rows = [
        (f.kind, f.period, f.cause, f.traffic_source, f"{f.score:.3g}", f.dimension, f.value) for f in flags
    ]
    text = io.StringIO(newline="")
    if path.name.removesuffix(".gz").endswith(".json"):
        json.dump([dict(zip(FLAG_COLUMNS, row, strict=True)) for row in rows], text)
    else:
        writer = csv.writer(text)
        writer.writerow(FLAG_COLUMNS)
        writer.writerows(rows)
    content = text.getvalue().encode()
    try:
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    except OSError as problem:
        raise InvalidInput("signals.not_written", file=str(path)) from problem
