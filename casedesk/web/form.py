"""The base of all forms: CSRF, a one-time token, tidy text, errors in the reader's language."""

import re
import secrets
import unicodedata
from functools import cache
from typing import Any

from flask import request
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import (
    Field,
    FileField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    PasswordField,
    StringField,
    TextAreaField,
)
from wtforms.i18n import get_translations
from wtforms.validators import Length, NumberRange

from casedesk.kernel.errors import CasedeskError
from casedesk.web.addresses import LARGEST_ID
from casedesk.web.errors import sentence

LONGEST_LINE, LONGEST_TEXT = 400, 100_000

FILE_FIELDS = (FileField, MultipleFileField)


_NEVER_KEPT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but line breaks and tabs, and halves of surrogates."""


def tidy(text: str | None) -> str:
    """`text` without control characters (NUL breaks PostgreSQL), in one Unicode spelling, blanks trimmed."""
    return unicodedata.normalize("NFC", _NEVER_KEPT.sub("", text)).strip() if text else ""


class DeskForm(FlaskForm):
    """A form of the desk. `once` makes the deed happen once however often it is submitted."""

    once = HiddenField(default=lambda: secrets.token_urlsafe(18))

    class Meta(FlaskForm.Meta):
        locales = ("en",)

        def get_translations(self, form: object) -> object:
            return _own_words(str(get_locale() or "en")[:2])

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was typed, and files for the fields that take files: a file is nothing to a field for words,
            and JSON is no form."""
            if formdata is not _Auto:
                return formdata
            if not form.is_submitted() or not (request.form or request.files):
                return None
            takes = {name for name, field in form._fields.items() if isinstance(field, FILE_FIELDS)}
            files = MultiDict((name, file) for name, file in request.files.items(multi=True) if name in takes)
            return CombinedMultiDict((files, request.form))

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Field:
            return _bounded(super().bind_field(form, unbound_field, options))

    @property
    def faults(self) -> list[tuple[str, str]]:
        """(field id, sentence) of every error, in the order of the form."""
        told = [(field.id, str(error)) for field in self for error in field.errors if error]
        return told + [("", str(error)) for error in self.form_errors]

    def refuse(self, refusal: CasedeskError) -> bool:
        """Tell `refusal` at the field that it names, else on top of the form. Always False: nothing is valid now."""
        field = self._fields.get(str(refusal.params.get("field", "")))
        if field is None:
            self.form_errors.append(sentence(refusal))
        else:
            field.errors = [*field.errors, sentence(refusal)]
        return False


@cache
def _own_words(language: str) -> object:
    """What WTForms itself says, looked for on disk once a language and not for every form."""
    return get_translations([language])


def _bounded(field: Field) -> Field:
    """`field` with the limits that every field has: tidy text of a sane length, numbers that a database holds."""
    if isinstance(field, IntegerField):
        too_large = _l("This number is too large. Check the figure.")
        field.validators = (*field.validators, _IfGiven(-LARGEST_ID, LARGEST_ID, too_large))
    if isinstance(field, StringField) and not isinstance(field, PasswordField | HiddenField):
        field.filters = (*field.filters, _tidy_text)
        if not any(isinstance(check, Length) for check in field.validators):
            longest = LONGEST_TEXT if isinstance(field, TextAreaField) else LONGEST_LINE
            too_long = _l("This is too long: %(max)d characters at most.")
            field.validators = (*field.validators, Length(max=longest, message=too_long))
    return field


def _tidy_text(value: Any) -> Any:
    return tidy(value) if value is None or isinstance(value, str) else value


class _IfGiven(NumberRange):
    """The range, asked only of what was understood as a number."""

    def __call__(self, form: Any, field: Field) -> None:
        if field.data is not None:
            super().__call__(form, field)
