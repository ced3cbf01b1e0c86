"""The words of a letter follow its figures: in both languages, for every kind of decision."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casedesk.documents.composing import composed
from casedesk.documents.content import LetterContent, Part
from casedesk.documents.facts import Addressee, Basis, Clause, Kept, LetterFacts, PaidLine, Sender
from casedesk.documents.tongue import Tongue, language

BASIS = Basis(
    outcome="allowed",
    by_rule_minor=42_764,
    by_statute=True,
    paid_minor=47_880,
    kept=(Kept("kept_share", 5_116, 39, 365),),
    clauses=(Clause("Le client peut mettre fin au contrat.", "Code, L1"),),
    set_aside=(),
    pay_by=date(2026, 12, 4),
)
LINE = PaidLine(
    "ch-1", 47_880, date(2026, 10, 12), date(2027, 10, 12), 47_880, "refund", "original", "Visa", "4417"
)
FACTS = LetterFacts(
    number="CD-2026-0004217-K",
    kind="refund",
    subscription_reference="S-118203",
    plan="Intégrale",
    asked_at=datetime(2026, 11, 20, 22, 30, tzinfo=UTC),
    dated_at=datetime(2026, 11, 24, 9, 42, tzinfo=UTC),
    claimed_minor=47_880,
    currency="EUR",
    total_minor=47_880,
    lines=(LINE,),
    effect="keep",
    effect_on=None,
    basis=BASIS,
    own_words="",
    signed_by="Inès Belkacem",
    approved_by="",
    sender=Sender(
        "Cimes", "Cimes SAS", "14, rue X\n75011 Paris", "desk@cimes.example", "Europe/Paris", {}, "FR"
    ),
    addressee=Addressee("Éléonore Lefèvre", "Madame", "", "fr", "e@x.example"),
    record_seq=14,
    record_digest="0123456789abcdef" * 4,
)


def _part(content: LetterContent, heading: str) -> Part | None:
    return next((part for part in content.parts if part.heading == heading), None)


def _minor(figure: str) -> int:
    digits = int("".join(c for c in figure if c.isdigit()))
    return -digits if figure.startswith("−") else digits


@settings(deadline=None)  # the first example reads the catalogues
@given(
    paid=st.integers(1, 10**7),
    share=st.integers(0, 100),
    chosen=st.integers(0, 100),
    locale=st.sampled_from(["en", "fr"]),
)
def test_the_lines_of_the_reckoning_add_up_to_what_is_paid(
    paid: int, share: int, chosen: int, locale: str
) -> None:
    kept, total = paid * share // 100, max(1, paid * chosen // 100)
    basis = replace(
        BASIS,
        paid_minor=paid,
        by_rule_minor=paid - kept,
        kept=(Kept("kept_share", kept, 1, 9),) if kept else (),
    )
    facts = replace(
        FACTS,
        basis=basis,
        total_minor=total,
        lines=(replace(LINE, charged_minor=paid, amount_minor=total),),
        addressee=replace(FACTS.addressee, locale=locale),
    )
    heading = {"en": "How this amount is reckoned", "fr": "Comment ce montant est calculé"}[locale]
    part = _part(composed(facts), heading)
    assert part is not None
    due = {"en": "Refund due by law", "fr": "Remboursement dû en application de la loi"}[locale]
    *rows, last = [row for row in part.rows if row.label != due]
    assert last.total
    assert sum(_minor(row.figure) for row in rows) == _minor(last.figure) == total


def test_figures_that_are_not_one_sum_are_listed_by_charge_instead() -> None:
    """A part that the reckoning does not name is never invented: each charge with its amount, and the total."""
    other = replace(LINE, charge_reference="ch-2", period_starts_on=None, amount_minor=1_000)
    facts = replace(FACTS, lines=(replace(LINE, amount_minor=500), other), total_minor=1_500)
    part = _part(composed(facts), "Comment ce montant est calculé")
    assert part is not None
    assert [_minor(row.figure) for row in part.rows] == [500, 1_000, 1_500]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "Nous vous remboursons la totalité, soit 478,80 €."),
        ({"total_minor": 42_764}, "Nous vous remboursons 427,64 € sur les 478,80 € que vous demandiez."),
        ({"total_minor": 42_764, "claimed_minor": None}, "Nous vous remboursons 427,64 €."),
        ({"total_minor": 0, "lines": ()}, "Nous ne pouvons pas vous rembourser ce que vous demandez."),
        (
            {"total_minor": 0, "lines": (), "kind": "cancellation", "effect": "end_now"},
            "Il n’y a rien à rembourser.",
        ),
    ],
)
def test_the_gist_says_what_was_decided(change: dict, said: str) -> None:
    assert composed(replace(FACTS, **change)).gist.replace("\u00a0", " ") == said


def test_a_refusal_has_reasons_and_recourse_but_no_payment() -> None:
    content = composed(replace(FACTS, total_minor=0, lines=()))
    assert [part.heading for part in content.parts] == ["Pourquoi", "Si vous n’êtes pas d’accord"]
    assert content.parts[0].paragraphs == ("Le client peut mettre fin au contrat (Code, L1).",)


def test_days_are_those_of_the_business_where_it_is() -> None:
    assert "le 20\u00a0novembre 2026" in composed(FACTS).opening  # 22:30 UTC is still the 20th in Paris
    late = replace(FACTS, asked_at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
    assert "le 1er\u00a0décembre 2026" in composed(late).opening


def test_the_mediator_is_named_where_there_is_one() -> None:
    body = {"name": "Médiation X", "website": "x.example", "address": "9, quai Y"}
    with_one = composed(replace(FACTS, sender=replace(FACTS.sender, mediator=body)))
    assert "médiateur\u00a0: Médiation X (x.example, 9, quai Y)." in with_one.parts[-1].paragraphs[0]
    assert "médiateur" not in composed(FACTS).parts[-1].paragraphs[0]


@pytest.mark.parametrize(
    ("country", "locale", "said"),
    [
        (
            "GB",
            "en",
            "You can also turn to this body for consumer disputes: Ombudsman X (x.example, 9 Quay).",
        ),
        (
            "DE",
            "fr",
            "cet organisme de règlement des litiges de consommation\u00a0: Ombudsman X (x.example, 9 Quay).",
        ),
        ("BE", "en", "our mediator, free of charge: Ombudsman X (x.example, 9 Quay)."),
    ],
)
@pytest.mark.parametrize(
    ("takes_part", "en", "fr"),
    [
        (True, "We take part in its procedure.", "Nous participons à sa procédure."),
        (False, "neither obliged nor willing to take part", "ni tenus ni disposés à participer"),
        (None, "", ""),
    ],
)
def test_each_country_has_its_body_named_with_how_to_reach_it_and_whether_we_take_part(
    country: str, locale: str, said: str, takes_part: bool | None, en: str, fr: str
) -> None:
    body = {"name": "Ombudsman X", "website": "x.example", "address": "9 Quay", "takes_part": takes_part}
    sender = replace(FACTS.sender, mediator=body, country=country)
    text = (
        composed(replace(FACTS, sender=sender, addressee=replace(FACTS.addressee, locale=locale)))
        .parts[-1]
        .paragraphs[0]
    )
    assert said in text
    assert (en if locale == "en" else fr) in text
    assert (takes_part is None) == ("procedure." not in text and "procédure." not in text)


@pytest.mark.parametrize(
    ("country", "named"),
    [("DE", "verbraucher-schlichter.de"), ("BE", "mediationconsommateur.be"), ("GB", ""), ("FR", "")],
)
def test_a_business_that_named_no_body_names_the_one_that_its_country_keeps(country: str, named: str) -> None:
    text = composed(replace(FACTS, sender=replace(FACTS.sender, country=country))).parts[-1].paragraphs[0]
    assert named in text
    assert bool(named) == ("organisme" in text)


@pytest.mark.parametrize(
    ("locale", "name", "salutation", "said"),
    [
        ("fr", "Éléonore Lefèvre", "Madame", "Madame,"),
        ("fr", "Éléonore Lefèvre", "", "Madame, Monsieur,"),
        ("en", "Zoë Park", "Ms", "Dear Ms Park,"),
        ("en", "Zoë Park", "", "Dear Zoë Park,"),
        ("en", "", "", "Dear Sir or Madam,"),
    ],
)
def test_the_salutation_fits_what_is_known(locale: str, name: str, salutation: str, said: str) -> None:
    facts = replace(FACTS, addressee=Addressee(name, salutation, "", locale, ""))
    assert composed(facts).salutation == said


def test_what_is_kept_of_a_letter_gives_the_same_letter_back() -> None:
    content = composed(FACTS)
    assert LetterContent.from_plain(content.to_plain()) == content
    assert content.digest == "01234567 89abcdef 01234567 89abcdef"


@pytest.mark.parametrize(
    ("locale", "spoken"), [("fr", "fr"), ("fr_CA", "fr"), ("de", "en"), ("en-GB", "en"), ("", "en")]
)
def test_customers_are_written_to_in_a_language_of_ours(locale: str, spoken: str) -> None:
    assert language(locale) == spoken


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_every_day_is_written_in_both_languages(day: date) -> None:
    for locale in ("en", "fr"):
        assert str(day.year) in Tongue(locale).day(day)
        assert Tongue(locale).weekday(day).endswith(Tongue(locale).day(day))
