"""One month is no "1 months"."""

from datetime import date

import pytest

from casedesk.policy.verdict import Step
from casedesk.rulebook import wording


@pytest.mark.parametrize(
    ("count", "locale", "expected"),
    [
        (1, "en", "+ 1 month of notice"),
        (11, "en", "+ 11 months of notice"),
        (21, "en", "+ 21 months of notice"),
        (1, "fr", "+ 1 mois de préavis"),
    ],
)
def test_one_of_something_is_singular(count: int, locale: str, expected: str) -> None:
    step = Step("notice", {"from": date(2026, 11, 21), "count": count, "to": date(2026, 12, 21)})
    assert expected in wording.line(step, locale)[0]
