"""Refusals of reports as people read them."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

ERRORS: dict[str, LazyString] = {
    "report.day": _l("“%(text)s” is no day. Write it as year, month and day: 2026-11-20."),
    "report.both_days": _l("A period of one’s own needs both its first and its last day."),
    "report.ends_before": _l(
        "The period ends (%(last)s) before it begins (%(first)s). Exchange the two days."
    ),
    "report.future": _l(
        "%(day)s has not come yet: today is %(today)s. Choose a period that ends today at the latest."
    ),
    "report.too_long": _l(
        "The period is too long or too far back: at most %(years)d years, none before 1990."
    ),
    "report.period": _l("There is no period “%(period)s”. Choose one from the list, or two days."),
    "report.comparison": _l(
        "There is no comparison “%(comparison)s”. Choose the period before, the year before, or nothing."
    ),
    "report.overlap": _l(
        "The comparison would overlap the period (%(first)s to %(last)s), so that cases would count on both sides. Compare with the period before, or choose at most a year."
    ),
    "report.grain": _l("Steps are by day, week or month, not “%(grain)s”."),
    "report.cut": _l("A report cannot be cut by “%(cut)s”."),
    "report.format": _l("There is no format “%(format)s”. Choose csv, json, xlsx or pdf."),
    "report.unknown_kind": _l("There is no kind of case “%(value)s”."),
    "report.unknown_team": _l("There is no team “%(value)s”."),
    "report.unknown_cause": _l(
        "There is no cause “%(value)s”. Causes are listed under the filter, and retired ones keep their code."
    ),
    "report.unknown_source": _l(
        "No case came from the source “%(value)s” yet, so there is nothing to report on it."
    ),
    "report.unknown_plan": _l("There is no plan “%(value)s”."),
    "report.unknown_channel": _l("There is no channel “%(value)s”."),
    "report.unknown_owner": _l("There is nobody with the number “%(value)s”."),
    "report.unknown_currency": _l("No case has the currency “%(value)s”."),
    "report.unknown_report": _l("There is no report “%(report)s”. There are: %(known)s."),
    "report.filter": _l(
        "This report cannot be narrowed by %(filter)s. Take the filter away, or choose another report."
    ),
    "report.name": _l("Give the saved report a name of at most 80 characters."),
    "report.rate": _l("The rate must be a number above zero, for example 1.17."),
    "report.rate_currency": _l(
        "A currency has three letters, for example GBP, and differs from the organisation’s own (%(home)s)."
    ),
    "report.rate_future": _l(
        "A rate of a day that has not come yet is not known. Choose today or a day before."
    ),
    "report.no_renderer": _l(
        "This machine cannot draw PDFs: Pango is not installed. Ask the administrator to run casedesk doctor."
    ),
}
