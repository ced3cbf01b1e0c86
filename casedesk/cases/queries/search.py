"""What one line of search finds: a case by its number, else customers with their cases."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.models import Case, CaseAlias
from casedesk.cases.queries.queue import COLUMNS
from casedesk.cases.queries.sight import visible
from casedesk.customers.models import Customer
from casedesk.kernel.refs import is_case_number
from casedesk.web.addresses import LARGEST_ID

SHOWN = 5
"""Cases shown of each customer; the customer's page has them all."""

_LIKE_NUMBER = re.compile(
    r"(?:(?P<prefix>[A-Z]{2,5})[- ]?)?(?:(?P<year>\d{4})[- ])?(?P<serial>\d{1,18})(?:[- ](?P<check>[0-9A-Z]))?"
)


@dataclass(frozen=True)
class Sought:
    """`text` as a case number: what was given of it. Serials are the ids of cases."""

    serial: int
    year: str = ""
    prefix: str = ""
    check: str = ""


@dataclass(frozen=True)
class CaseHit:
    """A case that a number leads to. `exact`: all that was typed of the number is right."""

    id: int
    number: str
    exact: bool


@dataclass(frozen=True)
class TheirCases:
    """The newest cases of a customer that the reader may see, and how many there are."""

    rows: Sequence[Any]
    count: int


def sought_number(text: str) -> Sought | None:
    """The case number that `text` writes: whole, without prefix or check character, or the bare serial."""
    found = _LIKE_NUMBER.fullmatch(text.strip().upper())
    if found is None or not found["serial"].isascii() or int(found["serial"]) > LARGEST_ID:
        return None
    return Sought(int(found["serial"]), *(found[part] or "" for part in ("year", "prefix", "check")))


def case_by_number(session: Session, actor: Actor, text: str) -> CaseHit | None:
    """The case that `text` names, by its number or by the one it had elsewhere, if the actor may see it.

    A number with a wrong character still finds its case, as a hit that is not exact.
    """
    sought = sought_number(text)
    spelled = {text.strip(), text.strip().upper()}
    ways: list[ColumnElement[bool]] = [
        Case.id.in_(select(CaseAlias.case_id).where(CaseAlias.alias.in_(spelled)))
    ]
    if sought is not None:
        ways.append(Case.id == sought.serial)
    aliased = (
        select(CaseAlias.alias).where(CaseAlias.case_id == Case.id, CaseAlias.alias.in_(spelled)).limit(1)
    )
    rows = session.execute(
        select(Case.id, Case.number, aliased.scalar_subquery().label("alias"))
        .where(or_(*ways), visible(actor))
        .order_by(Case.id)
    ).all()
    by_number = [row for row in rows if sought and row.id == sought.serial]
    by_alias = [row for row in rows if row.alias]
    exact = [row for row in by_number if _is_exact(row.number or "", text, sought)]
    best = (exact or by_alias or by_number)[:1]
    return CaseHit(best[0].id, best[0].number or str(best[0].id), bool(exact or by_alias)) if best else None


def _is_exact(number: str, text: str, sought: Sought | None) -> bool:
    """Is everything that was typed part of `number`?"""
    if sought is None:
        return False
    if is_case_number(text):
        return number == text.strip().upper()
    prefix, year, _serial, check = [*number.split("-"), "", "", "", ""][:4]
    return sought.prefix in ("", prefix) and sought.year in ("", year) and sought.check in ("", check)


def cases_of(session: Session, actor: Actor, customer_ids: Sequence[int]) -> dict[int, TheirCases]:
    """The newest cases of each of these customers that the actor may see."""
    if not customer_ids:
        return {}
    rank = func.row_number().over(partition_by=Case.customer_id, order_by=Case.id.desc())
    total = func.count().over(partition_by=Case.customer_id)
    ranked = (
        select(Case.id, rank.label("rank"), total.label("total"))
        .where(Case.customer_id.in_(customer_ids), visible(actor))
        .subquery()
    )
    rows = session.execute(
        select(*COLUMNS, Case.customer_id, ranked.c.total)
        .join(ranked, ranked.c.id == Case.id)
        .join(Customer, Customer.id == Case.customer_id)
        .where(ranked.c.rank <= SHOWN)
        .order_by(Case.customer_id, Case.id.desc())
    ).all()
    found: dict[int, TheirCases] = {}
    for customer_id in {row.customer_id for row in rows}:
        own = [row for row in rows if row.customer_id == customer_id]
        found[customer_id] = TheirCases(own, own[0].total)
    return found
