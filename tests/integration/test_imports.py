"""Files from elsewhere: what they become, what is refused and why, and that nothing is counted twice."""

import io
import json
from collections.abc import Mapping as Dict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import event, func, select

from casedesk import audit
from casedesk.cases.models import Case, CaseAlias, CaseTag
from casedesk.customers.models import ContactPoint, Customer, Plan, Subscription
from casedesk.deadlines.models import Clock
from casedesk.imports.faults import FileFault, MappingFault
from casedesk.imports.mapping import parse, shipped
from casedesk.imports.reading import FileRule, read_table
from casedesk.imports.running import BATCH, Run, open_run, store_all
from casedesk.imports.sentences import sentence, sentences
from casedesk.ledger.models import Charge, ChargeBalance
from casedesk.rulebook.models import Judgement
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.models import Entry, EntryText, OutboxRow
from casedesk.worker import collect, drain
from tests.factories import NOW, a_customer, a_person, an_entity

CUSTOMERS = """
kind = "customers"
source = "old-desk"
[fields]
reference = "id"
name = "name"
mail = "mail"
created_at = { column = "since", date = "DD-MM-YYYY", zone = "Europe/Paris" }
"""


def taken(
    data: bytes | str, mapping: str, files: Dict[str, str] | None = None, *, dry_run: bool = False
) -> Run:
    """The run of `data` under `mapping`, done."""

    def beside(name: str) -> bytes:
        if name not in (files or {}):
            raise FileFault("import.file_missing", file=name)
        return (files or {})[name].encode()

    run = open_run(data.encode() if isinstance(data, str) else data, parse(mapping), beside)
    store_all(run, dry_run=dry_run, clock=lambda: NOW)
    db.session.rollback()
    return run


def example(name: str) -> str:
    return shipped()[name].read_text(encoding="utf-8")


def counted(run: Run) -> tuple[int, int, int, int]:
    """Rows in, stored, known, refused."""
    assert run.tally.rows_in == sum(run.tally.rows.values())
    return (run.tally.rows_in, *(run.tally.rows[state] for state in ("stored", "known", "refused")))


def errors(run: Run) -> list[str]:
    return [said for _, (_, said) in run.refused]


def how_many(model: type) -> int:
    return db.session().scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture(autouse=True)
def house(app: Flask) -> None:
    an_entity(code="cimes")


ROWS = "id;name;mail;since\n7;Zoé Lefèvre;zoe@courrier.example;05-03-2024\n8;Jörg Müller;;31-12-2023\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_a_separated_file_is_read_whatever_its_separator_and_encoding(encoding: str, separator: str) -> None:
    run = taken(ROWS.replace(";", separator).encode(encoding), CUSTOMERS)
    assert counted(run) == (2, 2, 0, 0)
    zoe = db.session().scalars(select(Customer).where(Customer.reference == "7")).one()
    assert (zoe.name, zoe.name_key, zoe.locale) == ("Zoé Lefèvre", "zoe lefevre", "fr")
    assert zoe.created_at == datetime(2024, 3, 4, 23, 0, tzinfo=UTC)
    assert how_many(ContactPoint) == 1


def test_a_short_list_of_french_names_is_not_taken_for_chinese() -> None:
    """Guessed by sense alone, the two accents of Hélène are two signs of Big5."""
    run = taken("id;name;mail;since\n7;Hélène Quintard;;05-03-2024\n".encode("cp1252"), CUSTOMERS)
    assert counted(run) == (1, 1, 0, 0)
    assert db.session().scalars(select(Customer.name)).one() == "Hélène Quintard"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1251", "Екатерина Иванова"), ("big5", "陳大文與林小明"), ("cp1253", "Ελένη Παπαδοπούλου")],
)
def test_other_scripts_are_read_as_what_they_are(encoding: str, name: str) -> None:
    rows = "".join(f"{n};{name};;05-03-2024\n" for n in range(1, 40))
    taken(("id;name;mail;since\n" + rows).encode(encoding), CUSTOMERS)
    assert set(db.session().scalars(select(Customer.name))) == {name}


