"""Every code of the policy engine has a sentence in English and in French, and numbers read as people write them."""

import ast
import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from casedesk.kernel.calendar import Skipped
from casedesk.kernel.money import Money
from casedesk.policy.conditions import PackError
from casedesk.policy.pack import shipped_names, shipped_pack
from casedesk.policy.verdict import Outcome, Standing, Step
from casedesk.rulebook.wording import error_sentence, line, money, sentence, table

ROOM = Path(__file__).parents[3] / "casedesk" / "policy"
CODE = re.compile(r"^(?:[a-z]+)\.(?:[a-z_]+)$")
ERRORS = ("pack", "facts", "scenario")


def codes_in_python() -> set[str]:
    found = set()
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.match(node.value):
                found.add(node.value)
    return found - {"casedesk.policy", "vocabulary.toml"}


def steps_in_python() -> set[str]:
    found = set()
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Step":
                first = node.args[0]
                found |= {first.value} if isinstance(first, ast.Constant) else set()
    return {str(code) for code in found} - {"findings"}


def codes_in_packs() -> set[str]:
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                if key in ("code", "doubt") and isinstance(item, str):
                    found.add(item)
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    for name in shipped_names():
        for rule in shipped_pack(name).rules:
            walk(dict(rule.table))
    return found


def test_every_code_has_a_sentence_in_both_languages() -> None:
    for code in sorted(codes_in_python() | codes_in_packs()):
        section = "error" if code.partition(".")[0] in ERRORS and code != "facts.missing" else "say"
        assert code in table()[section], code
        assert set(table()[section][code]) == {"en", "fr"}, code


def test_every_step_has_a_line_in_both_languages() -> None:
    for code in sorted(steps_in_python()):
        assert code in table()["step"], code
        texts = table()["step"][code]
        assert set(texts) == {"en", "fr"}
        assert ("|" in texts["en"]) == ("|" in texts["fr"]), code
        assert set(re.findall(r"{(\w+)}", texts["en"])) == set(re.findall(r"{(\w+)}", texts["fr"])), code


def test_outcomes_and_standings_are_all_worded() -> None:
    assert set(table()["outcome"]) == {outcome.value for outcome in Outcome}
    assert set(table()["standing"]) == {standing.value for standing in Standing}


def test_french_keeps_a_no_break_space_before_double_signs() -> None:
    for section in table().values():
        for code, texts in section.items():
            assert not re.search(r" [:;?!»%]", texts["fr"]), code


@pytest.mark.parametrize(("locale", "text"), [("en", "1,234.50\u00a0EUR"), ("fr", "1\u202f234,50\u00a0€")])
def test_amounts_are_written_in_the_readers_way(locale: str, text: str) -> None:
    assert money(Money(123450, "EUR"), locale) == text


def test_an_amount_has_the_decimals_of_its_currency() -> None:
    assert money(Money(1500, "JPY"), "en") == "1,500\u00a0JPY"
    assert money(Money(1500, "BHD"), "en") == "1.500\u00a0BHD"


def test_the_working_shows_the_exact_share_before_it_is_rounded() -> None:
    params = {
        "base": Money(47880, "EUR"),
        "used": 39,
        "period": 365,
        "exact": Fraction(47880 * 39, 365),
        "mode": "half_up",
        "amount": Money(5116, "EUR"),
    }
    label, value = line(Step("kept_share", params), "en")
    assert label == "Kept: 478.80\u00a0EUR × 39 ÷ 365 = 51.159…, half up"
    assert value == "− 51.16\u00a0EUR"


def test_a_move_over_days_off_names_each_of_them() -> None:
    skipped = (Skipped(date(2026, 3, 14), "saturday"), Skipped(date(2026, 3, 15), "sunday"))
    step = Step("roll", {"from": date(2026, 3, 14), "to": date(2026, 3, 16), "skipped": skipped})
    assert line(step, "fr")[0].startswith("sam. 14 mars 2026 (samedi), dim. 15 mars 2026 (dimanche)")
    still = Step("roll", {"from": date(2026, 3, 16), "to": date(2026, 3, 16), "skipped": ()})
    assert line(still, "en") == ("A working day, no move", "Mon 16 Mar 2026")


def test_an_error_says_where_and_what_to_change() -> None:
    error = PackError("pack.unknown_key", file="house.toml", rule="HOUSE-1", key="pth")
    assert error_sentence(error, "en") == (
        "house.toml HOUSE-1: unknown key “pth”. Take it out or correct its spelling."
    )


def test_a_code_without_parameters_is_still_a_sentence() -> None:
    assert "…" in sentence("window.inside", {}, "en")
