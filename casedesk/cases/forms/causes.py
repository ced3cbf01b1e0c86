"""Is what was typed about a cause well-formed?"""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Regexp

from casedesk.cases.commands import AddCause, ChangeCause
from casedesk.web.fields import ChoiceField, listed
from casedesk.web.form import DeskForm


class _Labels(DeskForm):
    label_en = StringField(
        _l("In English"), [InputRequired(_l("Type the words in English.")), Length(max=80)]
    )
    label_fr = StringField(_l("In French"), [InputRequired(_l("Type the words in French.")), Length(max=80)])


class NewCauseForm(_Labels):
    code = StringField(
        _l("Code"),
        [
            InputRequired(_l("Type a short code, for example unclear_terms.")),
            Regexp(r"^[a-z][a-z0-9_]{1,39}\Z", message=_l("Small letters, digits and _, 40 at most.")),
        ],
    )

    def to_command(self) -> AddCause:
        return AddCause(self.code.data, self.label_en.data, self.label_fr.data)


class CauseForm(_Labels):
    position = IntegerField(
        _l("Place in the list"),
        [InputRequired(_l("Type a whole number.")), NumberRange(0, 10_000, message=_l("From 0 to 10000."))],
    )
    in_use = BooleanField(_l("In use"))

    def to_command(self, cause_id: int) -> ChangeCause:
        return ChangeCause(
            cause_id, self.label_en.data, self.label_fr.data, self.position.data or 0, self.in_use.data
        )


class MergeForm(DeskForm):
    into_id = ChoiceField(_l("Merge into"), [InputRequired(_l("Choose the cause that stays."))])

    def __init__(self, others: Sequence[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.into_id.choices = listed([("", _("choose")), *((str(i), words) for i, words in others)])
