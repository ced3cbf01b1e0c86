"""THE adapter: what the record knows of a case, as facts that rules read, each with where it came from.

Pure: `queries/file.py` loads a `CaseFile`, this module turns it into `Facts`. A column that is empty founds
nothing: it is unknown, unless a disclosure or a person says that it never happened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from casedesk.kernel.calendar import add_days, add_months, days_between, local_day, start_of_day
from casedesk.policy.facts import Facts

Fact = tuple[str, object, str]
"""(name, value as files write it, source code)."""

_BY_COUNTRY = {"GB": "UK", "FR": "FR", "DE": "DE", "BE": "BE", "CH": "CH", "US": "US"}
_UNION = frozenset(
    [
        "AT",
        "BG",
        "CY",
        "CZ",
        "DK",
        "EE",
        "ES",
        "FI",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)


@dataclass(frozen=True)
class DisclosureLine:
    kind: str
    given_at: datetime | None
    never: bool
    medium: str
    source: str


@dataclass(frozen=True)
class ActFact:
    """An act on the record: what it was and when it was declared, sent and received."""

    kind: str
    at: datetime
    received_at: datetime | None
    entry_id: int | None


@dataclass(frozen=True)
class SuppliedLine:
    name: str
    state: str
    value: object
    source: str


@dataclass(frozen=True)
class CaseFile:
    """Everything of the record that a rule may read about one case, without names or addresses."""

    kind: str
    asked_at: datetime
    time_zone: str
    country: str
    region: str = ""
    customer_kind: str | None = None
    employees: int | None = None
    main_activity: str | None = None
    subscription: Mapping[str, Any] = field(default_factory=dict)
    plan: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)
    charge: Mapping[str, Any] = field(default_factory=dict)
    claimed_minor: int | None = None
    disclosures: tuple[DisclosureLine, ...] = ()
    acts: tuple[ActFact, ...] = ()
    supplied: tuple[SuppliedLine, ...] = ()
    sells_online: bool | None = None


def facts_of(file: CaseFile, *, now: datetime) -> Facts:
    """The facts of `file` at `now`. What a person supplied comes last and wins."""
    values: dict[str, object] = {}
    sources: dict[str, str] = {}
    for part in _PARTS:
        for name, value, source in part(file, now):
            if value is not None:
                values[name], sources[name] = value, source
    for line in file.supplied:
        values.pop(line.name, None)
        if line.state == "known":
            values[line.name] = line.value
        elif line.state == "never":
            values[line.name] = "never"
        sources[line.name] = line.source
    return _typed(values, sources)


def _typed(values: Mapping[str, object], sources: Mapping[str, str]) -> Facts:
    known = {n: ("none" if v == "never" and n in _NONE_NOT_NEVER else v) for n, v in values.items()}
    return Facts.lenient(known, {n: s for n, s in sources.items() if n in known})


_NONE_NOT_NEVER = frozenset(
    {
        "leisure_specific_date",
        "separately_priced_parts",
        "market_price_minor",
        "contract_refund_window_days",
        "commitment_months",
        "commitment_until",
        "cause",
        "sector",
        "trader_reply",
        "extension",
        "file_parts_received_at",
        "mediator_min_wait_months",
        "requested_cancellation_date",
        "renewal_clause",
    }
)
"""Facts whose known no is written `none`, not `never`."""


def jurisdiction(country: str, region: str) -> str | None:
    """The law that the packs name for a customer who lives there; None where no pack covers it."""
    if country == "US" and region == "CA":
        return "US-CA"
    if country == "CA" and region == "QC":
        return "CA-QC"
    if country in _BY_COUNTRY:
        return _BY_COUNTRY[country]
    return "EU" if country in _UNION else None


# --- the parts: each yields what its table knows ------------------------------------------------


def _place(file: CaseFile, now: datetime) -> Iterator[Fact]:
    yield "timezone", file.time_zone, "customer"
    yield "jurisdiction", jurisdiction(file.country, file.region), "customer"
    yield "evaluate_at", now.isoformat(), "clock"
    calendar = (
        f"{file.country}-{file.region}"
        if file.region and file.country in ("DE", "CA", "CH")
        else file.country
    )
    yield "holiday_calendar", {"GB": "GB-ENG"}.get(calendar, calendar), "customer"


def _customer(file: CaseFile, _now: datetime) -> Iterator[Fact]:
    consumer = {"consumer": True, "business": False, "non_professional": "non_professionnel"}
    if file.customer_kind:
        yield "consumer", consumer[file.customer_kind], "customer"
    yield "employees", file.employees, "customer"
    yield "main_activity", file.main_activity, "customer"


def _contract(file: CaseFile, _now: datetime) -> Iterator[Fact]:
    sub, plan = file.subscription, file.plan
    if not sub:
        return
    yield "channel", sub["channel"], "subscription"
    written = {"online": "online", "telephone": "telephone", "on_premises": "paper", "off_premises": "paper"}
    yield "contract_channel", written.get(sub["channel"]), "subscription"
    yield "contract_kind", _contract_kind(plan, file.terms), "plan"
    yield "category", plan.get("category"), "plan"
    yield "contract_concluded_at", _text(sub["concluded_at"]), "subscription"
    yield "purchase_at", _text(sub["concluded_at"]), "subscription"
    yield "purchase_date", _text(local_day(sub["concluded_at"], file.time_zone)), "subscription"
    yield "price_minor", sub["price_minor"], "subscription"
    yield "trader_sells_online", file.sells_online, "plan"
    yield "renewed", sub.get("renewed_at") is not None, "subscription"
    yield "renewed_at", _text(sub.get("renewed_at")), "subscription"
    yield "commitment_until", _text(sub.get("commitment_until")) or "never", "subscription"
    yield "sector", "gym" if plan.get("category") == "gym_membership" else "none", "plan"
    # An assumption of ours, not a register: a plan has no column yet for a fixed date or for separately priced parts.
    # Where a contract has one, a person sets the fact on the case, and what a person sets wins.
    yield "leisure_specific_date", "none", "plan"
    yield "separately_priced_parts", "none", "plan"


def _contract_kind(plan: Mapping[str, Any], terms: Mapping[str, Any]) -> str | None:
    kind = plan.get("contract_kind")
    if kind == "service" and terms.get("renewal") == "tacit":
        return "service_fixed_term_tacit_renewal"
    return kind


def _terms(file: CaseFile, _now: datetime) -> Iterator[Fact]:
    terms, sub = file.terms, file.subscription
    if not terms:
        return
    source = f"terms:{terms['code']}"
    window = terms["refund_window_days"]
    yield "contract_refund_window_days", "never" if window is None else window, source
    yield "proration_method", terms["proration"], source
    yield "contract_notice_months", terms["notice_months"], source
    yield "notice_months", terms["notice_months"], source
    yield "commitment_months", terms["commitment_months"] or "never", source
    yield "commitment_start", _text(sub.get("started_on")), "subscription"
    clauses = {"tacit": "fixed_term", "indefinite": "indefinite", "none": "never"}
    yield "renewal_clause", clauses.get(terms["renewal"]), source
    renewed = sub.get("renewed_at")
    if renewed and terms["renewal"] == "tacit":
        day = local_day(renewed, file.time_zone)
        yield "renewal_date", _text(day), "subscription"
        yield "event", "renewal", "subscription"
        limit = add_days(add_months(day, -terms["notice_months"]), -1) if terms["notice_months"] else day
        yield "non_renewal_limit_date", _text(limit), source
        if terms["renewal_months"]:
            yield "term_months", terms["renewal_months"], source


def _money(file: CaseFile, _now: datetime) -> Iterator[Fact]:
    charge = file.charge
    if not charge:
        return
    source = f"charge:{charge['reference']}"
    yield "currency", charge["currency"], source
    yield "paid_minor", charge["amount_minor"], source
    yield "already_refunded_minor", charge["refunded"], "ledger"
    yield "paid_on", _text(local_day(charge["captured_at"], file.time_zone)), source
    yield "transaction_processing_date", _text(local_day(charge["captured_at"], file.time_zone)), source
    yield "refund_requested_minor", file.claimed_minor, "case"
    yield "rounding", {"target": "retained", "mode": "half_up"}, "house"
    renewed = file.subscription.get("renewed_at")
    if renewed and charge["captured_at"] >= renewed:
        yield "advance_paid_minor", charge["amount_minor"], source
    # The record is complete as to what was said to us: an excess that nobody alleged is none.
    yield "market_price_minor", "none", "exchanges"
    start, end = charge["period_starts_on"], charge["period_ends_on"]
    if start and end:
        asked_at = _decisive(file)
        over = local_day(asked_at, file.time_zone) >= end
        yield (
            "service_fully_performed_at",
            _text(start_of_day(end, file.time_zone)) if over else "never",
            source,
        )
        yield "period_start", _text(start), source
        yield "period_end", _text(end), source
        yield "period_days", days_between(start, end), source
        asked = local_day(asked_at, file.time_zone)
        yield "used_days", max(0, min(days_between(start, asked), days_between(start, end))), source


def _decisive(file: CaseFile) -> datetime:
    """The instant of the act that the case is about: a withdrawal or termination, else the first request."""
    for kinds in (("withdrawal", "termination"), ("refund_request", "written_complaint")):
        found = [act.at for act in file.acts if act.kind in kinds]
        if found:
            return min(found)
    return file.asked_at


def _acts(file: CaseFile, _now: datetime) -> Iterator[Fact]:
    at = _decisive(file)
    yield "action_at", _text(at), "exchange"
    yield "requested_at", _text(at), "exchange"
    yield "cancelled_at", _text(at), "exchange"
    yield "cancelled_on", _text(local_day(at, file.time_zone)), "exchange"
    for act in file.acts:
        source = f"entry:{act.entry_id}" if act.entry_id else "exchange"
        received = _text(act.received_at or act.at)
        if act.kind in ("withdrawal", "refund_request", "termination"):
            yield "trader_informed_of_withdrawal_at", received, source
        if act.kind == "termination":
            yield "termination_notice_at", _text(act.at), source
            yield "termination_notice_received_at", received, source
            yield "notice_given_at", _text(act.at), source
            yield "termination_effective_date", _text(local_day(act.at, file.time_zone)), source
            yield "requested_end", _text(local_day(act.at, file.time_zone)), source
        if act.kind == "written_complaint":
            yield "written_complaint_at", _text(act.at), source


_FLAGS = {
    "express_request": "express_request",
    "loss_acknowledged": "loss_acknowledged",
    "confirmation": "confirmation_provided",
    "express_consent": "express_consent",
    "price_after_trial": "price_after_trial_clearly_disclosed",
}
_INSTANTS = {
    "withdrawal_information": "withdrawal_information_given_at",
    "renewal_reminder": "notice_sent_at",
    "change_notice": "change_notified_at",
}


def _disclosures(file: CaseFile, _now: datetime) -> Iterator[Fact]:
    for line in file.disclosures:
        known = line.never or line.given_at is not None
        if line.kind in _FLAGS and known:
            yield _FLAGS[line.kind], not line.never, line.source
        if line.kind in _INSTANTS and known:
            yield _INSTANTS[line.kind], "never" if line.never else _text(line.given_at), line.source
        if line.kind == "withdrawal_information" and known:
            yield "informed", not line.never, line.source
        if line.kind == "renewal_reminder" and line.medium:
            yield "notice_form", line.medium, line.source


_PARTS = (_place, _customer, _contract, _terms, _money, _acts, _disclosures)


def _text(value: datetime | date | None) -> str | None:
    return None if value is None else value.isoformat()
