"""Our own quick writing says what Babel says."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from babel import dates, numbers

from casedesk.web.spelling import dated, figure

PATTERNS = (
    "EEE d MMM y",
    "d MMM",
    "HH:mm",
    "EEE d, HH:mm",
    "EEE d MMM y HH:mm",
    "MMMM y",
    "EEEE d MMMM y",
    "MMM y",
)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_dates_are_written_as_babel_writes_them(pattern: str, language: str) -> None:
    for n in range(0, 400, 7):
        at = datetime(2026, 1, 1, 0, 5, tzinfo=UTC) + timedelta(days=n, hours=n % 24)
        assert dated(at, pattern, language) == dates.format_datetime(at, pattern, tzinfo=UTC, locale=language)


def test_a_day_needs_no_hour() -> None:
    assert dated(date(2026, 11, 24), "EEE d MMM y", "fr") == "mar. 24 nov. 2026"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("decimals", "pattern"), [(0, "#,##0"), (2, "#,##0.00"), (3, "#,##0.000")])
def test_figures_are_written_as_babel_writes_them(decimals: int, pattern: str, language: str) -> None:
    for minor in (0, 1, 99, 100, 42_764, 123_456_789, -5, -1_234_567):
        value = Decimal(minor).scaleb(-decimals)
        assert figure(minor, decimals, language) == numbers.format_decimal(value, pattern, locale=language)
