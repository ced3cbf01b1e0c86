"""What managers type about a signal."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from casedesk.reports.signal_actions import Assigned, Happened, Lesson
from casedesk.reports.signal_rules import ANNOTATIONS
from casedesk.reports.signal_words import ANNOTATION, HELD
from casedesk.web.fields import ChoiceField, LocalDateField, listed
from casedesk.web.form import DeskForm

_TOO_LONG = _l("This is too long: %(max)d characters at most.")
_LINE = Length(max=160, message=_TOO_LONG)
_TEXT = Length(max=2_000, message=_TOO_LONG)


class ExplainForm(DeskForm):
    text = TextAreaField(
        _l("Why it rose"),
        [DataRequired(_l("Write why it rose, so that others need not ask again.")), _TEXT],
    )


class AssignForm(DeskForm):
    change = StringField(
        _l("What is to be changed"), [DataRequired(_l("Write what is to be changed.")), _LINE]
    )
    owner_id = ChoiceField(_l("By whom"), coerce=int)
    due_on = LocalDateField(_l("By when"), [DataRequired(_l("Choose a day."))])

    def to_command(self) -> Assigned:
        assert self.due_on.data is not None  # a required field
        return Assigned(self.change.data or "", self.owner_id.data, self.due_on.data)


class DoneForm(DeskForm):
    done_on = LocalDateField(_l("Done on"), [DataRequired(_l("Choose a day."))])


class CloseForm(DeskForm):
    found = TextAreaField(
        _l("What was found"),
        [DataRequired(_l("Write what was found: the next one who meets this cause will read it.")), _TEXT],
    )
    done = TextAreaField(_l("What was done"), [_TEXT])
    held = RadioField(
        _l("Did it hold?"),
        choices=listed([(code, HELD[code]) for code in ("yes", "no", "unclear", "unknown")]),
        default="unknown",
    )

    def to_command(self) -> Lesson:
        return Lesson(self.found.data or "", self.done.data or "", self.held.data)


class SnoozeForm(DeskForm):
    until = LocalDateField(_l("Until"), [DataRequired(_l("Choose a day."))])
    why = StringField(_l("Reason"), [DataRequired(_l("Write why nobody needs to hear of it.")), _LINE])


class AnnotationForm(DeskForm):
    on = LocalDateField(_l("Day"), [DataRequired(_l("Choose a day."))])
    kind = ChoiceField(_l("What it was"), choices=[(code, ANNOTATION[code]) for code in ANNOTATIONS])
    said = StringField(_l("In a few words"), [DataRequired(_l("Write what happened.")), _LINE])
    detail = StringField(_l("More about it"), [_LINE])
    here = BooleanField(_l("Concerns this cause only"))

    def to_command(self, cause: str) -> Happened:
        assert self.on.data is not None  # a required field
        where = cause if self.here.data else ""
        return Happened(self.on.data, self.kind.data, self.said.data or "", self.detail.data or "", where)
