"""How long cases take until they are closed."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports.catalog import durations
from casedesk.reports.catalog.base import DESK, Desk, Made, Report


def make(desk: Desk) -> Made:
    return durations.make(desk, "resolution", _("Cases closed"))


REPORT = Report(
    "resolution",
    _l("Time to resolution"),
    _l("How long cases take until they are closed: median, nine in ten, and the whole distribution."),
    (
        _l("From the opening of the case to its last closing, in days of the calendar."),
        _l(
            "A case counts on the day on which it was closed. Open cases are not in the figures: see Workload for how old those are."
        ),
    ),
    make,
    roles=DESK,
    cuts=("team", "kind", "cause"),
    icon="clock",
)
