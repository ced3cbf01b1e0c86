"""Is what was typed about customers and contracts well-formed?"""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional

from casedesk.customers.commands import (
    AddContact,
    AddCustomer,
    CustomerData,
    RecordConsent,
    RecordDisclosure,
    StateFact,
)
from casedesk.customers.wording import (
    CONTACT_NAMES,
    DISCLOSURE_NAMES,
    KIND_NAMES,
    MEDIUM_NAMES,
    PURPOSE_NAMES,
)
from casedesk.web.fields import ChoiceField, IdField, LocalDateTimeField, listed
from casedesk.web.form import DeskForm
from casedesk.web.locale import reader_locale


class CustomerForm(DeskForm):
    name = StringField(_l("Name"), [InputRequired(_l("Type the name of the customer.")), Length(max=200)])
    kind = ChoiceField(_l("Kind"), choices=list(KIND_NAMES.items()), default="consumer")
    salutation = StringField(_l("Salutation"), [Length(max=40)])
    locale = ChoiceField(_l("Writes in"), choices=[("fr", "Français"), ("en", "English")], default="fr")
    address = TextAreaField(_l("Postal address"), [Length(max=500)])
    city = StringField(_l("City"), [Length(max=100)])
    region = StringField(_l("Region"), [Length(max=100)])
    country = ChoiceField(_l("Country"), default="FR")
    time_zone = ChoiceField(_l("Time zone"), default="Europe/Paris")
    employees = IntegerField(_l("Employees"), [Optional(), NumberRange(0, 10_000_000)])
    main_activity = StringField(_l("Main activity"), [Length(max=200)])
    vulnerable = BooleanField(_l("Handle with special care"))
    legal_hold = BooleanField(_l("Legal hold: nothing may be erased"))
    version = IdField()

    def __init__(self, *args: Any, kind_known: bool = True, **kwargs: Any) -> None:
        """`kind_known`: False offers first that the kind stays unknown, for nobody may guess it by saving something else."""
        super().__init__(*args, **kwargs)
        if not kind_known:
            self.kind.choices = listed([("", _l("not known")), *KIND_NAMES.items()])
            if self.kind.raw_data is None:
                self.kind.data = ""
        self.country.choices = listed(countries(reader_locale()))
        self.time_zone.choices = listed(zones())

    def to_data(self) -> CustomerData:
        return CustomerData(
            name=self.name.data,
            kind=self.kind.data,
            salutation=self.salutation.data,
            locale=self.locale.data,
            country=self.country.data,
            region=self.region.data,
            city=self.city.data,
            address=self.address.data,
            time_zone=self.time_zone.data,
            employees=self.employees.data,
            main_activity=self.main_activity.data or None,
            vulnerable=self.vulnerable.data,
            legal_hold=self.legal_hold.data,
        )


class NewCustomerForm(CustomerForm):
    mail = StringField(
        _l("Mail"), [Optional(), Email(_l("Type a whole mail address, like eleonore@courrier.example."))]
    )
    phone = StringField(_l("Phone"), [Length(max=40)])

    def to_command(self) -> AddCustomer:
        return AddCustomer(self.to_data(), mail=self.mail.data, phone=self.phone.data)


class ContactForm(DeskForm):
    kind = ChoiceField(_l("What"), choices=list(CONTACT_NAMES.items()))
    value = StringField(
        _l("Address or number"), [InputRequired(_l("Type the address or number.")), Length(max=300)]
    )
    preferred = BooleanField(_l("Use this one first"))

    def to_command(self, customer_id: int) -> AddContact:
        return AddContact(customer_id, self.kind.data, self.value.data, self.preferred.data)


class ConsentForm(DeskForm):
    purpose = ChoiceField(_l("For what"), choices=list(PURPOSE_NAMES.items()))
    given = RadioField(
        _l("Consent"),
        [InputRequired(_l("Say whether consent was given or withdrawn."))],
        choices=listed([("yes", _l("given")), ("no", _l("withdrawn"))]),
        validate_choice=True,
    )
    source = StringField(
        _l("Known from"),
        [
            InputRequired(_l("Say where this is known from, for example a mail of the customer.")),
            Length(max=200),
        ],
    )

    def to_command(self, customer_id: int) -> RecordConsent:
        return RecordConsent(customer_id, self.purpose.data, self.given.data == "yes", self.source.data)


class DisclosureForm(DeskForm):
    kind = ChoiceField(_l("What was disclosed"), choices=list(DISCLOSURE_NAMES.items()))
    when = RadioField(
        _l("When"),
        [InputRequired(_l("Say when it was given, or that it never was: one of the two."))],
        choices=listed([("given", _l("given at")), ("never", _l("never, and that is known"))]),
    )
    given_at = LocalDateTimeField(_l("Given at"))
    medium = ChoiceField(_l("How"), choices=list(MEDIUM_NAMES.items()), blank=_l("not known"))
    source = StringField(
        _l("Known from"),
        [
            InputRequired(_l("Say where this is known from: the mail log, a statement, a signed paper.")),
            Length(max=200),
        ],
    )

    def to_command(self, subscription_id: int) -> RecordDisclosure:
        never = self.when.data == "never"
        return RecordDisclosure(
            subscription_id,
            kind=self.kind.data,
            source=self.source.data,
            given_at=None if never else self.given_at.data,
            never=never,
            medium=self.medium.data or "",
        )


class StatedForm(DeskForm):
    """One fact of a plan, of terms or of a contract, with where it is known from."""

    name = StringField(_l("Fact"), [InputRequired(_l("Choose the fact."))])
    state = RadioField(
        _l("What is known"),
        choices=listed(
            [("known", _l("Its value")), ("never", _l("There is none")), ("unknown", _l("Nothing yet"))]
        ),
        default="known",
    )
    value = StringField(_l("Value"))
    source = StringField(
        _l("Known from"),
        [
            InputRequired(_l("Say where this is known from: the contract, the price list, a statement.")),
            Length(max=200),
        ],
    )

    def to_command(self, subject_kind: str, subject_id: int, value: Any) -> StateFact:
        known = self.state.data == "known"
        return StateFact(
            subject_kind,
            subject_id,
            self.name.data,
            self.state.data,
            self.source.data,
            value if known else None,
        )


class PlainForm(DeskForm):
    """A button: nothing to type."""


class EraseForm(DeskForm):
    sure = BooleanField(
        _l("I have checked who asked, and erase this person for good"),
        [InputRequired(_l("Tick that you have checked who asked."))],
    )


@cache
def countries(locale: str) -> list[tuple[str, str]]:
    """Countries by their names in `locale`, in its order."""
    names = Locale.parse(locale).territories
    found = [
        (code, name)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO")
    ]
    return sorted(found, key=lambda pair: pair[1])


@cache
def zones() -> list[tuple[str, str]]:
    return [
        (name, name) for name in sorted(available_timezones()) if "/" in name and not name.startswith("Etc/")
    ]
