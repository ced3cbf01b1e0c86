"""How long customers wait for the first reply."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports.catalog import durations
from casedesk.reports.catalog.base import DESK, Desk, Made, Report


def make(desk: Desk) -> Made:
    return durations.make(desk, "first_reply", _("Cases first answered"))


REPORT = Report(
    "first_reply",
    _l("Time to first reply"),
    _l("How long customers wait until somebody answers."),
    (
        _l(
            "From the opening of the case to the first answer, in hours of the clock: nights and week-ends count, as they do for the customer."
        ),
        _l(
            "A case counts on the day on which it was first answered. Cases nobody has answered yet are not in the figures."
        ),
    ),
    make,
    roles=DESK,
    cuts=("team", "kind", "cause"),
    icon="message",
)
