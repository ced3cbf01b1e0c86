"""Follow the record into the cube, make it anew, and compare the two.

Who changes the cube holds the row `cube_state`: one consumer at a time. A case whose chain is longer than what was
applied is taken out of the roll-ups as it stood and put back as it stands: new minus old, whatever changed.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from casedesk.reports import cube_exposure, cube_sql
from casedesk.reports.cube_models import CaseFact, CubeState
from casedesk.reports.cube_rules import VERSION
from casedesk.reports.cube_sql import FACT_COLUMNS, MARK_COLUMNS, Dialect, listed
from casedesk.store.db import UtcDateTime

BATCH = 500
OVERLAP = timedelta(hours=2)
"""An entry is recorded before its transaction commits: entries of the last hours are looked at again."""
SWEEP = timedelta(hours=1)

KEYS = {
    "cube_days": (("event", "cut", "day", "a", "b", "currency"), ("n", "amount_minor")),
    "cube_durations": (("measure", "cut", "month", "a", "bin"), ("n",)),
    "cube_timing": (("clock", "cause", "month", "bin"), ("n",)),
    "cube_clauses": (
        ("month", "clause", "person_id", "currency"),
        ("n", "granted", "amount_minor", "exceptions", "exception_minor", "reversed"),
    ),
}
"""Each roll-up: the columns that name a cell, and those that are summed in it."""

_SELECTS = {
    "cube_days": cube_sql.days,
    "cube_durations": cube_sql.durations,
    "cube_timing": cube_sql.timings,
    "cube_clauses": cube_sql.clauses,
}


@dataclass(frozen=True)
class Followed:
    """What one round did: cases applied, and whether more wait."""

    cases: int
    more: bool


@dataclass(frozen=True)
class Verified:
    """How the stored cube compares with one made now. `behind`: cases whose newest entries are not applied yet."""

    cases: int
    behind: int
    facts: int
    marks: int
    cells: dict[str, int]

    @property
    def is_right(self) -> bool:
        return not (self.facts or self.marks or any(self.cells.values()))


def follow(session: Session, *, zone: str, now: datetime, limit: int = BATCH) -> Followed:
    """Apply up to `limit` cases that changed since they were last applied."""
    state = _held(session, zone)
    if (state.zone, state.version) != (zone, VERSION):
        return _begin_anew(session, state, zone, limit, now)
    sweeping = state.swept_at is None or now - state.swept_at >= SWEEP
    since = None if sweeping or state.read_until is None else state.read_until - OVERLAP
    ids = _changed(session, since, limit + 1)
    more = len(ids) > limit
    if ids:
        apply(session, ids[:limit], cube_sql.teach(session, zone))
    if not more:
        state.read_until = now
        state.swept_at = now if sweeping else state.swept_at
    session.flush()
    return Followed(len(ids[:limit]), more)


def apply(session: Session, ids: Collection[int], dialect: Dialect) -> None:
    """Bring the cases `ids` into the cube as they stand now; their customers' other cases with them."""
    ids = _with_kin(session, ids)
    _add_up(session, dialect, ids, sign=-1)
    for table in ("case_marks", "case_facts"):
        session.execute(text(f"DELETE FROM {table} WHERE case_id IN ({listed(ids)})"))
    _fill(session, dialect, ids)
    _add_up(session, dialect, ids, sign=1)


def rebuild(session: Session, *, zone: str, now: datetime) -> int:
    """Throw the cube away and make it from the record; the number of cases. Imported exposure stays."""
    state = _held(session, zone)
    dialect = cube_sql.teach(session, zone)
    for table in (*KEYS, "case_marks", "case_facts"):
        session.execute(text(f"DELETE FROM {table}"))
    _fill(session, dialect, None)
    for table, (keys, sums) in KEYS.items():
        for statement in _SELECTS[table](dialect):
            columns = ", ".join((*keys, *sums))
            session.execute(text(f"INSERT INTO {table} ({columns}) {statement}"))
    cube_exposure.rebuild(session, dialect, now=now)
    state.zone, state.version, state.read_until, state.swept_at = zone, VERSION, now, now
    session.flush()
    return session.scalar(select(func.count()).select_from(CaseFact)) or 0


def heal(session: Session, *, zone: str, now: datetime, limit: int = BATCH) -> int:
    """Apply cases whose facts no longer follow from the record though no entry says so: a cause that was merged into
    another, a charge that was imported late. The number of cases applied."""
    _held(session, zone)
    dialect = cube_sql.teach(session, zone)
    differing = _differing(dialect)
    found = session.scalars(text(f"SELECT DISTINCT case_id FROM ({differing}) x LIMIT {limit}")).all()
    if found:
        apply(session, found, dialect)
    session.execute(text("DELETE FROM cube_days WHERE n = 0 AND amount_minor = 0"))
    for table in ("cube_durations", "cube_timing", "cube_clauses"):
        session.execute(text(f"DELETE FROM {table} WHERE n = 0"))
    cube_exposure.rebuild(session, dialect, now=now)
    return len(found)


def verify(session: Session, *, zone: str) -> Verified:
    """Compare every row with what the record gives now."""
    dialect = cube_sql.teach(session, zone)
    behind = session.scalar(text(f"SELECT count(*) FROM ({_BEHIND}) x")) or 0
    wrong_facts = _count(session, f"SELECT DISTINCT case_id FROM ({_differing_facts(dialect)}) x")
    wrong_marks = _count(session, f"SELECT DISTINCT case_id FROM ({_differing_marks(dialect)}) x")
    cells = {
        table: sum(
            _count(session, _differing_cells(table, keys, sums, statement))
            for statement in _SELECTS[table](dialect)
        )
        + _strays(session, table, dialect)
        for table, (keys, sums) in KEYS.items()
    }
    total = session.scalar(select(func.count()).select_from(CaseFact)) or 0
    return Verified(total, behind, wrong_facts, wrong_marks, cells)


