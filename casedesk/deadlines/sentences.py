"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "calendar.never_open": _l(
        "No hour of the week is open, so no deadline could ever be reckoned. Enter opening hours for one day at least."
    ),
    "calendar.crosses": _l(
        "These hours begin before the evening before has ended. Let the evening end where the morning begins."
    ),
    "calendar.zone": _l("“%(zone)s” is no time zone. Choose one from the list, like Europe/Paris."),
    "calendar.region": _l(
        "No holidays are known for “%(region)s”. Write a country or a country with its region, like FR, FR-57, DE-BY or GB-SCT; leave it empty for none."
    ),
    "calendar.name_taken": _l("There is a calendar of this name already. Choose another."),
    "calendar.entity_taken": _l("This entity has its usual calendar already. Take it away there first."),
    "calendar.entity": _l("This entity does not exist any more. Choose another."),
    "calendar.in_use": _l("Service times still use this calendar. Give them another one first."),
    "calendar.hours": _l(
        "“%(piece)s” cannot be read. Write hours like 09:00-12:30, 13:30-18:00; past midnight 22:00-02:00; all day 00:00-24:00."
    ),
    "calendar.overlap": _l(
        "“%(piece)s” lies within hours that stand there already. Take one of the two away."
    ),
    "calendar.day": _l("“%(piece)s” is not a day. Write it like 2026-12-24, one a line."),
    "service_time.minutes": _l("Enter a time above zero, in hours and minutes, like 8 h or 2 h 30."),
    "service_time.customer": _l("Choose whom the time is for from the list."),
    "service_time.calendar": _l("This calendar does not exist any more. Choose another."),
    "service_time.twin": _l("There is a time for exactly this already. Change that one."),
    "threshold.minutes": _l("Enter a time above zero, in hours and minutes, like 2 h."),
    "threshold.tell": _l("Choose who is told from the list."),
    "service.stale": _l("A colleague changed this meanwhile. Look at what stands now, then save again."),
}
