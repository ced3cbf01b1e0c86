"""The cube: one row of facts a case, its dated marks, and the roll-ups that reports read.

All of it follows from the record and can be thrown away: `casedesk cube rebuild` makes the same rows again. Days and
hours are those of the organisation's zone (`CubeState.zone`). Money is in minor units of `currency`, never summed over
currencies. A text dimension that is not known is '' (never null), so that it groups and filters like any other.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.store.db import Base, Id

_FILTERED = ("kind", "team_id", "cause", "source", "plan", "channel", "currency", "merged")
_OPENED = ("repeat", "claimed_minor", "network", "outcome", "contacts_in")
_CLOSED = ("outcome", "resolution_bin", "refunded_minor")
_DECIDED = (
    "clause",
    "decided_by",
    "outcome",
    "decided_minor",
    "exception_minor",
    "exception_reason",
    "reversed",
)
_STANDING = text("status <> 'closed'")


class CubeState(Base):
    """The one row that says what the cube was made with; locked by who changes the cube, so it is the lease too.

    `read_until`: entries recorded before it were looked at; `swept_at`: when every head was last compared.
    """

    __tablename__ = "cube_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    zone: Mapped[str]
    version: Mapped[int]
    read_until: Mapped[datetime | None]
    swept_at: Mapped[datetime | None]
    exposure_day: Mapped[date | None]


class CaseFact(Base):
    """One case as reports and signals see it. `merged` rows count nowhere: the case they went into counts.

    `cause` is the established one, else the stated one, after re-labelling (`causes.merged_into_id`). `opened_hour` is
    the hour of the week (0 = Monday, midnight to one). `days_since_*` count whole days from the last purchase, renewal
    or billing day before the case opened; null where that is not known. Durations are seconds, null while they last.
    """

    __tablename__ = "case_facts"
    __table_args__ = (
        # Each holds what its reports cut, filter and sum by, so that a question that no roll-up answers reads one index
        # and no row.
        Index("ix_case_facts_opened", "opened_day", *_FILTERED, *_OPENED),
        Index("ix_case_facts_decided", "decided_day", *_FILTERED, *_DECIDED),
        Index("ix_case_facts_closed", "closed_day", *_FILTERED, *_CLOSED),
        Index("ix_case_facts_first_reply", "first_reply_day", *_FILTERED, "first_reply_bin"),
        Index("ix_case_facts_cause", "cause", "source", "opened_day"),
        Index("ix_case_facts_customer", "customer_id", "opened_at"),
        Index("ix_case_facts_purchased", "purchased_day", "case_id"),
        Index("ix_case_facts_standing", "opened_day", postgresql_where=_STANDING, sqlite_where=_STANDING),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    applied_seq: Mapped[int]
    merged: Mapped[bool]
    imported: Mapped[bool]

    entity_id: Mapped[int]
    customer_id: Mapped[int | None]
    subscription_id: Mapped[int | None]
    team_id: Mapped[int | None]
    owner_id: Mapped[int | None]
    kind: Mapped[str]
    status: Mapped[str]
    stage: Mapped[str]
    outcome: Mapped[str]
    channel: Mapped[str]
    cause: Mapped[str]
    stated_cause: Mapped[str]
    cause_established: Mapped[bool]
    source: Mapped[str]
    medium: Mapped[str]
    campaign: Mapped[str]
    plan: Mapped[str]
    network: Mapped[str]
    currency: Mapped[str]
    clause: Mapped[str]
    verdict: Mapped[str]
    decided_by: Mapped[int | None]
    exception_reason: Mapped[str]

    opened_at: Mapped[datetime]
    opened_day: Mapped[date]
    opened_hour: Mapped[int]
    opened_month_day: Mapped[int]
    first_reply_day: Mapped[date | None]
    decided_day: Mapped[date | None]
    closed_day: Mapped[date | None]
    purchased_day: Mapped[date | None]
    days_since_purchase: Mapped[int | None]
    days_since_renewal: Mapped[int | None]
    days_since_billing: Mapped[int | None]

    first_reply_s: Mapped[int | None]
    first_reply_bin: Mapped[int | None]
    resolution_s: Mapped[int | None]
    resolution_bin: Mapped[int | None]
    claimed_minor: Mapped[int]
    by_rule_minor: Mapped[int]
    decided_minor: Mapped[int]
    exception_minor: Mapped[int]
    refunded_minor: Mapped[int]
    credited_minor: Mapped[int]
    contacts_in: Mapped[int]
    contacts_out: Mapped[int]
    reopened: Mapped[int]
    reversed: Mapped[int]
    repeat: Mapped[bool]


class CaseMark(Base):
    """A dated thing of a case that may happen more than once: money that moved, a clock that ended, a reopening.

    `event` is one of cube_rules.MARKS; `detail` says which (the clock's name, the network of a charge).
    """

    __tablename__ = "case_marks"
    __table_args__ = (
        Index("ix_case_marks_day", "event", "day", "case_id", "detail", "currency", "amount_minor"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    event: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date]
    detail: Mapped[str]
    currency: Mapped[str]
    amount_minor: Mapped[int]


class CubeDay(Base):
    """Counts and money by day: of `event`, cut by `cut` (its values in `a` and `b`), in one currency."""

    __tablename__ = "cube_days"
    __table_args__ = ({"sqlite_with_rowid": False},)

    event: Mapped[str] = mapped_column(primary_key=True)
    cut: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    a: Mapped[str] = mapped_column(primary_key=True)
    b: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    amount_minor: Mapped[int]


class CubeDuration(Base):
    """Durations as histograms by month: bin k holds [1.02^k, 1.02^(k+1)) seconds; bin 0 also what is shorter."""

    __tablename__ = "cube_durations"
    __table_args__ = ({"sqlite_with_rowid": False},)

    measure: Mapped[str] = mapped_column(primary_key=True)
    cut: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    a: Mapped[str] = mapped_column(primary_key=True)
    bin: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]


class CubeTiming(Base):
    """Cases opened by month on one clock (`clock`: hour_of_week, purchase, renewal, billing, month_day), by cause."""

    __tablename__ = "cube_timing"
    __table_args__ = ({"sqlite_with_rowid": False},)

    clock: Mapped[str] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    bin: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]


class CubeClause(Base):
    """Decisions by month, by the rule that they rest on and by who decided: for consistency."""

    __tablename__ = "cube_clauses"
    __table_args__ = ({"sqlite_with_rowid": False},)

    month: Mapped[date] = mapped_column(primary_key=True)
    clause: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    currency: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    granted: Mapped[int]
    amount_minor: Mapped[int]
    exceptions: Mapped[int]
    exception_minor: Mapped[int]
    reversed: Mapped[int]


class CubeExposure(Base):
    """What cases are measured against, by day: `measure` purchases (a source, b plan), active subscriptions
    (on the first of a month, a source, b plan), charges (a network, b currency; amount in minor units).

    `origin` is own (from subscriptions and charges) or imported; where a measure was imported, it alone counts.
    """

    __tablename__ = "cube_exposure"
    __table_args__ = ({"sqlite_with_rowid": False},)

    measure: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    a: Mapped[str] = mapped_column(primary_key=True)
    b: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    amount_minor: Mapped[int]


class CubeRenewal(Base):
    """Renewals by day and by the day of the next one (9999-12-31: none): what cases after a renewal are measured
    against. By source and plan, and together with both as '*'."""

    __tablename__ = "cube_renewals"
    __table_args__ = ({"sqlite_with_rowid": False},)

    starts_on: Mapped[date] = mapped_column(primary_key=True)
    ends_on: Mapped[date] = mapped_column(primary_key=True)
    a: Mapped[str] = mapped_column(primary_key=True)
    b: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class FxRate(Base):
    """What one unit of `currency` was worth in the organisation's currency on `day`, in billionths. Append-only;
    of rows for one day and currency the newest counts; between days the latest day before counts."""

    __tablename__ = "fx_rates"
    __table_args__ = (
        CheckConstraint("rate_billionths > 0", name="rate"),
        Index("ix_fx_rates_currency_day", "currency", "day", "id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    day: Mapped[date]
    currency: Mapped[str]
    rate_billionths: Mapped[int]
    source: Mapped[str]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime]
