"""What can be imported, and the fields that each kind knows."""

from casedesk.cases.rules import CHANNELS, OUTCOMES, STAGES, STATUSES
from casedesk.cases.rules import KINDS as CASE_KINDS
from casedesk.customers.rules import DISCLOSURES, STATED
from casedesk.imports.values import Field

KINDS = ("customers", "subscriptions", "charges", "cases", "exchanges", "exposure")
"""In the order in which they build on each other."""

_REFERENCE = Field("reference", required=True)

FIELDS: dict[str, tuple[Field, ...]] = {
    "customers": (
        _REFERENCE,
        Field("name", required=True),
        Field("kind", "choice", choices=("consumer", "business", "non_professional")),
        Field("mail"),
        Field("phone"),
        Field("salutation"),
        Field("locale"),
        Field("country"),
        Field("region"),
        Field("city"),
        Field("address"),
        Field("time_zone"),
        Field("employees", "whole"),
        Field("main_activity"),
        Field("vulnerable", "flag"),
        Field("created_at", "moment"),
    ),
    "subscriptions": (
        _REFERENCE,
        Field("customer", required=True),
        Field("plan", required=True),
        Field("terms"),
        Field("state", "choice", choices=("active", "ended")),
        Field("channel", "choice", choices=("online", "telephone", "on_premises", "off_premises")),
        Field("started_on", "day", required=True),
        Field("ends_on", "day"),
        Field("concluded_at", "moment"),
        Field("accepted_at", "moment"),
        Field("commitment_until", "day"),
        Field("renewed_at", "moment"),
        Field("billing_day", "whole"),
        Field("price", "money", required=True),
        Field("payment_brand"),
        Field("payment_last4"),
        Field("source"),
        Field("medium"),
        Field("campaign"),
        Field("first_touch_at", "moment"),
        # What the customer was told or agreed to: a moment, or the word never. What the contract states: a fact.
        *(Field(f"told_{kind}", "told") for kind in DISCLOSURES),
        *(Field(f"fact_{name}", "fact") for name in STATED["subscription"]),
    ),
    "charges": (
        _REFERENCE,
        Field("customer"),
        Field("subscription"),
        Field("amount", "money", required=True),
        Field("tax", "money"),
        Field("captured_at", "moment", required=True),
        Field("period_starts_on", "day"),
        Field("period_ends_on", "day"),
        Field("description"),
        Field("network"),
        Field("provider"),
        Field("provider_reference"),
    ),
    "cases": (
        _REFERENCE,
        Field("kind", "choice", required=True, choices=CASE_KINDS),
        Field("status", "choice", choices=STATUSES),
        Field("stage", "choice", choices=STAGES),
        Field("outcome", "choice", choices=OUTCOMES),
        Field("channel", "choice", choices=CHANNELS),
        Field("customer"),
        Field("claimed_name"),
        Field("claimed_contact"),
        Field("subscription"),
        Field("charge"),
        Field("cause"),
        Field("established_cause"),
        Field("amount", "money"),
        Field("refunded", "money"),
        Field("opened_at", "moment", required=True),
        Field("occurred_at", "moment"),
        Field("first_reply_at", "moment"),
        Field("decided_at", "moment"),
        Field("closed_at", "moment"),
        Field("said"),
        Field("author"),
        Field("owner"),
        Field("team"),
        Field("priority", "choice", choices=("1", "2", "3", "4")),
        Field("source"),
        Field("medium"),
        Field("campaign"),
        Field("tags", "tags"),
    ),
    "exchanges": (
        _REFERENCE,
        Field("case", required=True),
        Field("channel", "choice", required=True, choices=CHANNELS),
        Field("direction", "choice", required=True, choices=("in", "out")),
        Field("said", required=True),
        Field("title"),
        Field("counterpart"),
        Field("happened_at", "moment", required=True),
        Field("author"),
    ),
    # What cases are measured against where the desk does not know every contract.
    "exposure": (
        _REFERENCE,
        Field("period", "day", required=True),
        Field("source"),
        Field("product"),
        Field("active_subscriptions", "whole"),
        Field("purchases", "whole"),
    ),
}

MONEY_OF = {"subscriptions": "price", "charges": "amount", "cases": "amount"}
"""The field whose sums the control totals add up."""


def field_of(kind: str, name: str) -> Field | None:
    return next((field for field in FIELDS[kind] if field.name == name), None)
