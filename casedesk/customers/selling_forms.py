"""Is what was typed about businesses, plans, terms and new contracts well-formed?"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional, Regexp

from casedesk.customers.commands import (
    AddBusiness,
    AddPlan,
    AddSubscription,
    ChangeBusiness,
    ChangePlan,
    PublishTerms,
)
from casedesk.customers.fact_words import state_said
from casedesk.customers.forms import countries, zones
from casedesk.customers.selling_queries import Offer
from casedesk.customers.wording import BILLING_DAY_NAMES, CHANNEL_NAMES, PRORATION_NAMES, RENEWAL_NAMES
from casedesk.kernel.money import EXPONENTS
from casedesk.policy.facts import vocabulary
from casedesk.web.fields import (
    ChoiceField,
    IdField,
    LocalDateField,
    LocalDateTimeField,
    MoneyField,
    listed,
)
from casedesk.web.form import DeskForm
from casedesk.web.locale import reader_locale

_CODE = Regexp(r"^[a-z0-9][a-z0-9._-]{0,39}\Z", message=_l("Small letters, digits and hyphens, 40 at most."))
_MONTHS = NumberRange(0, 120, message=_l("From 0 to 120 months."))


def _needed(sentence: Any) -> InputRequired:
    return InputRequired(sentence)


class BusinessForm(DeskForm):
    name = StringField(_l("Name"), [_needed(_l("Type the name that customers know.")), Length(max=120)])
    code = StringField(_l("Code"), [_needed(_l("Type a short code, for example cimes-fr.")), _CODE])
    legal_name = StringField(_l("Legal name"), [Length(max=300)])
    address = TextAreaField(_l("Postal address"), [_needed(_l("Letters need an address.")), Length(max=500)])
    country = ChoiceField(_l("Country"), default="FR")
    locale = ChoiceField(_l("Writes in"), choices=[("fr", "Français"), ("en", "English")], default="fr")
    time_zone = ChoiceField(_l("Time zone"), default="Europe/Paris")
    currency = ChoiceField(_l("Currency"), default="EUR")
    case_prefix = StringField(
        _l("Case numbers begin with"),
        [Regexp(r"^[A-Z]{2,5}\Z", message=_l("Two to five capital letters."))],
        default="CD",
    )
    sender_mail = StringField(
        _l("Mails come from"),
        [
            _needed(_l("Type the address that customers answer to.")),
            Email(_l("Type a whole mail address, like eleonore@courrier.example.")),
        ],
    )
    mediator = StringField(_l("Mediation body"), [Length(max=200)])
    mediator_website = StringField(_l("Its website"), [Length(max=200)])
    mediator_address = TextAreaField(_l("Its postal address"), [Length(max=500)])
    mediator_takes_part = ChoiceField(
        _l("Does the business take part in its procedure"),
        choices=[("yes", _l("yes")), ("no", _l("no"))],
        blank=_l("letters do not say"),
        default="",
    )
    mediator_wait = IntegerField(_l("Months it asks people to wait after a complaint"), [Optional(), _MONTHS])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = listed(countries(reader_locale()))
        self.time_zone.choices = listed(zones())
        self.currency.choices = listed([(code, code) for code in sorted(EXPONENTS)])

    @property
    def mediator_body(self) -> dict[str, Any]:
        """What is known of the body; a month count that nobody typed is unknown, and so not there."""
        body = {
            "name": self.mediator.data,
            "website": self.mediator_website.data,
            "address": self.mediator_address.data,
            "min_wait_months": self.mediator_wait.data,
            "takes_part": {"yes": True, "no": False}.get(self.mediator_takes_part.data or ""),
        }
        return {name: value for name, value in body.items() if value not in ("", None)}

    def to_command(self) -> AddBusiness:
        return AddBusiness(
            code=self.code.data,
            name=self.name.data,
            legal_name=self.legal_name.data or self.name.data,
            address=self.address.data,
            country=self.country.data,
            locale=self.locale.data,
            time_zone=self.time_zone.data,
            currency=self.currency.data,
            case_prefix=self.case_prefix.data,
            sender_mail=self.sender_mail.data,
            mediator_body=self.mediator_body,
        )


class ChangeBusinessForm(BusinessForm):
    """What may change of a business, and whether it is in use."""

    active = BooleanField(_l("In use"))
    version = IdField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for fixed in ("code", "country", "time_zone", "currency"):
            del self[fixed]

    def to_change(self, entity_id: int) -> ChangeBusiness:
        return ChangeBusiness(
            entity_id=entity_id,
            version=self.version.data or 0,
            name=self.name.data,
            legal_name=self.legal_name.data or self.name.data,
            address=self.address.data,
            locale=self.locale.data,
            case_prefix=self.case_prefix.data,
            sender_mail=self.sender_mail.data,
            mediator_body=self.mediator_body,
            active=self.active.data,
        )


class PlanForm(DeskForm):
    entity_id = ChoiceField(_l("Business"), [_needed(_l("Choose the business from the list."))])
    name = StringField(_l("Name"), [_needed(_l("Type the name that customers know.")), Length(max=120)])
    code = StringField(_l("Code"), [_needed(_l("Type a short code, for example annual-12.")), _CODE])
    contract_kind = ChoiceField(_l("Kind of contract"))
    category = ChoiceField(_l("Category"), default="other")
    interval_months = IntegerField(
        _l("Months of a period"), [_needed(_l("Type the months; 0 where it is bought once.")), _MONTHS]
    )
    price = MoneyField(_l("Price"), [_needed(_l("Type the price of one period."))])

    def __init__(self, offer: Offer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entity_id.choices = _to_choose(offer.businesses)
        self.price.currency = offer.currencies.get(_id(self.entity_id), "EUR")
        self.contract_kind.choices = _of_vocabulary("contract_kind")
        self.category.choices = _of_vocabulary("category")

    def to_command(self) -> AddPlan:
        return AddPlan(
            entity_id=_id(self.entity_id),
            code=self.code.data,
            name=self.name.data,
            contract_kind=self.contract_kind.data,
            category=self.category.data,
            interval_months=self.interval_months.data or 0,
            price_minor=self.price.data or 0,
        )


class ChangePlanForm(DeskForm):
    """What may change of a plan, and whether it is offered."""

    name = StringField(_l("Name"), [_needed(_l("Type the name that customers know.")), Length(max=120)])
    price = MoneyField(_l("Price"), [_needed(_l("Type the price of one period."))])
    active = BooleanField(_l("Offered for new contracts"))
    version = IdField()

    def to_change(self, plan_id: int) -> ChangePlan:
        return ChangePlan(
            plan_id=plan_id,
            version=self.version.data or 0,
            name=self.name.data,
            price_minor=self.price.data or 0,
            active=self.active.data,
        )


class TermsForm(DeskForm):
    entity_id = ChoiceField(_l("Business"), [_needed(_l("Choose the business from the list."))])
    code = StringField(_l("Version"), [_needed(_l("Type its name, for example 2026-01.")), _CODE])
    valid_from = LocalDateField(_l("In force from"), [_needed(_l("Type the day from which it is in force."))])
    refund_window_days = IntegerField(
        _l("Own refund window in days"),
        [Optional(), NumberRange(0, 3650, message=_l("From 0 to 3650 days."))],
    )
    proration = ChoiceField(_l("Given back"), choices=list(PRORATION_NAMES.items()))
    commitment_months = IntegerField(_l("Commitment in months"), [Optional(), _MONTHS], default=0)
    notice_months = IntegerField(_l("Notice in months"), [Optional(), _MONTHS], default=0)
    renewal = ChoiceField(_l("Renewal"), choices=list(RENEWAL_NAMES.items()))
    renewal_months = IntegerField(_l("Renews by months"), [Optional(), _MONTHS], default=0)
    billing_day_rule = ChoiceField(_l("Billing day"), choices=list(BILLING_DAY_NAMES.items()))

    def __init__(self, offer: Offer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entity_id.choices = _to_choose(offer.businesses)

    def to_command(self) -> PublishTerms:
        return PublishTerms(
            entity_id=_id(self.entity_id),
            code=self.code.data,
            valid_from=cast(date, self.valid_from.data),
            refund_window_days=self.refund_window_days.data,
            proration=self.proration.data,
            commitment_months=self.commitment_months.data or 0,
            notice_months=self.notice_months.data or 0,
            renewal=self.renewal.data,
            renewal_months=self.renewal_months.data or 0,
            billing_day_rule=self.billing_day_rule.data,
        )


class SubscriptionForm(DeskForm):
    """A contract that the customer has and the desk does not know yet."""

    plan_id = ChoiceField(_l("Plan"), [_needed(_l("Choose the plan from the list."))])
    terms_id = ChoiceField(_l("Terms accepted"), [_needed(_l("Choose the terms from the list."))])
    channel = ChoiceField(_l("Concluded"), choices=list(CHANNEL_NAMES.items()), default="online")
    concluded_at = LocalDateTimeField(
        _l("Concluded at"), [_needed(_l("Type when the contract was concluded."))]
    )
    started_on = LocalDateField(_l("Starts on"), [_needed(_l("Type the day on which it starts."))])
    commitment_until = LocalDateField(_l("Committed until"))
    billing_day = IntegerField(
        _l("Billing day"), [Optional(), NumberRange(1, 31, message=_l("From 1 to 31."))]
    )
    reference = StringField(_l("Reference"), [Length(max=80)])
    source = StringField(_l("Traffic source"), [Length(max=80)])
    medium = StringField(_l("Medium"), [Length(max=80)])
    campaign = StringField(_l("Campaign"), [Length(max=80)])

    def __init__(self, offer: Offer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan_id.choices = _to_choose(offer.plans)
        self.terms_id.choices = _to_choose(offer.terms)

    def to_command(self, customer_id: int) -> AddSubscription:
        return AddSubscription(
            customer_id=customer_id,
            plan_id=_id(self.plan_id),
            terms_id=_id(self.terms_id),
            channel=self.channel.data,
            concluded_at=cast(datetime, self.concluded_at.data),
            started_on=cast(date, self.started_on.data),
            reference=self.reference.data or "",
            billing_day=self.billing_day.data,
            commitment_until=self.commitment_until.data,
            source=self.source.data or "unknown",
            medium=self.medium.data or "",
            campaign=self.campaign.data or "",
        )


def _to_choose(pairs: Sequence[tuple[int, str]]) -> Any:
    """Rows as the choices of a list: the only one there is, or a blank one on top."""
    rows = [(str(row_id), words) for row_id, words in pairs]
    return listed(rows if len(rows) == 1 else [("", _("choose")), *rows])


def _id(field: ChoiceField) -> int:
    return int(field.data) if str(field.data or "").isdecimal() else 0


def _of_vocabulary(name: str) -> list[tuple[str, str]]:
    """The values of a fact, in words."""
    return [(str(code), state_said(name, "known", code)) for code in vocabulary()[name].values]
