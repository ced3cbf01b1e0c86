"""What a person reads when signals refuse: sentences of the pages, and those of the files and the scan."""

from flask_babel import lazy_gettext as _l

from casedesk.reports import wording

ERRORS = {
    "signal.move": _l("The signal has moved on meanwhile. Look at where it stands now, then decide again."),
    "signal.explanation": _l("Write why it rose, so that others need not ask again."),
    "signal.change": _l("Write what is to be changed."),
    "signal.owner": _l("Choose who makes the change from the list."),
    "signal.done_in_future": _l("The day of the change lies ahead. Say it is done once it is."),
    "signal.done_already": _l("This change was marked as done already."),
    "signal.lesson": _l("Write what was found: the next one who meets this cause will read it."),
    "signal.snooze_reason": _l("Write why nobody needs to hear of it."),
    "signal.snooze_until": _l("Choose a day from tomorrow to three months ahead."),
    "signal.annotation": _l("Write what happened."),
    **{code: _l(text) for code, text in wording.ERRORS.items()},
}
