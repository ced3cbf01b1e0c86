"""The first things of a file as they would be stored: done for real and taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from casedesk.imports.faults import FileFault
from casedesk.imports.kinds import FIELDS
from casedesk.imports.mapping import Mapping as ImportMapping
from casedesk.imports.running import open_run, store_all
from casedesk.imports.sentences import sentence
from casedesk.imports.values import Sum
from casedesk.store import clock
from casedesk.web.locale import day, moment, money

FIRST = 20


@dataclass(frozen=True)
class PreviewLine:
    """One thing: its first row in the file, its values in the order of `Preview.fields`, or what is wrong."""

    row: int
    rows: int
    values: tuple[str, ...]
    error: str


@dataclass(frozen=True)
class Preview:
    form: str
    found: Mapping[str, str]
    columns: int
    things: int
    rows: int
    left_out: int
    fields: tuple[str, ...]
    lines: tuple[PreviewLine, ...]


def preview(data: bytes, mapping: ImportMapping, joined: Mapping[str, bytes]) -> Preview:
    """What the first things become. Raises FileFault where the file or the house cannot be used."""

    def open_file(name: str) -> bytes:
        if name not in joined:
            raise FileFault("import.file_missing", file=name)
        return joined[name]

    run = open_run(data, mapping, open_file)
    things, rows, left = len(run.items), run.tally.rows_in, sum(run.tally.left_out.values())
    run.items = run.items[:FIRST]
    store_all(run, dry_run=True, clock=clock.now)
    fields = tuple(one.name for one in FIELDS[mapping.kind] if one.name in mapping.fields)
    lines = tuple(
        PreviewLine(
            item.rows[0].number,
            len(item.rows),
            tuple(_shown(item.record.get(name)) for name in fields),
            sentence(item.fault) if item.fault else "",
        )
        for item in run.items
    )
    return Preview(run.table.form, run.table.found, len(run.table.columns), things, rows, left, fields, lines)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Sum):
        exact = f"{value.exact:f} {value.currency}"
        return money(value.minor(""), value.currency) if value.is_whole and value.exact >= 0 else exact
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, bool):
        return "✓" if value else "–"
    if isinstance(value, tuple):
        return ", ".join(value)
    if hasattr(value, "year"):
        return day(value)  # type: ignore[arg-type]
    text = str(value)
    return text if len(text) <= 80 else text[:79] + "…"
