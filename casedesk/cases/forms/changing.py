"""What the desk changes on a case: owner, team, priority, causes, status, stage, tags, facts; and closing it."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.validators import DataRequired

from casedesk.cases import words
from casedesk.cases.commands import ChangeCase, CloseCase, FactLine, SupplyFact
from casedesk.cases.forms.writing import OnCase
from casedesk.cases.rules import DIRECT_CLOSINGS
from casedesk.web.fields import ChoiceField, listed


class ChangeForm(OnCase):
    """Fields of the case as they stand; what differs is changed. Choices of people and causes come from the route."""

    owner_id = ChoiceField(_l("Owner"), blank=_l("nobody"), default="")
    team_id = ChoiceField(_l("Team"), blank=_l("no team"), default="")
    priority = ChoiceField(
        _l("Priority"), choices=[(str(n), word) for n, word in words.PRIORITY.items()], default="3"
    )
    stated_cause_id = ChoiceField(_l("Cause, as the customer says"), blank=_l("not said"), default="")
    established_cause_id = ChoiceField(_l("Cause, as established"), blank=_l("not established"), default="")
    status = ChoiceField(_l("Status"), blank=_l("as it is"), default="")
    stage = ChoiceField(_l("Stage"), blank=_l("as it is"), default="")
    tags = StringField(_l("Tags"), description=_l("Separated by commas."))

    NUMBERS = ("owner_id", "team_id", "priority", "stated_cause_id", "established_cause_id")

    def to_command(self, case_id: int) -> ChangeCase:
        changes: dict[str, Any] = {
            name: int(self[name].data) if self[name].data else None
            for name in self.NUMBERS
            if self[name].raw_data
        }
        changes |= {name: self[name].data for name in ("status", "stage") if self[name].data}
        tags = tuple(t for t in (self.tags.data or "").split(",")) if self.tags.raw_data else None
        return ChangeCase(case_id, self.case_version or 0, changes, tags)


class ClosingForm(OnCase):
    """Close without a decision, or after one that is effective."""

    outcome = ChoiceField(
        _l("Outcome"),
        choices=[(code, words.OUTCOME[code]) for code in DIRECT_CLOSINGS],
        blank=_l("as decided"),
        default="",
    )

    def to_command(self, case_id: int) -> CloseCase:
        return CloseCase(case_id, self.case_version or 0, self.outcome.data or None)


class FactForm(OnCase):
    """One fact with where it is known from."""

    name = StringField(_l("Fact"), [DataRequired(_l("Choose the fact."))])
    state = RadioField(
        _l("What is known"),
        choices=listed(
            [
                ("known", _l("Its value")),
                ("never", _l("It never happened")),
                ("unknown", _l("Nothing yet")),
            ]
        ),
        default="known",
    )
    value = StringField(_l("Value"))
    source = StringField(_l("Where it is known from"))

    def to_command(self, case_id: int, value: Any) -> SupplyFact:
        return SupplyFact(
            case_id,
            FactLine(
                self.name.data,
                self.state.data,
                value if self.state.data == "known" else None,
                self.source.data or "",
            ),
            self.case_version,
        )
