"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "sign_in.wrong": _l("Mail address or password is not right. Check both and try again."),
    "sign_in.throttled": _l("Too many attempts. Wait %(minutes)s minutes, then try again."),
}
