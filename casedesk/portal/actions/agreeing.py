"""The paper of an agreement: in both parties' languages, with its digest and a code that anyone can check."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.customers.models import Entity
from casedesk.documents.tongue import Tongue, language
from casedesk.mediation.models import Agreement, Mediation, Party, Proposal
from casedesk.portal import composing
from casedesk.portal.actions import papers
from casedesk.portal.composing import RECORD_SHOWN, Section, Words
from casedesk.portal.models import Paper, Receipt
from casedesk.store.models import Entry, EntryText


def missing(session: Session, limit: int = 20) -> list[int]:
    """Agreements without a paper, oldest first."""
    made = select(Paper.agreement_id).where(Paper.agreement_id.is_not(None))
    return list(
        session.scalars(
            select(Agreement.id).where(Agreement.id.not_in(made)).order_by(Agreement.id).limit(limit)
        )
    )


def make_paper(session: Session, agreement_id: int, *, now: datetime) -> Paper:
    """Put the agreement into words, a section for each language of the parties."""
    agreement = session.get_one(Agreement, agreement_id)
    file = session.get_one(Mediation, agreement.mediation_id)
    entity = session.get_one(Entity, file.entity_id)
    parties = {
        party.side: party for party in session.scalars(select(Party).where(Party.mediation_id == file.id))
    }
    entry = session.get_one(Entry, agreement.entry_id)
    locales = dict.fromkeys(language(parties[side].locale) for side in ("customer", "company"))
    sections = tuple(
        _section(session, agreement, file, parties, Tongue(locale, file.time_zone)) for locale in locales
    )
    words = Words(
        entity.name, parties["company"].name, file.number or "", entry.digest[:RECORD_SHOWN], sections
    )
    return papers.keep(
        session, "agreement", ("mediation", file.id), words, entry.id, agreement_id=agreement.id, now=now
    )


def _section(
    session: Session, agreement: Agreement, file: Mediation, parties: dict[str, Party], tongue: Tongue
) -> Section:
    content = agreement.content
    mediator = session.get(Person, file.mediator_id) if file.mediator_id else None
    lead = tongue.gettext(
        "%(customer)s and %(company)s agree as follows, in the mediation %(number)s.",
        customer=parties["customer"].name,
        company=parties["company"].name,
        number=file.number or "",
    )
    rows = [(_part(tongue, part, agreement.currency), _by(tongue, part)) for part in content["parts"]]
    rows += [
        (
            tongue.gettext(
                "Signed for %(name)s",
                name=parties[one["side"]].name if one["side"] in parties else tongue.gettext("the mediator"),
            ),
            _signature(session, tongue, one),
        )
        for one in content["signed"]
    ]
    if mediator is not None:
        rows.append((tongue.gettext("Mediator"), mediator.name))
    rows.append((tongue.gettext("Digest of the agreement"), agreement.digest))
    return Section(
        locale=tongue.locale,
        title=tongue.gettext("Agreement"),
        lead=lead,
        rows=tuple(rows),
        said=_words(session, agreement),
        paragraphs=tuple(_paragraphs(tongue, agreement)),
    )


def _words(session: Session, agreement: Agreement) -> str:
    """The proposal's own words, as they were accepted; erased words are not made up."""
    proposal = session.get_one(Proposal, agreement.proposal_id)
    text = session.get(EntryText, proposal.entry_id)
    return str(text.text.get("said", "")) if text else ""


def _part(tongue: Tongue, part: dict[str, object], currency: str) -> str:
    minor = part.get("amount_minor")
    sum_ = tongue.money(int(str(minor)), currency) if minor is not None else ""
    return {
        "refund": tongue.gettext("Refund of %(sum)s", sum=sum_),
        "credit": tongue.gettext("Credit of %(sum)s", sum=sum_),
        "extension": tongue.ngettext(
            "Access for one more month", "Access for %(num)d more months", int(str(part.get("months") or 1))
        ),
        "waiver": tongue.gettext("Claims that are given up"),
        "apology": tongue.gettext("An apology in writing"),
        "changed_term": tongue.gettext("A changed term of the contract"),
    }[str(part["kind"])]


def _by(tongue: Tongue, part: dict[str, object]) -> str:
    return tongue.gettext("by %(day)s", day=tongue.day(date.fromisoformat(str(part["due_on"]))))


def _signature(session: Session, tongue: Tongue, one: dict[str, object]) -> str:
    """When, how and from where a side accepted. For the link: the origin that its receipt kept."""
    at = datetime.fromisoformat(str(one["at"]))
    how = {
        "link": tongue.gettext("by the party's own link"),
        "desk": tongue.gettext("signed in at the desk"),
        "proposed": tongue.gettext("by making the proposal"),
        "mail": tongue.gettext("by mail to the mediator"),
        "phone": tongue.gettext("by telephone to the mediator"),
        "letter": tongue.gettext("by letter to the mediator"),
        "meeting": tongue.gettext("in a meeting with the mediator"),
    }[str(one["how"])]
    row = session.execute(
        select(Paper.content)
        .join(Receipt, Receipt.paper_id == Paper.id)
        .where(Receipt.entry_id == int(str(one["entry"])))
    ).one_or_none()
    origin = row.content.get("origin") if row else None
    where = tongue.gettext(", from %(origin)s", origin=origin) if origin else ""
    return f"{composing.instant(tongue, at.astimezone(ZoneInfo(tongue.zone)))}, {how}{where}"


def _paragraphs(tongue: Tongue, agreement: Agreement) -> list[str]:
    """What the parties were told before they accepted. Source: R612-4 Code de la consommation; art. 9(2) 2013/11/EU."""
    content = agreement.content
    told = []
    if content.get("given_up_minor"):
        told.append(
            tongue.gettext(
                "By the rules that apply, %(by_rule)s would have been owed. %(name)s was shown this before accepting and gives up %(given_up)s.",
                by_rule=tongue.money(int(content["by_rule_minor"]), agreement.currency),
                given_up=tongue.money(int(content["given_up_minor"]), agreement.currency),
                name=tongue.gettext("The customer"),
            )
        )
    told.append(
        tongue.gettext(
            "Both parties were free to refuse and to leave the mediation, knew that the way to a court stayed open and that a judge might have decided otherwise. Since both accepted, the agreement binds them as a contract does."
        )
    )
    told.append(
        tongue.gettext(
            "What was said in the mediation stays confidential; the parties may show this agreement to have it carried out."
        )
    )
    return told
