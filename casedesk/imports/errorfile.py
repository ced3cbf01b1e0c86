"""The rows that were refused, as a file like the one they came in, with a column that says what to change."""

import csv
import io
import json
from collections.abc import Callable, Sequence

from casedesk.imports.reading import ERROR, Table

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Line = tuple[dict[str, str], str]
"""The cells of a row and its sentence."""


def written(table: Table, lines: Sequence[Line]) -> bytes:
    """The error file in the form of `table`. Mended, it can be imported like the first."""
    columns = [name for name in table.columns if name != ERROR]
    return _WRITERS[table.form](table, columns, lines)


def _csv(table: Table, columns: list[str], lines: Sequence[Line]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=table.separator)
    writer.writerow([*columns, ERROR])
    for cells, sentence in lines:
        writer.writerow([*(cells.get(name, "") for name in columns), sentence])
    return out.getvalue().encode("utf-8")


def _jsonl(_table: Table, columns: list[str], lines: Sequence[Line]) -> bytes:
    objects = (
        {name: cells.get(name, "") for name in columns} | {ERROR: sentence} for cells, sentence in lines
    )
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects).encode()


def _xlsx(table: Table, columns: list[str], lines: Sequence[Line]) -> bytes:
    # Here, since it brings numpy along: only the worker and the command line write error files.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.sheet or "Sheet")
    sheet.append([*columns, ERROR])
    for cells, sentence in lines:
        sheet.append([*(cells.get(name, "") for name in columns), sentence])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_WRITERS: dict[str, Callable[[Table, list[str], Sequence[Line]], bytes]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "xlsx": _xlsx,
}