def test_json_lines_and_excel_say_the_same_as_csv() -> None:
    lines = [
        {"id": 7, "name": "Zoé Lefèvre", "mail": None, "since": "05-03-2024"},
        {"id": 8, "name": "Jörg Müller", "since": "31-12-2023"},
    ]
    text = "\n".join(json.dumps(line) for line in lines)
    assert counted(taken(text, CUSTOMERS)) == (2, 2, 0, 0)
    book = Workbook()
    book.active.append(["id", "name", "mail", "since"])
    book.active.append([7.0, "Zoé Lefèvre", None, datetime(2024, 3, 5)])  # noqa: DTZ001 - Excel has no zones
    book.active.append([9, "Ana Souza", None, datetime(2024, 3, 6)])  # noqa: DTZ001
    out = io.BytesIO()
    book.save(out)
    assert counted(taken(out.getvalue(), CUSTOMERS)) == (2, 1, 1, 0), "customer 7 is the one of the JSON file"
    assert how_many(Customer) == 3


def test_a_workbook_may_begin_lower_and_hold_gaps_times_and_a_chart() -> None:
    book = Workbook()
    sheet = book.active
    book.create_chartsheet("Chart", 0)
    sheet["B3"], sheet["C3"], sheet["D3"], sheet["E3"] = "id", "name", "mail", "since"
    sheet["B5"], sheet["C5"], sheet["E5"] = "007", "Zoé Lefèvre", datetime(2024, 3, 5, 14, 30)  # noqa: DTZ001
    sheet["B6"], sheet["E6"] = 8, timedelta(hours=30)
    out = io.BytesIO()
    book.save(out)
    table = read_table(out.getvalue(), FileRule())
    assert (table.sheet, table.columns) == ("Sheet", ["id", "name", "mail", "since"])
    assert [(row.number, *row.cells.values()) for row in table.rows] == [
        (5, "007", "Zoé Lefèvre", "", "2024-03-05 14:30:00"),
        (6, "8", "", "", "30:00:00"),
    ]


def test_feeding_a_file_again_changes_nothing() -> None:
    taken(ROWS, CUSTOMERS)
    again = taken(ROWS + "9;Ana Souza;;01-01-2024\n", CUSTOMERS)
    assert counted(again) == (3, 1, 2, 0)
    assert how_many(Customer) == 3


def test_a_dry_run_counts_like_a_real_one_and_stores_nothing() -> None:
    dry = taken(ROWS + "10;;;01-01-2024\n", CUSTOMERS, dry_run=True)
    assert counted(dry) == (3, 2, 0, 1)
    assert how_many(Customer) == 0


def test_a_mended_error_file_is_taken_and_the_good_rows_are_not_taken_twice() -> None:
    broken = "id;name;mail;since\n7;Zoé;;05-03-2024\n8;Jörg;;31-02-2024\n9;;;01-01-2024\n10;Ana;;1 May\n"
    first = taken(broken, CUSTOMERS)
    assert counted(first) == (4, 1, 0, 3)
    assert errors(first) == [
        "created_at: “31-02-2024” is a date or hour that does not exist.",
        "name is empty. Fill column name.",
        "created_at: “1 May” is not written as DD-MM-YYYY.",
    ]
    error_file = first.error_file()
    assert error_file is not None
    text = error_file.decode()
    assert text.splitlines()[0] == "id;name;mail;since;error"
    mended = (
        text.replace("31-02-2024;", "28-02-2024;").replace("9;;", "9;Léa;").replace("1 May;", "01-05-2024;")
    )
    assert counted(taken(mended, CUSTOMERS)) == (3, 3, 0, 0)
    assert how_many(Customer) == 4


@pytest.mark.parametrize("form", ["jsonl", "xlsx"])
def test_an_error_file_looks_like_the_file_it_came_from(form: str) -> None:
    if form == "jsonl":
        data = b'{"id": "7", "name": "", "since": "05-03-2024"}\nnot json\n'
    else:
        book = Workbook()
        book.active.append(["id", "name", "mail", "since"])
        book.active.append(["7", None, None, "05-03-2024"])
        out = io.BytesIO()
        book.save(out)
        data = out.getvalue()
    run = taken(data, CUSTOMERS)
    error_file = run.error_file()
    assert error_file is not None
    again = open_run(error_file, parse(CUSTOMERS), lambda _: b"")
    assert "error" in again.table.columns
    assert "name is empty" in again.items[0].rows[0].cells["error"]


