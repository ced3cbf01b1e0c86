"""Every report over a record of varied shapes: each figure is recounted from the record by statements of this file's own,
and each mark leads to exactly the cases that it counts. Nothing of the cube is used to recount.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import bindparam, text

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.reports import behind, cube, making
from casedesk.reports import paper as on_paper
from casedesk.reports.catalog import REPORTS
from casedesk.reports.catalog.base import Behind, Table
from casedesk.store.db import UtcDateTime, db
from casedesk.store.transaction import transaction
from tests.bench.cube_data import NOW, fill
from tests.factories import actor_of

ZONE = "Europe/Paris"
CASES = 900
CAUSE = "CASE WHEN c.established_cause_id IS NULL THEN c.stated_cause_id ELSE c.established_cause_id END"
YEAR = {"from": "2025-11-22", "to": "2026-11-22"}


@pytest.fixture
def manager(app: Flask) -> Actor:
    with transaction() as session:
        fill(session, CASES)
    with transaction() as session:
        cube.rebuild(session, zone=ZONE, now=NOW)
    return actor_of(db.session().get_one(Person, 26))


def made(code: str, actor: Actor, **typed: str) -> making.Answer:
    with on_paper.read_by(actor, NOW):
        return making.answer(
            db.session(), REPORTS[code], {k: [v] for k, v in typed.items()}, actor=actor, zone=ZONE, now=NOW
        )


ORDINARY = [code for code in REPORTS if code != "mediation_year"]
"""Reports that count cases; files of mediation are not listed in the queue."""


@pytest.mark.parametrize("code", ORDINARY)
def test_every_mark_and_cell_leads_to_exactly_the_cases_that_it_counts(manager: Actor, code: str) -> None:
    """Each figure of every table with a link, by every cut; each point of the chart has the cases of a cell."""
    seen = 0
    for by in REPORTS[code].cuts or ("",):
        answer = made(code, manager, **YEAR, **({"by": by} if by else {}))
        for table in answer.made.tables:
            columns = [column.code for column in table.columns]
            for row in table.rows:
                for column, one in row.behind.items():
                    assert _things(answer, one) == row.values[columns.index(column)], (
                        table.title,
                        row,
                        column,
                    )
                    seen += 1
        cells = {
            _key(answer, one) for t in answer.made.tables for row in t.rows for one in row.behind.values()
        }
        for point in (answer.made.chart or {}).get("data", {}).get("values", []):
            if str(point.get("series", "")).startswith("Limit"):  # a rule of the network, not a count
                continue
            assert "behind" in point, point
            one = point["behind"]
            assert (
                _key(answer, one) in cells or _things(answer, one) == point["n"] or _things(answer, one) > 0
            )
    assert seen


def _key(answer: making.Answer, one: Behind) -> str:
    return behind.code_of(behind.figured(answer.report.code, answer.asked, one))


def _things(answer: making.Answer, one: Behind) -> int:
    """How many things the cases of the queue count for: the filter's own statement, each row a thing."""
    statement, values = behind.cases_of(behind.read(_key(answer, one)))
    counted = db.session().execute(
        text(statement), {k: str(v) if isinstance(v, date) else v for k, v in values.items()}
    )
    return len(counted.all())


class Recount:
    """One random question: a period of months (so that roll-ups answer) or of days, and counts from the record."""

    def __init__(self, manager: Actor, seed: int) -> None:
        dice, self.manager = random.Random(seed), manager
        first = date(2024, 6, 1) + timedelta(days=dice.randrange(400))
        last = first + timedelta(days=dice.randrange(20, 300))
        if seed % 2:
            first, last = first.replace(day=1), last.replace(day=1) - timedelta(days=1)
        self.first, self.last, self.dice = first, max(last, first + timedelta(days=20)), dice
        self.typed = {"from": str(self.first), "to": str(self.last), "compare": "none"}

    def tables(self, code: str, **more: str) -> tuple[Table, ...]:
        return made(code, self.manager, **self.typed, **more).made.tables

    def count(self, sql: str, *, first: date | None = None, last: date | None = None, **values: Any) -> Any:
        """One number; :start and :end are the instants at which the days begin and end in the zone."""
        statement = text(sql)
        instants = {
            "start": midnight(first or self.first),
            "end": midnight((last or self.last) + timedelta(days=1)),
        }
        used = [name for name in instants if f":{name}" in sql]
        bound = statement.bindparams(*(bindparam(name, type_=UtcDateTime()) for name in used))
        return db.session().scalar(bound, {name: instants[name] for name in used} | values) or 0


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(ZONE)).astimezone(UTC)


