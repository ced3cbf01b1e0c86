"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "mail.address": _l("“%(recipient)s” is not a mail address. Write it like name@company.example."),
    "mail.on_its_way": _l("This mail is still on its way. Wait until it was sent or has failed."),
    "mail.erased": _l("The words of this mail were erased, so it cannot be sent again."),
}
