"""Is what a mediator typed well-formed? None of these fields is ever echoed by an error page (web/errors.py)."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired

from casedesk.mediation.sealed.commands import SealNote
from casedesk.web.fields import ChoiceField
from casedesk.web.form import DeskForm

LONGEST_TYPED = 1_000


class UnlockForm(DeskForm):
    passphrase = PasswordField(_l("Notes passphrase"))
    next = HiddenField()

    @property
    def typed(self) -> str:
        return (self.passphrase.data or "")[:LONGEST_TYPED]


class NewSecretsForm(DeskForm):
    """A new passphrase, typed twice."""

    new_passphrase = PasswordField(_l("New notes passphrase"), [InputRequired(_l("Type a passphrase."))])
    again = PasswordField(_l("The same again"), [InputRequired(_l("Type the new passphrase twice."))])

    @property
    def wanted(self) -> tuple[str, str]:
        return (self.new_passphrase.data or "")[:LONGEST_TYPED], (self.again.data or "")[:LONGEST_TYPED]


class SetUpForm(NewSecretsForm):
    understood = BooleanField(
        _l("I know: without passphrase and recovery code nobody can bring my notes back."),
        [InputRequired(_l("Tick this once you have read it."))],
    )


class ChangeForm(NewSecretsForm):
    """By the present passphrase, or by the recovery code where that was forgotten."""

    passphrase = PasswordField(_l("Present passphrase"))
    recovery = StringField(_l("Recovery code"), render_kw={"autocomplete": "off", "spellcheck": "false"})


class StartOverForm(NewSecretsForm):
    understood = BooleanField(
        _l("I have neither the passphrase nor the recovery code. My notes are gone; make me a new key."),
        [InputRequired(_l("Tick this only if both are lost."))],
    )


class NoteForm(DeskForm):
    sealed = TextAreaField(
        _l("Note"),
        render_kw={"rows": "4", "autocomplete": "off", "spellcheck": "false", "maxlength": "20000"},
    )
    with_side = ChoiceField(
        _l("Alone with"),
        choices=[("customer", _l("the consumer")), ("company", _l("the company"))],
        blank=_l("nobody"),
    )
    passphrase = PasswordField(_l("Notes passphrase"))

    def to_command(self, mediation_id: int) -> SealNote:
        return SealNote(mediation_id, self.sealed.data or "", self.with_side.data or "")

    @property
    def typed(self) -> str:
        return (self.passphrase.data or "")[:LONGEST_TYPED]
