"""Exposure comes in by the door of every import: preview, refused rows as a file, and what was stored counts alone."""

import io
from datetime import date
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from casedesk.imports.models import ImportRun
from casedesk.reports import cube, figures
from casedesk.reports.periods import Period
from casedesk.reports.signal_models import ExposureRow
from casedesk.store.db import db
from casedesk.store.running import run_call
from casedesk.store.transaction import transaction
from casedesk.worker import collect
from tests.factories import NOW, a_person, a_plan, a_subscription, an_entity, send, sign_in

MAP = Path(__file__).parents[2] / "casedesk" / "imports" / "maps" / "exposure.toml"
HEAD = "period,traffic_source,product,active_subscriptions,purchases\n"
ROWS = (
    "2026-08-31,facebook,*,1000,40\n"  # the week that holds 1 September
    "2026-09-07,facebook,*,1010,\n"
    "2026-09-07,direct,*,-5,3\n"
    "2026-09-09,facebook,*,7,7\n"  # the same week again
    "2026-09-31,direct,*,5,3\n"
    "2026-09-14,direct,*,,\n"
    "2027-03-01,direct,*,5,3\n"
)


def ran(client: FlaskClient, text: str) -> ImportRun:
    fields = {
        "kind": "exposure",
        "example": "exposure",
        "toml": "",
        "file": (io.BytesIO(text.encode()), "e.csv"),
    }
    shown = send(client, "/imports/new", fields, content_type="multipart/form-data")
    assert shown.status_code == 200, shown.text
    assert "facebook" in shown.text  # the first rows as they will be stored
    run_id = newest().id
    assert send(client, f"/imports/{run_id}/start").status_code == 303
    work = collect()
    while run_call(work):
        pass
    return newest()


def newest() -> ImportRun:
    db.session.rollback()
    return db.session().scalars(select(ImportRun).order_by(ImportRun.id.desc()).limit(1)).one()


def test_a_file_of_exposure_is_stored_row_by_row_and_its_bad_rows_come_back(
    app: Flask, client: FlaskClient
) -> None:
    an_entity()
    sign_in(client, a_person("manager", locale="en"))
    run = ran(client, HEAD + ROWS)
    stored = db.session().scalars(select(ExposureRow).order_by(ExposureRow.period)).all()
    assert [(str(one.period), one.source, one.active_subscriptions, one.purchases) for one in stored] == [
        ("2026-08-31", "facebook", 1000, 40),
        ("2026-09-07", "facebook", 1010, None),
    ]
    back = client.get(f"/imports/{run.id}/errors").text
    for said in ("below zero", "twice", "2026-09-31", "future", "active_subscriptions"):
        assert said in back, back
    # the same rows again are known; a corrected one takes the place of the old
    ran(client, HEAD + "2026-08-31,facebook,*,1100,40\n2026-09-07,facebook,*,1010,\n")
    db.session.rollback()
    assert db.session().scalars(
        select(ExposureRow.active_subscriptions).order_by(ExposureRow.period)
    ).all() == [1100, 1010]


def test_imported_exposure_counts_alone_in_the_cube(app: Flask) -> None:
    a_subscription(plan=a_plan(code="p"), started_on=date(2026, 8, 3), source="direct")
    with transaction() as session:
        session.add(
            ExposureRow(
                period=date(2026, 8, 31), source="facebook", product="*", active_subscriptions=1000, purchases=40,
                imported_at=NOW,
            )
        )  # fmt: skip
        session.flush()
        cube.rebuild(session, zone="Europe/Paris", now=NOW)
    session, autumn = db.session(), Period(date(2026, 8, 1), date(2026, 11, 1))
    active = figures.exposure(session, "active", autumn, step="day", by="ab")
    assert [(str(one.at), one.a, one.b, one.n) for one in active] == [("2026-09-01", "facebook", "*", 1000)]
    bought = figures.exposure(session, "purchases", autumn, step="day", by="a")
    assert [(str(one.at), one.a, one.n) for one in bought] == [("2026-08-31", "facebook", 40)]
