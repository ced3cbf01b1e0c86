"""The words for the room's codes, as a person reads them. Codes stay in the code, words in the catalogue."""

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.web.locale import amount, language, reader_locale

Words = dict[str, LazyString]

KIND: Words = {
    "refund": _l("Refund"),
    "cancellation": _l("Cancellation"),
    "dispute": _l("Dispute"),
    "chargeback": _l("Chargeback"),
}

STATUS: Words = {
    "open": _l("Open"),
    "waiting-customer": _l("With the customer"),
    "waiting-third-party": _l("With a third party"),
    "waiting-approval": _l("Waiting for approval"),
    "decided": _l("Decided"),
    "closed": _l("Closed"),
}

STAGE: Words = {
    "intake": _l("Intake"),
    "desk": _l("Desk"),
    "team-lead": _l("Team lead"),
    "manager": _l("Manager"),
    "mediation": _l("Mediation"),
    "outside-body": _l("Outside body"),
}

OUTCOME: Words = {
    "granted": _l("Granted"),
    "partly-granted": _l("Partly granted"),
    "refused": _l("Refused"),
    "withdrawn": _l("Withdrawn"),
    "settled": _l("Settled"),
    "no-answer": _l("No answer"),
    "duplicate": _l("Duplicate"),
}

CHANNEL: Words = {
    "mail": _l("mail"),
    "phone": _l("phone"),
    "chat": _l("chat"),
    "letter": _l("letter"),
    "portal": _l("portal"),
    "meeting": _l("meeting"),
}

CHANNEL_NAME: Words = {
    "phone": _l("Phone"),
    "mail": _l("Mail"),
    "chat": _l("Chat"),
    "letter": _l("Letter"),
    "portal": _l("Portal"),
    "meeting": _l("Meeting"),
}

ACT: Words = {
    "withdrawal": _l("Withdrawal"),
    "termination": _l("Termination"),
    "refund_request": _l("Refund request"),
    "written_complaint": _l("Written complaint"),
    "proof": _l("Proof"),
    "offer": _l("Offer"),
    "acceptance": _l("Acceptance"),
    "information": _l("Information"),
}

GRADE: Words = {
    "ordinary": _l("Ordinary"),
    "medical": _l("Medical"),
    "identity": _l("Identity document"),
}

EFFECT: Words = {
    "keep": _l("The contract goes on"),
    "end_now": _l("End the contract now"),
    "end_at_period_end": _l("End the contract at the end of the paid period"),
}

REASON: Words = {
    "goodwill": _l("Goodwill"),
    "not_used": _l("Service was not used"),
    "our_mistake": _l("Our own mistake"),
    "hardship": _l("Hardship or illness"),
    "long_standing": _l("Long-standing customer"),
    "cost_of_dispute": _l("Less than a dispute would cost"),
    "evidence_missing": _l("Proof was asked for and not given"),
    "rule_wrong": _l("The rule does not fit this case"),
    "agreed": _l("Agreed with the customer"),
}

DECISION_STATE: Words = {
    "proposed": _l("Proposed"),
    "approved": _l("Approved"),
    "declined": _l("Declined"),
    "effective": _l("In force"),
    "superseded": _l("Replaced"),
    "lapsed": _l("Lapsed"),
}

APPROVAL: Words = {
    "verdict_open": _l("The verdict is open: a fact is missing, or a person must judge."),
    "below_verdict": _l("Less than the verdict gives."),
    "beyond_rule": _l("Beyond the rule by more than the ceiling for goodwill."),
    "above_ceiling": _l("Above the amount that the proposer decides alone."),
}

CLOCK: Words = {
    "first_reply": _l("First reply"),
    "next_reply": _l("Reply"),
    "decide": _l("Decide"),
    "approval": _l("Approval"),
    "acknowledge": _l("Take up"),
    "resolution": _l("Resolution"),
}

TRIGGER: Words = {
    "clock_breached": _l("A clock has run out"),
    "amount_above": _l("So much is asked for"),
    "verdict_in_doubt": _l("A person must judge"),
    "second_contact": _l("The customer comes back"),
    "words": _l("The customer's words"),
    "vulnerable": _l("A vulnerable person"),
    "exception_refused": _l("An exception was refused"),
}

