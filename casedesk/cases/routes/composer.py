"""The folded part of the composer, which is the same on every case until somebody writes in it."""

from functools import lru_cache

from flask import render_template
from markupsafe import Markup
from wtforms import Form

from casedesk.cases.forms.writing import ExchangeForm
from casedesk.web import locale

FOLDED = ("title", "then_status", "promise", "promised_until", "acts", "files", "grade")


def folded(form: Form, write: str, upload_limit: int) -> Markup | None:
    """The part as it was rendered for the first case; None where something was typed or refused, or there is none."""
    if not isinstance(form, ExchangeForm) or any(_touched(form, name) for name in FOLDED):
        return None
    return _untouched(write, upload_limit, locale.language())


def _touched(form: ExchangeForm, name: str) -> bool:
    field = form[name]
    return bool(field.errors) or (field.data or None) != (field.default or None)


@lru_cache(maxsize=16)
def _untouched(write: str, upload_limit: int, _language: str) -> Markup:
    """By tab, limit and language: the template sees a new form and these, nothing of the case or its reader."""
    form = ExchangeForm(formdata=None)
    return Markup(  # noqa: S704 - rendered by an autoescaping template
        render_template("cases/_composer_folded.html", form=form, write=write, upload_limit=upload_limit)
    )