def cell(table: Table, name: str, column: str) -> Any:
    """The value in `column` of the row called `name`; 0 where there is none."""
    codes = [one.code for one in table.columns]
    if column not in codes:
        return 0
    found = (row.values for row in table.rows if str(row.values[0]).lower() == name.lower())
    return next((values[codes.index(column)] for values in found), 0)


def volume(r: Recount) -> None:
    cause = r.dice.randrange(1, 21)
    found = cell(r.tables("volume", by="cause")[0], f"Cause {cause}", "n")
    sql = f"SELECT count(*) FROM cases c WHERE {CAUSE} = :k AND c.opened_at >= :start AND c.opened_at < :end"
    assert found == r.count(sql, k=cause)
    narrowed = r.tables("volume", by="team", kind="refund", source="source1")[0]
    sql = (
        "SELECT count(*) FROM cases WHERE kind = 'refund' AND source = 'source1' AND team_id = 3 "
        "AND opened_at >= :start AND opened_at < :end"
    )
    assert cell(narrowed, "Team 3", "n") == r.count(sql)


def outcomes(r: Recount) -> None:
    sql = "SELECT count(*) FROM cases WHERE outcome = 'refused' AND closed_at >= :start AND closed_at < :end"
    assert cell(r.tables("outcomes")[0], "refused", "n") == r.count(sql)


