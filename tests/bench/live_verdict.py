"""`python -m tests.bench.live_verdict [--forms 400]`: the verdict beside New case, through its own route, on half-typed forms.

Each form differs: kind, cause, channel, amount and words typed so far, and a contract of which more or less is on record.
What a contract lacks the verdict must try out, so those forms are the slow ones. CPU milliseconds of the web process.
"""

import argparse
import random
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import Any

from sqlalchemy import create_engine, update

from casedesk.app import create_app, project_path
from casedesk.config import Settings
from casedesk.customers.models import Subscription
from casedesk.rulebook import packs
from casedesk.schema import prepare
from casedesk.store.db import tune
from casedesk.store.transaction import transaction
from tests.case_builders import a_cause
from tests.factories import NOW, a_person, send, sign_in
from tests.integration.house import House, charge, furnish

CAUSES = ("changed_mind", "unexpected_charge", "price_change", "service_not_rendered")
SAID = "A changé d’avis, veut récupérer son argent, n’a jamais reçu l’avis de reconduction."


def contracts(rng: random.Random, house: House) -> dict[str, Any]:
    """What is on record of the contract, this time."""
    concluded = NOW - timedelta(days=rng.choice((1, 5, 13, 20, 60, 380, 700)))
    return {
        "channel": rng.choice(("online", "telephone", "on_premises", "paper", "distance")),
        "concluded_at": concluded,
        "concluded_known": rng.random() < 0.7,
        "renewed_at": rng.choice((None, None, NOW - timedelta(days=rng.choice((2, 20, 90))))),
        "commitment_until": rng.choice((None, (NOW + timedelta(days=120)).date())),
        "billing_day": rng.choice((None, 12)),
    }


def forms(rng: random.Random, house: House) -> Iterator[dict[str, str]]:
    """Forms as they stand while somebody types."""
    while True:
        form = {
            "customer_id": str(house.customer.id),
            "subscription_id": str(house.subscription.id),
            "kind": rng.choice(("refund", "refund", "refund", "cancellation", "dispute")),
            "channel": rng.choice(("phone", "mail", "letter", "chat", "")),
            "said": SAID[: rng.randrange(len(SAID))],
            "cause": rng.choice((*CAUSES, "")),
            "claimed": rng.choice(("", "4", "478.80", "47", "12,5")),
        }
        yield {name: value for name, value in form.items() if rng.random() < 0.92 or name.endswith("_id")}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--forms", type=int, default=400)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        engine = create_engine(url)
        tune(engine)
        prepare(engine, project_path("migrations"))
        engine.dispose()
        settings = Settings.from_environment({"DATABASE_URL": url, "CASEDESK_DATA": folder})
        app = create_app(settings)
        with app.app_context():
            run(app, asked.forms)


def run(app: Any, count: int) -> None:
    rng = random.Random(2026)
    for cause in CAUSES:
        a_cause(cause)
    with transaction() as session:
        packs.publish_shipped(session, now=NOW)
    house = furnish()
    with transaction() as session:
        charge(session, house)
    client = sign_in(app.test_client(), a_person("agent"))
    typing, taken, asks = forms(rng, house), [], 0
    for n in range(count + 10):
        with transaction() as session:
            session.execute(update(Subscription).values(**contracts(rng, house)))
        form = next(typing)
        began = process_time()
        answer = send(client, "/cases/new/verdict", form)
        if n >= 10:  # the first ones compile templates and read calendars
            taken.append(1000 * (process_time() - began))
            asks += "missing" in answer.text or "depends" in answer.text
        assert answer.status_code == 200, answer.text[:300]
    taken.sort()
    p50, p95, p99 = (taken[int(share * (len(taken) - 1))] for share in (0.5, 0.95, 0.99))
    print(
        f"{count} half-typed forms: p50 {p50:.1f}  p95 {p95:.1f}  p99 {p99:.1f}  max {taken[-1]:.1f} ms; {asks} ask for facts"
    )


if __name__ == "__main__":
    main()
