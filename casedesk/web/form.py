"""The base of all forms: CSRF, a one-time token, tidy text, errors in the reader's language."""

import secrets
import unicodedata

from flask_babel import get_locale
from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.i18n import get_translations


def tidy(text: str | None) -> str:
    """`text` without control characters (NUL breaks PostgreSQL), in one Unicode spelling, blanks trimmed."""
    if not text:
        return ""
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept).strip()


class DeskForm(FlaskForm):
    """A form of the desk. `once` makes the deed happen once however often it is submitted."""

    once = HiddenField(default=lambda: secrets.token_urlsafe(18))

    class Meta(FlaskForm.Meta):
        locales = ("en",)

        def get_translations(self, form: object) -> object:
            return get_translations([str(get_locale() or "en")[:2]])

    @property
    def faults(self) -> list[tuple[str, str]]:
        """(field id, sentence) of every error, in the order of the form."""
        return [(field.id, str(error)) for field in self for error in field.errors if error]
