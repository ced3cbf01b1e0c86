"""Codes of this room as a person reads them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.web import locale
from casedesk.web.clockface import ClockFace, clock_face

STATE: Mapping[str, LazyString] = {
    "requested": _l("Requested"),
    "admissible": _l("Admissible"),
    "declined": _l("Not taken"),
    "notified": _l("Notified"),
    "exchange": _l("Exchange of statements"),
    "proposal": _l("Proposal"),
    "agreed": _l("Agreed"),
    "closed": _l("Closed with opinion"),
    "withdrawn": _l("A party has withdrawn"),
    "lapsed": _l("Lapsed"),
}

ACT: Mapping[str, LazyString] = {
    "appoint": _l("Appoint a mediator"),
    "accept_appointment": _l("Take the file"),
    "recuse": _l("Step back"),
    "represent": _l("Name who represents the company"),
    "represent_customer": _l("Name who represents the customer"),
    "complete": _l("Say that the file is complete"),
    "admit": _l("Admit"),
    "decline": _l("Decline"),
    "notify": _l("Notify both parties"),
    "extend": _l("Extend"),
    "add_point": _l("Add a point"),
    "state": _l("State a position"),
    "restate": _l("Restate"),
    "answer_restatement": _l("Confirm or correct the restatement"),
    "ask_document": _l("Ask for a document"),
    "add_document": _l("Add a document"),
    "message": _l("Write to both"),
    "propose": _l("Propose"),
    "answer": _l("Record the answer"),
    "open_offers": _l("Open sealed offers"),
    "offer_blind": _l("Make a sealed offer"),
    "note": _l("Write a sealed note"),
    "withdraw": _l("Leave the mediation"),
    "close": _l("Close with opinion"),
    "fulfil": _l("Say that it was done"),
    "breach": _l("Report that it was not done"),
    "lapse": _l("Lapse"),
}

ROLE: Mapping[str, LazyString] = {
    "customer": _l("Consumer"),
    "company": _l("Company"),
    "mediator": _l("Mediator"),
    "proposed": _l("Proposed mediator"),
    "panel": _l("Panel"),
    "desk": _l("Desk"),
    "system": _l("Clock"),
}

GROUND: Mapping[str, LazyString] = {
    "no_complaint": _l("No written complaint before"),
    "abusive": _l("Manifestly unfounded or abusive"),
    "elsewhere": _l("Before a court or another mediator"),
    "too_late": _l("More than a year after the complaint"),
    "out_of_scope": _l("Outside the mediator's field"),
    "too_early": _l("Before the wait of the charter was over"),
}

PART: Mapping[str, LazyString] = {
    "refund": _l("Refund"),
    "credit": _l("Credit"),
    "extension": _l("Longer access"),
    "waiver": _l("Waiver"),
    "apology": _l("Apology"),
    "changed_term": _l("Changed term"),
}

EFFECT: Mapping[str, LazyString] = {
    "keep": _l("the contract goes on"),
    "end_now": _l("the contract ends on the day of the agreement"),
    "end_at_period_end": _l("the contract ends with the paid period"),
}

RECUSAL: Mapping[str, LazyString] = {
    "tie": _l("A tie with a party"),
    "earlier_part": _l("An earlier part in the matter"),
    "doubt": _l("A party doubts the neutrality"),
    "unable": _l("Illness or absence"),
}

AGAINST: Mapping[str, LazyString] = {
    "took_part": _l("took part in this case"),
    "customer": _l("took part in another case of this customer"),
    "team": _l("belongs to the team of the case"),
    "unavailable": _l("takes no files now"),
    "away": _l("is away"),
    "full": _l("has all the files they take"),
}

FAVOURS: Mapping[str, LazyString] = {
    "customer": _l("For the consumer"),
    "company": _l("For the company"),
    "shared": _l("In part for each"),
}

INTERRUPTION: Mapping[str, LazyString] = {
    "customer_left": _l("The consumer left"),
    "company_left": _l("The company left"),
    "settled_directly": _l("Settled between the parties"),
    "court": _l("Taken to court"),
    "not_completed": _l("The file was never complete"),
    "time_over": _l("The time ran out"),
}

HOW: Mapping[str, LazyString] = {
    "link": _l("by link"),
    "desk": _l("at the desk"),
    "mail": _l("by mail"),
    "phone": _l("by telephone"),
    "letter": _l("by letter"),
    "meeting": _l("in a meeting"),
    "proposed": _l("as its author"),
}

TASK: Mapping[str, LazyString] = {
    "open": _l("to do"),
    "done": _l("done"),
    "breached": _l("not done"),
    "cancelled": _l("no longer due"),
}

PROPOSAL: Mapping[str, LazyString] = {
    "open": _l("awaits answers"),
    "accepted": _l("accepted"),
    "refused": _l("refused"),
    "countered": _l("countered"),
    "expired": _l("ran out"),
    "superseded": _l("replaced"),
}

RESTATED: Mapping[str, LazyString] = {
    "customer_concern": _l("Concern of the consumer"),
    "customer_need": _l("Need of the consumer"),
    "company_concern": _l("Concern of the company"),
    "company_need": _l("Need of the company"),
    "facts_agreed": _l("Facts agreed"),
    "points_open": _l("Points open"),
}

_CLOCKS: Mapping[str, LazyString] = {
    "refusal": _l("Answer on admissibility"),
    "outcome": _l("Outcome at the latest"),
    "statement": _l("Statement of the company"),
    "completion": _l("Missing documents"),
    "document": _l("Document asked for"),
    "proposal": _l("Answer to the proposal"),
    "offers": _l("Sealed offers"),
    "task": _l("Agreement carried out"),
    "grace": _l("Lapses"),
}


def said(table: Mapping[str, LazyString], code: str | None) -> str:
    """The words of `code`; the code itself, spaced out, where a newer release wrote one that is not known here."""
    if not code:
        return ""
    return str(table[code]) if code in table else code.replace("_", " ")


def clock(name: str) -> str:
    """The name of a clock of a file; those of one thing (`document-7`) by their kind."""
    return said(_CLOCKS, name.partition("-")[0])


def face(name: str | None, due_at: datetime | None, now: datetime) -> ClockFace | None:
    """The face of a file's next clock: legal days are days, so the last one is shown, not the midnight after it."""
    if name is None or due_at is None:
        return None
    shown = clock_face(clock(name), due_at, now, risk_from=due_at - timedelta(days=5))
    if now >= due_at:
        return shown
    last = due_at - timedelta(seconds=1)
    left = locale.weekday_short(last) if due_at - now < timedelta(days=7) else locale.day_short(last)
    return replace(shown, left=left, due=None)


