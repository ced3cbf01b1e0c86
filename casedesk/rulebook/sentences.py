"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "rulebook.replay_differs": _l(
        "Judgement %(judgement)s does not replay to the same verdict. Tell the administrator; nothing was changed."
    ),
    "rulebook.not_a_draft": _l(
        "This draft is not being worked on now: it is in review, published or discarded. Look at it again."
    ),
    "rulebook.not_in_review": _l("Nobody asks for this draft to be published now. Look at it again."),
    "rulebook.has_problems": _l("The draft still has problems (%(count)s). Settle them first."),
    "rulebook.own_draft": _l("You wrote in this draft. A second person who did not must publish it."),
    "rulebook.draft_moved": _l(
        "Somebody changed this draft since you opened it. Look at it, then save again."
    ),
    "rulebook.draft_begun": _l("Somebody began a draft of this pack at the same instant. Open that one."),
    "rulebook.base_moved": _l(
        "A newer version of %(pack)s was published since this draft was begun. Discard the draft and begin a new one."
    ),
    "rulebook.rule_exists": _l("There is a rule %(rule)s already. Give the new one another id."),
    "rulebook.replay_ended": _l("This replay has come to its end. Start another one."),
    "rulebook.case_closed": _l("This case is closed: its verdict stays as it was. Open it again first."),
    "rulebook.pack_changed": _l(
        "Pack %(pack)s, version %(version)s, is published with another text than this release has. A published "
        "version never changes: publish the new text under a new version, or start from an empty database."
    ),
}
