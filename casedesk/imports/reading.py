"""Any table as rows of text: CSV of any separator and encoding, JSON lines, Excel; also compressed with gzip."""

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from casedesk.imports.faults import FileFault, RowFault
from casedesk.web.form import tidy

LARGEST = 512 * 2**20
LONGEST_CELL = 100_000
SEPARATORS = ",;\t|:"
ERROR = "error"
"""The column that says what to change; a mended file is read without it."""


@dataclass(frozen=True)
class FileRule:
    """How a mapping says the file is written; what is empty is found out."""

    separator: str = ""
    encoding: str = ""
    sheet: str = ""


@dataclass(slots=True)
class Row:
    """One row as read: its number as people count (the head is 1), its cells by column, and what is wrong with it."""

    number: int
    cells: dict[str, str]
    fault: RowFault | None = None


@dataclass
class Table:
    """A file as rows. `form` is csv, jsonl or xlsx; `separator` is kept so that an error file looks the same."""

    form: str
    columns: list[str]
    rows: Iterable[Row]
    separator: str = ","
    sheet: str = ""
    found: dict[str, str] = field(default_factory=dict)


def read_table(data: bytes, rule: FileRule) -> Table:
    """The table in `data`, whatever it is. Raises FileFault."""
    data = _unpacked(data)
    if data[:4] == b"PK\x03\x04":
        return _excel(data, rule)
    text, encoding = _decoded(data, rule.encoding)
    if not text.strip():
        raise FileFault("import.file_empty")
    table = _json(text) if text.lstrip()[:1] in "{[" else _csv(text, rule.separator)
    table.found["encoding"] = encoding
    return table


def _unpacked(data: bytes) -> bytes:
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            content = packed.read(LARGEST + 1)
    except (OSError, EOFError) as error:
        raise FileFault("import.file_damaged") from error
    if len(content) > LARGEST:
        raise FileFault("import.file_too_large", limit=LARGEST // 2**20)
    return content


def _decoded(data: bytes, encoding: str) -> tuple[str, str]:
    """The text and the encoding it was read by: the one that was named, a mark at its start, UTF-8, else the likeliest."""
    if encoding:
        try:
            return data.decode(encoding), encoding
        except LookupError as error:
            raise FileFault("import.encoding_unknown", encoding=encoding) from error
        except UnicodeDecodeError as error:
            raise FileFault("import.encoding_wrong", encoding=encoding, byte=error.start + 1) from error
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(name, errors="replace"), name
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        name = _likeliest(data)
        return data.decode(name, errors="replace"), name


_OTHER_LETTERS = re.compile(
    "Greek|Cyrillic|Arabic|Hebrew|Thai|CJK|Hiragana|Katakana|Hangul|Armenian|Georgian"
)


def _likeliest(data: bytes) -> str:
    """The encoding that makes most sense of `data`. Latin letters are taken for those of Western Europe: a few
    accents do not tell é of one code page from č of another. Accents stand alone, letters of other scripts together:
    in a short list of French names a guess by sense alone finds Chinese."""
    from charset_normalizer import from_bytes  # loaded by the first file that is not UTF-8

    groups = re.findall(rb"[\x80-\xff]+", data[:200_000])
    if sum(map(len, groups)) < 1.5 * len(groups):
        return "cp1252"
    best = from_bytes(data[:200_000]).best()
    if best is None or not _OTHER_LETTERS.search(" ".join(best.alphabets)):
        return "cp1252"
    return best.encoding


def clean(text: str) -> str:
    """A cell without what no database keeps; most cells need no look at each character."""
    return text.strip() if text.isascii() and text.isprintable() else tidy(text)


# --- separated values ---------------------------------------------------------------------------


def _csv(text: str, separator: str) -> Table:
    csv.field_size_limit(10 * LONGEST_CELL)
    separator = separator or _separator(text)
    if len(separator) != 1:
        raise FileFault("import.separator", separator=separator)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        head = next(reader)
    except (csv.Error, StopIteration) as error:
        raise FileFault("import.file_damaged") from error
    columns = _names(head)
    table = Table("csv", columns, _csv_rows(reader, columns), separator)
    table.found["separator"] = separator
    return table


def _separator(text: str) -> str:
    """The separator under which the first lines have most columns, and all as many as the head."""
    sample = text[:100_000]
    lines = sample.splitlines()[:60]
    if len(text) > len(sample) and len(lines) > 1:
        lines = lines[:-1]
    best, best_score = ",", (0.0, 0)
    for separator in SEPARATORS:
        try:
            rows = [row for row in csv.reader(lines, delimiter=separator) if row]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        if width > 1:
            alike = sum(len(row) == width for row in rows) / len(rows)
            best, best_score = max(
                (best, best_score), (separator, (round(alike, 1), width)), key=lambda x: x[1]
            )
    return best


def _names(head: list[str]) -> list[str]:
    """Column names, each once: a second `Name` is `Name (2)`."""
    names: list[str] = []
    for text in head:
        name, n = clean(text), 2
        bare = name
        while name in names:
            name, n = f"{bare} ({n})", n + 1
        names.append(name)
    return names


def _csv_rows(reader: Any, columns: list[str]) -> Iterator[Row]:
    number = 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, {}, RowFault("import.row_broken", reason=str(error)))
            continue
        if cells:
            yield _row(number, columns, cells)


