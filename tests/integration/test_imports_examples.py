"""The example mappings on the published files they are made for: control totals to the row and to the penny.

The files lie outside the project, in CASEDESK_SHARED_DATA or beside the checkout; without them this file is skipped.
"""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from casedesk import audit
from casedesk.cases.models import Case, Cause
from casedesk.imports.mapping import parse, shipped
from casedesk.imports.running import Run, open_run, store_all
from casedesk.ledger.models import Charge, ChargeBalance
from casedesk.store import clock
from casedesk.store.db import db

DATA = Path(os.environ.get("CASEDESK_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the published files are not on this machine")


def taken(folder: str, name: str, mapping: str) -> Run:
    here = DATA / folder
    run = open_run(
        (here / name).read_bytes(),
        parse(shipped()[mapping].read_text(encoding="utf-8")),
        lambda other: (here / other).read_bytes(),
    )
    store_all(run, dry_run=False, clock=clock.now)
    db.session.rollback()
    return run


def promised(folder: str) -> Any:
    return json.loads((DATA / folder / "control_totals.json").read_text(encoding="utf-8"))


def counts(run: Run, name: str) -> dict[str, int]:
    return {value: count for value, (count, _) in run.tally.counted[name].items()}


def test_ravenstack_joins_source_product_and_reason(app: Flask) -> None:
    totals = promised("ravenstack")
    accounts = taken("ravenstack", "ravenstack_accounts.csv", "ravenstack_customers")
    assert accounts.tally.rows == {"stored": totals["accounts"]}
    assert counts(accounts, "referral_source") == totals["referral_source"]
    subscriptions = taken("ravenstack", "ravenstack_subscriptions.csv", "ravenstack_subscriptions")
    assert subscriptions.tally.rows == {"stored": totals["subscriptions"]}
    cases = taken("ravenstack", "ravenstack_churn_events.csv", "ravenstack_cases")
    assert cases.tally.rows == {"stored": totals["churn_events"]}
    assert counts(cases, "account.referral_source") == totals["churn_events_by_referral_source"]
    assert counts(cases, "reason_code") == totals["reason_code"]
    refunds = {v: total for v, (_, total) in cases.tally.counted["account.referral_source"].items()}
    assert refunds == {v: Decimal(total) for v, total in totals["refund_usd_by_referral_source"].items()}
    session = db.session()
    by_source = session.execute(select(Case.source, func.count()).group_by(Case.source)).all()
    assert {row[0]: row[1] for row in by_source} == totals["churn_events_by_referral_source"]
    assert session.scalar(select(func.count()).where(Case.claimed_minor > 0)) == totals["refunds_gt_0"]
    assert session.scalar(select(func.count()).select_from(Cause)) == len(totals["reason_code"])
    assert audit.check(session, lambda *_: None, None).faults == []


def test_online_retail_matches_cancellations_and_its_sums_add_up(app: Flask) -> None:
    totals = promised("online_retail")
    file = "online_retail_customers_sample.csv.gz"
    customers = taken("online_retail", file, "online_retail_customers")
    assert customers.tally.things == {"stored": totals["customers"]}
    assert customers.tally.left_out == {"no customer": totals["lines_without_customer"]}
    charges = taken("online_retail", file, "online_retail_charges")
    left = charges.tally.left_out
    assert charges.tally.rows_in + sum(left.values()) == totals["lines"]
    assert left == {
        "cancellations": totals["cancellation_lines"],
        "stock corrections": totals["negative_qty_not_C"],
    }
    pounds = charges.tally.plain()["money"]["GBP"]
    assert pounds["in"] == totals["sales_amount"]
    assert charges.tally.things["refused"] == 1, "the one order with a line finer than a penny, whole"
    assert sum("0.001 GBP is finer" in said for _, (_, said) in charges.refused) == 1
    assert Decimal(pounds["stored"]) + Decimal(pounds["refused"]) == Decimal(totals["sales_amount"])
    session = db.session()
    assert session.scalar(select(func.sum(Charge.amount_minor))) == int(Decimal(pounds["stored"]) * 100)
    cases = taken("online_retail", file, "online_retail_cases")
    assert cases.tally.rows["stored"] == totals["cancellation_lines"], cases.refused[:3]
    assert cases.tally.things == {"stored": totals["cancellation_invoices"]}
    matched = cases.tally.counted["match.state"]
    assert set(matched) == {"once", "ambiguous", "partly", "unmatched", "no-customer"}
    assert sum(n for n, _ in matched.values()) == totals["cancellation_invoices"]
    assert sum(total for _, total in matched.values()) == -Decimal(totals["cancellation_amount"])
    session = db.session()
    linked = session.execute(
        select(func.count(), func.sum(Case.claimed_minor)).where(Case.charge_id.is_not(None))
    ).one()
    assert tuple(linked) == (matched["once"][0], int(matched["once"][1] * 100))
    assert session.scalar(select(func.sum(ChargeBalance.refunded))) == linked[1]


@pytest.mark.parametrize(
    ("file", "mapping", "answer"),
    [
        ("cfpb_2013_2016_with_channel.csv", "cfpb_with_channel", "Company response to consumer"),
        ("cfpb_2015_jan_midfeb_no_channel.csv", "cfpb", "Company response"),
    ],
)
def test_complaints_become_cases_without_a_customer(app: Flask, file: str, mapping: str, answer: str) -> None:
    totals = promised("cfpb")[file]
    run = taken("cfpb", file, mapping)
    assert run.tally.rows == {"stored": totals["rows"]}
    for name in ("Product", "Consumer disputed?", answer):
        said = totals.get(name) or totals["Company response"]
        assert counts(run, name) == said
    session = db.session()
    months = func.count().filter(Case.status == "closed", Case.customer_id.is_(None))
    open_ones = totals.get(answer, {}).get("In progress", 0)
    assert session.scalar(select(months)) == totals["rows"] - open_ones
    if "Submitted via" in totals:
        assert counts(run, "Submitted via") == totals["Submitted via"]
    assert taken("cfpb", file, mapping).tally.rows == {"known": totals["rows"]}