def test_a_row_that_breaks_the_database_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong while a batch is stored, only the row that causes it is refused."""
    from casedesk.imports.storing import customers

    real = customers.key

    def breaks(text: str) -> str:
        if text == "Customer 500":
            raise ZeroDivisionError
        return real(text)

    monkeypatch.setattr(customers, "key", breaks)
    rows = "".join(f"{n};Customer {n};;01-01-2024\n" for n in range(1, 1001))
    run = taken("id;name;mail;since\n" + rows, CUSTOMERS)
    assert counted(run) == (1000, 999, 0, 1)
    assert errors(run) == [
        "This row could not be stored (ZeroDivisionError). Check its values; the desk's log has more."
    ]


def test_a_reference_that_the_desk_gave_to_somebody_else_is_refused() -> None:
    a_customer(reference="7")
    run = taken(ROWS, CUSTOMERS)
    assert counted(run) == (2, 1, 0, 1)
    assert "in use" in errors(run)[0]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("1;A;;01-01-2024;x\n", "This row has 5 cells, the head has 4"),
        ("1;A;;29-03-1024\n", "out of range"),
        ("1;A\x00B\x07;;01-01-2024\n", ""),
        ("1;<script>alert(1)</script>;;01-01-2024\n", ""),
        (f"1;{'x' * 100_001};;01-01-2024\n", "longer than"),
    ],
)
def test_bad_cells_get_a_sentence_and_odd_ones_are_kept(rows: str, said: str) -> None:
    run = taken("id;name;mail;since\n" + rows, CUSTOMERS)
    assert counted(run)[3] == (1 if said else 0)
    if said:
        assert said in errors(run)[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04rubbish", "looks like Excel"),
        (b"\x1f\x8brubbish", "cannot be read to its end"),
        (b"a;b\n1;2\n", "columns that the file does not have: id, mail, name, since"),
        (b'[{"id": 1},', "not JSON"),
    ],
)
def test_a_bad_file_gets_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(FileFault) as fault:
        taken(data, CUSTOMERS)
    assert said in sentence(fault.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind = ", "not TOML"),
        ('kind = "cats"', "no kind of import"),
        ('kind = "customers"\nsource = "x"', "where “name” comes from"),
        (CUSTOMERS + 'shoe = "size"', "have no field “shoe”"),
        (CUSTOMERS.replace("DD-MM-YYYY", "DDDD"), "no date format"),
        (CUSTOMERS.replace("Europe/Paris", "Mars/Base"), "no time zone"),
        (CUSTOMERS + 'country = { constant = "FR", column = "x" }', "exactly one of"),
        (CUSTOMERS + "country = { constant = 7 }", "wrong type"),
        (CUSTOMERS + "[rows]\nleave_out = [7]", "not written as a table"),
        ("hello = 1\n" + CUSTOMERS, "knows no “hello”"),
    ],
)
def test_a_bad_mapping_gets_a_sentence(text: str, said: str) -> None:
    with pytest.raises(MappingFault) as fault:
        parse(text)
    assert said in " ".join(sentences(fault.value))


# --- the examples, on small invented files of the same shape -----------------------------------

ACCOUNTS = """account_id,account_name,industry,country,signup_date,referral_source,plan_tier,seats,is_trial,churn_flag
A-1,Aiguille SARL,Retail,FR,01-02-2024,ads,Basic,4,FALSE,TRUE
A-2,Boulder Ltd,FinTech,UK,15-03-2024,organic,Pro,9,FALSE,FALSE
"""
SUBSCRIPTIONS = """subscription_id,account_id,start_date,end_date,plan_tier,seats,mrr_amount,arr_amount,is_trial
S-1,A-1,01-02-2024,01-09-2024,Basic,4,76,912,FALSE
S-2,A-1,01-08-2024,,Pro,4,196.5,2358,FALSE
S-3,A-2,15-03-2024,14-03-2024,Pro,9,441,5292,FALSE
"""
CHURN = """churn_event_id,account_id,churn_date,reason_code,refund_amount_usd,is_reactivation,feedback_text
C-1,A-1,01-09-2024,pricing,96.45,FALSE,too expensive
C-2,A-2,20-09-2024,support,0,TRUE,
C-3,A-9,20-09-2024,support,0,TRUE,
"""
JOINED = {"ravenstack_accounts.csv": ACCOUNTS, "ravenstack_subscriptions.csv": SUBSCRIPTIONS}


def test_accounts_subscriptions_and_churn_join_into_cases_with_source_and_product() -> None:
    assert counted(taken(ACCOUNTS, example("ravenstack_customers"))) == (2, 2, 0, 0)
    subscriptions = taken(SUBSCRIPTIONS, example("ravenstack_subscriptions"), JOINED)
    assert counted(subscriptions) == (3, 2, 0, 1)
    assert "before or when it starts" in errors(subscriptions)[0]
    cases = taken(CHURN, example("ravenstack_cases"), JOINED)
    assert counted(cases) == (3, 1, 0, 2), errors(cases)
    assert cases.tally.plain()["money"]["USD"] == {
        "stored": "96.45",
        "known": "0.00",
        "refused": "0.00",
        "in": "96.45",
    }
    case = db.session().scalars(select(Case)).one()
    subscription = db.session().get_one(Subscription, case.subscription_id)
    plan = db.session().get_one(Plan, subscription.plan_id)
    assert (case.kind, case.status, case.outcome, case.source) == ("cancellation", "closed", "granted", "ads")
    assert (subscription.reference, plan.name, subscription.source) == ("S-2", "Pro", "ads")
    assert (case.claimed_minor, case.currency, case.imported) == (9645, "USD", True)
    assert case.opened_at == datetime(2024, 9, 1, tzinfo=UTC)


def test_an_imported_case_has_its_own_number_its_old_one_as_alias_and_a_whole_record() -> None:
    taken(ACCOUNTS, example("ravenstack_customers"))
    taken(SUBSCRIPTIONS, example("ravenstack_subscriptions"), JOINED)
    taken(CHURN, example("ravenstack_cases"), JOINED)
    session = db.session()
    case = session.scalars(select(Case)).one()
    assert case.number is not None
    assert case.number.startswith("RS-2024-")
    assert session.scalars(select(CaseAlias.alias)).one() == "C-1"
    entries = session.scalars(select(Entry).where(Entry.subject_kind == "case").order_by(Entry.seq)).all()
    assert [(e.kind, e.actor_kind) for e in entries] == [
        ("event.opened", "import"),
        ("exchange", "import"),
        ("event.imported", "import"),
    ]
    assert entries[1].happened_at == case.opened_at
    assert session.get_one(EntryText, entries[1].id).text["said"] == "too expensive"
    assert audit.check(session, lambda *_: None, None).faults == []


RETAIL = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,A,LANTERN,6,2011-01-03 10:00:00,2.5,100.0,France
1,B,MUG,1,2011-01-03 10:00:00,4,100.0,France
2,A,LANTERN,6,2011-01-04 10:00:00,2.5,101.0,Germany
3,A,LANTERN,6,2011-01-05 10:00:00,2.5,101.0,Germany
4,P,PADS,1,2011-01-05 10:00:00,0.001,101.0,Germany
4,B,MUG,1,2011-01-05 10:00:00,4,101.0,Germany
5,B,MUG,2,2011-01-06 10:00:00,4,,Germany
6,A,LANTERN,-3,2011-01-06 11:00:00,0,,United Kingdom
C7,A,LANTERN,-2,2011-01-07 10:00:00,2.5,100.0,France
C8,A,LANTERN,-6,2011-01-08 10:00:00,2.5,101.0,Germany
C9,A,LANTERN,-1,2011-01-09 10:00:00,2.5,100.0,France
C9,Z,LAMP,-1,2011-01-09 10:00:00,7,100.0,France
C10,Z,LAMP,-1,2011-01-10 10:00:00,7,101.0,Germany
C11,Z,LAMP,-1,2011-01-11 10:00:00,7,,Germany
"""


