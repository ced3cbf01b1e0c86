"""Read the cube: counts and money, durations, timing, consistency, exposure. From the roll-ups where one fits what is
asked, else from the facts of the cases, with the same result.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, text
from sqlalchemy.orm import Session

from casedesk.reports import cube_sql
from casedesk.reports.asked import Asked
from casedesk.reports.cube_rules import (
    CUT_COLUMNS,
    CUTS,
    DURATION_CUTS,
    DURATIONS,
    MARKS,
    STANDING,
    TIMINGS,
)
from casedesk.reports.periods import Period, add_months, steps

ALL = "*"
Exposed = Mapping[str, tuple[str, ...]]
"""Values of a and b that exposure is narrowed to."""


@dataclass(frozen=True)
class Cell:
    """What was counted: in the step that begins at `at` (the period's start where not by step), cut by a and b."""

    at: date
    a: str
    b: str
    currency: str
    n: int
    amount_minor: int


def counted(session: Session, asked: Asked, event: str, *by: str, step: str = "") -> list[Cell]:
    """Cases, or movements of money, of `event` in the period, cut by up to two dimensions, and by `step` where given."""
    source = _rolled_up(session, asked, event, by, step) or _from_facts(session, asked, event, by, step)
    return _cells(session, source, asked.period)


def _rolled_up(session: Session, asked: Asked, event: str, by: tuple[str, ...], step: str) -> "_Query | None":
    wanted = {*by, *(name for name, _ in asked.filters if name != "currency")}
    cut = next((c for c in CUTS.get(event, ()) if _parts(c) == wanted), None)
    if cut is None or asked.scope:
        return None
    places = dict(zip(cut.split("+") if cut else [], ("a", "b"), strict=False))
    where = ["event = :event", "cut = :cut", "day >= :start", "day < :end"]
    values: dict[str, Any] = {"event": event, "cut": cut}
    for name, allowed in asked.filters:
        place = "currency" if name == "currency" else places[name]
        where.append(among(place, name, allowed, values))
    a, b = (
        (places[name] for name in by[:2]) if len(by) > 1 else ((places[by[0]], "''") if by else ("''", "''"))
    )
    return _Query(a, b, "day", "sum(n)", "sum(amount_minor)", "cube_days", where, values, step)


def _parts(cut: str) -> set[str]:
    return set(cut.split("+")) if cut else set()


EVENTS = (*MARKS, *cube_sql.EVENT_OF_FACTS, STANDING)
"""Everything that can be counted by case."""


def _from_facts(session: Session, asked: Asked, event: str, by: tuple[str, ...], step: str) -> "_Query":
    d = cube_sql.Dialect(session.get_bind().dialect.name, "")
    spelled = [column(name, d) for name in by] + ["''", "''"]
    source, where, values = counted_rows(asked, event)
    if event in MARKS:
        day, amount, currency = "m.day", "m.amount_minor", "m.currency"
    else:
        day, amount, currency = *(f"f.{name}" for name in cube_sql.EVENT_OF_FACTS[event][:2]), "f.currency"
    return _Query(
        spelled[0], spelled[1], day, "count(*)", f"sum({amount})", source, where, values, step, currency
    )


def counted_rows(asked: Asked, event: str) -> tuple[str, list[str], dict[str, Any]]:
    """(tables, conditions, values) of the rows that `event` counts: facts f, for marks with their mark m."""
    d = cube_sql.Dialect("", "")
    values: dict[str, Any] = {"start": asked.period.start, "end": asked.period.end}
    if event == STANDING:
        return "case_facts f", ["f.status <> 'closed'", *_narrowing(asked, values, d)], _without_days(values)
    if event in MARKS:
        source, day, currency = (
            "case_marks m JOIN case_facts f ON f.case_id = m.case_id",
            "m.day",
            "m.currency",
        )
        where = ["m.event = :event"]
        values["event"] = event
    else:
        named, _amount, further = cube_sql.EVENT_OF_FACTS[event]
        source, day, currency, where = "case_facts f", f"f.{named}", "f.currency", [f"1 = 1{further}"]
    return (
        source,
        [*where, f"{day} >= :start", f"{day} < :end", *_narrowing(asked, values, d, currency)],
        values,
    )


def _without_days(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in ("start", "end")}


def _narrowing(
    asked: Asked, values: dict[str, Any], _d: cube_sql.Dialect, currency: str = "f.currency"
) -> list[str]:
    """Conditions on case_facts f: filters, what the reader sees, and no merged case."""
    where = ["NOT f.merged"]
    for name, allowed in asked.filters:
        where.append(
            among(currency, name, allowed, values)
            if name == "currency"
            else one_of(name, allowed, values, name)
        )
    if asked.scope:
        parts = [
            one_of(name, (value,), values, f"scope_{name}_{n}_")
            for n, (name, value) in enumerate(asked.scope)
        ]
        where.append(f"({' OR '.join(parts)})")
    return where


def one_of(dimension: str, allowed: Sequence[str], values: dict[str, Any], name: str) -> str:
    """A condition that a case has one of `allowed` in `dimension`; numbers are compared as numbers, for the database
    knows how many cases a team has, and nothing of the text that its number would make. Raises ValueError."""
    plain = "m.detail" if dimension == "detail" else f"f.{CUT_COLUMNS[dimension]}"
    if not _is_whole(plain):
        return among(plain, name, allowed, values)
    parts = [f"{plain} IS NULL"] if "" in allowed else []
    numbers = [int(value) for value in allowed if value]
    if any(abs(one) >= LARGEST for one in numbers):
        raise ValueError(dimension)
    if numbers:
        parts.append(among(plain, name, numbers, values))
    return f"({' OR '.join(parts)})"


LARGEST = 2**62


def _is_whole(column: str) -> bool:
    return column.endswith(("_id", "decided_by"))


def column(dimension: str, d: cube_sql.Dialect) -> str:
    """The text of case_facts f (or of the mark m) that `dimension` cuts by."""
    if dimension == "detail":
        return "m.detail"
    found = f"f.{CUT_COLUMNS[dimension]}"
    return f"coalesce({d.text(found)}, '')" if _is_whole(found) else found


def among(column: str, name: str, allowed: Iterable[str | int], values: dict[str, Any]) -> str:
    """A condition that `column` holds one of `allowed`, which it adds to `values` under `name`."""
    keys = []
    for n, value in enumerate(allowed):
        values[f"{name}{n}"] = value
        keys.append(f":{name}{n}")
    return f"{column} IN ({', '.join(keys)})"


@dataclass(frozen=True)
class _Query:
    a: str
    b: str
    day: str
    n: str
    amount: str
    source: str
    where: list[str]
    values: dict[str, Any]
    step: str
    currency: str = "currency"


def _cells(session: Session, q: _Query, period: Period) -> list[Cell]:
    at = _bucket(q.day, q.step, session.get_bind().dialect.name)
    statement = (
        f"SELECT {at} AS at, {q.a} AS a, {q.b} AS b, {q.currency} AS currency, {q.n} AS n, {q.amount} AS amount "
        f"FROM {q.source} WHERE {' AND '.join(q.where)} GROUP BY 1, 2, 3, 4 HAVING {q.n} <> 0"
    )
    rows = session.execute(_dated(statement), {**q.values, "start": period.start, "end": period.end})
    return [
        Cell(
            as_date(r.at) if q.step else period.start,
            r.a or "",
            r.b or "",
            r.currency or "",
            int(r.n),
            int(r.amount or 0),
        )
        for r in rows
    ]


def _dated(statement: str) -> Any:
    return text(statement).bindparams(bindparam("start", type_=Date()), bindparam("end", type_=Date()))


def _bucket(day: str, step: str, name: str) -> str:
    if not step:
        return "''" if name == "sqlite" else "NULL::date"
    if step == "day":
        return day
    if name == "sqlite":
        if step == "month":
            return f"date({day}, 'start of month')"
        return f"date({day}, '-' || ((CAST(strftime('%w', {day}) AS INT) + 6) % 7) || ' days')"
    return f"date_trunc('{step}', {day})::date"


def steps_of(asked: Asked) -> list[date]:
    """The first days of the steps of what was asked."""
    return steps(asked.period, asked.grain)


def as_date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def durations(session: Session, asked: Asked, measure: str, by: str = "") -> dict[str, list[tuple[int, int]]]:
    """Histograms (bin, count) of first replies or resolutions that ended in the period, by a dimension ('' for all).

    Whole months come from the roll-up, the days at both ends from the facts.
    """
    if by in DURATION_CUTS and not asked.filters and not asked.scope:
        pieces = _month_pieces(session, asked, measure, by)
    else:
        pieces = [_duration_facts(session, asked, asked.period, measure, by)]
    found: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for piece in pieces:
        for a, bin_, n in piece:
            found[a][bin_] += n
    return {a: sorted((bin_, n) for bin_, n in bins.items() if n) for a, bins in found.items()}


def _month_pieces(session: Session, asked: Asked, measure: str, by: str) -> list[list[tuple[str, int, int]]]:
    """Whole months from the roll-up and the days at both ends from the facts, in one statement."""
    period = asked.period
    first, last = _whole_months(period)
    if first >= last:
        return [_duration_facts(session, asked, period, measure, by)]
    d = cube_sql.Dialect(session.get_bind().dialect.name, "")
    day, bin_ = DURATIONS[measure]
    a = column(by, d) if by else "''"
    statement = text(
        "SELECT a, bin, sum(n) AS n FROM (SELECT a, bin, n FROM cube_durations "
        "WHERE measure = :measure AND cut = :cut AND month >= :first AND month < :last "
        f"UNION ALL SELECT {a}, f.{bin_}, 1 FROM case_facts f WHERE NOT f.merged AND f.{bin_} IS NOT NULL "
        f"AND ({_EDGES.format(day=f'f.{day}')})) x GROUP BY a, bin"
    ).bindparams(*(bindparam(name, type_=Date()) for name in ("start", "end", "first", "last")))
    values = {
        "measure": measure,
        "cut": by,
        "first": first,
        "last": last,
        "start": period.start,
        "end": period.end,
    }
    return [[(row.a or "", int(row.bin), int(row.n)) for row in session.execute(statement, values)]]


def _duration_facts(
    session: Session, asked: Asked, period: Period, measure: str, by: str
) -> list[tuple[str, int, int]]:
    d = cube_sql.Dialect(session.get_bind().dialect.name, "")
    day, bin_ = DURATIONS[measure]
    values: dict[str, Any] = {"start": period.start, "end": period.end}
    a = column(by, d) if by else "''"
    where = [f"f.{day} >= :start", f"f.{day} < :end", f"f.{bin_} IS NOT NULL", *_narrowing(asked, values, d)]
    rows = session.execute(
        _dated(
            f"SELECT {a} AS a, f.{bin_} AS bin, count(*) AS n FROM case_facts f WHERE {' AND '.join(where)} GROUP BY 1, 2"
        ),
        values,
    )
    return [(row.a or "", int(row.bin), int(row.n)) for row in rows]


def timing(session: Session, asked: Asked, *clocks: str) -> dict[str, list[tuple[int, int]]]:
    """(bin, cases opened) on each of `clocks` of cube_rules.TIMINGS, sorted by bin.

    Whole months come from the roll-up, the days at both ends from the facts.
    """
    d = cube_sql.Dialect(session.get_bind().dialect.name, "")
    period, values = asked.period, dict[str, Any]()
    pieces, days = [], "f.opened_day >= :start AND f.opened_day < :end"
    first, last = _whole_months(period)
    dated = {"start": period.start, "end": period.end}
    if first < last and not asked.scope and {name for name, _ in asked.filters} <= {"cause"}:
        chosen = among("cause", "a_cause", asked.values("cause") or (ALL,), values)
        pieces.append(
            f"SELECT clock, bin, n FROM cube_timing WHERE {among('clock', 'clock', clocks, values)} AND {chosen} "
            "AND month >= :first AND month < :last"
        )
        days = _EDGES.format(day="f.opened_day")
        dated |= {"first": first, "last": last}
    inside = " AND ".join((f"({days})", *_narrowing(asked, values, d)))
    pieces += [
        f"SELECT '{clock}' AS clock, f.{TIMINGS[clock]} AS bin, count(*) AS n FROM case_facts f "
        f"WHERE f.{TIMINGS[clock]} IS NOT NULL AND {inside} GROUP BY 1, 2"
        for clock in clocks
    ]
    statement = text(
        f"SELECT clock, bin, sum(n) AS n FROM ({' UNION ALL '.join(pieces)}) x "
        "GROUP BY clock, bin HAVING sum(n) <> 0 ORDER BY clock, bin"
    ).bindparams(*(bindparam(name, type_=Date()) for name in dated))
    found: dict[str, list[tuple[int, int]]] = {clock: [] for clock in clocks}
    for row in session.execute(statement, {**values, **dated}):
        found[row.clock].append((int(row.bin), int(row.n)))
    return found


_EDGES = "({day} >= :start AND {day} < :first) OR ({day} >= :last AND {day} < :end)"
"""The days of a period before its first whole month and after its last."""


def _whole_months(period: Period) -> tuple[date, date]:
    """The first day of the first whole month, and the day after the last; not before it where there is none."""
    first = period.start if period.start.day == 1 else add_months(period.start.replace(day=1), 1)
    return first, period.end.replace(day=1)


def facts(
    session: Session,
    asked: Asked,
    columns: Mapping[str, str],
    *,
    day: str = "opened_day",
    group: int = 0,
    where: tuple[str, ...] = (),
) -> list[Any]:
    """Rows of case_facts f in the period by `day`: columns by name; the first `group` of them group the rest."""
    d = cube_sql.Dialect(session.get_bind().dialect.name, "")
    values: dict[str, Any] = {"start": asked.period.start, "end": asked.period.end}
    conditions = [f"f.{day} >= :start", f"f.{day} < :end", *where, *_narrowing(asked, values, d)]
    chosen = ", ".join(f"{spelled} AS {name}" for name, spelled in columns.items())
    statement = f"SELECT {chosen} FROM case_facts f WHERE {' AND '.join(conditions)}"
    if group:
        statement += f" GROUP BY {', '.join(str(n + 1) for n in range(group))}"
    return list(session.execute(_dated(statement), values))


def standing(session: Session, asked: Asked, columns: Mapping[str, str], *, group: int = 0) -> list[Any]:
    """The same over cases that are not closed now, whenever they opened."""
    d = cube_sql.Dialect(session.get_bind().dialect.name, "")
    values: dict[str, Any] = {}
    conditions = ["f.status <> 'closed'", *_narrowing(asked, values, d)]
    chosen = ", ".join(f"{spelled} AS {name}" for name, spelled in columns.items())
    statement = f"SELECT {chosen} FROM case_facts f WHERE {' AND '.join(conditions)}"
    if group:
        statement += f" GROUP BY {', '.join(str(n + 1) for n in range(group))}"
    return list(session.execute(text(statement), values))


def clauses(session: Session, asked: Asked) -> list[Any]:
    """Decisions of the period by (clause, person_id, currency) with their sums; months where they are whole."""
    d = cube_sql.Dialect(session.get_bind().dialect.name, "")
    if asked.period.start.day == 1 and asked.period.end.day == 1 and not asked.filters and not asked.scope:
        names = ("n", "granted", "amount_minor", "exceptions", "exception_minor", "reversed")
        sums = ", ".join(f"sum({name}) AS {name}" for name in names)
        return list(
            session.execute(
                _dated(
                    f"SELECT clause, person_id, currency, {sums} FROM cube_clauses "
                    "WHERE month >= :start AND month < :end GROUP BY 1, 2, 3 HAVING sum(n) <> 0"
                ),
                {"start": asked.period.start, "end": asked.period.end},
            )
        )
    values: dict[str, Any] = {"start": asked.period.start, "end": asked.period.end}
    where = [
        "f.decided_by IS NOT NULL",
        "f.decided_day >= :start",
        "f.decided_day < :end",
        *_narrowing(asked, values, d),
    ]
    return list(
        session.execute(
            _dated(
                "SELECT f.clause AS clause, f.decided_by AS person_id, f.currency AS currency, count(*) AS n, "
                "count(CASE WHEN f.outcome IN ('granted', 'partly-granted', 'settled') THEN 1 END) AS granted, "
                "sum(f.decided_minor) AS amount_minor, count(CASE WHEN f.exception_minor > 0 THEN 1 END) AS exceptions, "
                "sum(f.exception_minor) AS exception_minor, sum(f.reversed) AS reversed "
                f"FROM case_facts f WHERE {' AND '.join(where)} GROUP BY 1, 2, 3"
            ),
            values,
        )
    )


def exposure(
    session: Session,
    measure: str,
    period: Period,
    *,
    step: str = "",
    by: str = "",
    only: Exposed | None = None,
) -> list[Cell]:
    """Purchases, active subscriptions (on firsts of months) or charges; by `a`, `b` or both ('ab'), `only` of some.

    Where a measure was imported, it alone counts: the shop's figures and the desk's own are two measures.
    """
    a, b = ("a" if "a" in by else "''"), ("b" if "b" in by else "''")
    at = _bucket("e.day", step, session.get_bind().dialect.name)
    values: dict[str, Any] = {"measure": measure, "start": period.start, "end": period.end}
    further = "".join(f" AND {among(f'e.{part}', part, some, values)}" for part, some in (only or {}).items())
    statement = (
        f"SELECT {at} AS at, {a} AS a, {b} AS b, '' AS currency, sum(e.n) AS n, sum(e.amount_minor) AS amount "
        "FROM cube_exposure e WHERE e.measure = :measure AND e.day >= :start AND e.day < :end "
        "AND (e.origin <> 'own' OR NOT EXISTS (SELECT 1 FROM cube_exposure i WHERE i.measure = :measure "
        "AND i.origin <> 'own'))"
        f"{further} GROUP BY 1, 2, 3"
    )
    rows = session.execute(_dated(statement), values)
    return [
        Cell(as_date(r.at) if step else period.start, r.a or "", r.b or "", "", int(r.n), int(r.amount or 0))
        for r in rows
    ]


def renewals(
    session: Session, period: Period, longest: int, only: Exposed
) -> dict[tuple[int, int | None], int]:
    """Renewals whose first `longest` days touch the period: how many by (day, days until the next one or None).

    Days are ordinals of dates.
    """
    values: dict[str, Any] = {"start": period.start - timedelta(days=longest), "end": period.end}
    where = [among(part, part, some, values) for part, some in only.items()]
    where.append("a <> '*'" if where else "a = '*'")
    rows = session.execute(
        _dated(
            "SELECT starts_on, ends_on, sum(n) AS n FROM cube_renewals WHERE starts_on >= :start "
            f"AND starts_on < :end AND {' AND '.join(where)} GROUP BY starts_on, ends_on"
        ),
        values,
    )
    found: dict[tuple[int, int | None], int] = {}
    for row in rows:
        begun, ends = as_date(row.starts_on).toordinal(), as_date(row.ends_on)
        found[begun, None if ends == date.max else ends.toordinal() - begun] = int(row.n)
    return found


def rates(
    session: Session, currency_days: Iterable[tuple[str, date]], home: str
) -> dict[tuple[str, date], float]:
    """What one unit of each currency was worth in `home` on the day, by the latest rate entered up to it."""
    wanted = {(currency, day) for currency, day in currency_days if currency != home}
    if not wanted:
        return {}
    rows = session.execute(text("SELECT currency, day, rate_billionths FROM fx_rates ORDER BY day, id")).all()
    by_currency: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for row in rows:
        by_currency[row.currency].append((as_date(row.day), row.rate_billionths))
    found = {}
    for currency, day in wanted:
        known = [rate for on, rate in by_currency[currency] if on <= day]
        if known and day - max(on for on, _ in by_currency[currency] if on <= day) <= timedelta(days=40):
            found[currency, day] = known[-1] / 1e9
    return found
