"""From the rows of a file to the things they describe: joined, matched, grouped, with each field read."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from decimal import Decimal

from casedesk.imports import matching
from casedesk.imports.faults import FileFault, RowFault
from casedesk.imports.kinds import FIELDS, MONEY_OF, field_of
from casedesk.imports.mapping import Join, LeaveOut, Mapping
from casedesk.imports.reading import ERROR, Row, Table, read_table
from casedesk.imports.values import Field, Sum, decimal_of, exact_line, pattern_of, read

OpenFile = Callable[[str], bytes]
"""The bytes of a joined file by its name. Raises FileFault."""


@dataclass
class Item:
    """One thing of the file: its rows, its record by field, its sum, and what is wrong with it."""

    rows: list[Row]
    record: dict[str, object] = field(default_factory=dict)
    sum: Sum | None = None
    fault: RowFault | None = None
    bad_row: Row | None = None
    """Of a group: the row whose fault holds the others back."""

    @property
    def reference(self) -> str:
        return str(self.record.get("reference", ""))


@dataclass
class Shaped:
    """The things of a file in its order, and how many rows the mapping leaves out, by why."""

    items: list[Item]
    left_out: Counter[str]


def shape(table: Table, mapping: Mapping, open_file: OpenFile) -> Shaped:
    """Every thing that `table` describes under `mapping`. Raises FileFault where a column or file is not there."""
    rows = list(table.rows)
    joined = [(join, _join_index(join, open_file)) for join in mapping.joins]
    _check_columns(table, mapping, joined)
    for join, (columns, index) in joined:
        for row in rows:
            _take(row, join, columns, index)
    if mapping.match:
        matching.match(rows, mapping.match)
    left_out: Counter[str] = Counter()
    kept = []
    for row in rows:
        why = None if row.fault else next((one for one in mapping.leave_out if _is_left_out(row, one)), None)
        if why:
            left_out[why.because or why.column] += 1
        else:
            kept.append(row)
    ranks: Counter[str] = Counter()
    return Shaped([_item(rows, mapping, ranks, table.columns) for rows in _groups(kept, mapping)], left_out)


def _check_columns(
    table: Table, mapping: Mapping, joined: Iterable[tuple[Join, tuple[list[str], object]]]
) -> None:
    there = set(table.columns)
    for join, (columns, _) in joined:
        there |= {f"{join.name}.{column}" for column in columns}
    if mapping.match:
        there |= {"match.state", "match.document", "match.candidates"}
    wanted = {name for rule in mapping.fields.values() for name in rule.names()}
    wanted |= {one.column for one in mapping.leave_out} | set(mapping.count_by)
    wanted |= {name for join in mapping.joins for name in (*join.on, join.up_to) if name}
    if mapping.group_by:
        wanted.add(mapping.group_by)
    if mapping.match:
        rule = mapping.match
        wanted |= {rule.document, rule.who, rule.quantity, rule.when, *rule.item}
    if table.form == "jsonl":  # an object leaves out what is empty: only what every row needs must be there
        needed = {one.name for one in FIELDS[mapping.kind] if one.required}
        wanted = {name for of, rule in mapping.fields.items() if of in needed for name in rule.names()}
    missing = sorted(wanted - there)
    if missing:
        raise FileFault("import.no_column", missing=", ".join(missing), there=", ".join(table.columns[:40]))


# --- joins --------------------------------------------------------------------------------------


def _join_index(join: Join, open_file: OpenFile) -> tuple[list[str], dict[tuple[str, ...], list[Row]]]:
    table = read_table(open_file(join.file), join.read)
    names = [*join.on.values(), *filter(None, [join.order_by])]
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise FileFault("import.no_column_in", file=join.file, missing=", ".join(missing))
    index: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in table.rows:
        index[tuple(row.cells.get(theirs, "") for theirs in join.on.values())].append(row)
    if join.order_by:
        for rows in index.values():
            rows.sort(key=lambda row: _order(join, row.cells[join.order_by]))
    return table.columns, index


def _take(row: Row, join: Join, columns: list[str], index: dict[tuple[str, ...], list[Row]]) -> None:
    found = index.get(tuple(row.cells.get(ours, "") for ours in join.on), [])
    if join.up_to:
        limit = _order(join, row.cells.get(join.up_to, ""))
        found = [one for one in found if _order(join, one.cells[join.order_by]) <= limit]
    if len(found) > 1 and join.several == "none":
        found = []
    chosen = found[-1 if join.several == "last" else 0] if found else None
    for column in columns:
        row.cells[f"{join.name}.{column}"] = chosen.cells[column] if chosen else ""


def _order(join: Join, text: str) -> tuple[int | str, ...]:
    """What rows are ordered by: a day where the join says how days are written, else the text."""
    if not join.date:
        return (text,)
    found = pattern_of(join.date).fullmatch(text)
    return tuple(int(found[name]) for name in ("year", "month", "day")) if found else (0, 0, 0)


# --- rows that are not meant, and groups --------------------------------------------------------


def _is_left_out(row: Row, rule: LeaveOut) -> bool:
    text = row.cells.get(rule.column, "")
    if rule.equals is not None and text == rule.equals:
        return True
    if rule.starts_with and text.startswith(rule.starts_with):
        return True
    if rule.below is None:
        return False
    try:
        number = Field(rule.column)
        return decimal_of(number, text, ".") < decimal_of(number, rule.below, ".")
    except RowFault:
        return False


def _groups(rows: Iterable[Row], mapping: Mapping) -> Iterator[list[Row]]:
    if not mapping.group_by:
        for row in rows:
            yield [row]
        return
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row.fault or not row.cells.get(mapping.group_by):
            groups[f"\x00{row.number}"] = [row]
        else:
            groups.setdefault(row.cells[mapping.group_by], []).append(row)
    yield from groups.values()


# --- records ------------------------------------------------------------------------------------


def _item(rows: list[Row], mapping: Mapping, ranks: Counter[str], columns: list[str]) -> Item:
    item = Item(rows)
    broken = next((row for row in rows if row.fault), None)
    if broken:
        item.fault, item.bad_row = broken.fault, broken
        return item
    try:
        _add_up(item, mapping)
        _read_fields(item, mapping, ranks, columns)
    except RowFault as fault:
        item.fault = fault
    return item


def _read_fields(item: Item, mapping: Mapping, ranks: Counter[str], columns: list[str]) -> None:
    cells = [row.cells for row in item.rows]
    for one in FIELDS[mapping.kind]:
        rule = mapping.fields.get(one.name)
        if rule is None:
            continue
        if rule.digest:
            item.record[one.name] = _digest(cells[0], columns, ranks)
            continue
        value = read(one, rule, cells, mapping.zone)
        if value is not None:
            item.record[one.name] = value
    for name, value in item.record.items():
        if isinstance(value, Sum):
            value.minor(name)


def _add_up(item: Item, mapping: Mapping) -> None:
    """Set the sum of the item for the control totals, exact, also where the item is refused for being too fine."""
    name = MONEY_OF.get(mapping.kind, "")
    rule, one = mapping.fields.get(name), field_of(mapping.kind, name)
    if rule is None or one is None:
        return
    total, too_fine = Decimal(0), None
    for row in item.rows if rule.sum else item.rows[:1]:
        item.bad_row = row
        part = exact_line(one, rule, row.cells)
        if part is None:
            continue
        total += part.exact
        item.sum = Sum(total, part.currency)
        if too_fine is None and not part.is_whole:
            too_fine = (row, RowFault("import.finer", name, amount=f"{part.exact:f}", currency=part.currency))
    item.bad_row = None
    if too_fine is not None:
        item.bad_row, fault = too_fine
        raise fault


def _digest(cells: Dict[str, str], columns: list[str], ranks: Counter[str]) -> str:
    """A reference for a row that has none: the digest of the row, and its rank among equal rows."""
    own = [[name, cells[name]] for name in columns if name != ERROR]
    digest = hashlib.sha256(json.dumps(own, ensure_ascii=False).encode()).hexdigest()[:24]
    ranks[digest] += 1
    return f"{digest}-{ranks[digest]}"
