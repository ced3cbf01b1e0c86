"""The cube in SQL: facts and marks of cases out of the record, and what they add to the roll-ups.

The same statements make a batch of cases and all of them, so that following and rebuilding cannot differ. Days and
hours are the zone's: PostgreSQL knows zones, SQLite gets the zone's offsets written out.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from casedesk.reports.cube_models import CaseFact
from casedesk.reports.cube_rules import (
    BIN_WIDTH,
    COHORT_DAYS,
    CUT_COLUMNS,
    CUTS,
    DURATION_CUTS,
    DURATIONS,
    LONGEST_DAYS,
    MARKS,
    REPEAT_DAYS,
    TIMINGS,
)

FACT_COLUMNS = tuple(column.key for column in CaseFact.__table__.columns)
MARK_COLUMNS = ("case_id", "event", "n", "day", "detail", "currency", "amount_minor")


@dataclass(frozen=True)
class Dialect:
    """How one database spells days, seconds and JSON, in one zone."""

    name: str
    zone: str

    def local(self, instant: str) -> str:
        """The wall clock of `instant` in the zone."""
        if self.name == "sqlite":
            return f"datetime({instant}, {self._offset(instant)})"
        return f"({instant} AT TIME ZONE '{self.zone}')"

    def day(self, instant: str) -> str:
        """The date of `instant` in the zone."""
        return self.day_of(self.local(instant))

    def day_of(self, local: str) -> str:
        """The date of a wall clock."""
        return f"date({local})" if self.name == "sqlite" else f"({local})::date"

    def hour_of_week(self, local: str) -> str:
        """0 to 167 from Monday midnight, of a wall clock."""
        if self.name == "sqlite":
            return f"((CAST(strftime('%w', {local}) AS INT) + 6) % 7) * 24 + CAST(strftime('%H', {local}) AS INT)"
        return f"(extract(isodow FROM {local})::int - 1) * 24 + extract(hour FROM {local})::int"

    def month_day(self, local: str) -> str:
        """The day of the month of a wall clock."""
        if self.name == "sqlite":
            return f"CAST(strftime('%d', {local}) AS INT)"
        return f"extract(day FROM {local})::int"

    def month(self, day: str) -> str:
        """The first day of the month of a date."""
        if self.name == "sqlite":
            return f"date({day}, 'start of month')"
        return f"date_trunc('month', {day})::date"

    def seconds(self, begin: str, end: str) -> str:
        """Whole seconds from one instant to another, none below zero."""
        if self.name == "sqlite":
            return f"max(CAST(strftime('%s', {end}) AS INT) - CAST(strftime('%s', {begin}) AS INT), 0)"
        spell = "extract(epoch FROM date_trunc('second', {}))::bigint"
        return f"greatest({spell.format(end)} - {spell.format(begin)}, 0)"

    def days(self, begin: str, end: str) -> str:
        """Whole days from one date to another."""
        if self.name == "sqlite":
            return f"CAST(julianday({end}) - julianday({begin}) AS INT)"
        return f"({end} - {begin})"

    def earlier(self, instant: str, days: int) -> str:
        if self.name == "sqlite":
            return f"strftime('%Y-%m-%d %H:%M:%f', {instant}, '-{days} days')"
        return f"{instant} - interval '{days} days'"

    def bin(self, seconds: str) -> str:
        """The bin of cube_rules.bin_of."""
        if self.name == "sqlite":
            return f"CAST(ln(max({seconds}, 1)) / {BIN_WIDTH!r} AS INT)"
        return f"trunc(ln(greatest({seconds}, 1)::double precision) / {BIN_WIDTH!r})::bigint"

    def word(self, column: str, key: str) -> str:
        """A text of a JSON column."""
        return f"json_extract({column}, '$.{key}')" if self.name == "sqlite" else f"{column} ->> '{key}'"

    def is_true(self, column: str, key: str) -> str:
        if self.name == "sqlite":
            return f"json_extract({column}, '$.{key}') = 1"
        return f"({column} ->> '{key}')::boolean"

    def first_reason(self, verdict: str) -> str:
        """The first rule that a stored verdict rests on."""
        if self.name == "sqlite":
            return f"json_extract({verdict}, '$.reasons[0]')"
        return f"({verdict}::json -> 'reasons' ->> 0)"

    def text(self, column: str) -> str:
        return f"CAST({column} AS TEXT)"

    def _offset(self, instant: str) -> str:
        return f"zone_offset({instant})"


def teach(session: Session, zone: str) -> Dialect:
    """How the session's database spells the zone's days; SQLite learns the zone's offsets for this connection."""
    dialect = Dialect(session.get_bind().dialect.name, zone)
    if dialect.name == "sqlite":
        raw: Any = session.connection().connection.driver_connection
        raw.create_function("zone_offset", 1, _modifier(zone), deterministic=True)
    return dialect


