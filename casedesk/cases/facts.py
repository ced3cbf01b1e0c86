"""THE adapter: what the record knows of a case, as facts that rules read, each with where it came from.

Pure: `queries/file.py` loads a `CaseFile`, this module turns it into `Facts`. A column that is empty founds
nothing: it is unknown, unless a register says that there is none: a disclosure, a fact stated of the plan, the
terms or the contract, or a person on the case. What is stated closer to the case wins: terms, plan, contract, case.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from casedesk.kernel.calendar import (
    UnknownCalendar,
    add_days,
    add_months,
    calendar_for,
    days_between,
    local_day,
)
from casedesk.policy.facts import NEVER, Facts

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
    known_customer: bool = True
    customer_kind: str | None = None
    employees: int | None = None
    subscription: Mapping[str, Any] = field(default_factory=dict)
    plan: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)
    charge: Mapping[str, Any] = field(default_factory=dict)
    claimed_minor: int | None = None
    disclosures: tuple[DisclosureLine, ...] = ()
    acts: tuple[ActFact, ...] = ()
    cause: str | None = None
    alleges_excess: bool | None = None
    stated: tuple[SuppliedLine, ...] = ()
    """Facts stated of the terms, of the plan, of the contract: in this order."""
    supplied: tuple[SuppliedLine, ...] = ()


def facts_of(file: CaseFile, *, now: datetime) -> Facts:
    """The facts of `file` at `now`. What a person supplied comes last and wins."""
    values: dict[str, object] = {}
    sources: dict[str, str] = {}
    for part in _PARTS:
        for name, value, source in part(file, now):
            if value is not None:
                values[name], sources[name] = value, source
    for line in (*file.stated, *file.supplied):
        values.pop(line.name, None)
        if line.state != "unknown":
            values[line.name] = NEVER if line.state == "never" else line.value
            sources[line.name] = line.source
    for name, value, source in _following(file, values, sources):
        values[name], sources[name] = value, source
    return Facts.lenient(values, {name: sources[name] for name in values})


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
    yield "evaluate_at", now.isoformat(), "clock"
    if not file.known_customer:
        return  # whose law applies follows from who it is, not from who sells
    yield "timezone", file.time_zone, "customer"
    yield "jurisdiction", jurisdiction(file.country, file.region), "customer"
    yield "holiday_calendar", _holidays(file.country, file.region), "customer"


def _holidays(country: str, region: str) -> str:
    """The calendar of where the customer lives: of the region, where it has one of its own."""
    code = f"{country}-{region}"
    if region and country in ("DE", "CA", "CH", "GB", "FR"):
        try:
            calendar_for(code)
        except UnknownCalendar:
            pass
        else:
            return code
    return "GB-ENG" if country == "GB" else country


def _customer(file: CaseFile, _now: datetime) -> Iterator[Fact]:
    consumer = {"consumer": True, "business": False, "non_professional": "non_professionnel"}
    if file.customer_kind:
        yield "consumer", consumer[file.customer_kind], "customer"
    yield "employees", file.employees, "customer"


def _contract(file: CaseFile, _now: datetime) -> Iterator[Fact]:
    sub, plan = file.subscription, file.plan
    if not sub:
        return
    yield "channel", sub["channel"] or None, "subscription"
    written = {"online": "online", "online_interface": "online", "telephone": "telephone"}
    yield "contract_channel", written.get(sub["channel"]), "subscription"
    yield "contract_kind", plan.get("contract_kind") or None, "plan"
    yield "category", plan.get("category") or None, "plan"
    if sub["concluded_known"]:
        yield "contract_concluded_at", _text(sub["concluded_at"]), "subscription"
        yield "purchase_at", _text(sub["concluded_at"]), "subscription"
        yield "purchase_date", _text(local_day(sub["concluded_at"], file.time_zone)), "subscription"
    yield "price_minor", sub["price_minor"], "subscription"
    yield "contract_start", _text(sub["started_on"]), "subscription"
    yield "billing_day", sub.get("billing_day"), "subscription"
    yield "commitment_start", _text(sub["started_on"]), "subscription"
    yield "commitment_until", _text(sub.get("commitment_until")), "subscription"
    if sub.get("renewed_at"):
        yield "renewed", True, "subscription"
        yield "renewed_at", _text(sub["renewed_at"]), "subscription"
    elif _in_first_period(file):
        yield "renewed", False, f"charge:{file.charge['reference']}"
        yield "renewed_at", NEVER, f"charge:{file.charge['reference']}"


def _in_first_period(file: CaseFile) -> bool:
    """Does the act fall within the period that began with the contract? Then nothing was renewed before it."""
    start, end = file.charge.get("period_starts_on"), file.charge.get("period_ends_on")
    if start is None or end is None or start > file.subscription["started_on"]:
        return False
    return bool(_asked_on(file) < end)


def _terms(file: CaseFile, _now: datetime) -> Iterator[Fact]:
    terms, sub = file.terms, file.subscription
    if not terms:
        return
    source = f"terms:{terms['code']}"
    yield "contract_refund_window_days", terms["refund_window_days"], source
    yield "proration_method", terms["proration"] or None, source
    yield "contract_notice_months", terms["notice_months"], source
    yield "notice_months", terms["notice_months"], source
    yield "commitment_months", terms["commitment_months"] or NEVER, source
    clauses: dict[str, object] = {"tacit": "fixed_term", "indefinite": "indefinite", "none": NEVER}
    yield "renewal_clause", clauses.get(terms["renewal"]), source
    renewed = sub.get("renewed_at")
    if renewed and terms["renewal"] == "tacit":
        day = local_day(renewed, file.time_zone)
        yield "renewal_date", _text(day), "subscription"
        yield "event", "renewal", "subscription"
        limit = add_days(add_months(day, -terms["notice_months"]), -1)
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
    start, end = charge["period_starts_on"], charge["period_ends_on"]
    if start and end:
        yield "period_start", _text(start), source
        yield "period_end", _text(end), source
        yield "period_days", days_between(start, end), source
        asked = _asked_on(file)
        yield "used_days", max(0, min(days_between(start, asked), days_between(start, end))), source


def _grounds(file: CaseFile, _now: datetime) -> Iterator[Fact]:
    """Who states a cause has said what it is about: that the price is above the market's, or that it is not that."""
    if file.cause is not None and file.alleges_excess is False:
        yield "market_price_minor", NEVER, f"cause:{file.cause}"


