"""Nothing of the law stands in the policy room's Python: rules, articles, dates, sums and places are packs."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

from casedesk.policy.facts import vocabulary
from casedesk.policy.pack import shipped, shipped_names, shipped_pack

ROOM = Path(__file__).parents[2] / "casedesk" / "policy"
SOURCES = sorted(ROOM.rglob("*.py"))
PLACES = (
    "France",
    "French",
    "Germany",
    "German",
    "Belgi",
    "Swiss",
    "Switzerland",
    "Quebec",
    "California",
    "Britain",
)
ARTICLE = re.compile(r"\b(?:[LRD]\s?\d{3}-\d|§|BGB|CFR|USC|art(?:icle)?\.? ?\d)", re.IGNORECASE)
DAY = re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d\b")
MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
WRITTEN_DAY = re.compile(rf"\b\d{{1,2}} (?:{MONTHS}) \d{{4}}\b", re.IGNORECASE)


def texts(path: Path) -> list[str]:
    """Every string, docstring and comment of a file."""
    source = path.read_text(encoding="utf-8")
    found = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    found += [
        token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    ]
    return found


def rule_ids() -> set[str]:
    return {
        rule.id
        for name in shipped_names()
        for rule in shipped_pack(name).rules
        if rule.id != "EXAMPLE-REFUND"
    }


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOM)))
def test_no_rule_article_or_place_is_named(path: Path) -> None:
    for text in texts(path):
        assert not [name for name in rule_ids() if name in text], text
        assert not ARTICLE.search(text), text
        assert not [place for place in PLACES if place in text], text


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOM)))
def test_no_day_of_a_law_is_written(path: Path) -> None:
    for text in texts(path):
        for pattern in (DAY, WRITTEN_DAY):
            for found in pattern.findall(text):
                assert _is_an_example_of_how_to_write(found, text), text


def _is_an_example_of_how_to_write(day: str, text: str) -> bool:
    """A format shown to whoever writes facts or packs, like `write a day like ...`."""
    marked = any(sign in text for sign in ("like ", "before =", "when =", "from ="))
    return (marked and day not in {str(rule_day) for rule_day in _days_of_rules()}) or "before =" in text


def _days_of_rules() -> set[object]:
    return {day for name in shipped().ids() for _, rule in shipped().versions(name) for day in rule.days}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOM)))
def test_no_jurisdiction_or_enumerated_word_of_the_law_decides_in_code(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    places = {str(value) for value in vocabulary()["jurisdiction"].values} - {
        "contract",
        "network",
        "currency",
    }
    words = places | {str(value) for value in vocabulary()["channel"].values if value != "online"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert node.value not in words, node.value
