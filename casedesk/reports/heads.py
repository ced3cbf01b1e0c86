"""What stands at the head of a report on every medium: period, comparison, filters, zone, how it was counted."""

from flask_babel import get_locale
from flask_babel import gettext as _

from casedesk.reports.asked import Asked
from casedesk.reports.catalog.labels import compare_label, dimension_label, grain_label
from casedesk.reports.making import Answer
from casedesk.reports.names import Names
from casedesk.reports.periods import Period
from casedesk.web import locale


def days(period: Period) -> str:
    """``1 Nov 2026 to 20 Nov 2026``, both days included."""
    if period.days == 1:
        return locale.day_year(period.start)
    return _("%(first)s to %(last)s", first=locale.day_year(period.start), last=locale.day_year(period.last))


def compared(asked: Asked) -> str:
    if asked.before is None:
        return ""
    return _("compared with %(how)s: %(days)s", how=compare_label(asked.compare), days=days(asked.before))


def filters(asked: Asked, names: Names) -> list[tuple[str, str]]:
    """(dimension, values) of each filter in words."""
    return [
        (dimension_label(name), ", ".join(names.of(name, value) for value in values))
        for name, values in asked.filters
    ]


def lines(answer: Answer) -> list[tuple[str, str]]:
    """Label and text of every line of the head, for files and paper."""
    asked, report = answer.asked, answer.report
    found = []
    if report.by_period:
        found.append((_("Period"), days(asked.period)))
        if asked.before is not None:
            found.append((_("Compared with"), f"{compare_label(asked.compare)}: {days(asked.before)}"))
    found += filters(asked, answer.names)
    if report.cuts:
        found.append((_("By"), dimension_label(asked.by if asked.by in report.cuts else report.cuts[0])))
    if report.steps:
        found.append((_("Step"), grain_label(asked.grain)))
    if answer.own_only:
        found.append((_("Cases"), _("those you may see in reports: your own, or your team’s")))
    found.append((_("Time zone"), _("%(zone)s (days begin and end there)", zone=answer.zone)))
    found.append((_("Made"), made_at(answer)))
    found += [(_("How it was counted"), str(said)) for said in report.counted]
    found += [(_("Note"), said) for said in answer.made.notes]
    return found


def made_at(answer: Answer) -> str:
    """When it was made and up to when the record had been read."""
    if answer.as_of is None:
        return locale.moment(answer.now)
    return _(
        "%(made)s, from the record up to %(read)s",
        made=locale.moment(answer.now),
        read=locale.moment(answer.as_of),
    )


def language() -> str:
    return str(get_locale() or "en")[:2]
