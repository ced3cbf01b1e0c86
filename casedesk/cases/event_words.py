"""Events of the record as one line each, by code. A code without words is shown as it is, spaced out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from casedesk.cases import words
from casedesk.policy.facts import Kind, vocabulary
from casedesk.rulebook import wording
from casedesk.web import locale

Body = Mapping[str, Any]

OBLIGED = "statutory."
"""Prefix of the clocks that a verdict's obligations start."""


@dataclass(frozen=True)
class Names:
    """Names that a line may need: people, teams and causes by id."""

    people: Mapping[int, str]
    teams: Mapping[int, str]
    causes: Mapping[int, str]


NO_NAMES = Names({}, {}, {})


def event_line(kind: str, body: Body, names: Names = NO_NAMES) -> str:
    """The sentence of an entry whose kind is ``event.…`` or a step of a decision."""
    code = kind.partition(".")[2] or kind
    say = _SENTENCES.get(kind)
    return say(body, names) if say else words.said({}, code)


def _opened(body: Body, names: Names) -> str:
    return _("Opened from %(channel)s", channel=words.said(words.CHANNEL, body.get("channel")))


def _judged(body: Body, names: Names) -> str:
    outcome, minor, currency = body.get("outcome"), body.get("minor"), body.get("currency", "")
    if outcome == "allowed" and minor:
        return _("Verdict: owed %(amount)s", amount=locale.money(minor, currency))
    return {
        "allowed": _("Verdict: in the right"),
        "refused": _("Verdict: not owed"),
        "needs_information": _("Verdict: needs %(facts)s", facts=_facts(body.get("missing", []))),
        "needs_review": _("Verdict: a person must judge"),
    }.get(str(outcome), _("Judged anew"))


def _facts(missing: list[str]) -> str:
    labels = [fact_label(name) for name in missing]
    return ", ".join(labels[:3]) if labels else _("a fact")


def fact_label(name: str) -> str:
    """The name of a fact in the reader's language."""
    spec = vocabulary().get(name)
    return spec.label[locale.reader_locale()] if spec else words.said({}, name)


def fact_text(name: str, state: str, value: Any, currency: str = "") -> str:
    """The value of a fact as people write it."""
    spec = vocabulary().get(name)
    if state == "never":
        return _("never")
    if state == "unknown" or value is None:
        return _("unknown")
    if isinstance(value, bool):
        named = spec.value_labels.get(str(value).lower(), {}) if spec else {}
        return named.get(locale.reader_locale()) or (_("yes") if value else _("no"))
    if spec is None:
        return str(value)
    if spec.kind in (Kind.INSTANT, Kind.MOMENT, Kind.DAY) and isinstance(value, str):
        return _moment(value)
    if spec.kind is Kind.MONEY and isinstance(value, int):
        return locale.money(value, currency) if currency else str(value)
    return spec.value_labels.get(str(value), {}).get(locale.reader_locale(), str(value))


def _moment(text: str) -> str:
    if "T" in text:
        return locale.moment(datetime.fromisoformat(text))
    try:
        return locale.day(date.fromisoformat(text))
    except ValueError:
        return text


def _fact(body: Body, names: Names) -> str:
    name = str(body.get("name", ""))
    value = fact_text(name, str(body.get("state", "known")), body.get("value"))
    return _("Fact set: %(fact)s, %(value)s", fact=fact_label(name), value=value)


def _changed(body: Body, names: Names) -> str:
    fields: Mapping[str, list[Any]] = body.get("fields", {})
    said = [
        _(
            "%(field)s: %(before)s → %(after)s",
            field=_field(name),
            before=_value(name, a, names),
            after=_value(name, b, names),
        )
        for name, (a, b) in fields.items()
    ]
    return "; ".join(said)


def _field(name: str) -> str:
    return {
        "owner_id": _("Owner"),
        "team_id": _("Team"),
        "priority": _("Priority"),
        "stated_cause_id": _("Stated cause"),
        "established_cause_id": _("Established cause"),
        "customer_id": _("Customer"),
        "subscription_id": _("Contract"),
        "charge_id": _("Charge"),
        "claimed_minor": _("Amount asked for"),
        "legal_hold": _("Legal hold"),
        "vulnerable": _("Vulnerable person"),
        "tags": _("Tags"),
    }.get(name, name)


