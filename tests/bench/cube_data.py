"""A record of any size for the benches of the cube, made inside the database by one statement a table.

Three years of cases of varied shapes: 20 causes of unlike weight, 10 sources, 8 teams, 25 people, 5 plans, 2 currencies;
exchanges, decisions with their judgements, refunds, clocks, reopenings, contracts with their periods and charges. The
same on both databases and on every run: what looks like chance is a number's place in a Weyl sequence.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person, Team
from casedesk.cases.models import Case, Cause, Decision
from casedesk.customers.models import Customer, Entity, Period, Plan, Subscription, Terms
from casedesk.deadlines.models import Clock
from casedesk.ledger.models import Charge, LedgerEntry
from casedesk.mediation.models import Mediation
from casedesk.rulebook.models import Judgement
from casedesk.store.models import Entry, Head

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
YEARS = 3
SECONDS = YEARS * 365 * 86_400
DAY = 86_400
_FACTORS = (
    2654435761, 2246822519, 3266489917, 668265263, 374761393, 2971215073, 1640531527, 3405691583, 3735928559,
    2166136261, 1812433253, 2891336453, 1103515245, 3039394381, 1013904223, 2862933555, 3037000493, 1500450271,
)  # fmt: skip


def dice(place: int, sides: int, of: str = "i") -> str:
    """0 to `sides` - 1 for the row `of`, another for each place."""
    return f"(({of} * {_FACTORS[place]} % 4294967296) / 1024 % {sides})"


def spot(place: int) -> str:
    """A second of the three years."""
    return f"(i * {_FACTORS[place]} % 4294967296 % {SECONDS})"


class Maker:
    """Statements in the words of one database."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.sqlite = session.get_bind().dialect.name == "sqlite"

    def at(self, seconds: str) -> str:
        """The instant so many seconds after the beginning of the three years."""
        start = NOW.timestamp() - SECONDS
        if self.sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S', {start:.0f} + ({seconds}), 'unixepoch') || '.000000'"
        return f"to_timestamp({start:.0f} + ({seconds}))"

    def day(self, seconds: str) -> str:
        return f"date({self.at(seconds)})" if self.sqlite else f"({self.at(seconds)})::date"

    def json(self, value: str) -> str:
        return value if self.sqlite else f"({value})::jsonb"

    def put(self, model: Any, source: str, /, **columns: str) -> None:
        """INSERT ... SELECT; a column that is not named gets its default, or the emptiest value that it takes."""
        table = model.__table__
        chosen = {
            column.key: columns.pop(column.key, None) or self._default(column)
            for column in table.columns
            if column.key in columns or not (column.nullable or column.key == "id")
        }
        assert not columns, f"{table.name} has no {sorted(columns)}"
        names, values = ", ".join(chosen), ", ".join(chosen.values())
        self.session.execute(text(f"INSERT INTO {table.name} ({names}) {source.replace('@', values)}"))

    def _default(self, column: Any) -> str:
        kind = str(column.type)
        if column.default is not None and not callable(column.default.arg):
            value = column.default.arg
            return f"'{value}'" if isinstance(value, str) else str(value).lower()
        if kind == "DATETIME":
            return self.at("0")
        if kind == "JSON":
            return self.json("'{}'")
        return "'x'" if kind == "VARCHAR" else "0"


def rows(count: int) -> str:
    """SELECT @ over i from 1 to `count`."""
    return (
        f"WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
        "SELECT @ FROM n"
    )


def fill(session: Session, cases: int, *, checked: bool = True) -> None:
    """Store the record of `cases` cases; not `checked`, PostgreSQL takes it without looking at keys and triggers."""
    make = Maker(session)
    if not (checked or make.sqlite):
        session.execute(text("SET LOCAL session_replication_role = replica"))
    _desk(make)
    contracts = cases * 2 // 5
    _contracts(make, contracts)
    _judgements(make, cases)
    _cases(make, cases, contracts)
    _exchanges(make, cases)
    _decisions(make, cases)
    _money_and_clocks(make, cases, contracts)


def _desk(make: Maker) -> None:
    currency = "CASE i WHEN 1 THEN 'EUR' ELSE 'GBP' END"
    make.put(
        Entity, rows(2), id="i", code="'e' || i", name="'House ' || i", currency=currency,
        time_zone="'Europe/Paris'", country="'FR'", locale="'en'", sender_mail="'e' || i || '@example.com'",
    )  # fmt: skip
    make.put(Team, rows(8), id="i", name="'Team ' || i")
    make.put(
        Person, rows(26), id="i", mail="'p' || i || '@example.com'", name="'Person ' || i",
        role="CASE i WHEN 26 THEN 'manager' ELSE 'agent' END", team_id="1 + i % 8",
    )  # fmt: skip
    make.put(
        Cause, rows(20), id="i", code="'cause_' || i", label_en="'Cause ' || i", label_fr="'Motif ' || i"
    )
    make.put(
        Plan, rows(5), id="i", entity_id="1", code="'plan_' || i", name="'Plan ' || i", contract_kind="'service'",
        interval_months="CASE i WHEN 1 THEN 1 ELSE 12 END", price_minor="i * 1000", currency="'EUR'",
    )  # fmt: skip
    make.put(Terms, rows(1), id="1", entity_id="1", code="'t1'", valid_from="'2020-01-01'")