def _following(file: CaseFile, known: Mapping[str, object], sources: Mapping[str, str]) -> Iterator[Fact]:
    """What follows from what is known, whoever said it; what is known already is left alone."""
    clause, source = known.get("renewal_clause"), sources.get("renewal_clause", "")
    if (
        known.get("contract_kind") == "service"
        and sources["contract_kind"] == "plan"
        and clause == "fixed_term"
    ):
        yield "contract_kind", "service_fixed_term_tacit_renewal", f"plan, {source}"
    if "renewed" not in known and (clause in (NEVER, "none", "indefinite") or _in_first_term(file, known)):
        yield "renewed", False, source
    end = file.charge.get("period_ends_on")
    open_fact = "service_fully_performed_at" not in known and known.get("supplied_over_period") is True
    if open_fact and end is not None and _asked_on(file) < end:
        # After the period it may have been performed or not: that is for a person to say.
        yield "service_fully_performed_at", NEVER, f"charge:{file.charge['reference']}"


def _asked_on(file: CaseFile) -> date:
    """The local day of the act that the case is about."""
    return local_day(_decisive(file), file.time_zone)


def _in_first_term(file: CaseFile, known: Mapping[str, object]) -> bool:
    """Does the act fall within the months that the customer first committed to?"""
    months = known.get("commitment_months")
    if not isinstance(months, int) or known.get("renewal_clause") != "fixed_term" or not file.subscription:
        return False
    return _asked_on(file) < add_months(file.subscription["started_on"], months)


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
    told = {}
    for line in file.disclosures:
        known = line.never or line.given_at is not None
        if line.kind in _FLAGS and known:
            yield _FLAGS[line.kind], not line.never, line.source
        if line.kind in _INSTANTS and known:
            yield _INSTANTS[line.kind], NEVER if line.never else _text(line.given_at), line.source
        if line.kind in _BOTH and known:
            told[line.kind] = line
        if line.kind == "renewal_reminder" and line.medium:
            yield "notice_form", line.medium, line.source
    missed = [line for line in told.values() if line.never]
    if missed or len(told) == len(_BOTH):
        yield "informed", not missed, (missed or list(told.values()))[-1].source


_BOTH = ("withdrawal_information", "price_of_use")
"""Who must pay for the part used was told of both: the right, and what is owed. One that was not given suffices for no."""

_PARTS = (_place, _customer, _contract, _terms, _money, _grounds, _acts, _disclosures)


def _text(value: datetime | date | None) -> str | None:
    return None if value is None else value.isoformat()
