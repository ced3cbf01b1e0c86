"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "rulebook.replay_differs": _l(
        "Judgement %(judgement)s does not replay to the same verdict. Tell the administrator; nothing was changed."
    ),
}
