"""Is what was typed about people well-formed?"""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import Email, InputRequired, Length

from casedesk.accounts import rules
from casedesk.accounts.commands import PersonData
from casedesk.accounts.wording import ROLE_NAMES, SEES_NAMES
from casedesk.web.fields import ChoiceField, IdField, MoneyField, listed
from casedesk.web.form import DeskForm


class SignInForm(DeskForm):
    mail = StringField(_l("Work mail"))
    password = PasswordField(_l("Password"))
    next = HiddenField()
    kept = HiddenField()


class PasswordForm(DeskForm):
    """A new password, typed twice; the present one where the person changes it alone."""

    current = PasswordField(_l("Present password"))
    password = PasswordField(_l("New password"), [InputRequired(_l("Type the new password."))])
    again = PasswordField(_l("New password, again"), [InputRequired(_l("Type the new password twice."))])


class PersonForm(DeskForm):
    name = StringField(_l("Name"), [InputRequired(_l("Type the name.")), Length(max=120)])
    mail = StringField(
        _l("Work mail"),
        [
            InputRequired(_l("Type the mail address.")),
            Email(_l("Type a whole mail address, like ines@cimes.example.")),
        ],
    )
    role = ChoiceField(_l("Role"), choices=list(ROLE_NAMES.items()))
    team_id = IdField(_l("Team"))
    is_lead = BooleanField(_l("Leads the team"))
    sees = ChoiceField(_l("Sees"), choices=list(SEES_NAMES.items()))
    goodwill_ceiling_minor = MoneyField(_l("Goodwill alone, up to"))
    approval_ceiling_minor = MoneyField(_l("Decides alone, up to"))
    locale = ChoiceField(_l("Language"), choices=[("en", "English"), ("fr", "Français")])
    time_zone = ChoiceField(_l("Time zone"), default="Europe/Paris")
    version = IdField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.time_zone.choices = listed(zones())

    def to_data(self) -> PersonData:
        return PersonData(
            mail=self.mail.data,
            name=self.name.data,
            role=self.role.data,
            team_id=self.team_id.data,
            is_lead=self.is_lead.data,
            sees=self.sees.data,
            goodwill_ceiling_minor=self.goodwill_ceiling_minor.data or 0,
            approval_ceiling_minor=self.approval_ceiling_minor.data or 0,
            locale=self.locale.data if self.locale.data in rules.LOCALES else "en",
            time_zone=self.time_zone.data,
        )


class TeamForm(DeskForm):
    name = StringField(_l("Name of the team"), [InputRequired(_l("Type a name.")), Length(max=80)])
    active = BooleanField(_l("In use"), default=True)


class PlainForm(DeskForm):
    """A button: nothing to type."""


@cache
def zones() -> list[tuple[str, str]]:
    """Every time zone with a place in its name, by name."""
    return [
        (name, name) for name in sorted(available_timezones()) if "/" in name and not name.startswith("Etc/")
    ]
