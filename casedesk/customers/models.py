"""Entities, customers and what ties them: plans, dated terms, subscriptions, periods, disclosures, consent."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.store.db import Base, Id


class Entity(Base):
    """A legal entity or brand of the business: who the contract is with, and who writes to the customer."""

    __tablename__ = "entities"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    legal_name: Mapped[str]
    address: Mapped[str]
    country: Mapped[str]
    locale: Mapped[str]
    time_zone: Mapped[str]
    currency: Mapped[str]
    case_prefix: Mapped[str] = mapped_column(default="CD")
    sender_mail: Mapped[str]
    mediator_body: Mapped[dict[str, Any]]
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    """False: retired. Its contracts and cases stay as they are; nothing new begins with it."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Customer(Base):
    """A consumer or a business that buys. After an erasure the personal columns are empty and `erased_at` is set."""

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("kind IN ('consumer','business','non_professional')", name="kind"),
        # Names and addresses are found by their beginning: PostgreSQL needs to be told.
        Index("ix_customers_name_key", "name_key", postgresql_ops={"name_key": "text_pattern_ops"}),
        Index("ix_customers_address", "address", "city"),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(default="consumer")
    kind_known: Mapped[bool] = mapped_column(default=True, server_default=true())
    """False where an import did not say: `kind` is then a guess that no rule reads."""
    name: Mapped[str]
    name_key: Mapped[str]
    salutation: Mapped[str] = mapped_column(default="")
    locale: Mapped[str]
    country: Mapped[str]
    region: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    time_zone: Mapped[str]
    employees: Mapped[int | None]
    main_activity: Mapped[str | None]
    vulnerable: Mapped[bool] = mapped_column(default=False)
    legal_hold: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class CustomerWord(Base):
    """One word of a customer's folded name, so that any of them is found by its beginning; gone with the name."""

    __tablename__ = "customer_words"
    __table_args__ = (
        Index("ix_customer_words_word", "word", "customer_id", postgresql_ops={"word": "text_pattern_ops"}),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)


class ContactPoint(Base):
    """A mail address, phone number or postal address; `value_key` is the folded form that look-ups use."""

    __tablename__ = "contact_points"
    __table_args__ = (
        Index("ix_contact_points_customer_id", "customer_id"),
        Index(
            "ix_contact_points_value_key",
            "kind",
            "value_key",
            postgresql_ops={"value_key": "text_pattern_ops"},
        ),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    kind: Mapped[str]
    value: Mapped[str]
    value_key: Mapped[str]
    preferred: Mapped[bool] = mapped_column(default=False)


class Consent(Base):
    """Given or withdrawn consent. Append-only: the newest row of a purpose is in force."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_customer_id", "customer_id"), {"info": {"append_only": True}})

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    purpose: Mapped[str]
    given: Mapped[bool]
    at: Mapped[datetime]
    source: Mapped[str]


class Plan(Base):
    """What an entity sells. Contracts keep the price that they were concluded at, and a plan that is not `active`."""

    __tablename__ = "plans"

    id: Mapped[Id]
    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"))
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    contract_kind: Mapped[str]
    category: Mapped[str] = mapped_column(default="other")
    interval_months: Mapped[int]
    price_minor: Mapped[int]
    currency: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Terms(Base):
    """One version of an entity's contract terms, as data; published, never edited. Append-only."""

    __tablename__ = "terms"
    __table_args__ = (UniqueConstraint("entity_id", "code"), {"info": {"append_only": True}})

    id: Mapped[Id]
    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"))
    code: Mapped[str]
    valid_from: Mapped[date]
    refund_window_days: Mapped[int | None]
    proration: Mapped[str]
    commitment_months: Mapped[int]
    notice_months: Mapped[int]
    renewal: Mapped[str]
    renewal_months: Mapped[int]
    billing_day_rule: Mapped[str]
    fees: Mapped[dict[str, Any]]
    clauses: Mapped[dict[str, Any]]


class Subscription(Base):
    """One customer's contract on one plan, with the terms it accepted and where the customer came from."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index("ix_subscriptions_customer_id", "customer_id"),
        Index("ix_subscriptions_payment_fingerprint", "payment_fingerprint"),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    terms_id: Mapped[int] = mapped_column(ForeignKey("terms.id"))
    state: Mapped[str]
    channel: Mapped[str]
    concluded_at: Mapped[datetime]
    concluded_known: Mapped[bool] = mapped_column(default=True, server_default=true())
    """False where an import knew the start alone: `concluded_at` is then a guess that no rule reads."""
    accepted_at: Mapped[datetime]
    started_on: Mapped[date]
    ends_on: Mapped[date | None]
    commitment_until: Mapped[date | None]
    renewed_at: Mapped[datetime | None]
    billing_day: Mapped[int | None]
    price_minor: Mapped[int]
    currency: Mapped[str]
    payment_brand: Mapped[str] = mapped_column(default="")
    payment_last4: Mapped[str] = mapped_column(default="")
    payment_expiry: Mapped[str] = mapped_column(default="")
    payment_fingerprint: Mapped[str | None]
    source: Mapped[str]
    medium: Mapped[str] = mapped_column(default="")
    campaign: Mapped[str] = mapped_column(default="")
    first_touch_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Period(Base):
    """A paid period of a subscription: [starts_on, ends_on)."""

    __tablename__ = "subscription_periods"
    __table_args__ = (
        UniqueConstraint("subscription_id", "starts_on"),
        CheckConstraint("ends_on > starts_on", name="order"),
    )

    id: Mapped[Id]
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    price_minor: Mapped[int]


class ContractFact(Base):
    """A fact that the rules read of a plan, of a version of terms or of one contract, beyond their columns.

    Append-only; the newest of a name counts. `state` is known (with its value), never (known that there is none)
    or unknown (what was known before was taken back). No row at all is unknown.
    """

    __tablename__ = "contract_facts"
    __table_args__ = (
        CheckConstraint("subject_kind IN ('plan','terms','subscription')", name="subject"),
        CheckConstraint("state IN ('known','never','unknown')", name="state"),
        Index("ix_contract_facts_subject", "subject_kind", "subject_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    name: Mapped[str]
    state: Mapped[str]
    value: Mapped[dict[str, Any] | None]
    source: Mapped[str]
    recorded_at: Mapped[datetime]


class Disclosure(Base):
    """What the customer was told or agreed to, and when, or that it never happened. Append-only; the newest counts.

    `kind` is withdrawal_information, price_of_use, express_request, loss_acknowledged, confirmation, renewal_reminder,
    change_notice, price_after_trial. `given_at` empty with `never` true is a known no with its source; no row
    at all is unknown.
    """

    __tablename__ = "disclosures"
    __table_args__ = (
        Index("ix_disclosures_subscription_id", "subscription_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"))
    kind: Mapped[str]
    given_at: Mapped[datetime | None]
    never: Mapped[bool] = mapped_column(default=False)
    medium: Mapped[str] = mapped_column(default="")
    source: Mapped[str]
    recorded_at: Mapped[datetime]
