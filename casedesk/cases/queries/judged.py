"""A case by its number, with the judgement that stands on it."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.cases.models import Case
from casedesk.policy.verdict import Verdict
from casedesk.rulebook.models import Judgement


@dataclass(frozen=True)
class JudgedCase:
    """`judgement` is None where the case was never judged."""

    number: str
    judgement: Judgement | None

    @property
    def verdict(self) -> Verdict:
        """The stored verdict. Only where there is a judgement."""
        assert self.judgement is not None
        return Verdict.from_canonical(self.judgement.verdict.encode())

    def plain(self) -> dict[str, Any]:
        """The judgement as JSON: facts with their sources, and the whole verdict with its digest."""
        assert self.judgement is not None
        kept = self.judgement
        return {
            "number": self.number,
            "judgement": kept.id,
            "judged_at": kept.judged_at.isoformat(),
            "subject": kept.facts["subject"],
            "facts": kept.facts["facts"],
            "verdict": {**json.loads(kept.verdict), "digest": kept.digest},
        }


def judged_by_number(session: Session, number: str) -> JudgedCase | None:
    """The case with this number, as written or in other case; None where there is none."""
    row = session.execute(
        select(Case.number, Judgement)
        .outerjoin(Judgement, Judgement.id == Case.judgement_id)
        .where(Case.number.in_({number, number.upper()}))
    ).one_or_none()
    return None if row is None else JudgedCase(str(row[0]), row[1])
