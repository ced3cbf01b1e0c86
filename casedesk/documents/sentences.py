"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "letter.waiting": _l("The PDF of this letter is not drawn yet. Come back in a minute."),
    "letter.no_address": _l(
        "No mail address of the customer is known. Add one, or print the letter and post it."
    ),
    "letter.not_to_print": _l("This letter leaves by mail, so there is nothing to post."),
}
