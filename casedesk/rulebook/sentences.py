"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "rulebook.replay_differs": _l(
        "Judgement %(judgement)s does not replay to the same verdict. Tell the administrator; nothing was changed."
    ),
    "rulebook.pack_changed": _l(
        "Pack %(pack)s, version %(version)s, is published with another text than this release has. A published "
        "version never changes: publish the new text under a new version, or start from an empty database."
    ),
}
