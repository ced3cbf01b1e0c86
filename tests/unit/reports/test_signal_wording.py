"""Every sentence of signals exists in both languages, with the same parameters."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from casedesk.reports import wording
from casedesk.reports.findings import CellFound, ClusterFound, Note, RiseFound

CATALOGUES = Path(wording.__file__).parents[1] / "translations" / "fr"
HOLE = re.compile(r"%\((\w+)\)s")


def messages():
    found = []
    for name in ("reports.po", "signals.po"):
        with (CATALOGUES / name).open("rb") as text:
            for message in read_po(text, locale="fr"):
                if isinstance(message.id, str):
                    found += [(message.id, message.string)] if message.id else []
                else:  # one message, several forms
                    found += zip(message.id, message.string, strict=True)
    return found


def a_rise(**changed):
    values = {
        "cause": "unexpected_charge",
        "source": "facebook_ads",
        "since": "2025-03-03",
        "last": "2025-03-24",
        "peak": "2025-03-10",
        "ended": False,
        "observed": 41,
        "expected": 14.0,
        "usual_low": 7,
        "usual_high": 22,
        "ratio": 41 / 14,
        "ratio_low": 2.1,
        "ratio_high": 4.0,
        "at_risk": 12_400.0,
        "measure": "active_subscriptions",
        "excess": 27.0,
        "excess_money": {"USD": 135_000},
        "others": (),
        "renamed_from": (),
        "score": 1e-6,
        "weeks": ("2025-03-03",),
    }
    return RiseFound(**(values | changed))


def test_a_rise_reads_as_agreed():
    assert wording.sentence(a_rise()).replace("\u00a0", " ") == (
        "Unexpected charge from Facebook ads: 41 cases since 3 March 2025 where 14 were expected (usual range 7 to 22) "
        "for 12,400 active subscriptions: 2.9 times the usual (95 %: 2.1 to 4.0). "
        "27 cases and 1,350.00 USD more than usual. Other sources: as usual."
    )


def test_a_rise_reads_as_agreed_in_french():
    plain = wording.sentence(a_rise(), "fr").replace("\u00a0", " ").replace("\u202f", " ")
    assert plain == (
        "Unexpected charge, provenance Facebook ads : 41 dossiers depuis le 3 mars 2025, pour 14 attendus (d’ordinaire entre 7 et "
        "22) sur 12 400 abonnements actifs, soit 2,9 fois l’habitude (95 % : 2,1 à 4,0). "
        "27 dossiers et 1 350,00 $US de plus que d’habitude. Autres provenances : comme d’habitude."
    )


@pytest.mark.parametrize(
    ("cases", "said", "french"),
    [
        (0.5, "where 0.5 were expected", "pour 0,5 attendu"),
        (2.4, "where 2.4 were expected", "pour 2,4 attendus"),
        (3.4, "where 3 were expected", "pour 3 attendus"),
    ],
)
def test_few_expected_cases_are_told_with_a_decimal_as_the_ratio_is(cases, said, french):
    assert wording.expected(cases, "en") == said
    assert wording.expected(cases, "fr") == french


def test_what_nobody_stated_has_words_in_both_languages():
    found = a_rise(cause="(none)", source="(none)")
    assert wording.sentence(found).startswith("No cause given from unknown source: 41 cases")
    assert "(none)" not in wording.sentence(found, "fr")


def test_a_whole_cause_names_the_sources_under_it():
    said = wording.sentence(a_rise(source=None, others=("email", "tiktok_ads"), ended=True))
    assert said.startswith("Unexpected charge: 41 cases")
    assert "Sources above their usual: Email, Tiktok ads." in said
    assert said.endswith("The last high week began on 24 March 2025.")


def test_sources_that_are_not_told_apart_are_not_spoken_of():
    said = wording.sentence(a_rise(source=None, others=None, at_risk=None))
    assert "ource" not in said


def test_a_cell_shows_the_crude_ratio_where_it_differs():
    cell = CellFound("fraud", "ads", 30, 10.0, 3.0, 2.0, 4.3, 6.1, 2.5, 20.0, {}, 1e-5)
    assert "it would look like 6.1 times." in wording.sentence(cell)
    alike = CellFound("fraud", "ads", 30, 10.0, 3.0, 2.0, 4.3, 3.1, 2.5, 20.0, {}, 1e-5)
    assert "look like" not in wording.sentence(alike)


@pytest.mark.parametrize(
    ("dimension", "low", "high", "said", "french"),
    [
        ("day_of_week", 0, 0, "on Monday", "le lundi"),
        ("day_of_week", 5, 6, "from Saturday to Sunday", "de samedi à dimanche"),
        ("day_of_month", 5, 6, "on days 5 to 6 of the month", "du 5 au 6 du mois"),
        ("days_since_purchase", 30, 33, "30 to 33 days after purchase", "de 30 à 33 jours après l’achat"),
        ("hour", 9, 9, "in the hour from 9", "dans l’heure qui suit 9 heures"),
        ("billing_day", 1, 1, "the day after the billing day", "le lendemain de l’échéance"),
    ],
)
def test_a_cluster_says_when(dimension, low, high, said, french):
    cluster = ClusterFound("fraud", dimension, low, high, 30, 10.0, 3.0, 1e-4)
    assert f"more often {said}: 30 cases" in wording.sentence(cluster)
    assert f"plus souvent {french}\u00a0: 30 dossiers" in wording.sentence(cluster, "fr")


def test_every_sentence_has_french_with_the_same_parameters():
    known = dict(messages())
    said = [wording.RISE, wording.CELL, wording.CLUSTER, wording.RATES_HELD, wording.NOTHING, wording.RENAMED]
    said += [*wording.NOTES.values(), *wording.ERRORS.values()]
    forms = [wording.CASES, wording.WERE_EXPECTED, wording.EXPOSURE_STORED, *wording.AT_RISK.values()]
    said += [form for pair in forms for form in pair]
    said += [text for pair in wording.WHEN.values() for text in pair]
    for message in said:
        assert known[message], message
        assert sorted(HOLE.findall(message)) == sorted(HOLE.findall(known[message]))


def test_french_keeps_its_unbreakable_spaces():
    for _, text in messages():
        assert not re.search(r"[^\s\u00a0\u202f][:;?!»](?!//)(?=\s|$)", text), text
        assert not re.search(r" [:;?!»]", text), text


def test_a_note_names_source_and_week():
    note = Note("signals.cases_stop", {"source": "tiktok_ads", "week": "2025-03-03"})
    assert "Tiktok ads has had no case since the week of 3 March 2025" in wording.note(note)
    assert "semaine du 3 mars 2025" in wording.note(note, "fr")
