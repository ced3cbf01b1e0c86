"""What the doors ask of this room: one frozen command a deed. Amounts are minor units, instants aware."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class CustomerData:
    """Who a customer is, as a person of the desk may enter or correct it."""

    name: str
    kind: str = "consumer"
    salutation: str = ""
    locale: str = "en"
    country: str = "FR"
    region: str = ""
    city: str = ""
    address: str = ""
    time_zone: str = "Europe/Paris"
    employees: int | None = None
    main_activity: str | None = None
    vulnerable: bool = False
    legal_hold: bool = False

    def values(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class AddCustomer:
    data: CustomerData
    mail: str = ""
    phone: str = ""
    reference: str = ""


@dataclass(frozen=True)
class ChangeCustomer:
    customer_id: int
    version: int
    data: CustomerData


@dataclass(frozen=True)
class AddContact:
    customer_id: int
    kind: str
    value: str
    preferred: bool = False


@dataclass(frozen=True)
class RecordConsent:
    customer_id: int
    purpose: str
    given: bool
    source: str


@dataclass(frozen=True)
class AddSubscription:
    """A contract as it was concluded."""

    customer_id: int
    plan_id: int
    terms_id: int
    channel: str
    concluded_at: datetime
    started_on: date
    reference: str = ""
    billing_day: int | None = None
    commitment_until: date | None = None
    source: str = "unknown"
    medium: str = ""
    campaign: str = ""


@dataclass(frozen=True)
class AddBusiness:
    """A legal entity or brand: who the contract is with, and who writes to the customer."""

    code: str
    name: str
    legal_name: str
    address: str
    country: str
    locale: str
    time_zone: str
    currency: str
    case_prefix: str
    sender_mail: str
    mediator_body: dict[str, Any]

    def values(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class ChangeBusiness:
    """What may change of a business; its code, country, time zone and currency are what its contracts were made under."""

    entity_id: int
    version: int
    name: str
    legal_name: str
    address: str
    locale: str
    case_prefix: str
    sender_mail: str
    mediator_body: dict[str, Any]
    active: bool

    def values(self) -> dict[str, Any]:
        return _columns(self, "entity_id", "version")


@dataclass(frozen=True)
class ChangePlan:
    """What may change of a plan; the rules read its kind and category of contracts that were concluded long ago."""

    plan_id: int
    version: int
    name: str
    price_minor: int
    active: bool

    def values(self) -> dict[str, Any]:
        return _columns(self, "plan_id", "version")


@dataclass(frozen=True)
class AddPlan:
    """`interval_months` 0: bought once."""

    entity_id: int
    code: str
    name: str
    contract_kind: str
    category: str
    interval_months: int
    price_minor: int


@dataclass(frozen=True)
class PublishTerms:
    entity_id: int
    code: str
    valid_from: date
    refund_window_days: int | None
    proration: str
    commitment_months: int
    notice_months: int
    renewal: str
    renewal_months: int
    billing_day_rule: str


@dataclass(frozen=True)
class RecordDisclosure:
    """What the customer was told or agreed to: given at a moment, or known never to have happened."""

    subscription_id: int
    kind: str
    source: str
    given_at: datetime | None = None
    never: bool = False
    medium: str = ""


@dataclass(frozen=True)
class StateFact:
    """What is known of a plan, of a version of terms or of a contract; `value` as files write it, for state known."""

    subject_kind: str
    subject_id: int
    name: str
    state: str
    source: str
    value: Any = None


def _columns(command: Any, *addressing: str) -> dict[str, Any]:
    """The fields of `command` that are columns of what it changes."""
    return {name: value for name, value in asdict(command).items() if name not in addressing}
