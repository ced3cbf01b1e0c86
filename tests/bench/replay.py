"""How fast is a replay? `python -m tests.bench.replay [--cases 100000] [--url postgresql://...]`.

Stored judgements are made from different cases (renewals, withdrawals, cancellations of five places, one in eight with facts
missing); each copy has its own id, its own minutes and its own file of facts, so that no two are alike. Then a draft of the
house policy is replayed over all of them as the worker does it.
"""

import argparse
import json
import random
import resource
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert

from casedesk.accounts.models import Person
from casedesk.app import create_app, project_path
from casedesk.config import Settings
from casedesk.policy.facts import Facts
from casedesk.rulebook import actions, drafts, packs, replaying
from casedesk.rulebook.actions import About
from casedesk.rulebook.drafts import SaveRule
from casedesk.rulebook.house import NewRule
from casedesk.rulebook.models import Judgement, Replay
from casedesk.schema import prepare
from casedesk.store import clock
from casedesk.store.db import db, tune
from casedesk.store.transaction import transaction
from tests.factories import actor_of

NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
DIFFERENT = 1_500
CHUNK = 5_000


def a_case(rng: random.Random) -> dict[str, Any]:
    """The facts of one plausible case, most of them known."""
    place = rng.choice(("FR", "FR", "FR", "UK", "DE", "BE", "CH"))
    zone = {"UK": "Europe/London", "DE": "Europe/Berlin", "CH": "Europe/Zurich", "BE": "Europe/Brussels"}
    concluded = NOW - timedelta(days=rng.randrange(20, 700), minutes=rng.randrange(1440))
    renewed = rng.random() < 0.4
    asked = min(
        NOW, concluded + timedelta(days=rng.choice((3, 10, 40, 200, 380)), minutes=rng.randrange(1440))
    )
    known: dict[str, Any] = {
        "jurisdiction": place,
        "timezone": zone.get(place, "Europe/Paris"),
        "holiday_calendar": {"UK": "GB-ENG"}.get(place, place),
        "currency": "EUR",
        "rounding": {"target": "retained", "mode": "half_up"},
        "consumer": True,
        "channel": rng.choice(("online", "on_premises", "telephone")),
        "contract_kind": rng.choice(("service", "digital_service", "service_fixed_term_tacit_renewal")),
        "category": rng.choice(("gym_membership", "other")),
        "sector": "none",
        "contract_concluded_at": concluded,
        "purchase_at": concluded,
        "price_minor": 47_880,
        "paid_minor": 47_880,
        "already_refunded_minor": 0,
        "market_price_minor": "none",
        "separately_priced_parts": "none",
        "leisure_specific_date": "none",
        "service_fully_performed_at": "never",
        "period_days": 365,
        "used_days": rng.randrange(1, 365),
        "renewed": renewed,
        "renewed_at": asked - timedelta(days=rng.randrange(1, 40)) if renewed else "never",
        "contract_refund_window_days": rng.choice((14, "none")),
        "proration_method": rng.choice(("none", "days")),
        "notice_months": 1,
        "commitment_months": 12,
        "commitment_start": concluded.date(),
        "action_at": asked,
        "evaluate_at": asked,
        "trader_informed_of_withdrawal_at": asked,
        "withdrawal_information_given_at": concluded,
        "express_request": True,
        "informed": True,
    }
    if renewed:
        known |= {"non_renewal_limit_date": asked.date() - timedelta(days=30), "advance_paid_minor": 47_880}
        if rng.random() < 0.9:
            known |= {"notice_sent_at": rng.choice((asked - timedelta(days=80), "never")), "notice_form": "dedicated_with_box"}  # fmt: skip
    for name in rng.sample(_FORGOTTEN, rng.choice((1, 1, 2, 3)) if rng.random() < 0.125 else 0):
        known.pop(name)
    return known


