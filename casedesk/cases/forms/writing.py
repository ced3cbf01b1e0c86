"""What is written on a case: exchanges, notes, corrections."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, NumberRange, Optional

from casedesk.cases import words
from casedesk.cases.commands import CorrectEntry, NewAttachment, RecordExchange, RecordNote
from casedesk.cases.entries import ActLine
from casedesk.cases.rules import ACTS, GRADES
from casedesk.web.fields import ChoiceField, LocalDateTimeField, listed
from casedesk.web.form import DeskForm

SAID = _l("Write what was said before you save.")

CHANNELS_OF = {
    "reply": ("mail",),
    "call": ("phone", "chat", "meeting"),
    "letter": ("letter", "mail", "portal", "chat"),
}
"""Which channels each tab of the composer offers."""


class OnCase(DeskForm):
    """A form on a case: which state of the case its writer looked at."""

    version = HiddenField(default="")
    seen = HiddenField(default="")

    @property
    def case_version(self) -> int | None:
        """The version that the writer looked at; None where the form does not say."""
        return _number(self.version.data)

    @property
    def seen_seq(self) -> int:
        """The number of the last entry that the writer has seen."""
        return _number(self.seen.data) or 0

    def renew(self, version: int, seq: int) -> None:
        """Say that the writer now looks at this state: sending again is meant."""
        self.version.data, self.seen.data = str(version), str(seq)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


class ExchangeForm(OnCase):
    """One contact: a reply that is sent, or a call, letter, chat or meeting that took place."""

    write = HiddenField(default="reply")
    channel = ChoiceField(_l("Channel"), choices=list(words.CHANNEL_NAME.items()), default="mail")
    inbound = RadioField(
        _l("Who spoke"), choices=listed([("1", _l("The customer")), ("0", _l("We"))]), default="0"
    )
    said = TextAreaField(_l("What was said"), [DataRequired(SAID)])
    title = StringField(_l("Subject"))
    recipient = StringField(_l("To"))
    happened_at = LocalDateTimeField(_l("When"), [Optional()])
    minutes = IntegerField(
        _l("Minutes"), [Optional(), NumberRange(0, 1440, _l("A call lasts 0 to 1,440 minutes."))]
    )
    acts = SelectMultipleField(
        _l("What it legally is"), choices=listed(list(words.ACT.items())), validate_choice=False
    )
    promise = StringField(_l("What was promised"))
    promised_until = LocalDateTimeField(_l("Until when"), [Optional()])
    then_status = ChoiceField(
        _l("Then"),
        choices=[
            ("waiting-customer", _l("wait for the customer")),
            ("waiting-third-party", _l("wait for a third party")),
        ],
        blank=_l("the case stays as it is"),
        default="",
    )
    files = MultipleFileField(_l("Files"))
    grade = ChoiceField(_l("Kind of file"), choices=list(words.GRADE.items()), default="ordinary")

    def validate(self, extra_validators: Any = None) -> bool:
        ok: bool = super().validate(extra_validators)
        unknown = [act for act in self.acts.data or () if act not in ACTS]
        if unknown:
            self.acts.errors = [*self.acts.errors, _l("Choose one of the list.")]
        return ok and not unknown

    def to_command(self, case_id: int, files: Sequence[NewAttachment]) -> RecordExchange:
        is_reply = self.write.data == "reply"
        happened_at = None if is_reply else self.happened_at.data
        return RecordExchange(
            case_id=case_id,
            channel="mail" if is_reply else self.channel.data,
            inbound=not is_reply and self.inbound.data == "1",
            said=self.said.data,
            title=self.title.data or "",
            recipient=self.recipient.data or "",
            happened_at=happened_at,
            minutes=self.minutes.data,
            promise=self.promise.data or "",
            promised_until=self.promised_until.data,
            acts=tuple(
                ActLine(kind, declared_at=happened_at, received_at=happened_at)
                for kind in self.acts.data or ()
            ),
            attachments=tuple(files),
            then_status=self.then_status.data or None,
            case_version=self.case_version,
        )


class NoteForm(OnCase):
    """An internal note. It has no recipient and no channel: nothing can send it."""

    write = HiddenField(default="note")
    said = TextAreaField(_l("Note"), [DataRequired(SAID)])

    def to_command(self, case_id: int) -> RecordNote:
        return RecordNote(case_id, self.said.data)


class CorrectionForm(OnCase):
    """What an earlier entry should have said. Both stay."""

    write = HiddenField(default="correct")
    entry = HiddenField(default="")
    said = TextAreaField(_l("What it should have said"), [DataRequired(SAID)])
    why = StringField(_l("Why"))

    @property
    def entry_id(self) -> int:
        return _number(self.entry.data) or 0

    def to_command(self, case_id: int) -> CorrectEntry:
        return CorrectEntry(case_id, self.entry_id, self.said.data, self.why.data or "")


def known_grade(grade: str | None) -> str:
    """The grade of uploaded files; ordinary where the form says nothing."""
    return grade if grade in GRADES else "ordinary"
