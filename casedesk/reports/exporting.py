"""A report as CSV, JSON or a workbook: the same tables, in the same order, as the page shows."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from flask_babel import gettext as _

from casedesk.reports import heads, spelled
from casedesk.reports.catalog.base import Column, Table, Value
from casedesk.reports.making import Answer

FORMATS = ("csv", "json", "xlsx")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
Sheet = tuple[str, list[list[Value]], tuple[Column, ...] | None]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def exported(answer: Answer, format_: str) -> bytes:
    """The file of the report in one of FORMATS."""
    return {"csv": _csv, "json": _json, "xlsx": _xlsx}[format_](answer)


def file_name(answer: Answer, format_: str) -> str:
    period = answer.asked.period
    span = f"-{period.start}-{period.last}" if answer.report.by_period else f"-{answer.now:%Y-%m-%d}"
    return f"casedesk-{answer.report.code.replace('_', '-')}{span}.{format_}"


def _csv(answer: Answer) -> bytes:
    """The head as lines that begin with #, then each table with its title; UTF-8 with a mark, so that Excel reads it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([f"# {answer.report.title}"])
    for label, said in heads.lines(answer):
        writer.writerow([f"# {label}", said])
    for one in answer.made.figures:
        column = Column("", one.label, one.unit, one.currency)
        writer.writerow([f"# {spelled.head(column)}", spelled.plain(one.value, column)])
    for table in answer.made.tables:
        writer.writerow([])
        writer.writerow([f"# {table.title}"])
        writer.writerow([spelled.head(column) for column in table.columns])
        for row in table.rows:
            writer.writerow([_harmless(v) for v in _plain(table, row.values)])
    return ("\ufeff" + out.getvalue()).encode()