def _contracts(make: Maker, count: int) -> None:
    """Contracts concluded over the three years; one in four has ended, some have been renewed."""
    start = spot(0)
    source = f"'source' || ({dice(1, 100)} * {dice(1, 100)} / 1000)"
    make.put(
        Customer,
        rows(count),
        id="i",
        reference="'k' || i",
        name="'Customer ' || i",
        name_key="'customer ' || i",
    )
    make.put(
        Subscription, rows(count), id="i", reference="'s' || i", customer_id="i", entity_id="1",
        plan_id=f"1 + {dice(2, 5)}", terms_id="1", state="'active'", channel="'online'", source=source,
        concluded_at=make.at(start), accepted_at=make.at(start), started_on=make.day(start),
        ends_on=f"CASE WHEN {dice(3, 4)} = 0 THEN {make.day(f'{start} + (30 + {dice(4, 700)}) * {DAY}')} END",
        price_minor="9900", currency="'EUR'", payment_brand=f"CASE {dice(5, 2)} WHEN 0 THEN 'visa' ELSE 'cb' END",
    )  # fmt: skip
    for year in range(YEARS):
        begun = f"{start} + {year * 365 * DAY}"
        inside = f" WHERE {begun} < {SECONDS}"
        make.put(
            Period, rows(count) + inside, id=f"{year * count} + i", subscription_id="i",
            starts_on=make.day(begun), ends_on=make.day(f"{begun} + {365 * DAY}"), price_minor="9900",
        )  # fmt: skip
        make.put(
            Charge, rows(count) + inside, id=f"{year * count} + i", reference=f"'c{year}-' || i", entity_id="1",
            customer_id="i", subscription_id="i", amount_minor="9900", currency="'EUR'", captured_at=make.at(begun),
            network=f"CASE {dice(5, 2)} WHEN 0 THEN 'visa' ELSE 'cb' END",
        )  # fmt: skip


OPENED = spot(6)
REPLIED = f"({OPENED} + 300 + {dice(7, 1000)} * {dice(7, 1000)} / 4)"
CLOSED = f"({OPENED} + 3600 + {dice(8, 1500)} * {dice(8, 1500)} * 2)"
DECIDED = f"({OPENED} + 3000 + {dice(8, 1500)} * {dice(8, 1500)})"
IS_DECIDED = f"({dice(9, 10)} < 7 AND {DECIDED} < {SECONDS})"
IS_CLOSED = f"{CLOSED} < {SECONDS}"
OUTCOME = f"CASE {dice(10, 5)} WHEN 0 THEN 'refused' WHEN 1 THEN 'withdrawn' WHEN 2 THEN 'partly-granted' ELSE 'granted' END"
CURRENCY = f"CASE {dice(11, 8)} WHEN 0 THEN 'GBP' ELSE 'EUR' END"


def _cases(make: Maker, count: int, contracts: int) -> None:
    contract = f"(1 + {dice(12, contracts)})"
    cause = f"(1 + {dice(13, 1000)} * {dice(13, 1000)} / 50000)"
    make.put(
        Case, rows(count), id="i", number="'B-' || i", entity_id=f"CASE {dice(11, 8)} WHEN 0 THEN 2 ELSE 1 END",
        kind=f"CASE {dice(14, 8)} WHEN 0 THEN 'chargeback' WHEN 1 THEN 'dispute' WHEN 2 THEN 'cancellation' "
        "WHEN 3 THEN 'cancellation' ELSE 'refund' END",
        status=f"CASE WHEN {IS_CLOSED} THEN 'closed' WHEN {IS_DECIDED} THEN 'decided' ELSE 'open' END",
        stage="'desk'", outcome=f"CASE WHEN {IS_CLOSED} THEN {OUTCOME} END", team_id=f"1 + {dice(15, 8)}",
        owner_id=f"1 + {dice(16, 25)}", customer_id=contract, subscription_id=contract, stated_cause_id=cause,
        established_cause_id=f"CASE WHEN {dice(17, 3)} = 0 THEN 1 + {dice(1, 20)} END",
        channel=f"CASE {dice(0, 4)} WHEN 0 THEN 'phone' WHEN 1 THEN 'chat' ELSE 'mail' END",
        claimed_minor=f"1000 + {dice(2, 90_000)}", currency=CURRENCY,
        source=f"'source' || ({dice(1, 100, contract)} * {dice(1, 100, contract)} / 1000)",
        occurred_at=make.at(OPENED), opened_at=make.at(OPENED),
        first_reply_at=f"CASE WHEN {REPLIED} < {SECONDS} THEN {make.at(REPLIED)} END",
        decided_at=f"CASE WHEN {IS_DECIDED} THEN {make.at(DECIDED)} END",
        closed_at=f"CASE WHEN {IS_CLOSED} THEN {make.at(CLOSED)} END",
        judgement_id=f"CASE WHEN {IS_DECIDED} THEN i END",
    )  # fmt: skip
    make.put(
        Mediation, rows(count) + f" WHERE {dice(3, 400)} = 0", id="i", case_id="i", entity_id="1",
        state=f"CASE {dice(4, 4)} WHEN 0 THEN 'declined' WHEN 1 THEN 'withdrawn' ELSE 'closed' END", kind="'refund'",
        cause="'cause_1'", currency="'EUR'", requested_at=make.at(OPENED), complete_at=make.at(f"{OPENED} + {DAY}"),
        ended_at=make.at(f"{OPENED} + 40 * {DAY}"),
    )  # fmt: skip