def _value(name: str, value: Any, names: Names) -> str:
    if value is None or value == []:
        return _("none")
    known = {
        "owner_id": names.people,
        "team_id": names.teams,
        "stated_cause_id": names.causes,
        "established_cause_id": names.causes,
    }.get(name)
    if known is not None:
        return known.get(value, f"#{value}")
    if name == "priority":
        return str(words.PRIORITY.get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(value) if isinstance(value, list) else str(value)


def _status(body: Body, names: Names) -> str:
    after = words.said(words.STATUS, body.get("after"))
    if body.get("outcome"):
        return _("Closed: %(outcome)s", outcome=words.said(words.OUTCOME, body["outcome"]))
    return _("Status: %(status)s", status=after)


def _stage(body: Body, names: Names) -> str:
    return _("Stage: %(stage)s", stage=words.said(words.STAGE, body.get("after")))


def _breached(body: Body, names: Names) -> str:
    return _("Late: %(clock)s", clock=clock_name(str(body.get("clock", ""))))


def clock_name(code: str) -> str:
    """The name of a clock: the desk's own, a duty of the law or the contract, or a period that a rule reads."""
    if code == OBLIGED.rstrip("."):
        return _("Any day set by law")
    if code.startswith(OBLIGED):
        duty = code.removeprefix(OBLIGED)
        return {"contract_refund": _("Refund by contract"), "evidence": _("Evidence to bank")}.get(
            duty, _("Refund by law")
        )
    if code in words.CLOCK:
        return words.said(words.CLOCK, code)
    return wording.word("clock", code, locale.reader_locale())


def _subscription_ended(body: Body, names: Names) -> str:
    day = locale.day(date.fromisoformat(body["ends_on"])) if body.get("ends_on") else ""
    return _("Contract ends on %(day)s", day=day)


def _decision(sentence: Callable[[], str]) -> Callable[[Body, Names], str]:
    return lambda body, names: (
        sentence()
        % {
            "n": body.get("n", ""),
            "amount": locale.money(body.get("amount_minor"), str(body.get("currency", ""))),
        }
    )


def _refund(sentence: Callable[[], str]) -> Callable[[Body, Names], str]:
    return lambda body, names: (
        sentence()
        % {
            "amount": locale.money(
                body.get("amount_minor", body.get("minor")), str(body.get("currency", "EUR"))
            )
        }
    )


def _escalated(body: Body, names: Names) -> str:
    stage = words.said(words.STAGE, body.get("after"))
    return _(
        "Raised to %(stage)s: %(reason)s",
        stage=stage,
        reason=words.said(words.RAISED_FOR, body.get("reason")),
    )


def _came_down(body: Body, names: Names) -> str:
    stage = words.said(words.STAGE, body.get("after"))
    return _("Brought down to %(stage)s", stage=stage)


def _words_found(body: Body, names: Names) -> str:
    return _("Confirmed: %(words)s", words=words.said(words.FOUND, body.get("kind")))


def _words_not_so(body: Body, names: Names) -> str:
    return _("Looked at and not so: %(words)s", words=words.said(words.FOUND, body.get("kind")))


def _evidence(body: Body, names: Names) -> str:
    due = datetime.fromisoformat(str(body["due_at"])) if body.get("due_at") else None
    return _("Evidence is due by %(moment)s", moment=locale.moment(due))


def _mediation(body: Body, names: Names) -> str:
    """What a case may say of its mediation: where it stands and how it is carried out, never what was said."""
    number = str(body.get("number", ""))
    if body.get("breached"):
        return _("Mediation %(number)s: a part of the agreement was not carried out", number=number)
    if body.get("carried_out"):
        return _("Mediation %(number)s: the agreement is carried out", number=number)
    if body.get("due_on"):
        return _("Mediation %(number)s: extended to %(day)s", number=number, day=_moment(str(body["due_on"])))
    if "mediator" in body:
        return (
            _("Mediation %(number)s: mediator appointed", number=number)
            if body["mediator"]
            else _("Mediation %(number)s: the mediator stepped back", number=number)
        )
    said = {
        "requested": _("asked for"),
        "admissible": _("admissible"),
        "declined": _("not taken"),
        "notified": _("both parties notified"),
        "exchange": _("exchange of statements"),
        "proposal": _("a proposal is open"),
        "agreed": _("agreement reached"),
        "closed": _("closed with an opinion"),
        "withdrawn": _("a party has withdrawn"),
        "lapsed": _("lapsed"),
    }
    state = str(body.get("state", ""))
    return _("Mediation %(number)s: %(state)s", number=number, state=said.get(state, state))


_SENTENCES: dict[str, Callable[[Body, Names], str]] = {
    "event.opened": _opened,
    "event.judged": _judged,
    "event.fact": _fact,
    "event.changed": _changed,
    "event.status": _status,
    "event.stage": _stage,
    "event.clock_breached": _breached,
    "event.escalated": _escalated,
    "event.escalation_taken_up": lambda body, names: _("Taken up"),
    "event.de_escalated": _came_down,
    "event.words_confirmed": _words_found,
    "event.words_dismissed": _words_not_so,
    "event.stood_in": lambda body, names: _("Handed to the substitute during an absence"),
    "event.given_back": lambda body, names: _("Handed back after the absence"),
    "event.evidence_due": _evidence,
    "event.subscription_ended": _subscription_ended,
    "event.mediation": _mediation,
    "event.offer_withdrawn": lambda body, names: _("Offer taken back"),
    "event.offer_expired": lambda body, names: _("Offer ran out without an answer"),
    "event.offer_carried_out": lambda body, names: _(
        "Accepted offer: decision %(n)s carries it out", n=body["n"]
    ),
    "event.offer_by_hand": lambda body, names: _("Accepted offer could not be carried out by itself"),
    "event.erased": lambda body, names: _("Personal data erased"),
    "event.imported": lambda body, names: _("Imported"),
    "event.mail_resent": lambda body, names: _("Mail sent again"),
    "event.mail_failed": lambda body, names: _("Mail could not be delivered"),
    "event.mail_twice": lambda body, names: _("Mail possibly delivered twice"),
    "event.letter_failed": lambda body, names: _("Decision letter could not be drawn"),
    "event.letter_drawn_again": lambda body, names: _("Decision letter is drawn again"),
    "event.letter_posted": lambda body, names: _("Decision letter printed and posted"),
    "event.credit_booked": _refund(lambda: _("%(amount)s credited to the balance")),
    "event.refund_tried_again": _refund(lambda: _("Payment of %(amount)s tried again")),
    "event.refund_paid": _refund(lambda: _("%(amount)s paid")),
    "event.refund_failed": _refund(lambda: _("Payment of %(amount)s failed")),
    "decision.approved": _decision(lambda: _("Decision %(n)s approved")),
    "decision.effective": _decision(lambda: _("Decision %(n)s is in force: %(amount)s")),
    "decision.superseded": _decision(lambda: _("Decision %(n)s replaced by a newer one")),
    "decision.lapsed": _decision(lambda: _("Decision %(n)s lapsed: the facts changed")),
    "decision.declined": _decision(lambda: _("Decision %(n)s declined")),
}