_FORGOTTEN = (
    "withdrawal_information_given_at", "express_request", "informed", "channel", "category", "contract_kind",
    "used_days", "notice_months", "commitment_start", "contract_refund_window_days", "leisure_specific_date",
)  # fmt: skip


def varied(stored: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """The facts of one case more: every instant moved by some minutes of the same hour, so that no day changes."""
    moved = json.loads(json.dumps(stored))
    for entry in moved["facts"].values():
        value = entry["value"]
        if isinstance(value, str) and len(value) >= 20 and value.endswith("Z"):
            entry["value"] = f"{value[:14]}{rng.randrange(60):02d}:{rng.randrange(60):02d}Z"
    return moved


def a_copy(row: dict[str, Any], number: int, rng: random.Random) -> dict[str, Any]:
    """A stored judgement of case `number`, on facts of its own."""
    own = {"subject_kind": "case", "subject_id": number, "judged_at": NOW}
    return {**row, **own, "facts": varied(row["facts"], rng)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--url", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        tune(engine)
        prepare(engine, project_path("migrations"))
        engine.dispose()
        settings = Settings.from_environment({"DATABASE_URL": url, "CASEDESK_DATA": folder})
        app = create_app(settings)
        with app.app_context():
            run(asked.cases, url)


def run(cases: int, url: str) -> None:
    rng = random.Random(2026)
    with transaction() as session:
        packs.publish_shipped(session, now=NOW)
        person = Person(mail="bench@desk.example", name="Bench", role="manager", created_at=NOW)
        session.add(person)
        session.flush()
        actor = actor_of(person)
    with transaction() as session:
        templates = []
        for n in range(DIFFERENT):
            about = About(
                rng.choice(("renewal", "changed_mind")), rng.choice(("facebook", "direct")), "yearly"
            )
            subject = rng.choice(("refund", "refund", "refund", "cancellation"))
            kept = actions.judge_and_keep(session, ("template", n), subject, Facts.of(a_case(rng)), about, since=None, now=NOW - timedelta(days=400))  # fmt: skip
            templates.append(session.get_one(Judgement, kept.judgement_id))
        rows = [
            {c.name: getattr(one, c.name) for c in Judgement.__table__.columns if c.name != "id"}
            for one in templates
        ]
    began = time.perf_counter()
    for start in range(0, cases, CHUNK):
        with transaction() as session:
            table: Any = Judgement.__table__
            session.execute(insert(table), [a_copy(rng.choice(rows), n, rng) for n in range(start, min(start + CHUNK, cases))])  # fmt: skip
    print(f"{cases:,} judgements stored in {time.perf_counter() - began:.0f} s")
    with transaction() as session:
        draft = drafts.start(session, "house", actor=actor, now=NOW)
        new = NewRule(
            "HOUSE-RENEWAL", {"en": "Window after renewal", "fr": "Délai"}, "window", "full", "renewed_at", 21
        )
        drafts.add_rule(session, draft.id, draft.edit, new, actor=actor, now=NOW)
        rule = next(one for one in packs.readable(draft.toml, "house").rules if one.id == new.id).table
        drafts.save_rule(
            session, SaveRule(draft.id, draft.edit, rule, {"renewed": True}), actor=actor, now=NOW
        )
        days = replaying.Chosen(date(2026, 11, 1), date(2026, 11, 30))
        replay_id = replaying.ask(session, draft.id, days, zone="Europe/Paris", actor=actor, now=NOW).id
    began, cpu = time.perf_counter(), time.process_time()
    with transaction() as session:
        replaying.begin(session, replay_id)
    while not replaying.run(replay_id, clock=clock.now):
        pass
    wall, used = time.perf_counter() - began, time.process_time() - cpu
    replay = db.session.get_one(Replay, replay_id)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    where = url.split(":")[0]
    print(
        f"{replay.done:,} replayed on {where} in {wall:.1f} s ({used:.1f} s of CPU): {json.dumps(replay.tallies['n'])}, peak {peak:.0f} MB"
    )


if __name__ == "__main__":
    main()
