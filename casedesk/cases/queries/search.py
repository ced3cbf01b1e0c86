"""What one line of search finds: a case by its number, else customers with their cases."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.models import Case, CaseAlias
from casedesk.cases.queries.home import LINE, CaseLine
from casedesk.cases.queries.sight import visible
from casedesk.customers.models import Customer
from casedesk.kernel.refs import is_case_number
from casedesk.store.db import values
from casedesk.web.addresses import LARGEST_ID

SHOWN = 5
"""Cases shown of each customer; the customer's page has them all."""

_LIKE_NUMBER = re.compile(
    r"(?:(?P<prefix>[A-Z]{2,5})[- ]?)?(?:(?P<year>20\d{2})[- ])?(?P<serial>\d{1,18})(?:[- ](?P<check>[0-9A-Z]))?"
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


def sought_number(text: str) -> Sought | None:
    """The case number that `text` writes: whole, without prefix or check character, or the bare serial."""
    found = _LIKE_NUMBER.fullmatch(text.strip().upper())
    if found is None or not found["serial"].isascii() or int(found["serial"]) > LARGEST_ID:
        return None
    return Sought(int(found["serial"]), *(found[part] or "" for part in ("year", "prefix", "check")))


def cases_by_number(session: Session, actor: Actor, text: str) -> list[CaseHit]:
    """The cases that `text` may name, by number or by the number they had elsewhere, as far as the actor may see.

    A number with a wrong character still finds its case, as a hit that is not exact; those come last.
    """
    sought = sought_number(text)
    spelled = {text.strip(), text.strip().upper()}
    aliases = select(CaseAlias.case_id).where(CaseAlias.alias.in_(spelled))
    ways: list[ColumnElement[bool]] = [Case.id.in_(aliases)]
    if sought is not None:
        ways.append(Case.id == sought.serial)
    rows = session.execute(
        select(Case.id, Case.number, Case.id.in_(aliases).label("by_alias"))
        .where(or_(*ways), visible(actor))
        .order_by(Case.id)
        .limit(SHOWN)
    )
    hits = [
        CaseHit(row.id, row.number or str(row.id), row.by_alias or _is_exact(row.number or "", text, sought))
        for row in rows
    ]
    return sorted(hits, key=lambda hit: not hit.exact)


def _is_exact(number: str, text: str, sought: Sought | None) -> bool:
    """Is everything that was typed part of `number`?"""
    if sought is None:
        return False
    if is_case_number(text):
        return number == text.strip().upper()
    prefix, year, _serial, check = [*number.split("-"), "", "", "", ""][:4]
    return sought.prefix in ("", prefix) and sought.year in ("", year) and sought.check in ("", check)


def cases_of(session: Session, actor: Actor, customer_ids: Sequence[int]) -> dict[int, list[CaseLine]]:
    """The newest cases of each of these customers that the actor may see; `total` counts the customer's."""
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
        select(Case.customer_id, *LINE, ranked.c.total)
        .join(ranked, ranked.c.id == Case.id)
        .join(Customer, Customer.id == Case.customer_id)
        .where(ranked.c.rank <= SHOWN)
        .order_by(Case.id.desc())
    )
    found: dict[int, list[CaseLine]] = {}
    for customer_id, *line in map(values, rows):
        found.setdefault(customer_id, []).append(CaseLine(*line))
    return found