def durations(r: Recount) -> None:
    for code, column in (("first_reply", "first_reply_at"), ("resolution", "closed_at")):
        rows = db.session().execute(
            text(
                f"SELECT opened_at, {column} AS ended FROM cases WHERE {column} >= :start AND {column} < :end"
            )
            .bindparams(bindparam("start", type_=UtcDateTime()), bindparam("end", type_=UtcDateTime()))
            .columns(opened_at=UtcDateTime(), ended=UtcDateTime()),
            {"start": midnight(r.first), "end": midnight(r.last + timedelta(days=1))},
        )
        seconds = sorted(int((row.ended - row.opened_at).total_seconds()) for row in rows)
        median, ninth, count = made(code, r.manager, **r.typed).made.figures[:3]
        assert count.value == len(seconds)
        for figure, share in ((median, 0.5), (ninth, 0.9)):
            true = seconds[max(-(-int(share * 10) * len(seconds) // 10) - 1, 0)]
            assert abs(float(str(figure.value)) - true) <= 0.02 * true


def clocks_kept(r: Recount) -> None:
    table = r.tables("clocks_kept")[0]
    for row, name in ((cell(table, row.values[0], "kept"), row.values[0]) for row in table.rows[:-1]):
        clock = "first-reply" if "reply" in str(name).lower() else "decide"
        about = f"FROM clocks WHERE name = '{clock}'"
        kept = (
            f"SELECT count(*) {about} AND breached_at IS NULL AND stopped_at >= :start AND stopped_at < :end"
        )
        late = f"SELECT count(*) {about} AND breached_at IS NOT NULL AND due_at >= :start AND due_at < :end"
        assert (row, cell(table, str(name), "late")) == (r.count(kept), r.count(late))


def refunds(r: Recount) -> None:
    cause = r.dice.randrange(1, 8)
    table, *more = r.tables("refunds", by="cause")
    for currency in ("EUR", "GBP"):
        sql = (
            f"SELECT sum(l.amount_minor) FROM ledger_entries l JOIN cases c ON c.id = l.case_id WHERE {CAUSE} = :k "
            "AND l.kind = '{}' AND l.currency = :currency AND l.at >= :start AND l.at < :end"
        )
        assert cell(table, f"Cause {cause}", f"amount_{currency}") == r.count(
            sql.format("refund"), k=cause, currency=currency
        )
        assert (cell(more[0], "Total", f"amount_{currency}") if more else 0) == r.count(
            "SELECT sum(amount_minor) FROM ledger_entries WHERE kind = 'credit' AND currency = :currency "
            "AND at >= :start AND at < :end",
            currency=currency,
        )


def by_clause(r: Recount) -> None:
    rule = f"rule.{r.dice.randrange(0, 12)}"
    sql = (
        "SELECT {} FROM decisions d JOIN judgements j ON j.id = d.judgement_id JOIN cases c ON c.id = d.case_id "
        "WHERE j.verdict LIKE :rule AND d.currency = 'EUR' AND c.decided_at >= :start AND c.decided_at < :end"
    )
    quoted = f'%"{rule}"%'
    table = r.tables("by_clause")[0]
    assert cell(table, rule, "amount_EUR") == r.count(sql.format("sum(d.amount_minor)"), rule=quoted)
    both = sql.format("count(*)").replace("AND d.currency = 'EUR' ", "")
    assert cell(table, rule, "n") == r.count(both, rule=quoted)


def exceptions(r: Recount) -> None:
    sql = (
        "SELECT sum(d.amount_minor - d.by_rule_minor) FROM decisions d JOIN cases c ON c.id = d.case_id "
        "WHERE d.amount_minor > d.by_rule_minor AND d.currency = 'EUR' AND c.decided_at >= :start AND c.decided_at < :end"
    )
    assert cell(r.tables("exceptions", by="decider")[0], "Total", "amount_EUR") == r.count(sql)


def repeat_contacts(r: Recount) -> None:
    rows = db.session().execute(
        text("SELECT id, customer_id, opened_at FROM cases ORDER BY opened_at, id").columns(
            opened_at=UtcDateTime()
        )
    )
    last: dict[int, datetime] = {}
    again = 0
    for row in rows:
        before = last.get(row.customer_id)
        inside = midnight(r.first) <= row.opened_at < midnight(r.last + timedelta(days=1))
        again += inside and before is not None and row.opened_at - before <= timedelta(days=30)
        last[row.customer_id] = row.opened_at
    assert cell(r.tables("repeat_contacts")[0], "Total", "n") == again


def reopened(r: Recount) -> None:
    total = r.tables("reopened")[0]
    about = (
        "FROM entries WHERE subject_kind = 'case' AND happened_at >= :start AND happened_at < :end AND kind ="
    )
    assert cell(total, "Total", "reopened") == r.count(f"SELECT count(*) {about} 'event.status'")
    assert cell(total, "Total", "reversed") == r.count(f"SELECT count(*) {about} 'decision.superseded'")


def workload(r: Recount) -> None:
    table = made("workload", r.manager, by="team").made.tables[0]
    edge = midnight(date(2026, 11, 22) - timedelta(days=6))
    sql = "SELECT count(*) FROM cases WHERE team_id = 2 AND status <> 'closed'"
    assert cell(table, "Team 2", "n") == r.count(sql)
    young = text(f"{sql} AND opened_at >= :edge").bindparams(bindparam("edge", edge, UtcDateTime()))
    assert cell(table, "Team 2", "age0") == db.session().scalar(young)


def consistency(r: Recount) -> None:
    sql = (
        "SELECT count(*) FROM decisions d JOIN cases c ON c.id = d.case_id WHERE d.proposed_by = 7 "
        "AND c.decided_at >= :start AND c.decided_at < :end"
    )
    assert cell(r.tables("consistency")[0], "Person 7", "n") == r.count(sql)


def cancellations(r: Recount) -> None:
    sql = (
        f"SELECT count(*) FROM cases c WHERE c.kind = 'cancellation' AND {CAUSE} = 1 "
        "AND c.opened_at >= :start AND c.opened_at < :end"
    )
    assert cell(r.tables("cancellations")[0], "Cause 1", "n") == r.count(sql)


def dispute_ratio(r: Recount) -> None:
    table = r.tables("dispute_ratio")[0]
    row = next(row for row in table.rows if row.values[1] == "Visa" and row.values[3])
    of = row.behind["disputes"].days
    assert of is not None
    sql = (
        "SELECT count(*) FROM cases c JOIN subscriptions s ON s.id = c.subscription_id WHERE c.kind = 'chargeback' "
        "AND s.payment_brand = 'visa' AND c.opened_at >= :start AND c.opened_at < :end"
    )
    charged = (
        "SELECT count(*) FROM charges WHERE network = 'visa' AND captured_at >= :start AND captured_at < :end"
    )
    days = {"first": of.start, "last": of.last}
    assert row.values[2:4] == (r.count(sql, **days), r.count(charged, **days))


def causes_by_source(r: Recount) -> None:
    """The expected cases of a cell, worked out from subscriptions that ran on firsts of months."""
    months = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(36)]
    touched = [month for month in months if r.first.replace(day=1) <= month <= r.last]
    rows = db.session().execute(
        text(
            "SELECT s.source, p.code, s.started_on, s.ends_on FROM subscriptions s JOIN plans p ON p.id = s.plan_id"
        )
    )
    ran: Counter[tuple[str, str]] = Counter()
    for source, plan, begun, ends in rows:
        for month in touched:
            if month_of(begun) < month and (ends is None or month_of(ends) >= month):
                ran[source, plan] += 1
    seen = db.session().execute(
        text(
            f"SELECT c.source, p.code AS plan, c.opened_at FROM cases c JOIN subscriptions s ON s.id = c.subscription_id "
            f"JOIN plans p ON p.id = s.plan_id WHERE {CAUSE} = 1"
        ).columns(opened_at=UtcDateTime())
    )
    start, end = midnight(r.first), midnight(r.last + timedelta(days=1))
    cases = Counter(
        (row.source, row.plan) for row in seen if start <= row.opened_at < end and ran[row.source, row.plan]
    )
    expected = sum(
        ran["source1", plan]
        * sum(n for (_s, p), n in cases.items() if p == plan)
        / sum(n for (_s, p), n in ran.items() if p == plan)
        for plan in {plan for _source, plan in ran}
        if sum(n for (_s, p), n in ran.items() if p == plan)
    )
    row = next(
        (x.values for x in r.tables("causes_by_source")[0].rows if x.values[:2] == ("Cause 1", "source1")),
        None,
    )
    found = (row[2], row[3]) if row else (0, None)
    assert found[0] == sum(n for (source, _plan), n in cases.items() if source == "source1")
    assert found[1] is None or found[1] == round(expected, 1)


def month_of(day: Any) -> date:
    return (day if isinstance(day, date) else date.fromisoformat(str(day))).replace(day=1)


def timing(r: Recount) -> None:
    tables = r.tables("timing")
    starts = {
        "purchase": "SELECT concluded_at AS at FROM subscriptions",
        "renewal": "SELECT sp.subscription_id, sp.starts_on FROM subscription_periods sp ORDER BY 1, 2",
    }
    bought = [
        row.at.astimezone(ZoneInfo(ZONE)).date()
        for row in db.session().execute(text(starts["purchase"]).columns(at=UtcDateTime()))
    ]
    at_risk(r, tables[0], [(day, None) for day in bought])
    renewed: list[tuple[date, date | None]] = []
    by_contract: dict[int, list[date]] = {}
    for contract, day in db.session().execute(text(starts["renewal"])):
        by_contract.setdefault(contract, []).append(date.fromisoformat(str(day)))
    for days in by_contract.values():
        renewed += zip(days[1:], [*days[2:], None][: len(days) - 1], strict=True)
    at_risk(r, tables[1], renewed)


def at_risk(r: Recount, table: Table, begun: list[tuple[date, date | None]]) -> None:
    """Day by day: who is how old on each day of the period."""
    ages: Counter[int] = Counter()
    day = r.first
    while day <= r.last:
        ages.update(
            (day - start).days // 7
            for start, again in begun
            if start <= day and (again is None or day < again) and (day - start).days < 7 * 26
        )
        day += timedelta(days=1)
    assert [row.values[1] for row in table.rows] == [ages[week] // 7 for week in range(26)]


def cohorts(r: Recount) -> None:
    table = r.tables("cohorts")[0]
    for row in table.rows[:3]:
        of = row.behind["n"].days
        assert of is not None
        days = {"first": of.start, "last": of.last}
        sql = "SELECT count(*) FROM subscriptions WHERE concluded_at >= :start AND concluded_at < :end"
        assert row.values[1] == r.count(sql, **days)
        became = db.session().execute(
            text(
                "SELECT s.concluded_at, c.opened_at FROM cases c JOIN subscriptions s ON s.id = c.subscription_id"
            ).columns(concluded_at=UtcDateTime(), opened_at=UtcDateTime())
        )
        there = ZoneInfo(ZONE)
        wanted = sum(
            1
            for c in became
            for bought in [c.concluded_at.astimezone(there).date()]
            if of.start <= bought <= of.last
            and 0 <= (c.opened_at.astimezone(there).date() - bought).days < 90
        )
        assert row.values[2] == wanted


def mediation_year(r: Recount) -> None:
    filings = made("mediation_year", r.manager, **r.typed).made.figures[0].value
    sql = "SELECT count(*) FROM mediations WHERE requested_at >= :start AND requested_at < :end"
    assert filings == r.count(sql)


RECOUNTS: dict[str, Callable[[Recount], None]] = {
    one.__name__: one
    for one in (
        volume, outcomes, durations, clocks_kept, refunds, by_clause, exceptions, repeat_contacts, reopened, workload,
        consistency, cancellations, dispute_ratio, causes_by_source, timing, cohorts, mediation_year,
    )
}  # fmt: skip


def test_each_report_is_recounted() -> None:
    assert {*RECOUNTS, "first_reply", "resolution"} - {"durations"} == set(REPORTS)


@pytest.mark.parametrize("code", RECOUNTS)
def test_figures_are_what_statements_written_from_scratch_give(manager: Actor, code: str) -> None:
    for seed in range(4):
        RECOUNTS[code](Recount(manager, seed))