def test_cancelling_documents_become_refund_cases_matched_to_their_purchase() -> None:
    taken(RETAIL, example("online_retail_customers"))
    charges = taken(RETAIL, example("online_retail_charges"))
    assert counted(charges) == (7, 5, 0, 2)
    assert charges.tally.left_out == {"cancellations": 6, "stock corrections": 1}
    assert charges.tally.plain()["money"]["GBP"] == {
        "stored": "57.00",
        "known": "0.00",
        "refused": "4.001",
        "in": "61.001",
    }
    assert errors(charges) == [
        "amount: 0.001 GBP is finer than the currency has coins. Correct the price or the quantity.",
        "Held back with row 6, which belongs to the same thing. Correct that row; leave this one.",
    ]
    cases = taken(RETAIL, example("online_retail_cases"))
    assert counted(cases) == (6, 6, 0, 0), errors(cases)
    assert cases.tally.counted["match.state"] == {
        "once": [1, Decimal("5.0")],
        "ambiguous": [1, Decimal("15.0")],
        "partly": [1, Decimal("9.5")],
        "unmatched": [1, Decimal(7)],
        "no-customer": [1, Decimal(7)],
    }
    session = db.session()
    matched = session.scalars(select(Case).where(Case.charge_id.is_not(None))).one()
    charge = session.get_one(Charge, matched.charge_id)
    assert (charge.reference, charge.amount_minor) == ("1", 1900)
    assert session.get_one(ChargeBalance, charge.id).refunded == 500
    assert session.scalar(select(CaseTag.tag).where(CaseTag.case_id == matched.id)) == "match-once"
    charge_id = charge.id
    again = taken(RETAIL, example("online_retail_cases"))
    assert counted(again) == (6, 0, 6, 0)
    assert db.session().get_one(ChargeBalance, charge_id).refunded == 500


