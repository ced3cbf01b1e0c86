"""Values of a report as people read them, and as files hold them. One place, so that page and paper agree."""

from datetime import date

from babel import numbers
from flask_babel import get_locale
from flask_babel import gettext as _

from casedesk.kernel.money import EXPONENTS
from casedesk.reports.catalog.base import Column, Figure, Value
from casedesk.web import locale

MINUTE, HOUR, DAY = 60, 3600, 86_400
NOTHING = "–"


def value(one: Value, unit: str, currency: str = "") -> str:
    """A value in the reader's language with its unit; a dash where there is none."""
    if one is None or one == "":
        return NOTHING
    if isinstance(one, date):
        return locale.day_year(one)
    if isinstance(one, str):
        return one
    if unit == "money":
        return locale.amount(int(one), currency)
    if unit == "percent":
        return numbers.format_percent(one, "0.0 %" if _french() else "0.0%", locale=_locale())
    if unit == "duration":
        return duration(one)
    if unit == "days":
        return _("%(count)s days", count=int(one))
    if unit == "ratio":
        return str(numbers.format_decimal(one, "#,##0.0##", locale=_locale()))
    return str(numbers.format_decimal(one, locale=_locale()))


def cell(one: Value, column: Column) -> str:
    return value(one, column.unit, column.currency)


def figure(one: Figure) -> str:
    """A head figure; money with its currency."""
    if one.unit == "money" and isinstance(one.value, int):
        return locale.money(one.value, one.currency)
    return value(one.value, one.unit, one.currency)


def before(one: Figure) -> str:
    """How a figure moved against the comparison period, in words: "+12 %, from 40"."""
    if (
        one.before is None
        or one.value is None
        or isinstance(one.value, str | date)
        or isinstance(one.before, str | date)
    ):
        return ""
    was = (
        locale.money(round(one.before), one.currency)
        if one.unit == "money"
        else value(one.before, one.unit, one.currency)
    )
    if one.unit == "percent":
        points = (one.value - one.before) * 100
        moved = numbers.format_decimal(points, "+#,##0.0;-#,##0.0", locale=_locale())
        return _("%(moved)s points, from %(was)s", moved=moved, was=was)
    if not one.before:
        return _("from %(was)s", was=was)
    moved = numbers.format_percent(
        (one.value - one.before) / one.before, "+0 %;-0 %" if _french() else "+0%;-0%", locale=_locale()
    )
    return _("%(moved)s, from %(was)s", moved=moved, was=was)


def direction(one: Figure) -> str:
    """ok or late where the move is better or worse, '' where it is neither."""
    if (
        not one.good
        or one.before is None
        or not isinstance(one.value, int | float)
        or not isinstance(one.before, int | float)
    ):
        return ""
    if one.value == one.before:
        return ""
    return "ok" if (one.value > one.before) == (one.good == "up") else "late"


def duration(seconds: float) -> str:
    """A duration as people say it: 40 min, 5 h 56, 3.2 days."""
    if seconds < HOUR:
        return _("%(count)d min", count=max(round(seconds / MINUTE), 1))
    if seconds < 2 * DAY:
        hours, minutes = divmod(round(seconds / MINUTE), 60)
        return _("%(hours)d h %(minutes)02d", hours=hours, minutes=minutes)
    return _("%(days)s days", days=numbers.format_decimal(seconds / DAY, "0.0", locale=_locale()))


def plain(one: Value, column: Column) -> Value:
    """A value as files hold it: amounts as decimals of the currency, shares of one, seconds; not rounded for display."""
    if one is None or isinstance(one, str):
        return one
    if isinstance(one, date):
        return one.isoformat()
    if column.unit == "money":
        exponent = EXPONENTS.get(column.currency, 2)
        return f"{int(one) / 10**exponent:.{exponent}f}"
    if column.unit == "duration":
        return round(float(one))
    if isinstance(one, float):
        return round(one, 6)
    return one


def unit_of(column: Column) -> str:
    """What a file's head says of a column's unit."""
    return {
        "money": column.currency,
        "percent": _("share of 1"),
        "duration": _("seconds"),
        "days": _("days"),
    }.get(column.unit, "")


def head(column: Column) -> str:
    """The head of a column in a file."""
    unit = unit_of(column)
    return f"{column.label} ({unit})" if unit and unit not in column.label else column.label


def _french() -> bool:
    return _locale().startswith("fr")


def _locale() -> str:
    return str(get_locale() or "en")
