"""The base of the forms on a file, and fields that several share."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from casedesk.mediation import words
from casedesk.mediation.rules.proposals import HOW
from casedesk.web.fields import ChoiceField
from casedesk.web.form import DeskForm


class OnFile(DeskForm):
    """A form on a file; `version` says which state of it the writer looked at."""

    version = HiddenField(default="")

    @property
    def file_version(self) -> int | None:
        text = self.version.data
        return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None

    def to_command(self, mediation_id: int) -> Any:
        raise NotImplementedError

    def arrange(self, page: Any) -> None:
        """Give the fields what the file offers: choices, currency, usual values. Called before data is read."""


def for_side() -> ChoiceField:
    """For whom the mediator records it; parties do not choose."""
    return ChoiceField(
        _l("Recorded for"),
        choices=[(side, words.ROLE[side]) for side in ("customer", "company")],
        default="customer",
    )


def how() -> ChoiceField:
    """How it reached the mediator."""
    return ChoiceField(
        _l("How it came"),
        choices=[(code, words.HOW[code]) for code in HOW if code not in ("link", "desk")],
        default="mail",
    )
