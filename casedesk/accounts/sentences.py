"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "sign_in.wrong": _l("Mail address or password is not right. Check both and try again."),
    "sign_in.throttled": _l("Too many attempts. Wait %(minutes)s min, then try again."),
    "password.short": _l("The password is too short: %(least)s characters at least."),
    "password.long": _l("The password is too long: %(most)s characters at most."),
    "password.simple": _l("This password is too easy to guess. Choose another, for example four words."),
    "password.differ": _l("The two passwords differ. Type the new one twice."),
    "password.again": _l("Type the new password twice."),
    "password.current": _l("The present password is not right. Type it again."),
    "password.link_spent": _l("This link was used or is too old. Ask your administrator for a new one."),
    "people.stale": _l(
        "A colleague changed %(name)s meanwhile. What is stored now stands beside the form; check it, then save again."
    ),
    "people.mail_taken": _l("Somebody with the address %(mail)s is here already. Check the list of people."),
    "people.code": _l("Choose a role, what the person sees and a language from the lists."),
    "people.team": _l("This team does not exist any more. Choose another."),
    "people.lead": _l(
        "Only an agent or manager who belongs to a team can lead it. Choose a team or take the tick away."
    ),
    "people.sees_team": _l("Who sees the cases of the team needs a team. Choose one."),
    "people.not_oneself": _l("You cannot deactivate yourself. Ask another administrator."),
    "people.last_administrator": _l(
        "%(name)s is the last administrator. Make somebody else administrator first."
    ),
    "people.left": _l("%(name)s is deactivated. Make them active first."),
    "teams.name_taken": _l("There is a team called %(name)s already. Choose another name."),
    "teams.not_empty": _l("People are still in %(name)s. Move them to another team first."),
    "preferences.unknown": _l("Choose a language or a theme that the desk has."),
}