def _harmless(value: Value) -> Value:
    """A text that a spreadsheet would take for a formula gets a quote in front."""
    return (
        f"'{value}"
        if isinstance(value, str) and value.startswith(_FORMULA) and not _is_number(value)
        else value
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _plain(table: Table, values: Iterable[Value]) -> list[Value]:
    return [spelled.plain(value, column) for value, column in zip(values, table.columns, strict=True)]


def _json(answer: Answer) -> bytes:
    period, before = answer.asked.period, answer.asked.before
    body: dict[str, Any] = {
        "report": answer.report.code,
        "title": str(answer.report.title),
        "period": {"start": period.start.isoformat(), "end": period.end.isoformat()}
        if answer.report.by_period
        else None,
        "compared_with": {"start": before.start.isoformat(), "end": before.end.isoformat()}
        if before
        else None,
        "filters": {name: list(values) for name, values in answer.asked.filters},
        "time_zone": answer.zone,
        "made_at": answer.now.isoformat(timespec="seconds"),
        "read_until": answer.as_of.isoformat(timespec="seconds") if answer.as_of else None,
        "counted": [str(said) for said in answer.report.counted],
        "notes": list(answer.made.notes),
        "figures": [
            {
                "label": one.label,
                "unit": one.currency if one.unit == "money" else one.unit,
                "value": spelled.plain(one.value, Column("", one.label, one.unit, one.currency)),
                "before": spelled.plain(one.before, Column("", one.label, one.unit, one.currency)),
            }
            for one in answer.made.figures
        ],
        "tables": [
            {
                "title": table.title,
                "columns": [
                    {"code": c.code, "label": c.label, "unit": c.currency if c.unit == "money" else c.unit}
                    for c in table.columns
                ],
                "rows": [_plain(table, row.values) for row in table.rows],
                "total": next((n for n, row in enumerate(table.rows) if row.total), None),
            }
            for table in answer.made.tables
        ],
    }
    return json.dumps(body, ensure_ascii=False, indent=2).encode()


def _xlsx(answer: Answer) -> bytes:
    """One sheet of the head, one for each table. Written by hand: the usual libraries bring what a web process
    must not load."""
    about: list[list[Value]] = [[str(answer.report.title)], [str(answer.report.sentence)], []]
    about += [[label, said] for label, said in heads.lines(answer)]
    about += [[]] + [
        [one.label, _number(one.value, Column("", "", one.unit, one.currency))] for one in answer.made.figures
    ]
    sheets: list[Sheet] = [(_("About"), about, None)]
    for table in answer.made.tables:
        rows: list[list[Value]] = [[spelled.head(column) for column in table.columns]]
        rows += [
            [_number(v, c) for v, c in zip(row.values, table.columns, strict=True)] for row in table.rows
        ]
        sheets.append((table.title, rows, table.columns))
    return workbook(sheets, answer.now)


def _number(value: Value, column: Column) -> Value:
    """Amounts as numbers that a sheet can add."""
    found = spelled.plain(value, column)
    return float(found) if column.unit == "money" and isinstance(found, str) else found


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PKG = "http://schemas.openxmlformats.org/package/2006"
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="1"><fill><patternFill/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="4"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="10" applyNumberFormat="1"/>'
    '<xf numFmtId="4" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
_PLAIN, _BOLD, _PERCENT, _AMOUNT = range(4)


def workbook(sheets: list[Sheet], now: datetime) -> bytes:
    """An Excel workbook of (title, rows, columns); the first row of a sheet with columns is its head."""
    titles = _titles([title for title, _rows, _columns in sheets])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:

        def put(name: str, text: str) -> None:
            info = zipfile.ZipInfo(name, now.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, text)

        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        put(
            "[Content_Types].xml",
            f'{_XML}<Types xmlns="{_PKG}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>{overrides}</Types>',
        )
        put(
            "_rels/.rels",
            f'{_XML}<Relationships xmlns="{_PKG}/relationships"><Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        names = "".join(
            f'<sheet name="{_attribute(title)}" sheetId="{n}" r:id="rId{n}"/>'
            for n, title in enumerate(titles, 1)
        )
        put(
            "xl/workbook.xml",
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{names}</sheets></workbook>',
        )
        relations = "".join(
            f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        put(
            "xl/_rels/workbook.xml.rels",
            f'{_XML}<Relationships xmlns="{_PKG}/relationships">{relations}<Relationship Id="rId{len(sheets) + 1}" Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
        )
        put("xl/styles.xml", _STYLES)
        for n, (_title, rows, columns) in enumerate(sheets, 1):
            put(f"xl/worksheets/sheet{n}.xml", _sheet(rows, columns))
    return out.getvalue()


def _titles(wanted: list[str]) -> list[str]:
    """Sheet names as Excel takes them: 31 characters, none of its own signs, no two alike."""
    found: list[str] = []
    for title in wanted:
        name = "".join(" " if c in "[]:*?/\\'" else c for c in title).strip()[:28] or "Sheet"
        base, n = name, 2
        while name.lower() in (one.lower() for one in found):
            name, n = f"{base} {n}", n + 1
        found.append(name)
    return found


def _sheet(rows: list[list[Value]], columns: tuple[Column, ...] | None) -> str:
    widths = ""
    if rows:
        count = max(len(row) for row in rows)
        sizes = [
            min(max((len(str(row[i])) for row in rows if i < len(row)), default=8) + 2, 60)
            for i in range(count)
        ]
        widths = (
            "<cols>"
            + "".join(
                f'<col min="{i}" max="{i}" width="{w}" customWidth="1"/>' for i, w in enumerate(sizes, 1)
            )
            + "</cols>"
        )
    frozen = (
        '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews>'
        if columns
        else ""
    )
    lines = []
    for r, row in enumerate(rows, 1):
        cells = "".join(
            _cell(value, f"{_letters(c)}{r}", _style(r, c, columns)) for c, value in enumerate(row)
        )
        lines.append(f'<row r="{r}">{cells}</row>')
    return f'{_XML}<worksheet xmlns="{_MAIN}">{frozen}{widths}<sheetData>{"".join(lines)}</sheetData></worksheet>'


def _style(row: int, place: int, columns: tuple[Column, ...] | None) -> int:
    if row == 1:
        return _BOLD
    if columns is None:
        return _PLAIN
    return {"percent": _PERCENT, "money": _AMOUNT}.get(columns[place].unit, _PLAIN)


def _cell(value: Value, where: str, style: int) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<c r="{where}" s="{style}"><v>{value!r}</v></c>'
    clean = "".join(c for c in str(value) if c >= " " or c in "\t\n")
    return (
        f'<c r="{where}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(clean)}</t></is></c>'
    )


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _letters(place: int) -> str:
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