def _modifier(zone: str) -> Callable[[str | None], str | None]:
    """From an instant as SQLite stores it to the zone's offset as its date functions take it."""
    changes, offsets = _offsets(zone)
    words = tuple(f"{offset:+d} seconds" for offset in offsets)
    return lambda instant: None if instant is None else words[bisect_right(changes, instant)]


@cache
def _offsets(zone: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """(instants at which the offset changes, offsets in seconds: one more than instants), 1990 to 2050."""
    there, at = ZoneInfo(zone), datetime(1990, 1, 1, tzinfo=UTC)
    changes: list[str] = []
    offsets = [_seconds_of(there, at)]
    while at.year < 2050:
        later = at + timedelta(days=7)
        if _seconds_of(there, later) != offsets[-1]:
            moment = _change_between(there, at, later)
            changes.append(f"{moment:%Y-%m-%d %H:%M:%S}")
            offsets.append(_seconds_of(there, later))
        at = later
    return tuple(changes), tuple(offsets)


def _seconds_of(there: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(there).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def _change_between(there: ZoneInfo, low: datetime, high: datetime) -> datetime:
    before = _seconds_of(there, low)
    seconds = range(int((high - low).total_seconds()) + 1)
    place = bisect_right(seconds, 0, key=lambda s: _seconds_of(there, low + timedelta(seconds=s)) != before)
    return low + timedelta(seconds=place)


def listed(ids: Collection[int]) -> str:
    """Ids as the inside of an IN."""
    return ", ".join(str(int(one)) for one in ids) or "NULL"


def _only(column: str, ids: Collection[int] | None) -> str:
    return "" if ids is None else f" AND {column} IN ({listed(ids)})"


def facts(dialect: Dialect, ids: Collection[int] | None = None) -> str:
    """SELECT of the facts of the cases `ids` (None: all), in the order of FACT_COLUMNS."""
    d = dialect
    opened = "o.opened_day"
    over = "d.amount_minor - coalesce(d.by_rule_minor, 0)"
    columns = {
        "case_id": "c.id",
        "applied_seq": "coalesce(h.seq, 0)",
        "merged": "c.merged_into_id IS NOT NULL",
        "imported": "c.imported",
        "entity_id": "c.entity_id",
        "customer_id": "c.customer_id",
        "subscription_id": "c.subscription_id",
        "team_id": "c.team_id",
        "owner_id": "c.owner_id",
        "kind": "c.kind",
        "status": "c.status",
        "stage": "c.stage",
        "outcome": "coalesce(c.outcome, '')",
        "channel": "c.channel",
        "cause": "coalesce(ke.code, ks.code, '')",
        "stated_cause": "coalesce(ks.code, '')",
        "cause_established": "c.established_cause_id IS NOT NULL",
        "source": "c.source",
        "medium": "c.medium",
        "campaign": "c.campaign",
        "plan": "coalesce(p.code, '')",
        "network": "coalesce(nullif(ch.network, ''), lower(s.payment_brand), '')",
        "currency": "c.currency",
        "clause": f"coalesce({d.first_reason('j.verdict')}, '')",
        "verdict": "coalesce(j.outcome, '')",
        "decided_by": "d.proposed_by",
        "exception_reason": f"CASE WHEN {over} > 0 THEN coalesce(d.reason_code, '') ELSE '' END",
        "opened_at": "c.opened_at",
        "opened_day": opened,
        "opened_hour": d.hour_of_week("o.opened_local"),
        "opened_month_day": d.month_day("o.opened_local"),
        "first_reply_day": d.day("c.first_reply_at"),
        "decided_day": d.day("c.decided_at"),
        "closed_day": d.day("c.closed_at"),
        "purchased_day": "o.bought_day",
        "days_since_purchase": _days_since(d, "o.bought_day", opened),
        "days_since_renewal": _days_since(d, "o.renewed_day", opened),
        "days_since_billing": _days_since(d, "o.charged_day", opened),
        "first_reply_s": "o.first_reply_s",
        "first_reply_bin": _when("o.first_reply_s", d.bin("o.first_reply_s")),
        "resolution_s": "o.resolution_s",
        "resolution_bin": _when("o.resolution_s", d.bin("o.resolution_s")),
        "claimed_minor": "coalesce(c.claimed_minor, 0)",
        "by_rule_minor": "coalesce(d.by_rule_minor, 0)",
        "decided_minor": "coalesce(d.amount_minor, 0)",
        "exception_minor": f"CASE WHEN {over} > 0 THEN {over} ELSE 0 END",
        "refunded_minor": "coalesce(le.refunded, 0)",
        "credited_minor": "coalesce(le.credited, 0)",
        "contacts_in": "coalesce(en.said_in, 0)",
        "contacts_out": "coalesce(en.said_out, 0)",
        "reopened": "coalesce(en.reopened, 0)",
        "reversed": "coalesce(en.turned, 0)",
        "repeat": _repeat(d),
    }
    chosen = ", ".join(f"{columns[name]} AS {name}" for name in FACT_COLUMNS)
    inbound, before = d.is_true("e.body", "inbound"), d.word("e.body", "before")
    return f"""
WITH RECURSIVE label_at(id, at, next) AS (
  SELECT id, id, merged_into_id FROM causes
  UNION SELECT l.id, m.id, m.merged_into_id FROM label_at l JOIN causes m ON m.id = l.next),
label(id, code) AS (SELECT l.id, k.code FROM label_at l JOIN causes k ON k.id = l.at WHERE l.next IS NULL),
{_moments(d, ids)},
en AS (
  SELECT e.subject_id AS case_id,
    count(CASE WHEN e.kind = 'exchange' AND {inbound} THEN 1 END) AS said_in,
    count(CASE WHEN e.kind = 'exchange' AND NOT ({inbound}) THEN 1 END) AS said_out,
    count(CASE WHEN e.kind = 'event.status' AND {before} = 'closed' THEN 1 END) AS reopened,
    count(CASE WHEN e.kind = 'decision.superseded' THEN 1 END) AS turned
  FROM entries e
  WHERE e.subject_kind = 'case' AND e.corrects_id IS NULL
    AND e.kind IN ('exchange', 'event.status', 'decision.superseded'){_only("e.subject_id", ids)}
  GROUP BY e.subject_id),
le AS (
  SELECT l.case_id, sum(CASE WHEN l.kind = 'refund' THEN l.amount_minor ELSE 0 END) AS refunded,
    sum(CASE WHEN l.kind = 'credit' THEN l.amount_minor ELSE 0 END) AS credited
  FROM ledger_entries l JOIN cases lc ON lc.id = l.case_id AND lc.currency = l.currency
  WHERE l.kind IN ('refund', 'credit'){_only("l.case_id", ids)} GROUP BY l.case_id)
SELECT {chosen}
FROM o JOIN cases c ON c.id = o.case_id
LEFT JOIN heads h ON h.subject_kind = 'case' AND h.subject_id = c.id
LEFT JOIN label ks ON ks.id = c.stated_cause_id
LEFT JOIN label ke ON ke.id = c.established_cause_id
LEFT JOIN subscriptions s ON s.id = c.subscription_id
LEFT JOIN plans p ON p.id = s.plan_id
LEFT JOIN charges ch ON ch.id = c.charge_id
LEFT JOIN decisions d ON d.id = (
  SELECT max(de.id) FROM decisions de WHERE de.case_id = c.id AND de.state = 'effective')
LEFT JOIN judgements j ON j.id = coalesce(d.judgement_id, c.judgement_id)
LEFT JOIN en ON en.case_id = c.id
LEFT JOIN le ON le.case_id = c.id
WHERE 1 = 1{_only("c.id", ids)}
ORDER BY c.opened_at"""


def _moments(d: Dialect, ids: Collection[int] | None) -> str:
    """The days and durations that several columns are made of, each worked out once: o(case_id, ...)."""
    return f"""w AS MATERIALIZED (
  SELECT c.id AS case_id, c.subscription_id, c.opened_at, {d.local("c.opened_at")} AS opened_local,
    {_when("c.first_reply_at", d.seconds("c.opened_at", "c.first_reply_at"))} AS first_reply_s,
    {_when("c.closed_at", d.seconds("c.opened_at", "c.closed_at"))} AS resolution_s
  FROM cases c WHERE 1 = 1{_only("c.id", ids)}),
o AS MATERIALIZED (
  SELECT w.*, {d.day_of("w.opened_local")} AS opened_day, {d.day("s.concluded_at")} AS bought_day,
    (SELECT max(sp.starts_on) FROM subscription_periods sp WHERE sp.subscription_id = s.id
      AND sp.starts_on > s.started_on AND sp.starts_on <= {d.day_of("w.opened_local")}) AS renewed_day,
    {d.day("(SELECT max(lc.captured_at) FROM charges lc WHERE lc.subscription_id = s.id AND lc.captured_at <= w.opened_at)")}
      AS charged_day
  FROM w LEFT JOIN subscriptions s ON s.id = w.subscription_id)"""


def _when(instant: str, value: str) -> str:
    return f"CASE WHEN {instant} IS NOT NULL THEN {value} END"


def _days_since(d: Dialect, begin: str, end: str) -> str:
    days = d.days(begin, end)
    return f"CASE WHEN {days} BETWEEN 0 AND {LONGEST_DAYS} THEN {days} END"


def _repeat(d: Dialect) -> str:
    return (
        "EXISTS (SELECT 1 FROM cases o WHERE o.customer_id = c.customer_id AND o.id <> c.id "
        "AND o.merged_into_id IS NULL AND (o.opened_at < c.opened_at OR (o.opened_at = c.opened_at AND o.id < c.id)) "
        f"AND o.opened_at >= {d.earlier('c.opened_at', REPEAT_DAYS)})"
    )


def marks(dialect: Dialect, ids: Collection[int] | None = None) -> str:
    """SELECT of the marks of the cases `ids` (None: all), in the order of MARK_COLUMNS."""
    d = dialect
    kept, late = d.day("k.stopped_at"), d.day("k.due_at")
    missed = "(k.state = 'late' OR k.breached_at IS NOT NULL)"
    reopened = f"e.kind = 'event.status' AND {d.word('e.body', 'before')} = 'closed'"
    return f"""
SELECT l.case_id, l.kind AS event, l.id AS n, {d.day("l.at")} AS day, coalesce(ch.network, '') AS detail,
  l.currency, l.amount_minor
FROM ledger_entries l JOIN charges ch ON ch.id = l.charge_id
WHERE l.case_id IS NOT NULL AND l.kind IN ('refund', 'credit', 'dispute', 'dispute_won'){_only("l.case_id", ids)}
UNION ALL
SELECT k.subject_id, CASE WHEN {missed} THEN 'clock_late' ELSE 'clock_kept' END, k.id,
  CASE WHEN {missed} THEN {late} ELSE {kept} END, k.name, '', 0
FROM clocks k
WHERE k.subject_kind = 'case' AND (k.state IN ('kept', 'late') OR k.breached_at IS NOT NULL){_only("k.subject_id", ids)}
UNION ALL
SELECT e.subject_id, CASE WHEN e.kind = 'event.status' THEN 'reopened' ELSE 'reversed' END, e.seq,
  {d.day("e.happened_at")}, '', '', 0
FROM entries e
WHERE e.subject_kind = 'case' AND ({reopened} OR e.kind = 'decision.superseded'){_only("e.subject_id", ids)}"""


EVENT_OF_FACTS = {
    "opened": ("opened_day", "claimed_minor", ""),
    "decided": ("decided_day", "decided_minor", ""),
    "closed": ("closed_day", "refunded_minor", ""),
    "exception": ("decided_day", "exception_minor", " AND f.exception_minor > 0"),
    "repeat": ("opened_day", "claimed_minor", " AND f.repeat"),
    "placed": ("opened_day", "claimed_minor", " AND f.plan <> '' AND f.cause <> ''"),
    "ruled": ("decided_day", "decided_minor", " AND f.decided_by IS NOT NULL"),
    "answered": ("first_reply_day", "claimed_minor", " AND f.first_reply_bin IS NOT NULL"),
    "resolved": ("closed_day", "claimed_minor", " AND f.resolution_bin IS NOT NULL"),
    "bought": ("purchased_day", "claimed_minor", f" AND f.days_since_purchase < {COHORT_DAYS}"),
}
"""Events that are columns of a case's facts: (day, amount, further condition). The others are marks."""


def _value(cut: str, dialect: Dialect, place: int) -> str:
    """The text by which `cut` groups, in its first (0) or second (1) part."""
    parts = cut.split("+") if cut else []
    if place >= len(parts):
        return "''"
    if parts[place] == "detail":
        return "m.detail"
    column = CUT_COLUMNS[parts[place]]
    whole = column.endswith("_id") or column == "decided_by"
    return f"coalesce({dialect.text('f.' + column)}, '')" if whole else f"f.{column}"


def days(dialect: Dialect, ids: Collection[int] | None = None) -> list[str]:
    """SELECTs of (event, cut, day, a, b, currency, n, amount_minor) that the facts and marks stand for."""
    found = []
    for event, cuts in CUTS.items():
        for cut in cuts:
            a, b = _value(cut, dialect, 0), _value(cut, dialect, 1)
            if event in MARKS:
                source = "case_marks m JOIN case_facts f ON f.case_id = m.case_id"
                day, amount, currency = "m.day", "m.amount_minor", "m.currency"
                where = f"m.event = '{event}' AND NOT f.merged{_only('m.case_id', ids)}"
            else:
                column, measure, further = EVENT_OF_FACTS[event]
                source, day, amount, currency = "case_facts f", f"f.{column}", f"f.{measure}", "f.currency"
                where = f"{day} IS NOT NULL AND NOT f.merged{further}{_only('f.case_id', ids)}"
            found.append(
                f"SELECT '{event}' AS event, '{cut}' AS cut, {day} AS day, {a} AS a, {b} AS b, "
                f"{currency} AS currency, count(*) AS n, sum({amount}) AS amount_minor "
                f"FROM {source} WHERE {where} GROUP BY 3, 4, 5, 6"
            )
    return found


def durations(dialect: Dialect, ids: Collection[int] | None = None) -> list[str]:
    """SELECTs of (measure, cut, month, a, bin, n)."""
    found = []
    for measure, (day, bin_) in DURATIONS.items():
        month = dialect.month(f"f.{day}")
        for cut in DURATION_CUTS:
            a = _value(cut, dialect, 0)
            found.append(
                f"SELECT '{measure}' AS measure, '{cut}' AS cut, {month} AS month, {a} AS a, f.{bin_} AS bin, "
                f"count(*) AS n FROM case_facts f WHERE f.{day} IS NOT NULL AND f.{bin_} IS NOT NULL "
                f"AND NOT f.merged{_only('f.case_id', ids)} GROUP BY 3, 4, 5"
            )
    return found


def timings(dialect: Dialect, ids: Collection[int] | None = None) -> list[str]:
    """SELECTs of (clock, cause, month, bin, n); cause '*' is all of them."""
    month = dialect.month("f.opened_day")
    return [
        f"SELECT '{clock}' AS clock, {cause} AS cause, {month} AS month, f.{column} AS bin, count(*) AS n "
        f"FROM case_facts f WHERE f.{column} IS NOT NULL AND NOT f.merged{_only('f.case_id', ids)} "
        "GROUP BY 2, 3, 4"
        for clock, column in TIMINGS.items()
        for cause in ("'*'", "f.cause")
    ]


def clauses(dialect: Dialect, ids: Collection[int] | None = None) -> list[str]:
    """SELECT of (month, clause, person_id, currency, n, granted, amount_minor, exceptions, exception_minor, reversed)."""
    month = dialect.month("f.decided_day")
    return [
        f"SELECT {month} AS month, f.clause AS clause, f.decided_by AS person_id, f.currency AS currency, "
        "count(*) AS n, count(CASE WHEN f.outcome IN ('granted', 'partly-granted', 'settled') THEN 1 END) AS granted, "
        "sum(f.decided_minor) AS amount_minor, count(CASE WHEN f.exception_minor > 0 THEN 1 END) AS exceptions, "
        "sum(f.exception_minor) AS exception_minor, sum(f.reversed) AS reversed "
        "FROM case_facts f WHERE f.decided_day IS NOT NULL AND f.decided_by IS NOT NULL AND NOT f.merged"
        f"{_only('f.case_id', ids)} GROUP BY 1, 2, 3, 4"
    ]
