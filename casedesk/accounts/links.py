"""One-time links to set a password: signed, for one person and the password they have now, for three days."""

import hashlib
from datetime import timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

LASTS = timedelta(days=3)


def write(person_id: int, stored: str | None) -> str:
    """The token of a link that sets the password of `person_id`; spent as soon as the password changes."""
    return str(_serializer().dumps([person_id, _print(stored)]))


def read(token: str) -> tuple[int, str] | None:
    """(person, print of the password that the link replaces); None where the token is forged, cut or too old."""
    try:
        person_id, print_ = _serializer().loads(token, max_age=int(LASTS.total_seconds()))
    except (BadData, ValueError, TypeError):
        return None
    return int(person_id), str(print_)


def fits(print_: str, stored: str | None) -> bool:
    """Is the password still the one that the link was made for?"""
    return print_ == _print(stored)


def _print(stored: str | None) -> str:
    return hashlib.sha256((stored or "none").encode()).hexdigest()[:20]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="casedesk-password-link")