_BEHIND = """SELECT h.subject_id FROM heads h LEFT JOIN case_facts f ON f.case_id = h.subject_id
WHERE h.subject_kind = 'case' AND (f.case_id IS NULL OR f.applied_seq < h.seq)"""


def _held(session: Session, zone: str) -> CubeState:
    """The state's row, locked until the commit; made where there is none."""
    state = session.get(CubeState, 1, with_for_update=True, populate_existing=True)
    if state is None:
        state = CubeState(id=1, zone=zone, version=VERSION)
        session.add(state)
        session.flush()
    return state


def _begin_anew(session: Session, state: CubeState, zone: str, limit: int, now: datetime) -> Followed:
    """Another zone or another meaning of the columns: the roll-ups are made from facts that are made anew."""
    rebuild(session, zone=zone, now=now)
    return Followed(limit, False)


def _changed(session: Session, since: datetime | None, limit: int) -> list[int]:
    """Cases with entries that are not applied: among those recorded since, or (None) among all."""
    recent = ""
    if since is not None:
        recent = (
            " AND h.subject_id IN (SELECT subject_id FROM entries "
            "WHERE subject_kind = 'case' AND recorded_at >= :since)"
        )
    statement = text(f"{_BEHIND}{recent} ORDER BY h.subject_id LIMIT {limit}")
    if since is None:
        return list(session.scalars(statement))
    statement = statement.bindparams(bindparam("since", type_=UtcDateTime()))
    return list(session.scalars(statement, {"since": since}))


def _with_kin(session: Session, ids: Collection[int]) -> list[int]:
    """The cases and those of the same customers, before and after the change: a repeat contact looks at the others."""
    inside = listed(ids)
    customers = (
        f"SELECT customer_id FROM cases WHERE id IN ({inside}) AND customer_id IS NOT NULL "
        f"UNION SELECT customer_id FROM case_facts WHERE case_id IN ({inside}) AND customer_id IS NOT NULL"
    )
    kin = session.scalars(text(f"SELECT id FROM cases WHERE customer_id IN ({customers})"))
    return sorted({*ids, *kin})


def _fill(session: Session, dialect: Dialect, ids: Collection[int] | None) -> None:
    for table, columns, statement in (
        ("case_facts", FACT_COLUMNS, cube_sql.facts(dialect, ids)),
        ("case_marks", MARK_COLUMNS, cube_sql.marks(dialect, ids)),
    ):
        session.execute(text(f"INSERT INTO {table} ({', '.join(columns)}) {statement}"))


def _add_up(session: Session, dialect: Dialect, ids: Collection[int], *, sign: int) -> None:
    """Add what the cases stand for to the roll-ups, or take it away."""
    for table, (keys, sums) in KEYS.items():
        moved = ", ".join(f"{sign} * {name}" for name in sums)
        added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
        for statement in _SELECTS[table](dialect, ids):
            session.execute(
                text(
                    f"INSERT INTO {table} ({', '.join((*keys, *sums))}) "
                    f"SELECT {', '.join(keys)}, {moved} FROM ({statement}) x WHERE true "
                    f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {added}"
                )
            )


def _differing(dialect: Dialect) -> str:
    return f"{_differing_facts(dialect)} UNION ALL {_differing_marks(dialect)}"


def _differing_facts(dialect: Dialect) -> str:
    """Cases (applied up to their newest entry) whose facts are not what the record gives."""
    return _both_ways("case_facts", FACT_COLUMNS, f"SELECT * FROM ({cube_sql.facts(dialect)}) r")


def _differing_marks(dialect: Dialect) -> str:
    return _both_ways("case_marks", MARK_COLUMNS, f"SELECT * FROM ({cube_sql.marks(dialect)}) r")


def _both_ways(table: str, columns: Iterable[str], made: str) -> str:
    names = ", ".join(columns)
    # A case whose newest entries wait is behind, not wrong.
    level = f"case_id IN (SELECT case_id FROM case_facts) AND case_id NOT IN ({_BEHIND})"
    stored = f"SELECT {names} FROM {table} WHERE {level}"
    anew = f"SELECT {names} FROM ({made}) q WHERE {level}"
    return (
        f"SELECT case_id FROM (SELECT * FROM ({anew}) a1 EXCEPT SELECT * FROM ({stored}) s1) d1 "
        f"UNION ALL SELECT case_id FROM (SELECT * FROM ({stored}) s2 EXCEPT SELECT * FROM ({anew}) a2) d2"
    )


def _differing_cells(table: str, keys: Collection[str], sums: Collection[str], statement: str) -> str:
    """Cells of one cut that the facts give and the roll-up has not, or not so."""
    names = ", ".join((*keys, *sums))
    return f"SELECT 1 FROM (SELECT {names} FROM ({statement}) m EXCEPT SELECT {names} FROM {table}) d"


def _strays(session: Session, table: str, dialect: Dialect) -> int:
    """Cells that the roll-up has and no case stands for: by the sums, cell by cell the other way is checked."""
    stored = session.scalar(text(f"SELECT count(*) FROM {table} WHERE n <> 0")) or 0
    given = sum(_count(session, statement) for statement in _SELECTS[table](dialect))
    return abs(stored - given)


def _count(session: Session, statement: str) -> int:
    found: Any = session.scalar(text(f"SELECT count(*) FROM ({statement}) n"))
    return int(found or 0)
