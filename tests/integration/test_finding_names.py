"""A customer is found by the beginning of any word of the name, with or without accents, from an index."""

import pytest
from flask import Flask
from sqlalchemy import event, text

from casedesk.customers import actions, queries
from casedesk.customers.commands import AddCustomer, ChangeCustomer, CustomerData
from casedesk.customers.models import Customer, CustomerWord
from casedesk.imports.mapping import parse
from casedesk.imports.running import open_run, store_all
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from tests.factories import NOW, a_person, actor_of, an_entity

NAMES = ("Éléonore Lefèvre", "Jean-Paul d’Arcy", "Paul Martin", "Martina Paulsen", "Société Lefort & Fils")


@pytest.fixture
def named(app: Flask) -> dict[str, int]:
    actor = actor_of(a_person("manager"))
    with transaction() as session:
        return {
            name: actions.add_customer(session, AddCustomer(CustomerData(name)), actor=actor, now=NOW).id
            for name in NAMES
        }


def found(typed: str) -> list[str]:
    db.session.rollback()
    return sorted(hit.name for hit in queries.find(db.session(), typed))


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("lefev", ["Éléonore Lefèvre"]),
        ("LEFÈ", ["Éléonore Lefèvre"]),
        ("lef", ["Société Lefort & Fils", "Éléonore Lefèvre"]),
        ("arcy", ["Jean-Paul d’Arcy"]),
        ("paul", ["Jean-Paul d’Arcy", "Martina Paulsen", "Paul Martin"]),
        ("martin paul", ["Martina Paulsen", "Paul Martin"]),
        ("paul martin", ["Martina Paulsen", "Paul Martin"]),
        ("fils", ["Société Lefort & Fils"]),
        ("efort", []),
        ("%", []),
        ("d’", ["Jean-Paul d’Arcy"]),
    ],
)
def test_any_word_of_a_name_is_found_by_its_beginning(named: object, typed: str, names: list[str]) -> None:
    assert found(typed) == sorted(names)


def test_a_changed_name_is_found_by_its_new_words_only_and_an_erased_one_by_none(
    app: Flask, named: dict[str, int]
) -> None:
    actor, of = actor_of(a_person("administrator")), named["Paul Martin"]
    with transaction() as session:
        version = session.get_one(Customer, of).version
        changed = ChangeCustomer(of, version, CustomerData("Paul Duval"))
        actions.change_customer(session, changed, actor=actor, now=NOW)
    assert (found("duval"), "Paul Duval" in found("martin")) == (["Paul Duval"], False)
    with transaction() as session:
        actions.erase(session, of, actor=actor, now=NOW)
    assert found("duval") == []
    assert db.session().query(CustomerWord).filter_by(customer_id=of).count() == 0


def test_imported_customers_are_found_alike(app: Flask) -> None:
    an_entity()
    mapping = 'kind = "customers"\nsource = "old"\n[fields]\nreference = "id"\nname = "name"\n'
    run = open_run("id;name\n1;Zoë van den Berg\n".encode(), parse(mapping), lambda _name: b"")
    store_all(run, dry_run=False, clock=lambda: NOW)
    assert found("berg") == found("den ber") == ["Zoë van den Berg"]


def test_names_are_looked_up_in_an_index(app: Flask, named: object, is_postgresql: bool) -> None:
    said: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        if "customer_words" in statement:
            said.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    queries.find(db.session(), "martin paul")
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(said) == 1
    db.session.rollback()
    with db.engine.connect() as connection:
        if is_postgresql:
            connection.execute(text("SET enable_seqscan = off"))
        explain = "EXPLAIN " if is_postgresql else "EXPLAIN QUERY PLAN "
        plan = [
            " ".join(map(str, row)) for row in connection.exec_driver_sql(explain + said[0][0], said[0][1])
        ]
    assert any("ix_customer_words_word" in line for line in plan), plan
    assert not any(line.lstrip().startswith(("SCAN", "Seq Scan")) or " SCAN " in line for line in plan), plan
