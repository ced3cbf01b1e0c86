"""Forms of reports: save and share one, enter a rate of exchange."""

from decimal import Decimal, InvalidOperation

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from casedesk.reports.report_actions import SaveReport
from casedesk.reports.report_rules import LONGEST_NAME
from casedesk.web.form import DeskForm


class SaveForm(DeskForm):
    name = StringField(
        _l("Name"), [InputRequired(_l("Give it a name, so that it can be found.")), Length(max=LONGEST_NAME)]
    )
    shared_with = SelectMultipleField(
        _l("Share with"),
        choices=[
            SelectChoice("agent", _l("Agents")),
            SelectChoice("manager", _l("Managers")),
            SelectChoice("mediator", _l("Mediators")),
        ],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def to_command(self, report: str, asked: dict[str, list[str]]) -> SaveReport:
        return SaveReport(self.name.data or "", report, asked, tuple(self.shared_with.data or ()))


class RateForm(DeskForm):
    day = DateField(_l("Day"), [InputRequired(_l("Choose the day of the rate."))])
    currency = StringField(
        _l("Currency"),
        [InputRequired(_l("Write the currency’s three letters, for example GBP.")), Length(max=3)],
    )
    rate = StringField(_l("Rate"), [InputRequired(_l("Write what one unit was worth, for example 1.17."))])
    source = StringField(_l("Source"), [Length(max=80)])

    def worth(self) -> Decimal:
        """The rate as a number; zero where it is none, which is refused like zero."""
        try:
            found = Decimal((self.rate.data or "").replace(",", ".").replace("\u202f", "").replace(" ", ""))
        except InvalidOperation:
            return Decimal(0)
        return found if found.is_finite() else Decimal(0)