COMPLAINTS = """Date received,Product,Sub-product,Issue,Sub-issue,State,ZIP code,Submitted via,Date sent to company,Company response to consumer,Consumer disputed?
7/29/2013,Mortgage,Fixed,Fees,,VA,24540,Phone,7/30/2013,Closed with explanation,No
7/29/2013,Mortgage,Fixed,Fees,,VA,24540,Phone,7/30/2013,Closed with explanation,No
8/1/2013,Credit card,,Rates,,CA,959XX,Fax,,In progress,
8/1/2013,Jewels,,Rates,,CA,959XX,Fax,,In progress,
"""


def test_complaints_without_an_id_are_known_again_by_their_digest_and_rank() -> None:
    first = taken(COMPLAINTS, example("cfpb_with_channel"))
    assert counted(first) == (4, 3, 0, 1)
    assert "what “Jewels” of column Product is" in errors(first)[0]
    assert counted(taken(COMPLAINTS, example("cfpb_with_channel"))) == (4, 0, 3, 1)
    cases = db.session().scalars(select(Case).order_by(Case.id)).all()
    assert [(c.customer_id, c.status, c.channel) for c in cases] == [
        (None, "closed", "phone"),
        (None, "closed", "phone"),
        (None, "open", "letter"),
    ]
    assert how_many(CaseAlias) == 0
    clocks = db.session().scalars(select(Clock)).all()
    assert {(c.name, c.subject_id, c.state) for c in clocks} == {
        ("first_reply", cases[2].id, "running"),
        ("decide", cases[2].id, "running"),
    }, "only the case that is live has clocks, from the moment the desk got it"
    assert all(c.started_at == NOW < c.due_at for c in clocks)
    left = sorted(db.session().scalars(select(OutboxRow.kind)))
    assert left == ["clock.look", "clock.look", "import.judge"]
    assert cases[2].next_clock == "first_reply"


EXCHANGES = """
kind = "exchanges"
source = "old-desk"
[fields]
reference = "id"
case = "ticket"
channel = { column = "via", table = { "e-mail" = "mail", call = "phone" } }
direction = { column = "from_us", table = { yes = "out", no = "in" } }
said = "body"
author = "by"
happened_at = { column = "at", date = "DD.MM.YYYY hh:mm", zone = "Europe/Paris" }
"""
CASES = """
kind = "cases"
source = "old-desk"
[fields]
reference = "id"
kind = { constant = "dispute" }
claimed_name = "who"
opened_at = { column = "at", date = "DD.MM.YYYY hh:mm", zone = "Europe/Paris" }
said = "text"
[entity]
code = "cimes"
"""


