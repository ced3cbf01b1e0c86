"""Is what a party typed well-formed?"""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    IntegerField,
    MultipleFileField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import TextInput

from casedesk.web.fields import IdField, LocalDateField, MoneyField, listed
from casedesk.web.form import DeskForm

LONGEST = 20_000
_WRITE = _l("Write something first.")


def _words(label: Any, *, needed: bool = True) -> TextAreaField:
    checks: list[Any] = [InputRequired(_WRITE)] if needed else [Optional()]
    return TextAreaField(label, [*checks, Length(max=LONGEST)], render_kw={"rows": "6"})


def _named_by_the_page() -> IdField:
    """A row that the template names beside each form: drawn with the form's hidden fields too, the empty one would be
    sent first, and count."""
    return IdField(widget=TextInput())


class MessageForm(DeskForm):
    said = _words(_l("Your message"))
    files = MultipleFileField(_l("Files"))


class FilesForm(DeskForm):
    said = _words(_l("What the files show"), needed=False)
    files = MultipleFileField(_l("Files"))
    request_id = _named_by_the_page()


class FactForm(DeskForm):
    """The answer to one question: a value, `never`, or that one does not know."""

    state = StringField(default="known")
    value = StringField(_l("Your answer"))


class OfferAnswerForm(DeskForm):
    version = IntegerField()
    answer = StringField()
    understood = BooleanField(_l("I have seen what I give up."))


class MediationForm(DeskForm):
    said = _words(_l("What you ask of the mediator, in your own words"))
    court = RadioField(
        _l("Has a court been asked already?"),
        [InputRequired(_l("Choose yes or no."))],
        choices=listed([("no", _l("No")), ("yes", _l("Yes"))]),
    )
    other = RadioField(
        _l("Has another mediator been asked?"),
        [InputRequired(_l("Choose yes or no."))],
        choices=listed([("no", _l("No")), ("yes", _l("Yes"))]),
    )


class StatementForm(DeskForm):
    point_id = _named_by_the_page()
    said = _words(_l("Your words"))
    amount = MoneyField(_l("The sum you ask for"))


class RestatementForm(DeskForm):
    restatement_id = _named_by_the_page()
    answer = StringField()
    corrected = _words(_l("What is not right"), needed=False)


class ProposalForm(DeskForm):
    version = IntegerField()
    answer = StringField()
    understood = BooleanField(_l("I know that I may refuse, that a court stays open, and what I give up."))


class BlindForm(DeskForm):
    round_id = _named_by_the_page()
    amount = MoneyField(_l("The least you would take"), [InputRequired(_l("Write the sum."))])
    understood = BooleanField(_l("I know that the mediation is agreed at once where both figures meet."))


class LeaveForm(DeskForm):
    said = _words(_l("Why, if you like"), needed=False)
    sure = BooleanField(_l("Yes, I leave the mediation."), [InputRequired(_l("Tick this to leave."))])


class CodeForm(DeskForm):
    code = StringField(_l("Code"))

    class Meta(DeskForm.Meta):
        csrf = False


class OfferForm(DeskForm):
    """The desk's offer."""

    case_version = IntegerField()
    amount = MoneyField(_l("Sum"), [InputRequired(_l("Write the sum."))])
    until = LocalDateField(_l("To be answered by"), [InputRequired(_l("Choose a day."))])
    said = TextAreaField(_l("Words to the customer"), [Length(max=4_000)], render_kw={"rows": "4"})
