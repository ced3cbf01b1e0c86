"""The verdict beside a case: the stored one, or the one on what is being typed."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casedesk.cases.queries.sheet import CaseSheet
from casedesk.policy.verdict import Verdict
from casedesk.rulebook import packs
from casedesk.rulebook.view import VerdictView, verdict_view


def view_of_stored(session: Session, head: CaseSheet) -> VerdictView | None:
    """The judgement that stands on the case, in the reader's language; None where it was never judged."""
    if head.case.verdict is None:
        return None
    verdict = Verdict.from_canonical(head.case.verdict.encode())
    return verdict_view(verdict, packs.published(session), judged_at=head.case.judged_at)


def view_of(session: Session, verdict: Any, *, now: datetime) -> VerdictView:
    """A verdict that was not stored, judged at `now`."""
    return verdict_view(verdict, packs.published(session), judged_at=now)
