"""The hand-over summary: who, what, since when, what was tried, the verdict, what is open. Drafted from the record.

Words and order are the reader's language; the person who raises the case edits it before it goes on the record.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.cases import words
from casedesk.cases.event_words import clock_name, fact_label
from casedesk.cases.models import Case, Cause, Decision
from casedesk.customers.models import Customer, Plan, Subscription
from casedesk.deadlines.queries import ClockLine, clocks_of
from casedesk.rulebook.models import Judgement
from casedesk.store.models import Entry
from casedesk.web import locale

Draft = Callable[[Case, str], str]

LAST = 3
"""Exchanges that the summary names one by one; earlier ones are counted."""


@dataclass(frozen=True)
class _Known:
    """What the record holds of the case."""

    case: Any
    name: str | None
    customer_kind: str | None
    plan: str | None
    reference: str | None
    cause: tuple[str, str] | None
    owner: str | None
    exchanges: list[tuple[datetime, str, bool]]
    decisions: list[Any]
    missing: list[str]
    clocks: list[ClockLine]


def drafted(session: Session, case_id: int, *, now: datetime) -> str:
    """The summary of the case as the record has it now, in six lines. Four statements."""
    known = _known(session, case_id, now)
    parts = (_who(known), _what(known), _since(known, now), _tried(known), _verdict(known), _open(known, now))
    return "\n".join(part for part in parts if part)


def _known(session: Session, case_id: int, now: datetime) -> _Known:
    row = session.execute(
        select(
            Case,
            Customer.name,
            Customer.kind,
            Plan.name,
            Subscription.reference,
            Cause.label_en,
            Cause.label_fr,
            Person.name,
            Judgement.verdict,
        )
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(Subscription, Subscription.id == Case.subscription_id)
        .outerjoin(Plan, Plan.id == Subscription.plan_id)
        .outerjoin(Cause, Cause.id == Case.stated_cause_id)
        .outerjoin(Person, Person.id == Case.owner_id)
        .outerjoin(Judgement, Judgement.id == Case.judgement_id)
        .where(Case.id == case_id)
    ).one()
    case = row[0]
    bodies = session.execute(
        select(Entry.happened_at, Entry.body)
        .where(
            Entry.subject_kind == "case",
            Entry.subject_id == case_id,
            Entry.kind == "exchange",
            Entry.corrects_id.is_(None),
        )
        .order_by(Entry.happened_at, Entry.seq)
    )
    decisions = session.execute(
        select(Decision.n, Decision.state, Decision.outcome, Decision.amount_minor, Decision.currency)
        .where(Decision.case_id == case_id)
        .order_by(Decision.n)
    ).all()
    verdict: dict[str, Any] = json.loads(row[8]) if row[8] else {}
    return _Known(
        case,
        row[1] or case.claimed_name or case.claimed_contact,
        row[2],
        row[3],
        row[4],
        (row[5], row[6]) if row[5] else None,
        row[7],
        [(at, str(body.get("channel", "")), bool(body.get("inbound"))) for at, body in bodies],
        list(decisions),
        [str(name) for name in verdict.get("missing", [])],
        clocks_of(session, ("case", case_id), now=now),
    )


def _who(known: _Known) -> str:
    kind = words.said(words.CUSTOMER_KIND, known.customer_kind).lower() if known.customer_kind else ""
    contract = ", ".join(part for part in (known.plan, known.reference) if part)
    said = [part for part in (known.name or _("Unknown customer"), kind, contract) if part]
    if known.case.vulnerable:
        said.append(_("marked as vulnerable"))
    return _("Who: %(who)s.", who=", ".join(said))


def _what(known: _Known) -> str:
    case = known.case
    asked = words.said(words.KIND, case.kind)
    if case.claimed_minor is not None:
        asked = _(
            "%(kind)s of %(amount)s", kind=asked, amount=locale.money(case.claimed_minor, case.currency)
        )
    if known.cause:
        asked = _("%(asked)s, because: %(cause)s", asked=asked, cause=words.cause_label(*known.cause).lower())
    return _("What: %(what)s.", what=asked)


def _since(known: _Known, now: datetime) -> str:
    days = (now - known.case.opened_at).days
    spent = ngettext("%(num)d day", "%(num)d days", days)
    owner = known.owner or _("nobody")
    return _(
        "Since: %(moment)s, %(days)s; owner %(owner)s.",
        moment=locale.moment(known.case.opened_at),
        days=spent,
        owner=owner,
    )


def _tried(known: _Known) -> str:
    """How often each side spoke, the last words by day, and what was decided."""
    theirs = sum(inbound for _at, _channel, inbound in known.exchanges)
    ours = len(known.exchanges) - theirs
    last = [
        _(
            "%(day)s %(who)s by %(channel)s",
            day=locale.day_short(at),
            who=_("customer") if inbound else _("we"),
            channel=words.said(words.CHANNEL, channel),
        )
        for at, channel, inbound in known.exchanges[-LAST:]
    ]
    decided = [
        _(
            "decision %(n)s %(outcome)s, %(amount)s (%(state)s)",
            n=one.n,
            outcome=words.said(words.OUTCOME, one.outcome).lower(),
            amount=locale.money(one.amount_minor, one.currency),
            state=words.said(words.DECISION_STATE, one.state).lower(),
        )
        for one in known.decisions
    ]
    counted = _("%(theirs)d from the customer, %(ours)d from us", theirs=theirs, ours=ours)
    return _("Tried: %(what)s.", what="; ".join([counted, *last, *decided]))


def _verdict(known: _Known) -> str:
    case = known.case
    _state, said = words.verdict_words(
        case.verdict_outcome, case.verdict_minor, case.verdict_missing, case.currency, case.kind
    )
    return _("Verdict: %(verdict)s.", verdict=said)


def _open(known: _Known, now: datetime) -> str:
    """Facts that are missing, decisions that wait, and the live clocks with what is late first."""
    said = (
        [_("missing: %(facts)s", facts=", ".join(fact_label(name) for name in known.missing[:4]))]
        if known.missing
        else []
    )
    said += [
        _("decision %(n)s waits for approval", n=one.n) for one in known.decisions if one.state == "proposed"
    ]
    live = [clock for clock in known.clocks if clock.state == "running"]
    for clock in sorted(live, key=lambda one: one.due_at):
        due = locale.moment(clock.due_at)
        name = clock_name(clock.name)
        said.append(
            _("%(clock)s late since %(moment)s", clock=name, moment=due)
            if clock.due_at <= now
            else _("%(clock)s by %(moment)s", clock=name, moment=due)
        )
    return _("Open: %(what)s.", what="; ".join(said) if said else _("nothing"))
