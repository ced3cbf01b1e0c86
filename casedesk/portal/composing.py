"""The words of receipts, agreements and mails, in their reader's language. A paper is kept as these words, so that it can
be drawn again and is still the same; one that concerns two languages has a section in each."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from casedesk.documents.tongue import Tongue
from casedesk.store import record

RECORD_SHOWN = 32
"""Signs of the record's digest that a paper prints: 128 bits of it."""


@dataclass(frozen=True)
class Section:
    """What a paper says in one language. `said` are the party's own words."""

    locale: str
    title: str
    lead: str
    rows: tuple[tuple[str, str], ...] = ()
    said: str = ""
    paragraphs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """A whole paper. `record` is the digest of the entry that it rests on; `origin` and `browser`, of a receipt, are from
    where the act came: kept with the words, under their digest, and erased with them."""

    brand: str
    company: str
    reference: str
    record: str
    sections: tuple[Section, ...]
    origin: str = ""
    browser: str = ""

    def to_plain(self) -> dict[str, Any]:
        plain = asdict(self)
        plain["sections"] = [
            {**one, "rows": [list(row) for row in one["rows"]], "paragraphs": list(one["paragraphs"])}
            for one in plain["sections"]
        ]
        return plain

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Words":
        sections = tuple(
            Section(
                **{
                    **one,
                    "rows": tuple((row[0], row[1]) for row in one["rows"]),
                    "paragraphs": tuple(one["paragraphs"]),
                }
            )
            for one in plain["sections"]
        )
        return cls(**{**plain, "sections": sections})


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 over the canonical content: what the paper prints, and what a check reckons again."""
    return hashlib.sha256(record.canonical(content).encode()).hexdigest()


def instant(tongue: Tongue, at: datetime) -> str:
    """To the second with its zone: ``24 November 2026 at 10:44:07 (Europe/Paris)``."""
    local = at.astimezone(ZoneInfo(tongue.zone))
    return tongue.gettext(
        "%(day)s at %(time)s (%(zone)s)", day=tongue.day(local), time=f"{local:%H:%M:%S}", zone=tongue.zone
    )


def act_words(tongue: Tongue, act: str) -> str:
    """What was done, as the title of its receipt."""
    return {
        "message": tongue.gettext("Your message has arrived"),
        "fact": tongue.gettext("Your answer has arrived"),
        "offer_accepted": tongue.gettext("You accepted the offer"),
        "offer_refused": tongue.gettext("You refused the offer"),
        "mediation_asked": tongue.gettext("You asked for a mediation"),
        "statement": tongue.gettext("Your statement has arrived"),
        "document": tongue.gettext("Your document has arrived"),
        "restatement_confirmed": tongue.gettext("You confirmed what the mediator understood"),
        "restatement_corrected": tongue.gettext("You put right what the mediator understood"),
        "proposal_accepted": tongue.gettext("You accepted the proposal"),
        "proposal_refused": tongue.gettext("You refused the proposal"),
        "blind_offer": tongue.gettext("Your sealed figure has arrived"),
        "withdrawal": tongue.gettext("You left the mediation"),
        "proof": tongue.gettext("Proof of your request"),
    }[act]


def receipt(
    tongue: Tongue,
    act: str,
    *,
    brand: str,
    company: str,
    reference: str,
    name: str,
    said: str,
    files: Sequence[str],
    at: datetime,
    record_digest: str,
    rows: Sequence[tuple[str, str]] = (),
) -> Words:
    """The receipt of one act: what arrived, from whom, when to the second."""
    told = [(tongue.gettext("From"), name), (tongue.gettext("Received"), instant(tongue, at)), *rows]
    if files:
        told.append((tongue.gettext("Files"), ", ".join(files)))
    section = Section(
        locale=tongue.locale,
        title=act_words(tongue, act),
        lead=tongue.gettext("%(company)s confirms what it received.", company=company),
        rows=tuple((label, value) for label, value in told if value),
        said=said,
    )
    return Words(brand, company, reference, record_digest, (section,))


def receipt_mail(words: Words, code: str, page: str, tongue: Tongue) -> tuple[str, str]:
    """Title and text of the mail that carries a receipt."""
    section = words.sections[0]
    lines = [
        f"{section.title}.",
        "\n".join(f"{label}: {value}" for label, value in section.rows),
        section.said and f"« {section.said[:1_500]} »",
        tongue.gettext("Code of this receipt: %(code)s", code=code),
        tongue.gettext("Your page: %(link)s", link=page),
        words.brand,
    ]
    title = f"{section.title} ({words.reference})"
    return title, "\n\n".join(line for line in lines if line)


def link_mail(
    tongue: Tongue, kind: str, *, name: str, brand: str, number: str, until: datetime, page: str
) -> tuple[str, str]:
    """Title and text of the mail that brings a link."""
    title, lead = {
        "case": (
            tongue.gettext("Your case %(number)s: where it stands", number=number),
            tongue.gettext(
                "This page shows where your case stands, what happens next and by when. You can write to us there."
            ),
        ),
        "mediation": (
            tongue.gettext("Mediation %(number)s: your page", number=number),
            tongue.gettext(
                "On this page you read what is said in the mediation, and answer. Only you and the mediator see it as you do."
            ),
        ),
    }[kind]
    lines = [
        tongue.gettext("Dear %(name)s,", name=name) if name else tongue.gettext("Dear Sir or Madam,"),
        lead,
        page,
        tongue.gettext(
            "The link is for you alone and works until %(day)s, without an account. Do not pass it on.",
            day=tongue.day(until),
        ),
        brand,
    ]
    return title, "\n\n".join(lines)
