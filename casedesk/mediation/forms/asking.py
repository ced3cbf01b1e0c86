"""Ask for a mediation from the desk, and keep the panel."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import Optional

from casedesk.cases import words as case_words
from casedesk.cases.commands import NewAttachment
from casedesk.cases.rules import KINDS
from casedesk.mediation import commands as c
from casedesk.mediation import words
from casedesk.mediation.actions.appointing import ChangeMediator
from casedesk.mediation.forms.acts import YES_NO
from casedesk.web.fields import ChoiceField, IdField, LocalDateField, LocalDateTimeField, listed
from casedesk.web.form import DeskForm

_DECLARED = {"": None, "no": False, "yes": True}


class RequestForm(DeskForm):
    case_id = IdField()
    said = TextAreaField(_l("What the customer asks of the mediator, in their own words"))
    channel = ChoiceField(
        _l("How it came"),
        choices=[(code, words.HOW[code]) for code in ("mail", "letter", "phone", "meeting")],
        default="mail",
    )
    received_at = LocalDateTimeField(_l("When it came"), [Optional()])
    court_seized = ChoiceField(_l("Is a court seized?"), choices=YES_NO, default="")
    other_mediator = ChoiceField(_l("Is another mediator seized?"), choices=YES_NO, default="")
    files = MultipleFileField(_l("Files"))

    def to_command(self, attachments: tuple[NewAttachment, ...] = ()) -> c.RequestMediation:
        return c.RequestMediation(
            self.case_id.data or 0,
            self.said.data or "",
            channel=self.channel.data,
            received_at=self.received_at.data,
            court_seized=_DECLARED.get(self.court_seized.data or ""),
            other_mediator=_DECLARED.get(self.other_mediator.data or ""),
            attachments=attachments,
        )


class MediatorForm(DeskForm):
    """What a mediator is versed in, and how many files they take."""

    version = HiddenField(default="0")
    fields_ = SelectMultipleField(
        _l("Versed in"), choices=listed([(kind, case_words.KIND[kind]) for kind in KINDS])
    )
    locales = SelectMultipleField(_l("Languages"), choices=listed([("fr", "Français"), ("en", "English")]))
    capacity = IntegerField(_l("Files at a time"))
    available = BooleanField(_l("Takes files"))
    away_until = LocalDateField(_l("Away until"), [Optional()])

    def to_command(self, person_id: int) -> ChangeMediator:
        version = self.version.data or "0"
        return ChangeMediator(
            person_id,
            tuple(self.fields_.data or ()),
            tuple(self.locales.data or ()),
            self.capacity.data or 0,
            bool(self.available.data),
            self.away_until.data,
            int(version) if version.isascii() and version.isdecimal() and len(version) < 19 else 0,
        )


class AssignForm(DeskForm):
    """Appoint somebody of the panel, by those who keep it."""

    version = HiddenField(default="")
    mediator_id = ChoiceField(_l("Mediator"), blank=_l("choose"), default="")
    declares = BooleanField(_l("The mediator has declared that nothing ties them to either party."))

    def to_command(self, mediation_id: int) -> c.Appoint:
        version = self.version.data or ""
        known = version.isascii() and version.isdecimal() and len(version) < 19
        return c.Appoint(
            mediation_id,
            int(self.mediator_id.data or 0),
            int(version) if known else None,
            declares_no_ties=bool(self.declares.data),
        )
