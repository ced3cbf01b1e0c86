"""What every kind needs to store a batch: the run's context, look-ups by outer reference, the house."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.customers.models import Entity
from casedesk.imports.faults import FileFault, RowFault
from casedesk.imports.mapping import Mapping
from casedesk.imports.models import ExternalReference
from casedesk.imports.shaping import Item
from casedesk.imports.values import Sum
from casedesk.store.bulk import insert_rows, take_ids

CHUNK = 400

Ready = tuple[Item, dict[str, Any]]
"""An item and the columns it becomes."""


@dataclass
class Context:
    """One run's mapping and instant. `cache` keeps what a look-up found in this batch's transaction."""

    mapping: Mapping
    now: datetime
    cache: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Store:
    """`prepare(session, items, context)` sets faults and answers what is ready; `insert` answers the new ids in order."""

    prepare: Callable[[Session, Sequence[Item], Context], list[Ready]]
    insert: Callable[[Session, Sequence[Ready], Context], list[int]]


def chunks(values: Iterable[Any], size: int = CHUNK) -> Iterable[list[Any]]:
    listed = list(values)
    return (listed[start : start + size] for start in range(0, len(listed), size))


def known(session: Session, kind: str, source: str, references: Iterable[str]) -> dict[str, int]:
    """Which of `references` an earlier import of `source` stored, and as what."""
    found: dict[str, int] = {}
    for some in chunks(dict.fromkeys(references)):
        rows = session.execute(
            select(ExternalReference.reference, ExternalReference.target_id).where(
                ExternalReference.kind == kind,
                ExternalReference.source == source,
                ExternalReference.reference.in_(some),
            )
        )
        found.update((row.reference, row.target_id) for row in rows)
    return found


def remember(session: Session, kind: str, source: str, pairs: Collection[tuple[str, int]]) -> None:
    """Keep what each reference became."""
    rows = [
        {"kind": kind, "source": source, "reference": reference, "target_id": target}
        for reference, target in pairs
    ]
    insert_rows(session, ExternalReference, rows)


def by_column(session: Session, key: Any, wanted: Any, values: Iterable[str]) -> dict[str, Any]:
    """`wanted` by `key`, for those `values` that the desk's own table has."""
    found: dict[str, Any] = {}
    for some in chunks(dict.fromkeys(values)):
        found.update((row[0], row[1]) for row in session.execute(select(key, wanted).where(key.in_(some))))
    return found


def targets(
    session: Session, kind: str, items: Sequence[Item], name: str, context: Context, key: Any, id_: Any
) -> dict[str, int]:
    """What field `name` of the items points at: by an earlier import of the source, else by the desk's own reference."""
    wanted = {str(item.record[name]) for item in items if name in item.record}
    found = known(session, kind, context.mapping.source, wanted)
    found.update(by_column(session, key, id_, wanted - found.keys()))
    return found


def pointed(item: Item, name: str, found: dict[str, int], code: str) -> int | None:
    """The id that field `name` points at. Raises RowFault where the desk does not know it."""
    if name not in item.record:
        return None
    reference = str(item.record[name])
    if reference not in found:
        raise RowFault(code, name, reference=reference[:80])
    return found[reference]


def refuse_taken(session: Session, items: Sequence[Item], key: Any) -> None:
    """Refuse items whose reference the desk already gives to something that did not come from this source."""
    taken = by_column(session, key, key, (item.reference for item in items))
    for item in items:
        if item.fault is None and item.reference in taken:
            item.fault = RowFault("import.reference_taken", "reference", reference=item.reference[:80])


def each(items: Iterable[Item], columns_of: Callable[[Item], dict[str, Any]]) -> list[Ready]:
    """The items that can be stored with their columns; the others get their fault."""
    ready = []
    for item in items:
        if item.fault is not None:
            continue
        try:
            ready.append((item, columns_of(item)))
        except RowFault as fault:
            item.fault = fault
    return ready


def minor(item: Item, name: str) -> int | None:
    value = item.record.get(name)
    return value.minor(name) if isinstance(value, Sum) else None


def currency(item: Item, name: str) -> str | None:
    value = item.record.get(name)
    return value.currency if isinstance(value, Sum) else None


def inserted(session: Session, model: Any, ready: Sequence[Ready]) -> list[int]:
    """Insert what is ready and answer the new ids in its order."""
    ids = take_ids(session, model, len(ready))
    insert_rows(session, model, [{"id": i, **columns} for i, (_, columns) in zip(ids, ready, strict=True)])
    return ids


def noon(day: Any, zone: str) -> datetime:
    """The middle of `day` in `zone`: what is known of an instant of which only the day is known."""
    return datetime.combine(day, time(12), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def entity(session: Session, context: Context) -> Entity:
    """The legal entity of the mapping, made where it is described and missing; without one, the desk's first in use."""
    if "entity" not in context.cache:
        context.cache["entity"] = _entity(session, context)
    found: Entity = context.cache["entity"]
    return found


def _entity(session: Session, context: Context) -> Entity:
    given = context.mapping.entity
    query = select(Entity).order_by(Entity.active.desc(), Entity.id).limit(1)
    if given:
        query = query.where(Entity.code == str(given.get("code", "")))
    found = session.scalars(query).one_or_none()
    if found is not None:
        return found
    missing = [name for name in _ENTITY if name not in given]
    if missing:
        raise FileFault("import.no_entity", names=", ".join(missing))
    made = Entity(
        **{name: str(given[name]) for name in _ENTITY},
        legal_name=str(given.get("legal_name", given["name"])),
        address=str(given.get("address", "")),
        sender_mail=str(given.get("sender_mail", "")),
        case_prefix=str(given.get("case_prefix", "CD")),
        mediator_body={},
    )
    session.add(made)
    session.flush()
    return made


_ENTITY = ("code", "name", "country", "locale", "time_zone", "currency")
