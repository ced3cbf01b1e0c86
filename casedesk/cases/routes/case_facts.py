"""The left zone of a case: customer, contract, money and the case itself, each fact with its source."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from casedesk.cases import words
from casedesk.cases.queries.sheet import CaseSheet, ContractPart, CustomerPart
from casedesk.customers.wording import CHANNEL_NAMES
from casedesk.web import locale


@dataclass(frozen=True)
class FactRow:
    """One line of a list of facts, as the macro `fact` shows it."""

    label: str
    value: str | None
    source: str = ""
    state: str = ""
    url: str = ""


def customer_rows(sheet: CaseSheet) -> list[FactRow]:
    """Who it is, how to reach them, what came before."""
    customer = sheet.customer
    if customer is None:
        return [
            FactRow(_("Name given"), sheet.case.claimed_name),
            FactRow(_("Contact given"), sheet.case.claimed_contact),
        ]
    place = ", ".join(part for part in (customer.city, f"({customer.country})") if part)
    kind = words.said(words.CUSTOMER_KIND, customer.kind)
    rows = [
        FactRow(
            _("Person"),
            f"{kind}, {customer.city} ({customer.country})" if customer.city else f"{kind} {place}",
        ),
        FactRow(_("Writes in"), f"{words.said(words.LANGUAGE, customer.locale)}, {customer.time_zone}"),
        FactRow(_("Mail"), customer.mail),
    ]
    if customer.phone:
        rows.append(FactRow(_("Phone"), customer.phone))
    rows += [
        FactRow(_("Came by"), words.said({}, sheet.case.source), sheet.case.campaign or ""),
        FactRow(_("Cases"), _other_cases(customer), url=f"/customers/{customer.id}"),
        FactRow(
            _("Refunds"),
            _("%(amount)s in 12 months", amount=locale.money(customer.refunded_minor, sheet.case.currency)),
        ),
    ]
    if customer.vulnerable:
        rows.append(FactRow(_("Care"), _("Vulnerable person"), state="risk"))
    return rows


def _other_cases(customer: CustomerPart) -> str:
    parts = []
    if customer.other_open:
        parts.append(ngettext("%(num)d other open", "%(num)d others open", customer.other_open))
    if customer.other_closed:
        parts.append(ngettext("%(num)d closed", "%(num)d closed", customer.other_closed))
    return ", ".join(parts) or _("no other")


def contract_rows(contract: ContractPart) -> list[FactRow]:
    """What was agreed, when and how, and what of it runs."""
    renewal = (
        ngettext("tacitly, %(num)d month", "tacitly, %(num)d months", contract.renewal_months)
        if contract.renewal == "tacit"
        else words.said({}, contract.renewal)
    )
    rows = [
        FactRow(_("Plan"), contract.plan),
        FactRow(_("State"), words.said({}, contract.state)),
        FactRow(
            _("Terms"),
            contract.terms,
            _("accepted %(day)s", day=locale.day_year(contract.accepted_at)),
        ),
        FactRow(
            _("Concluded"),
            locale.day_year(contract.concluded_at),
            words.said(CHANNEL_NAMES, contract.channel),
        ),
        FactRow(_("Renews"), renewal),
    ]
    if contract.period_starts_on and contract.period_ends_on:
        rows.append(
            FactRow(
                _("Period"),
                f"{locale.day_year(contract.period_starts_on)} – {locale.day_year(contract.period_ends_on)}",
            )
        )
    if contract.commitment_until:
        rows.append(
            FactRow(_("Committed"), _("until %(day)s", day=locale.day_year(contract.commitment_until)))
        )
    if contract.ends_on:
        rows.append(FactRow(_("Ends"), locale.day_year(contract.ends_on)))
    return rows


def case_rows(sheet: CaseSheet) -> list[FactRow]:
    """What the desk says of the case."""
    case = sheet.case
    stated = words.cause_label(case.stated_en or "", case.stated_fr or "")
    established = words.cause_label(case.established_en or "", case.established_fr or "")
    rows = [
        FactRow(_("Owner"), case.owner_name or _("nobody")),
        FactRow(_("Team"), case.team_name or _("no team")),
        FactRow(_("Status"), words.said(words.STATUS, case.status)),
        FactRow(_("Stage"), words.said(words.STAGE, case.stage)),
        FactRow(_("Priority"), str(words.PRIORITY.get(case.priority, case.priority))),
        FactRow(_("Cause"), stated or None, _("as the customer says") if stated else ""),
    ]
    if established:
        rows.append(FactRow(_("Found"), established, _("established")))
    if sheet.tags:
        rows.append(FactRow(_("Tags"), ", ".join(sheet.tags)))
    return rows


@dataclass(frozen=True)
class MoneyRow:
    """A line of the money section, as the macro `working` shows it."""

    label: str
    value: str
    note: str = ""
    sum: bool = False
    state: str = ""


def money_rows(charges: Sequence[Any], charge_id: int | None, payment: str) -> list[MoneyRow]:
    """The newest charges, what was given back of them, and what can be refunded on the one in dispute."""
    shown = charges[:4]
    rows = [
        MoneyRow(
            ", ".join(part for part in (locale.day_year(c.captured_at), payment) if part),
            locale.amount(c.amount_minor, c.currency),
        )
        for c in shown
    ]
    if len(charges) > len(shown):
        more = len(charges) - len(shown)
        rows.append(MoneyRow(ngettext("%(num)d earlier charge", "%(num)d earlier charges", more), ""))
    if not charges:
        return rows
    currency = charges[0].currency
    refunded = sum(c.balance.refunded for c in charges if c.currency == currency)
    held = sum(c.balance.reserved for c in charges if c.currency == currency)
    rows.append(MoneyRow(_("Refunded"), locale.amount(refunded, currency)))
    if held:
        rows.append(MoneyRow(_("Held for a decision"), locale.amount(held, currency)))
    in_dispute = next((c for c in charges if c.id == charge_id), charges[0])
    rows.append(
        MoneyRow(
            _("Can be refunded on %(day)s", day=locale.day_year(in_dispute.captured_at)),
            locale.amount(in_dispute.refundable, in_dispute.currency),
            sum=True,
        )
    )
    return rows
