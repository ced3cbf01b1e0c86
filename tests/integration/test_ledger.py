"""Money is never created: movements on a real database, one after the other, at once, and by raw SQL."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from casedesk.kernel.errors import Conflict, InvalidInput, NotFound, RuleBroken
from casedesk.kernel.money import Money
from casedesk.ledger import actions, queries
from casedesk.ledger.models import Charge, ChargeBalance, LedgerEntry
from casedesk.ledger.rules import Balance, NewCharge, summed
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from tests.integration.house import NOW, House, charge, furnish


@pytest.fixture
def house(app: Flask) -> House:
    return furnish()


@pytest.fixture
def fee(house: House) -> int:
    with transaction() as session:
        return charge(session, house, 1_000).id


def _balance(charge_id: int) -> Balance:
    return queries.charges(db.session(), [charge_id])[0].balance


def _move(kind: str, charge_id: int, amount: int, key: str) -> None:
    with transaction() as session:
        getattr(actions, kind)(session, charge_id, amount, key=key, case_id=7, now=NOW)


def test_a_refund_goes_out_of_what_was_reserved(fee: int) -> None:
    _move("reserve", fee, 600, "r")
    _move("refund", fee, 400, "out")
    _move("release", fee, 200, "back")
    assert _balance(fee) == Balance(captured=1_000, refunded=400)
    assert queries.refundable(db.session(), fee) == 600


def test_more_than_is_left_is_refused_and_says_what_is_left(fee: int) -> None:
    _move("reserve", fee, 700, "r")
    with pytest.raises(RuleBroken) as refused:
        _move("reserve", fee, 301, "r2")
    assert (refused.value.code, refused.value.params) == ("ledger.too_much", {"left": Money(300, "EUR")})
    assert _balance(fee) == Balance(captured=1_000, reserved=700)


def test_nothing_leaves_that_was_not_reserved(fee: int) -> None:
    _move("reserve", fee, 100, "r")
    for kind in ("refund", "credit", "release"):
        with pytest.raises(RuleBroken, match=r"ledger\.not_reserved"):
            _move(kind, fee, 101, kind)
    assert _balance(fee) == Balance(captured=1_000, reserved=100)


def test_a_disputed_sum_cannot_be_refunded_beside_it(fee: int) -> None:
    _move("dispute", fee, 800, "d")
    with pytest.raises(RuleBroken, match=r"ledger\.too_much"):
        _move("reserve", fee, 201, "r")
    with pytest.raises(RuleBroken, match=r"ledger\.not_disputed"):
        _move("dispute_won", fee, 801, "w")
    _move("dispute_won", fee, 800, "w")
    _move("reserve", fee, 1_000, "r")
    assert _balance(fee) == Balance(captured=1_000, reserved=1_000)


def test_a_repeated_key_finds_the_first_effect(fee: int) -> None:
    _move("reserve", fee, 600, "same")
    _move("reserve", fee, 600, "same")
    assert _balance(fee) == Balance(captured=1_000, reserved=600)
    with pytest.raises(Conflict, match=r"ledger\.key_taken"):
        _move("reserve", fee, 10, "same")


def test_a_refund_that_no_decision_held_is_held_and_paid_at_once(fee: int) -> None:
    for _ in range(2):
        _move("refund_unreserved", fee, 1_000, "imported")
    assert _balance(fee) == Balance(captured=1_000, refunded=1_000)


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1])
def test_an_amount_is_above_zero_and_within_the_ledger(fee: int, amount: int) -> None:
    with pytest.raises(InvalidInput, match=r"ledger\.no_amount"):
        _move("reserve", fee, amount, "r")


def test_a_charge_that_does_not_exist_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        _move("reserve", 999_999, 1, "r")


def test_a_charge_is_captured_once_by_its_reference(house: House) -> None:
    new = NewCharge("psp-1", house.entity.id, 500, "EUR", NOW)
    with transaction() as session:
        first = actions.capture(session, new).id
    with transaction() as session:
        assert actions.capture(session, new).id == first
    with pytest.raises(Conflict, match=r"ledger\.reference_taken"), transaction() as session:
        actions.capture(session, NewCharge("psp-1", house.entity.id, 501, "EUR", NOW))


def test_many_charges_at_once_keep_their_order_and_their_ledger(house: House) -> None:
    new = [NewCharge(f"bulk-{n}", house.entity.id, n, "EUR", NOW) for n in range(50)]
    with transaction() as session:
        ids = actions.capture_many(session, new)
    rows = db.session.execute(select(Charge.id, Charge.amount_minor).where(Charge.id.in_(ids))).all()
    assert {row.id: row.amount_minor for row in rows} == {
        charge_id: one.amount_minor for charge_id, one in zip(ids, new, strict=True)
    }
    assert queries.compare_balances(db.session()) == []


@pytest.mark.parametrize(
    "change",
    ["reserved = 1001", "refunded = 501, disputed = 500", "reserved = -1", "captured = captured - 2000"],
)
def test_the_database_refuses_money_from_nothing_also_to_raw_sql(fee: int, change: str) -> None:
    with pytest.raises(IntegrityError):
        db.session.execute(text(f"UPDATE charge_balances SET {change} WHERE charge_id = {fee}"))
    db.session.rollback()
    assert _balance(fee) == Balance(captured=1_000)


@pytest.mark.parametrize("statement", ["UPDATE {} SET currency = 'USD'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["charges", "ledger_entries"])
def test_the_ledger_is_never_rewritten(fee: int, table: str, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(statement.format(table)))
    db.session.rollback()


def test_a_balance_changed_behind_the_ledger_is_named(fee: int, house: House) -> None:
    with transaction() as session:
        bare = charge(session, house, 50).id
    _move("reserve", fee, 600, "r")
    assert queries.compare_balances(db.session()) == []
    db.session.rollback()
    with transaction() as session:
        session.execute(text(f"UPDATE charge_balances SET reserved = 599 WHERE charge_id = {fee}"))
        session.execute(text(f"DELETE FROM charge_balances WHERE charge_id = {bare}"))
    found = queries.compare_balances(db.session())
    assert [(m.charge_id, m.stored, m.summed) for m in found] == [
        (fee, Balance(1_000, 599), Balance(1_000, 600)),
        (bare, None, Balance(50)),
    ]


KINDS = st.sampled_from(["reserve", "release", "refund", "credit", "dispute", "dispute_won"])
MOVES = st.lists(st.tuples(KINDS, st.integers(1, 1_200), st.integers(1, 8)), max_size=25)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_no_sequence_of_movements_exceeds_what_was_captured(house: House, moves: list) -> None:
    """Each movement either fails whole or keeps the balance sound, and the sums are those of the ledger."""
    with transaction() as session:
        fee = charge(session, house, 1_000).id
    for kind, amount, serial in moves:
        with suppress(RuleBroken, Conflict):
            _move(kind, fee, amount, f"{fee}-{serial}-{kind}")
        balance = _balance(fee)
        assert balance.sound
        assert balance.captured == 1_000
    ledger = db.session.execute(
        select(LedgerEntry.kind, LedgerEntry.amount_minor).where(LedgerEntry.charge_id == fee)
    )
    assert summed((row.kind, row.amount_minor) for row in ledger) == _balance(fee)
    assert queries.compare_balances(db.session()) == []
    db.session.rollback()


def _at_once(app: Flask, people: int, deed: object) -> Counter[str]:
    """Run `deed(n)` in `people` threads that start together; how each ended."""
    ready = threading.Barrier(people)

    def one(n: int) -> str:
        with app.app_context():
            ready.wait()
            try:
                deed(n)  # type: ignore[operator]
            except (RuleBroken, Conflict) as refused:
                return refused.code
            finally:
                db.session.remove()
            return "done"

    with ThreadPoolExecutor(people) as pool:
        return Counter(pool.map(one, range(people)))


def test_fifty_at_once_never_reserve_more_than_was_captured(app: Flask, fee: int) -> None:
    ended = _at_once(app, 50, lambda n: _move("reserve", fee, 150, f"r-{n}"))
    balance = _balance(fee)
    assert balance.reserved == 150 * ended["done"] <= 1_000
    assert ended["done"] + ended["ledger.too_much"] + ended["store.busy"] == 50
    assert ended["done"] == 6 or ended["store.busy"]
    assert queries.compare_balances(db.session()) == []


def test_fifty_at_once_with_one_key_move_the_money_once(app: Flask, fee: int) -> None:
    _move("reserve", fee, 1_000, "held")
    _at_once(app, 50, lambda n: _move("refund", fee, 300, "out"))
    assert _balance(fee) == Balance(captured=1_000, reserved=700, refunded=300)
    count = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.key == "out")
    assert db.session.scalar(count) == 1


def test_fifty_at_once_on_two_charges_lock_in_one_order(app: Flask, house: House) -> None:
    with transaction() as session:
        pair = sorted(charge(session, house, 1_000).id for _ in range(2))

    def both(n: int) -> None:
        with transaction() as session:
            for charge_id in pair:
                actions.reserve(session, charge_id, 90, key=f"{n}-{charge_id}", case_id=n, now=NOW)

    ended = _at_once(app, 50, both)
    for charge_id in pair:
        assert _balance(charge_id).reserved == 90 * ended["done"]
    assert ended["done"] == 11 or ended["store.busy"]


def test_balances_without_a_charge_cannot_be_written(app: Flask) -> None:
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(ChargeBalance(charge_id=4_711, captured=1, reserved=0, refunded=0, disputed=0))
