"""Facts are typed, carry their source, and know three states."""

import re
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from casedesk.policy.facts import (
    NEVER,
    UNKNOWN,
    FactError,
    Facts,
    Known,
    KnownNever,
    vocabulary,
)


def test_a_fact_is_known_known_never_or_unknown_with_its_source() -> None:
    facts = Facts.of(
        {"notice_sent_at": "never", "paid_minor": 1999},
        {"notice_sent_at": "mail log", "paid_minor": "ledger"},
    )
    assert facts["paid_minor"] == Known(1999, "ledger")
    assert facts["notice_sent_at"] == KnownNever("mail log")
    assert facts["price_minor"] == UNKNOWN


def test_instants_are_kept_in_utc_and_days_as_days() -> None:
    facts = Facts.of(
        {"action_at": "2026-03-02T10:15:00+01:00", "debit_date": "2026-03-02", "month": "2026-03"}
    )
    assert facts.value("action_at") == datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
    assert facts.value("debit_date") == date(2026, 3, 2)
    assert facts.value("month") == date(2026, 3, 1)


def test_a_list_with_an_unknown_in_it_is_unknown() -> None:
    assert (
        Facts.of({"goods_received_at": ["2026-03-02T10:15:00+01:00", None]}).value("goods_received_at")
        is None
    )
    assert Facts.of({"goods_received_at": []}).value("goods_received_at") is None


def test_one_delivery_may_be_written_without_a_list() -> None:
    one = Facts.of({"goods_received_at": "2026-03-02T10:15:00+01:00"})
    assert one.known == Facts.of({"goods_received_at": ["2026-03-02T10:15:00+01:00"]}).known


def test_what_cannot_be_read_is_unknown_where_facts_are_read_leniently() -> None:
    facts = Facts.lenient(
        {"jurisdiction": "ZZ", "final_sale": "no", "amount_minor": True, "usage_percent": 12.5}
    )
    assert dict(facts.known) == {"usage_percent": Fraction(25, 2)}


@pytest.mark.parametrize("name", ["NaN", "inf"])
def test_a_share_is_a_number_from_0_to_100(name: str) -> None:
    for value in (float(name), -1, 101, "12", True):
        with pytest.raises(FactError):
            Facts.of({"usage_percent": value})


def test_facts_are_written_as_files_write_them_and_read_back() -> None:
    facts = Facts.of(
        {
            "consumer": True,
            "action_at": "2026-03-02T10:15:00+01:00",
            "period_start": "2026-03-02",
            "month": "2026-03",
            "notice_sent_at": "never",
            "cause": "none",
            "usage_percent": 12.5,
            "rounding": {"target": "retained", "mode": "half_up"},
            "extension": {
                "announced_at": "2026-05-20T10:00:00+02:00",
                "new_date": "2026-08-31",
                "parties_informed": True,
            },
            "separately_priced_parts": [{"name": "a", "price_minor": 5, "fully_supplied": False}],
            "weights": [1, 2],
        },
        {"consumer": "customer record"},
    )
    again = Facts.from_plain(facts.to_plain())
    assert again.known == facts.known
    assert again.sources["consumer"] == "customer record"


def test_a_correction_is_a_new_set_of_facts() -> None:
    facts = Facts.of({"consumer": True})
    assert facts.with_fact("consumer", False, "statement").value("consumer") is False
    assert facts.with_fact("consumer", None).value("consumer") is None
    assert facts.with_fact("notice_sent_at", NEVER, "mail log")["notice_sent_at"] == KnownNever("mail log")
    assert facts.value("consumer") is True


def test_every_fact_has_a_label_in_both_languages() -> None:
    for name, spec in vocabulary().items():
        assert spec.label["en"] != name, name
        assert spec.label["fr"] != name, name
        for labels in spec.value_labels.values():
            assert set(labels) == {"en", "fr"}


def test_an_error_names_the_fact_and_what_to_write() -> None:
    with pytest.raises(FactError) as caught:
        Facts.of({"action_at": "2026-03-02T10:15:00"})
    assert caught.value.params["field"] == "action_at"
    assert "offset" in str(caught.value.params["expected"])


def test_a_question_put_to_the_customer_does_not_speak_of_them() -> None:
    for spec in vocabulary().values():
        assert "customer" not in spec.you["en"].lower(), spec.name
        assert not re.search(r"\b(le|du|au) client\b", spec.you["fr"], re.IGNORECASE), spec.name