ARTICLES = {
    "FR-MED-3W": "L612-2",
    "FR-MED-90D": "R612-5",
    "EU-ADR-3W": "2013/11/EU 5(4)",
    "EU-ADR-90D": "2013/11/EU 8(e)",
}
"""Where the rule of a legal day stands, short enough for a line."""


def waiting(who: str, company: str, customer: str) -> str:
    """Whose turn it is, as the badge of a file says it; empty where it is nobody's."""
    return {
        "mediator": _("Waits for the mediator"),
        "panel": _("Waits for a mediator"),
        "both": _("Waits for both parties"),
        "company": _("Waits for %(name)s", name=company),
        "customer": _("Waits for %(name)s", name=customer),
    }.get(who, "")


def deed(kind: str, body: Mapping[str, object]) -> str:
    """One line of a file's history."""
    state = said(STATE, str(body.get("after", "")))
    lines: dict[str, str] = {
        "requested": _("Mediation asked for"),
        "state": _("State: %(state)s", state=state),
        "appointed": _("Mediator appointed, with a declaration of neutrality"),
        "recused": _(
            "The mediator stepped back: %(reason)s", reason=said(RECUSAL, str(body.get("reason", ""))).lower()
        ),
        "represented": _("A representative was named"),
        "complete": _("The file was complete"),
        "fact": _("A fact of admissibility was set"),
        "admitted": _("Admissibility confirmed"),
        "declined": _("Declined: %(ground)s", ground=said(GROUND, str(body.get("ground", ""))).lower()),
        "notified": _("Both parties notified"),
        "extended": _("More time taken, both parties told"),
        "point": _("Point %(n)s named", n=body.get("n", "")),
        "statement": _("Statement on point %(n)s", n=body.get("point", "")),
        "restated": _("The mediator wrote down what was understood"),
        "restatement_answer": _("The restatement was confirmed")
        if body.get("answer") == "confirmed"
        else _("The restatement was put right"),
        "document_asked": _("A document was asked for"),
        "document": _("A document was added"),
        "message": _("Message to both"),
        "proposal": _("Proposal %(n)s", n=body.get("n", "")),
        "answer": _(
            "Proposal %(n)s: %(answer)s",
            n=body.get("n", ""),
            answer=said(PROPOSAL, str(body.get("answer", ""))),
        ),
        "proposal_expired": _("Proposal %(n)s ran out", n=body.get("n", "")),
        "offers_opened": _("A round of sealed offers was opened"),
        "offer_made": _("A sealed offer was made"),
        "offers_ended": _("The round of sealed offers ended"),
        "agreed": _("Agreement"),
        "task_done": _("Carried out: %(part)s", part=said(PART, str(body.get("kind", ""))).lower()),
        "task_breached": _("Not carried out: %(part)s", part=said(PART, str(body.get("kind", ""))).lower()),
        "withdrawn": _("A party left"),
        "closed": _("Closed with an opinion"),
        "lapsed": _("Lapsed"),
        "notice": _("Notice to: %(who)s", who=said(ROLE, str(body.get("to", ""))).lower()),
        "notice_unsent": _("A notice has no address to go to"),
        "clock_breached": _("Day passed: %(clock)s", clock=clock(str(body.get("clock", ""))).lower()),
    }
    return lines.get(kind, kind.replace("_", " "))