def _exchanges(make: Maker, count: int) -> None:
    """The first line of each case, what was said either way, and now and then a reopening."""
    about = {
        "subject_kind": "'case'", "subject_id": "i", "actor_kind": "'system'", "key_id": "'k'",
    }  # fmt: skip
    lines = (
        (1, "event.opened", OPENED, "'{}'", ""),
        (2, "exchange", OPENED, "'{\"inbound\": true}'", ""),
        (3, "exchange", REPLIED, "'{\"inbound\": false}'", f" WHERE {REPLIED} < {SECONDS}"),
        (4, "event.status", f"{CLOSED} - 600", "'{\"before\": \"closed\"}'", f" WHERE {IS_CLOSED} AND {dice(5, 30)} = 0"),
        (5, "decision.superseded", CLOSED, "'{}'", f" WHERE {IS_DECIDED} AND {dice(4, 60)} = 0"),
    )  # fmt: skip
    for seq, kind, at, body, where in lines:
        make.put(
            Entry, rows(count) + where, id=f"{(seq - 1) * count} + i", seq=str(seq), kind=f"'{kind}'",
            happened_at=make.at(at), recorded_at=make.at(at), body=make.json(body), digest=f"'d{seq}-' || i", **about,
        )  # fmt: skip
    make.put(Head, rows(count), subject_kind="'case'", subject_id="i", seq="5", digest="'x'", mac="'x'")


def _judgements(make: Maker, count: int) -> None:
    verdict = f"'{{\"reasons\": [\"rule.' || ({dice(3, 60)} * {dice(3, 60)} / 90) || '\"]}}'"
    make.put(
        Judgement, rows(count) + f" WHERE {IS_DECIDED}", id="i", subject_kind="'case'", subject_id="i", outcome="'allowed'",
        judged_at=make.at(DECIDED), facts=make.json("'{}'"), pack_digests=make.json("'[]'"), verdict=verdict,
        digest="'j' || i",
    )  # fmt: skip


def _decisions(make: Maker, count: int) -> None:
    by_rule = f"(1000 + {dice(2, 20_000)})"
    beyond = f"(CASE WHEN {dice(5, 12)} = 0 THEN 1500 ELSE 0 END)"
    make.put(
        Decision, rows(count) + f" WHERE {IS_DECIDED}", id="i", case_id="i", n="1", state="'effective'", outcome=OUTCOME,
        by_rule_minor=by_rule, amount_minor=f"{by_rule} + {beyond}", currency=CURRENCY, judgement_id="i",
        reason_code=f"CASE WHEN {dice(5, 12)} = 0 THEN 'goodwill' END", subscription_effect="'keep'",
        proposed_by=f"1 + {dice(16, 25)}", proposed_at=make.at(DECIDED), effective_at=make.at(DECIDED),
        approval_reasons=make.json("'[]'"), letter_locale="'en'", entry_id="i",
    )  # fmt: skip


def _money_and_clocks(make: Maker, count: int, contracts: int) -> None:
    paid = f" WHERE {IS_DECIDED} AND {dice(10, 5)} > 1 AND {DECIDED} + {DAY} < {SECONDS}"
    make.put(
        LedgerEntry, rows(count) + paid, id="i", charge_id=f"1 + {dice(12, contracts)}",
        kind=f"CASE {dice(8, 9)} WHEN 0 THEN 'credit' ELSE 'refund' END", amount_minor=f"1000 + {dice(2, 20_000)}",
        currency=CURRENCY, at=make.at(f"{DECIDED} + {DAY}"), key="'l' || i", case_id="i",
    )  # fmt: skip
    for n, (name, due, done) in enumerate((("first-reply", 4 * 3600, REPLIED), ("decide", 10 * DAY, CLOSED))):
        due_at = f"{OPENED} + {due}"
        late = f"{done} > {due_at}"
        make.put(
            Clock, rows(count) + f" WHERE {done} < {SECONDS}", id=f"{n * count} + i", subject_kind="'case'",
            subject_id="i", name=f"'{name}'", state="'kept'", started_at=make.at(OPENED), due_at=make.at(due_at),
            stopped_at=make.at(done), breached_at=f"CASE WHEN {late} THEN {make.at(due_at)} END",
            working=make.json("'{}'"),
        )  # fmt: skip
