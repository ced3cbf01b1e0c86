"""What a notice says: one line on Home, title and text of a mail, in the reader's language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from casedesk.cases import words
from casedesk.cases.event_words import clock_name
from casedesk.web import locale

STATE = {"clock_breached": "late", "clock_overdue": "late", "clock_reminded": "risk", "escalated": "risk"}
"""The colour of a notice: what is late, what soon will be; none for the rest."""


def line(code: str, params: Mapping[str, Any], name: str = "") -> str:
    """The notice as one sentence. `name` is the person that it speaks of, where it does."""
    due = _moment(params.get("due_at"))
    clock = clock_name(str(params.get("clock", "")))
    if code == "clock_reminded":
        return _("%(clock)s is due %(moment)s", clock=clock, moment=due)
    if code == "clock_breached":
        return _("%(clock)s ran out %(moment)s", clock=clock, moment=due)
    if code == "clock_overdue":
        return _("%(clock)s, due %(moment)s, is still not done", clock=clock, moment=due)
    if code == "escalated":
        return _("Raised to you: %(reason)s", reason=words.said(words.RAISED_FOR, params.get("reason")))
    if code == "came_down":
        return _(
            "%(name)s brought the case down to %(stage)s", name=params.get("by", ""), stage=_stage(params)
        )
    if code == "mediation_reached":
        return _("The case stands at mediation: a mediation may be asked for")
    if code == "offer_by_hand":
        return _("An offer was accepted and could not be carried out by itself: decide it")
    if code == "stands_in":
        count = int(params.get("count", 0))
        return ngettext(
            "You stand in until %(until)s: %(num)d case was handed to you",
            "You stand in until %(until)s: %(num)d cases were handed to you",
            count,
            until=_moment(params.get("until")),
        )
    if code == "back_again":
        return ngettext(
            "You are back: %(num)d case came back to you",
            "You are back: %(num)d cases came back to you",
            int(params.get("count", 0)),
        )
    return words.said({}, code)


def mail(code: str, params: Mapping[str, Any], number: str) -> tuple[str, str]:
    """(title, text) of the mail. No word of the customer and no name stands in it: it leaves the house."""
    said = line(code, params)
    title = _("Case %(number)s: %(what)s", number=number, what=said)
    text = [
        said + ".",
        _("Case %(number)s", number=number),
        _("Open the case in casedesk to see it whole. What you do there answers this message."),
    ]
    return title, "\n\n".join(text)


def _stage(params: Mapping[str, Any]) -> str:
    return words.said(words.STAGE, params.get("stage"))


def _moment(text: object) -> str:
    return locale.moment(datetime.fromisoformat(str(text))) if text else ""