def test_exchanges_join_the_record_of_their_case_with_their_own_times_and_authors() -> None:
    person = a_person(mail="ines@cimes.example")
    taken("id;who;at;text\nT1;Anaïs Roy;02.11.2026 09:00;Bonjour\n", CASES)
    exchanges = (
        "id;ticket;via;from_us;body;by;at\n"
        "1;T1;e-mail;yes;Nous regardons.;ines@cimes.example;02.11.2026 10:30\n"
        "2;T1;call;no;Merci.;;02.11.2026 11:00\n"
        "3;T9;call;no;Allô ?;;02.11.2026 11:00\n"
        "4;T1;call;no;Allô ?;;02.11.2036 11:00\n"
    )
    run = taken(exchanges, EXCHANGES)
    assert counted(run) == (4, 2, 0, 2)
    assert ["No case “T9”" in errors(run)[0], "lies in the future" in errors(run)[1]] == [True, True]
    session = db.session()
    case = session.scalars(select(Case)).one()
    reply = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    assert (case.first_reply_at, case.last_contact_channel) == (reply, "phone")
    assert case.next_clock == "decide", "the first reply was given elsewhere"
    entries = session.scalars(
        select(Entry).where(Entry.subject_kind == "case", Entry.kind == "exchange").order_by(Entry.seq)
    ).all()
    assert [(e.actor_kind, e.on_behalf_of, e.body["inbound"]) for e in entries] == [
        ("import", None, True),
        ("import", person.id, False),
        ("import", None, True),
    ]
    assert entries[1].happened_at == reply
    assert audit.check(session, lambda *_: None, None).faults == []
    assert counted(taken(exchanges, EXCHANGES)) == (4, 0, 2, 2)


def test_imported_cases_that_are_not_closed_get_their_first_verdict_from_the_worker(app: Flask) -> None:
    """The import itself judges nothing, so that it keeps its pace; the worker judges in small batches after it."""
    mapping = CASES.replace("[entity]", 'status = "state"\noutcome = "how"\n[entity]')
    taken(
        "id;who;at;text;state;how\n"
        + "".join(f"T{n};Anaïs Roy;02.11.2026 09:00;Bonjour;open;\n" for n in range(12))
        + "T20;Anaïs Roy;02.11.2026 09:00;Bonjour;closed;granted\n",
        mapping,
    )
    session = db.session()
    assert set(session.scalars(select(Case.judgement_id))) == {None}
    session.rollback()
    with db.engine.begin() as connection:
        due = OutboxRow.__table__.update().where(OutboxRow.__table__.c.kind == "import.judge")
        connection.execute(due.values(due_at=clock.now()))
    drain(app, collect())
    judged = session.execute(select(Case.status, Case.verdict_outcome, Case.judgement_id)).all()
    live = [row for row in judged if row.status == "open"]
    assert len(live) == 12
    assert all(row.judgement_id and row.verdict_outcome for row in live)
    assert [row.judgement_id for row in judged if row.status == "closed"] == [None]
    assert how_many(Judgement) == 12
    assert audit.check(session, lambda *_: None, None).faults == []


def test_a_batch_of_cases_is_stored_in_a_few_statements() -> None:
    """What makes 2,000 rows a second: the number of statements does not grow with the rows."""
    spent = []
    for rows in (10, BATCH):
        taken_before = len(spent) * 10_000
        text = "".join(f"T{taken_before + n};Anaïs Roy;02.11.2026 09:00;Bonjour.\n" for n in range(rows))
        statements: list[str] = []

        def note(*args: Any, to: list[str] = statements) -> None:
            to.append(str(args[1])[:60])

        event.listen(db.engine, "before_execute", note)
        assert counted(taken("id;who;at;text\n" + text, CASES)) == (rows, rows, 0, 0)
        event.remove(db.engine, "before_execute", note)
        spent.append(len(statements))
    assert spent[1] <= spent[0] + 12, "look-ups go by some hundreds of references"
