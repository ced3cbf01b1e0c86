"""The words of the file's mails by code, in the reader's language. Pure but for the catalogue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from casedesk.documents.tongue import Tongue


@dataclass(frozen=True)
class About:
    """Which mediation it is, between whom."""

    number: str
    customer: str
    company: str


Say = Callable[[Tongue], str]


def letter(
    tongue: Tongue, what: str, side: str, name: str, about: About, params: Mapping[str, object]
) -> tuple[str, str]:
    """Title and text of the mail `what` to `side` (customer, company, mediator)."""
    title = tongue.gettext(
        "Mediation %(number)s: %(subject)s", number=about.number, subject=_SUBJECTS[what](tongue)
    )
    parts = [tongue.gettext("Dear %(name)s,", name=name) if name else tongue.gettext("Dear Sir or Madam,")]
    parts.append(
        tongue.gettext(
            "This is about the mediation %(number)s between %(customer)s and %(company)s.",
            number=about.number,
            customer=about.customer,
            company=about.company,
        )
    )
    parts.append(_BODIES[what](tongue))
    said = params.get("said")
    if isinstance(said, str) and said:
        parts.append(said)
    until = params.get("until")
    if isinstance(until, date):
        parts.append(tongue.gettext("The day that counts: %(day)s.", day=tongue.weekday(until)))
    if what in _WITH_RIGHTS and side != "mediator":
        parts.append(_rights(tongue))
    parts.append(
        tongue.gettext("What is said in the mediation stays confidential.")
        if side != "mediator"
        else tongue.gettext("You find the file under Mediation.")
    )
    return title, "\n\n".join(parts)


def _rights(t: Tongue) -> str:
    """What a party must know before it answers. Source: R612-2, R612-4 Code de la consommation; art. 9(2)."""
    return " ".join(
        [
            t.gettext("You are free to accept or refuse, and you may leave the mediation at any time."),
            t.gettext("Taking part does not take the way to a court from you."),
            t.gettext("The solution may differ from what a judge would decide."),
            t.gettext("Once both parties accept, it binds them as a contract does."),
        ]
    )


_WITH_RIGHTS = frozenset({"notified", "proposal_mediator", "proposal_party", "offers"})

_SUBJECTS: dict[str, Say] = {
    "received": lambda t: t.gettext("your request has arrived"),
    "asked": lambda t: t.gettext("a file is offered to you"),
    "appointed": lambda t: t.gettext("you are its mediator"),
    "recused": lambda t: t.gettext("another mediator takes over"),
    "declined": lambda t: t.gettext("it cannot be taken"),
    "notified": lambda t: t.gettext("the mediator has taken the case"),
    "extended": lambda t: t.gettext("more time is needed"),
    "document": lambda t: t.gettext("a document is asked for"),
    "statement": lambda t: t.gettext("a new statement"),
    "restated": lambda t: t.gettext("did the mediator understand you?"),
    "message": lambda t: t.gettext("a new message"),
    "proposal_mediator": lambda t: t.gettext("the mediator's proposal"),
    "proposal_party": lambda t: t.gettext("a proposal"),
    "answered": lambda t: t.gettext("an answer came in"),
    "refused": lambda t: t.gettext("the proposal was not accepted"),
    "expired": lambda t: t.gettext("a proposal ran out"),
    "offers": lambda t: t.gettext("a round of sealed offers"),
    "agreed": lambda t: t.gettext("an agreement was reached"),
    "breached": lambda t: t.gettext("a part of the agreement is overdue"),
    "closed": lambda t: t.gettext("it ends with an opinion"),
    "withdrawn": lambda t: t.gettext("a party has left"),
    "lapsed": lambda t: t.gettext("it has lapsed"),
    "late": lambda t: t.gettext("the legal day has passed"),
}

_BODIES: dict[str, Say] = {
    "received": lambda t: t.gettext(
        "Your request has arrived. A mediator who took no part in your case will say within three weeks whether it can "
        "be taken. Mediation costs you nothing."
    ),
    "asked": lambda t: t.gettext(
        "You are proposed as mediator. Look at the parties, declare that nothing ties you to them, and take the file or "
        "leave it to the next."
    ),
    "appointed": lambda t: t.gettext("You are appointed as mediator of this file."),
    "recused": lambda t: t.gettext("The mediator has stepped back. Another one takes over; nothing is lost."),
    "declined": lambda t: t.gettext("The mediator cannot take the case. The reason:"),
    "notified": lambda t: t.gettext(
        "The mediator has found that the case can be taken. Each party may say in its own words what happened and what "
        "it needs; a lawyer or anyone else may help you, at your own expense."
    ),
    "extended": lambda t: t.gettext("The dispute is complex, so the mediator takes more time. The reason:"),
    "document": lambda t: t.gettext("The mediator asks you for a document:"),
    "statement": lambda t: t.gettext(
        "There is a new statement in the file. You may answer it in your own words."
    ),
    "restated": lambda t: t.gettext(
        "The mediator has written down what was understood: concern and need of each side, facts that nobody disputes, "
        "points that are open. Confirm it, or put it right."
    ),
    "message": lambda t: t.gettext("There is a new message in the file, which both parties read."),
    "proposal_mediator": lambda t: t.gettext(
        "The mediator proposes a solution. Your answer is shown to the other side only once both have answered."
    ),
    "proposal_party": lambda t: t.gettext("There is a proposal in the file that waits for an answer."),
    "answered": lambda t: t.gettext("A party has answered a proposal."),
    "refused": lambda t: t.gettext("The proposal was not accepted by both. The mediation goes on."),
    "expired": lambda t: t.gettext("A proposal ran out without the answers that it needed."),
    "offers": lambda t: t.gettext(
        "Each side may make up to three sealed offers. Nobody sees a figure. Where they meet, the sum is the middle of the "
        "two; where they do not, nothing is told."
    ),
    "agreed": lambda t: t.gettext(
        "Both parties have accepted the same terms. What was agreed will be carried out by the days that it names."
    ),
    "breached": lambda t: t.gettext(
        "A part of the agreement was not carried out by its day. The mediation is open again."
    ),
    "closed": lambda t: t.gettext(
        "The mediation ends without an agreement. The mediator gives a reasoned opinion, which binds nobody. You may "
        "still agree among yourselves, or take the matter to court; the time to do so did not run during the mediation."
    ),
    "withdrawn": lambda t: t.gettext(
        "A party has left the mediation, which therefore ends. The way to a court stays open."
    ),
    "lapsed": lambda t: t.gettext(
        "The mediation has lapsed, because its time ran out. The way to a court stays open, and a new request may be made."
    ),
    "late": lambda t: t.gettext(
        "The day by which the law asks for an outcome has passed. End the file within fifteen days, or it lapses."
    ),
}
