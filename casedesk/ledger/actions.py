"""Move money on a charge. One conditional UPDATE guards the balance, in the commit that writes the ledger.

A movement has a key that is unique for ever: done again with the same key it answers the first effect and
changes nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from casedesk.kernel.errors import Conflict, InvalidInput, NotFound, RuleBroken
from casedesk.kernel.money import MAXIMUM_MINOR, Money
from casedesk.ledger.models import Charge, ChargeBalance, LedgerEntry
from casedesk.ledger.rules import EFFECTS, Balance, NewCharge, moved


def capture(session: Session, new: NewCharge) -> Charge:
    """The charge `new`, captured; found again where its reference is known. Raises Conflict where it differs."""
    known = session.scalars(select(Charge).where(Charge.reference == new.reference)).one_or_none()
    if known is not None:
        if (known.amount_minor, known.currency) != (new.amount_minor, new.currency):
            raise Conflict("ledger.reference_taken", reference=new.reference)
        return known
    _check_charge(new)
    charge = Charge(**asdict(new))
    session.add(charge)
    session.flush()
    session.add_all(
        (
            LedgerEntry(**_capture_row(new, charge.id)),
            ChargeBalance(charge_id=charge.id, captured=new.amount_minor, reserved=0, refunded=0, disputed=0),
        )
    )
    session.flush()
    return charge


def capture_many(session: Session, new: Sequence[NewCharge]) -> list[int]:
    """Capture charges whose references are all new, in three statements; their ids in the order given."""
    if not new:
        return []
    for one in new:
        _check_charge(one)
    ids = list(
        session.scalars(
            insert(Charge).returning(Charge.id, sort_by_parameter_order=True),
            [asdict(one) for one in new],
            execution_options={"render_nulls": True},
        )
    )
    pairs = list(zip(new, ids, strict=True))
    session.execute(insert(LedgerEntry), [_capture_row(one, charge_id) for one, charge_id in pairs])
    session.execute(
        insert(ChargeBalance),
        [
            {
                "charge_id": charge_id,
                "captured": one.amount_minor,
                "reserved": 0,
                "refunded": 0,
                "disputed": 0,
            }
            for one, charge_id in pairs
        ],
    )
    return ids


def reserve(
    session: Session, charge_id: int, amount_minor: int, *, key: str, case_id: int | None, now: datetime
) -> LedgerEntry:
    """Hold `amount_minor` for a decision. Raises RuleBroken where less is left of the charge."""
    return _move(session, "reserve", charge_id, amount_minor, key=key, case_id=case_id, now=now)


def release(
    session: Session, charge_id: int, amount_minor: int, *, key: str, case_id: int | None, now: datetime
) -> LedgerEntry:
    """Give a reservation back to the charge: the decision was declined, superseded or has lapsed."""
    return _move(session, "release", charge_id, amount_minor, key=key, case_id=case_id, now=now)


def refund(
    session: Session, charge_id: int, amount_minor: int, *, key: str, case_id: int | None, now: datetime
) -> LedgerEntry:
    """A reserved sum went back to the payer."""
    return _move(session, "refund", charge_id, amount_minor, key=key, case_id=case_id, now=now)


def credit(
    session: Session, charge_id: int, amount_minor: int, *, key: str, case_id: int | None, now: datetime
) -> LedgerEntry:
    """A reserved sum was credited to the customer's balance instead of being paid out."""
    return _move(session, "credit", charge_id, amount_minor, key=key, case_id=case_id, now=now)


def refund_unreserved(
    session: Session, charge_id: int, amount_minor: int, *, key: str, case_id: int | None, now: datetime
) -> LedgerEntry:
    """A sum went back that no decision of the desk had held (an import, a refund made elsewhere)."""
    _move(session, "reserve", charge_id, amount_minor, key=f"{key}-reserve", case_id=case_id, now=now)
    return _move(session, "refund", charge_id, amount_minor, key=key, case_id=case_id, now=now)


