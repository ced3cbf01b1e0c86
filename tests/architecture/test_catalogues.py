"""Every sentence that a person reads stands in both languages; every refusal has its sentence."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from casedesk.kernel import errors as family
from casedesk.reports import wording as reports
from casedesk.web import errors

ROOT = Path(__file__).parents[2]
CATALOGUES = ROOT / "casedesk" / "translations" / "fr"
KEYWORDS = dict.fromkeys(("_", "_l", "gettext", "lazy_gettext")) | dict.fromkeys(
    ("ngettext", "_n", "lazy_ngettext"), (1, 2)
)
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.xml", "jinja2")]
OPTIONS = {
    pattern: {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"} for pattern, _ in METHODS
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[0-9.]*[a-z]|%%")

Msgid = str | tuple[str, str]


@cache
def written() -> dict[Msgid, str]:
    """Every msgid in code and templates, with one place where it stands."""
    found: dict[Msgid, str] = {}
    for folder in ("casedesk", "templates"):
        rows = extract_from_dir(ROOT / folder, METHODS, OPTIONS, KEYWORDS, directory_filter=lambda _: True)
        for file, line, message, _comments, _context in rows:
            found[message if isinstance(message, str) else (message[0], message[1])] = (
                f"{folder}/{file}:{line}"
            )
    return found


@cache
def translated() -> dict[Msgid, list[tuple[str, str | tuple[str, ...]]]]:
    """Every msgid of the French catalogues with (file, French)."""
    found: dict[Msgid, list[tuple[str, str | tuple[str, ...]]]] = {}
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as text:
            for message in read_po(text, locale="fr"):
                if message.id:
                    msgid = message.id if isinstance(message.id, str) else tuple(message.id)
                    french = message.string if isinstance(message.string, str) else tuple(message.string)
                    found.setdefault(msgid, []).append((path.name, "" if message.fuzzy else french))  # type: ignore[arg-type]
    return found


def _listed(lines: list[str]) -> str:
    return f"{len(lines)}:\n" + "\n".join(lines)


def test_every_sentence_has_its_french() -> None:
    bare = [
        f"{place} {msgid!r}"
        for msgid, place in sorted(written().items(), key=lambda pair: pair[1])
        if not all(
            all(french) if isinstance(french, tuple) else french
            for _, french in translated().get(msgid, [("", "")])
        )
    ]
    assert not bare, _listed(bare)


def test_no_french_is_left_over() -> None:
    orphans = [f"{files[0][0]} {msgid!r}" for msgid, files in translated().items() if msgid not in written()]
    assert not orphans, _listed(orphans)


def test_one_sentence_has_one_french() -> None:
    torn = [
        f"{msgid!r}: {files}"
        for msgid, files in translated().items()
        if len({french for _, french in files}) > 1
    ]
    assert not torn, _listed(torn)


def test_the_french_fills_in_what_the_english_fills_in() -> None:
    wrong = []
    for msgid, files in translated().items():
        wanted = set(PLACEHOLDER.findall(" ".join(msgid) if isinstance(msgid, tuple) else msgid))
        for file, french in files:
            for form in (french,) if isinstance(french, str) else french[1:]:
                if set(PLACEHOLDER.findall(form)) != wanted:
                    wrong.append(f"{file} {msgid!r} -> {form!r}")
    assert not wrong, _listed(wrong)


def test_french_keeps_its_spaces_together() -> None:
    torn = [
        f"{file} {form!r}"
        for files in translated().values()
        for file, french in files
        for form in ((french,) if isinstance(french, str) else french)
        if re.search(r" [;:?!»€%](?!\()|« |\w[;?!]|\w»", form)
    ]
    assert not torn, _listed(torn)


class Raised(ast.NodeVisitor):
    """The refusals of one file: code, names of the parameters (None: not known here), place."""

    names = frozenset(
        name
        for name, kind in vars(family).items()
        if isinstance(kind, type) and issubclass(kind, family.CasedeskError)
    )

    def __init__(self, place: str) -> None:
        self.place, self.found = place, list[tuple[str, set[str] | None, str]]()

    def visit_Call(self, call: ast.Call) -> None:
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name in self.names and call.args and isinstance(call.args[0], ast.Constant):
            given = None if any(k.arg is None for k in call.keywords) else {str(k.arg) for k in call.keywords}
            self.found.append((str(call.args[0].value), given, f"{self.place}:{call.lineno}"))
        self.generic_visit(call)


def refusals() -> Iterator[tuple[str, set[str] | None, str]]:
    for path in sorted((ROOT / "casedesk").rglob("*.py")):
        visitor = Raised(str(path.relative_to(ROOT)))
        visitor.visit(ast.parse(path.read_text(encoding="utf-8")))
        yield from visitor.found


def test_every_refusal_has_a_sentence_that_its_parameters_fill(app: Flask) -> None:
    wrong, said = [], {**errors.SENTENCES, **reports.ERRORS}
    for code, given, place in refusals():
        if code not in said:
            wrong.append(f"{place} {code}: no sentence")
        elif given is not None:
            missing = set(PLACEHOLDER.findall(str(said[code]))) - given - {""}
            if missing:
                wrong.append(f"{place} {code}: nobody gives {sorted(missing)}")
    assert not wrong, _listed(wrong)


def test_refusals_are_found_at_all() -> None:
    assert len(list(refusals())) > 50
    assert len(written()) > 300


@pytest.mark.parametrize(
    ("sentence", "broken"),
    [
        ("Qui ?", True),
        ("Qui\u00a0?", False),
        ("Qui?", True),
        ("à 10:42", False),
        ("« x »", True),
        ("«\u00a0x\u00a0»", False),
    ],
)
def test_the_check_of_french_spaces_finds_what_it_should(sentence: str, broken: bool) -> None:
    assert bool(re.search(r" [;:?!»€%](?!\()|« |\w[;?!]|\w»", sentence)) is broken
