"""The record becomes facts: what the desk has in its tables gives the facts of the scenarios, each with its source,
and with them the scenarios' answers. A fact that no screen takes is a failing test."""

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from casedesk.accounts.actor import Actor
from casedesk.cases.actions import supplying
from casedesk.cases.commands import FactLine
from casedesk.cases.models import Case
from casedesk.customers.fact_fields import fact_field
from casedesk.customers.rules import STATED
from casedesk.kernel.money import exponent
from casedesk.policy.evaluate import judge
from casedesk.policy.facts import Facts, Kind, listed, vocabulary
from casedesk.policy.pack import shipped
from casedesk.policy.scenarios import differences_of
from casedesk.rulebook import packs
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from tests.factories import NOW, a_person, actor_of, send, sign_in
from tests.record_of_facts import Played, play
from tests.shared_data import shared

OWN = Path(__file__).parents[1] / "scenarios" / "policy"
FOR_PEOPLE = {"note", "question"}
TODAY = date(2026, 11, 22)
TYPED = 2
"""So many facts of a scenario are typed into the page; the rest go through the action under it, which takes less time."""

THROUGH_THE_PAGE = (
    "FR-WD-14", "FR-WD-EXT", "FR-WD-EXC", "FR-WD-AMOUNT", "FR-WD-REFUND", "FR-CHATEL", "FR-CHATEL-REFUND",
    "FR-MED-ADMISSIBLE", "FR-MED-90D", "DE-309-9", "BE-TACIT-RENEWAL", "UK-CCR-AMOUNT", "EU-DCD-MODIFICATION",
    "CONTRACT-COMMITMENT", "PRECEDENCE-STATUTE", "STRIPE-DUE-BY", "PRORATE-DAYS", "ROUND-MINOR-UNITS",
)  # fmt: skip


def readable(case: dict[str, Any]) -> bool:
    """Can the desk know these facts? Words outside a list and lists with gaps are for files alone."""
    try:
        known = Facts.of({k: v for k, v in case["inputs"].items() if k not in FOR_PEOPLE}).known
    except Exception:
        return False
    return all(
        listed(name, value) for name, value in known.items() if vocabulary()[name].kind is Kind.ENUMERATION
    )


def chosen() -> list[dict[str, Any]]:
    """Two scenarios of each rule, of our own: their yes and no where they have both."""
    by_rule: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted(OWN.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]:
            if case["rule"] in THROUGH_THE_PAGE and readable(case):
                by_rule[case["rule"]].append(case)
    found = []
    for cases in by_rule.values():
        answers = {str(case["expected"].get("eligible")): case for case in reversed(cases)}
        found += list(answers.values())[:2] if len(answers) > 1 else cases[:2]
    return found


@pytest.mark.parametrize("case", chosen(), ids=lambda case: f"{case['rule']}:{case['id']}")
def test_a_scenario_typed_into_the_desk_gets_the_same_answer(
    client: FlaskClient, case: dict[str, Any]
) -> None:
    with transaction() as session:
        packs.publish_shipped(session, now=NOW)
    agent = a_person("agent")
    sign_in(client, agent)
    played = play(case["inputs"], actor_of(agent))
    read = shipped().rule(case["rule"])[1].reads
    by_hand = sorted(played.by_hand(read).items(), key=_plainness)
    for name, (state, value) in by_hand[:TYPED]:
        _type(client, played, name, state, value)
    _store(played, by_hand[TYPED:], actor_of(agent))
    _same_facts_and_answer(played, case, read)


def _plainness(one: tuple[str, tuple[str, Any]]) -> tuple[bool, bool, str]:
    """Facts of several parts, and those that come in lists, first: they are the ones that a form may fail to take."""
    spec = vocabulary()[one[0]]
    return (not spec.fields, not spec.many, one[0])


def _store(played: Played, facts: list[tuple[str, tuple[str, Any]]], agent: Actor) -> None:
    """What the form does, for many facts at once: the case is judged anew only after the last."""
    with transaction() as session:
        case = session.get_one(Case, played.case_id)
        for name, (state, value) in facts:
            fact = FactLine(name, state, value, "statement")
            supplying.store_fact(session, case, fact, actor=agent, now=played.now)


def test_thirty_scenarios_of_fifteen_rules_go_through_the_page() -> None:
    cases = chosen()
    assert len(cases) >= 30
    assert len({case["rule"] for case in cases}) >= 15


def test_every_shared_scenario_can_be_put_on_record(client: FlaskClient) -> None:
    document = yaml.safe_load(shared("policy/scenarios.yaml").read_text(encoding="utf-8"))
    with transaction() as session:
        packs.publish_shipped(session, now=NOW)
    agent = actor_of(a_person("agent"))
    cases = [case for case in document["cases"] if readable(case)]
    assert len(cases) > 130
    for case in cases:
        played = play(case["inputs"], agent)
        read = shipped().rule(case["rule"])[1].reads
        _store(played, list(played.by_hand(read).items()), agent)
        _same_facts_and_answer(played, case, read)


def _same_facts_and_answer(played: Played, case: dict[str, Any], read: tuple[str, ...]) -> None:
    facts = played.facts()
    for name in read:
        assert facts.value(name) == played.wanted.get(name), name
        assert name not in facts or facts.sources[name], f"{name} has no source"
    verdict = judge(packs.published(db.session()), facts, case["rule"], on=TODAY)
    assert list(differences_of(case["expected"], verdict)) == []


def _type(client: FlaskClient, played: Played, name: str, state: str, value: Any) -> None:
    """Set a fact as a person does: on the form that the case page shows for it."""
    url, currency = f"/cases/{played.case_id}", str(played.wanted.get("currency", "EUR"))
    db.session.remove()
    version = db.session().get_one(Case, played.case_id)
    fields = {"name": name, "state": state, "source": "a call of the customer", "version": version.version}
    answer = send(client, f"{url}/facts", {**fields, **_typed(name, value, currency)})
    assert answer.status_code in (302, 303), (name, state, value, answer.status_code)


def _typed(name: str, value: Any, currency: str) -> dict[str, str]:
    """What a person types for the value, field by field."""
    spec = vocabulary()[name]
    if value is None:
        return {}
    if spec.fields:
        rows = value if isinstance(value, list) else [value]
        return {
            f"value-{n}-{part}": _text(spec.fields[part], item, currency)
            for n, row in enumerate(rows)
            for part, item in row.items()
            if item is not None
        }
    if isinstance(value, list):
        return {"value": "\n".join(_text(spec.kind, item, currency) for item in value)}
    return {"value": _text(spec.kind, value, currency)}


def _text(kind: Kind, value: Any, currency: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind is Kind.MONEY:
        places = exponent(currency)
        return f"{value / 10**places:.{places}f}"
    return str(value)


def test_every_fact_of_the_vocabulary_can_be_entered(client: FlaskClient) -> None:
    """On the page of a case, whatever its kind; those of plans, terms and contracts on theirs as well."""
    with client.application.test_request_context():
        for name in vocabulary().keys() - FOR_PEOPLE:
            field = fact_field(name)
            assert field is not None, name
            assert field.label, name
            assert field.choices or field.parts or field.input, name
    for names in STATED.values():
        assert set(names) <= vocabulary().keys()