def dispute(
    session: Session, charge_id: int, amount_minor: int, *, key: str, case_id: int | None, now: datetime
) -> LedgerEntry:
    """The payer's bank took `amount_minor` back while it looks into the charge."""
    return _move(session, "dispute", charge_id, amount_minor, key=key, case_id=case_id, now=now)


def dispute_won(
    session: Session, charge_id: int, amount_minor: int, *, key: str, case_id: int | None, now: datetime
) -> LedgerEntry:
    """The bank gave the disputed sum back."""
    return _move(session, "dispute_won", charge_id, amount_minor, key=key, case_id=case_id, now=now)


def _move(
    session: Session,
    kind: str,
    charge_id: int,
    amount_minor: int,
    *,
    key: str,
    case_id: int | None,
    now: datetime,
) -> LedgerEntry:
    if not 0 < amount_minor <= MAXIMUM_MINOR:
        raise InvalidInput("ledger.no_amount", field="amount")
    balance, currency = _locked(session, charge_id)
    earlier = session.scalars(select(LedgerEntry).where(LedgerEntry.key == key)).one_or_none()
    if earlier is not None:  # read after the lock: a concurrent twin has committed by now
        if (earlier.charge_id, earlier.kind, earlier.amount_minor) != (charge_id, kind, amount_minor):
            raise Conflict("ledger.key_taken", key=key)
        return earlier
    if not _changed(session, charge_id, kind, amount_minor):
        raise _too_much(balance, kind, currency)
    entry = LedgerEntry(
        charge_id=charge_id,
        kind=kind,
        amount_minor=amount_minor,
        currency=currency,
        at=now,
        key=key,
        case_id=case_id,
        note="",
    )
    session.add(entry)
    session.flush()
    return entry


def _locked(session: Session, charge_id: int) -> tuple[Balance, str]:
    """The balance as it stands and the currency; nobody else moves this charge until we commit."""
    row = session.execute(
        select(
            ChargeBalance.captured,
            ChargeBalance.reserved,
            ChargeBalance.refunded,
            ChargeBalance.disputed,
            Charge.currency,
        )
        .join(Charge, Charge.id == ChargeBalance.charge_id)
        .where(ChargeBalance.charge_id == charge_id)
        .with_for_update(of=ChargeBalance)
    ).one_or_none()
    if row is None:
        raise NotFound("not_found")
    return Balance(row.captured, row.reserved, row.refunded, row.disputed), row.currency


def _changed(session: Session, charge_id: int, kind: str, amount_minor: int) -> bool:
    """Move the sums where they stay sound; False where they would not, and nothing is changed."""
    step = moved(Balance(), kind, amount_minor)
    held, back, disputed = ChargeBalance.reserved, ChargeBalance.refunded, ChargeBalance.disputed
    result = session.execute(
        update(ChargeBalance)
        .where(
            ChargeBalance.charge_id == charge_id,
            held + step.reserved >= 0,
            disputed + step.disputed >= 0,
            held + back + disputed + (step.reserved + step.refunded + step.disputed)
            <= ChargeBalance.captured,
        )
        .values(
            reserved=held + step.reserved,
            refunded=back + step.refunded,
            disputed=disputed + step.disputed,
        )
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def _too_much(balance: Balance, kind: str, currency: str) -> RuleBroken:
    effect = EFFECTS[kind]
    if effect.reserved < 0:
        return RuleBroken("ledger.not_reserved", held=Money(balance.reserved, currency))
    if effect.disputed < 0:
        return RuleBroken("ledger.not_disputed", held=Money(balance.disputed, currency))
    return RuleBroken("ledger.too_much", left=Money(balance.left, currency))


def _check_charge(new: NewCharge) -> None:
    if not 0 <= new.amount_minor <= MAXIMUM_MINOR:
        raise InvalidInput("ledger.no_amount", field="amount")


def _capture_row(new: NewCharge, charge_id: int) -> dict[str, object]:
    return {
        "charge_id": charge_id,
        "kind": "capture",
        "amount_minor": new.amount_minor,
        "currency": new.currency,
        "at": new.captured_at,
        "key": new.key,
        "case_id": None,
        "note": "",
    }
