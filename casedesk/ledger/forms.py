"""Is what was typed about a charge well-formed?"""

from datetime import datetime
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from casedesk.kernel.money import EXPONENTS
from casedesk.ledger.rules import EnterCharge
from casedesk.ledger.wording import NETWORK_NAMES
from casedesk.web.fields import ChoiceField, LocalDateField, LocalDateTimeField, MoneyField, listed
from casedesk.web.form import DeskForm


class ChargeForm(DeskForm):
    """A charge of a contract, in the currency chosen; at first that of the contract."""

    amount = MoneyField(_l("Amount, tax included"), [InputRequired(_l("Type the amount that was captured."))])
    currency = ChoiceField(_l("Currency"))
    captured_at = LocalDateTimeField(
        _l("Captured at"), [InputRequired(_l("Type when the money was captured."))]
    )
    reference = StringField(
        _l("Reference"),
        [InputRequired(_l("Type its number at the payment provider or on the invoice.")), Length(max=80)],
    )
    network = ChoiceField(_l("Paid by"), choices=list(NETWORK_NAMES.items()), blank=_l("not known"))
    tax = MoneyField(_l("Tax in it"))
    period_starts_on = LocalDateField(_l("Pays from"))
    period_ends_on = LocalDateField(_l("Pays until, not included"))
    description = StringField(_l("What it is for"), [Length(max=200)])

    def __init__(self, currency: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency.choices = listed([(code, code) for code in sorted(EXPONENTS)])
        if not self.currency.raw_data:
            self.currency.data = currency
        known = str(self.currency.data)
        self.amount.currency = self.tax.currency = known if known in EXPONENTS else currency

    def to_command(self, subscription_id: int) -> EnterCharge:
        return EnterCharge(
            subscription_id,
            reference=self.reference.data or "",
            amount_minor=self.amount.data or 0,
            currency=self.currency.data,
            captured_at=cast(datetime, self.captured_at.data),
            network=self.network.data or "",
            tax_minor=self.tax.data or 0,
            period_starts_on=self.period_starts_on.data,
            period_ends_on=self.period_ends_on.data,
            description=self.description.data or "",
        )