BY_HAND: Words = {
    "customer_asks": _l("The customer asks for it"),
    "no_agreement": _l("No agreement in sight"),
    "beyond_my_ceiling": _l("Beyond what I may decide"),
    "doubt": _l("Facts or law are in doubt"),
    "tone": _l("The tone has become hard"),
    "deadline": _l("A deadline cannot be kept"),
    "outside": _l("Somebody outside has stepped in"),
    "other": _l("Another reason"),
}

RAISED_FOR: Words = {**TRIGGER, **BY_HAND}

FOUND: Words = {
    "superior": _l("asks for a superior"),
    "lawyer": _l("mentions a lawyer or court"),
    "regulator": _l("mentions a regulator or consumer body"),
    "chargeback": _l("wants the bank to take the money back"),
    "mediation": _l("asks for a mediator"),
    "hardship": _l("may need special care"),
}

WHO: Words = {
    "consumer": _l("Consumer"),
    "business": _l("Business"),
    "non_professional": _l("Association or body that is no business"),
    "vulnerable": _l("Vulnerable person"),
}

TELL: Words = {
    "owner": _l("who owns the case"),
    "team-lead": _l("who leads the team"),
    "manager": _l("the team's managers"),
}

PRIORITY: dict[int, LazyString] = {
    1: _l("1, urgent"),
    2: _l("2, high"),
    3: _l("3, usual"),
    4: _l("4, low"),
}

CUSTOMER_KIND: Words = {
    "consumer": _l("Consumer"),
    "business": _l("Business"),
    "non_professional": _l("Association or body that is no business"),
}

LANGUAGE: Words = {"en": _l("English"), "fr": _l("French"), "de": _l("German")}

VIEW: Words = {
    "mine": _l("Mine"),
    "team": _l("My team, open"),
    "unassigned": _l("Unassigned"),
    "late": _l("Late"),
    "approve": _l("To approve"),
    "pay": _l("To pay"),
    "open": _l("Open"),
    "closed": _l("Closed"),
    "all": _l("All"),
}


def said(words: Words, code: str | None) -> str:
    """The word for `code` in the reader's language; a code without a word is shown as it is, spaced out."""
    if code is None:
        return ""
    word = words.get(code)
    return str(word) if word is not None else code.replace("_", " ").replace("-", " ").capitalize()


_SPOKEN: dict[tuple[int, str], dict[str, str]] = {}
"""Tables of this module in one language, by their identity: they are constants, and catalogues are read once."""


def spoken(words: Words) -> dict[str, str]:
    """Every word of a table of this module, in the reader's language: for lists that say them hundreds of times."""
    key = (id(words), language())
    found = _SPOKEN.get(key)
    if found is None:
        found = _SPOKEN[key] = {code: str(word) for code, word in words.items()}
    return found


def next_act(kind: str, status: str, stage: str, outcome: str | None) -> str:
    """What the case waits for, in a word or two: made of kind, status and stage."""
    if status == "closed":
        return said(OUTCOME, outcome)
    if status == "open":
        if kind == "chargeback":
            return _("Evidence")
        return _("New") if stage == "intake" else _("To decide")
    if status == "waiting-third-party":
        return _("With mediator") if stage == "mediation" else _("With a third party")
    return {
        "waiting-customer": _("With customer"),
        "waiting-approval": _("Approval"),
        "decided": _("To pay"),
    }[status]


def verdict_words(
    outcome: str | None, minor: int | None, missing: int, currency: str, kind: str
) -> tuple[str, str]:
    """State (owed, not, ask, human, none) and words of a verdict in a list."""
    if outcome == "allowed":
        return "owed", _("Owed %(amount)s", amount=amount(minor, currency)) if minor else _("In the right")
    if outcome == "refused":
        return "not", _("Not owed")
    if outcome == "needs_information":
        return "ask", ngettext("Needs %(num)d fact", "Needs %(num)d facts", max(missing, 1))
    if outcome == "needs_review":
        return "human", _("For a person")
    return "none", _("Not judged")


def cause_label(label_en: str, label_fr: str) -> str:
    """The cause in the reader's language."""
    return label_fr if reader_locale() == "fr" else label_en
