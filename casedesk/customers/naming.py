"""The words of customers' names, kept beside them for look-ups."""

from collections.abc import Iterable

from sqlalchemy import delete
from sqlalchemy.orm import Session

from casedesk.customers.folding import words_of
from casedesk.customers.models import CustomerWord
from casedesk.store.bulk import insert_rows


def keep_words(session: Session, names: Iterable[tuple[int, str]]) -> None:
    """Keep the words of new customers, each (id, folded name)."""
    rows = [{"customer_id": of, "word": word} for of, name_key in names for word in words_of(name_key)]
    insert_rows(session, CustomerWord, rows)


def change_words(session: Session, customer_id: int, name_key: str) -> None:
    """The customer is found by the words of `name_key` from now on, and by no other; by none where it is empty."""
    session.execute(delete(CustomerWord).where(CustomerWord.customer_id == customer_id))
    keep_words(session, [(customer_id, name_key)])