def _row(number: int, columns: list[str], cells: list[str]) -> Row:
    named = dict(zip(columns, map(clean, cells), strict=False))
    for missing in columns[len(cells) :]:
        named[missing] = ""
    fault = None
    if any(cell.strip() for cell in cells[len(columns) :]):
        fault = RowFault("import.cells", cells=len(cells), columns=len(columns))
    elif any(len(cell) > LONGEST_CELL for cell in cells):
        fault = RowFault("import.cell_too_long", limit=LONGEST_CELL)
    return Row(number, named, fault)


# --- JSON lines ---------------------------------------------------------------------------------


def _json(text: str) -> Table:
    """One object a line; a file that is one list of objects is read too."""
    if text.lstrip().startswith("["):
        try:
            things: list[Any] = json.loads(text)
        except ValueError as error:
            raise FileFault("import.json_broken", reason=str(error)) from error
        rows = [_json_row(number, thing) for number, thing in enumerate(things, 1)]
    else:
        rows = [_json_line(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    columns = list(dict.fromkeys(name for row in rows for name in row.cells))
    for row in rows:
        for name in columns:
            row.cells.setdefault(name, "")
    return Table("jsonl", columns, rows)


def _json_line(number: int, line: str) -> Row:
    try:
        thing = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Row(number, {"line": clean(line)}, RowFault("import.row_broken", reason=str(error)))
    return _json_row(number, thing)


def _json_row(number: int, thing: object) -> Row:
    if not isinstance(thing, dict):
        return Row(number, {"line": clean(json.dumps(thing))}, RowFault("import.no_object"))
    return Row(number, {clean(str(name)): _as_text(value) for name, value in thing.items()})


# --- Excel --------------------------------------------------------------------------------------


def _excel(data: bytes, rule: FileRule) -> Table:
    """The sheet that the rule names, else the first; its first line that is not empty is the head."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum  # loaded by the first workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST:
                raise FileFault("import.file_too_large", limit=LARGEST // 2**20)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        if rule.sheet and rule.sheet not in book.sheet_names:
            raise FileFault("import.no_sheet", sheet=rule.sheet, sheets=", ".join(book.sheet_names))
        name = rule.sheet or next(
            (one.name for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet), ""
        )
        lines = enumerate(book.get_sheet_by_name(name).iter_rows(), 1)
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError) as error:
        raise FileFault("import.excel_damaged") from error
    filled = ((number, line) for number, line in lines if any(value != "" for value in line))
    head = next(filled, None)
    if head is None:
        raise FileFault("import.file_empty")
    columns = _names([_as_text(value) for value in head[1]])
    rows = (_row(number, columns, [_as_text(value) for value in line]) for number, line in filled)
    return Table("xlsx", columns, rows, sheet=name)


def _as_text(value: object) -> str:
    """A typed cell as a person would have typed it: 13748.0 is 13748, a day has no hour."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _hours(value)
    if isinstance(value, dict | list):
        return clean(json.dumps(value, ensure_ascii=False))
    return clean(str(value))


def _hours(value: timedelta) -> str:
    """A length of time as Excel shows it: 30 hours are 30:00:00."""
    seconds = int(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
