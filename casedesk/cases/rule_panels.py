"""What the cases and the rulebook show of each other: a verdict overtaken by a newer pack, exceptions, and what is worth
knowing of a customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.cases import words
from casedesk.cases.models import Case
from casedesk.cases.queries import exceptions as excepted
from casedesk.cases.queries.exceptions import Exceptions
from casedesk.cases.queries.oddities import Oddities, oddities
from casedesk.policy.pack import Packs
from casedesk.rulebook import packs
from casedesk.rulebook import words as rule_words
from casedesk.rulebook.models import Judgement, PackVersion
from casedesk.rulebook.queries.shelf import slug
from casedesk.rulebook.queries.touched import Touched, touched
from casedesk.web.slots import Panel


@dataclass(frozen=True)
class TouchedFace:
    touched: Touched
    before: str
    after: str


@dataclass(frozen=True)
class ExceptionsFace:
    """The exceptions with the titles of the clauses in the reader's language."""

    found: Exceptions
    titles: dict[str, str]

    def title(self, rule: str) -> str:
        return self.titles.get(rule, rule)

    def address(self, rule: str) -> str:
        return slug(rule)

    def reason(self, code: str) -> str:
        return str(words.REASON.get(code, "")) or code


def overtaken(
    session: Session, actor: Actor, now: datetime, *, case_id: int, there: bool, **_context: Any
) -> TouchedFace | None:
    """Shown while the case lives and its verdict would be another one by the packs of today."""
    judgement_id = session.scalar(select(Case.judgement_id).where(Case.id == case_id)) if there else None
    found = touched(session, judgement_id, actor.locale) if judgement_id else None
    if found is None:
        return None
    said = rule_words.OUTCOMES
    return TouchedFace(found, str(said[found.before]), str(said[found.after]))


def worth_knowing(
    session: Session, actor: Actor, now: datetime, *, case_id: int, **_context: Any
) -> Oddities | None:
    return oddities(session, case_id, now=now)


def outside_the_verdict(session: Session, actor: Actor, now: datetime, **_context: Any) -> ExceptionsFace:
    return ExceptionsFace(
        excepted.exceptions(session, actor, now=now), _titles(packs.published(session), actor.locale)
    )


def _titles(published: Packs, locale: str) -> dict[str, str]:
    return {rule.id: rule.title.get(locale, rule.id) for pack in published.packs for rule in pack.rules}


def _packs_moved_on() -> ColumnElement[bool]:
    newest = select(func.max(PackVersion.id)).scalar_subquery()
    return (
        select(Judgement.id)
        .join(Case, Case.judgement_id == Judgement.id)
        .where(Case.id == bindparam("case_id"), Case.status != "closed", Judgement.packs_until < newest)
        .exists()
    )


PANELS = {
    "case.right": [
        Panel(Permission.SEE_CASES, overtaken, "cases/touched.html", _packs_moved_on),
        Panel(Permission.SEE_CASES, worth_knowing, "cases/worth_knowing.html"),
    ],
    "rulebook.exceptions": [Panel(Permission.APPROVE, outside_the_verdict, "cases/exceptions.html")],
}
