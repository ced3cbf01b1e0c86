"""A draft beside what is published: the packs that would judge, and what is wrong with it before it is."""

import tomllib
from dataclasses import dataclass
from typing import Any

from casedesk.kernel.calendar import calendar_for
from casedesk.policy.conditions import PackError
from casedesk.policy.facts import FactError, Facts
from casedesk.policy.findings import eligible_word, judged_rule, outcome_of
from casedesk.policy.lint import lint_beside
from casedesk.policy.pack import Pack, Packs, Rule, load
from casedesk.policy.suppose import Judged


@dataclass(frozen=True)
class Example:
    """Facts beside a rule, the answer that they must give, and the one that they give now."""

    at: int
    label: str
    facts: dict[str, Any]
    expected: str
    got: str
    judged: Judged | None

    @property
    def holds(self) -> bool:
        return self.got == self.expected


def table_of(toml: str) -> dict[str, Any]:
    """The text of a draft as a table. It was written by us, so it can be read."""
    return tomllib.loads(toml)


def with_draft(published: Packs, draft: Pack) -> Packs:
    """The packs as they would be with the draft published last."""
    return Packs([*published.packs, draft])


def problems(toml: str, name: str, published: Packs) -> list[PackError]:
    """Everything that is wrong with a draft: what cannot be read, what lints, examples that fail."""
    try:
        draft = load(toml, name)
    except PackError as error:
        return [error]
    found = lint_beside(name, draft, with_draft(published, draft))
    return [error for error in found if error.code != "pack.example_fails"] + [
        error for error in found if error.code == "pack.example_fails"
    ]


def examples(rule: Rule, packs: Packs) -> tuple[Example, ...]:
    """The examples of a rule, run now."""
    return tuple(_run(at, rule, entry, packs) for at, entry in enumerate(rule.table.get("example", [])))


def _run(at: int, rule: Rule, entry: dict[str, Any], packs: Packs) -> Example:
    label, expected = str(entry.get("id", "")), str(entry.get("eligible", ""))
    try:
        known = Facts.of(entry["facts"]).known
    except FactError:
        return Example(at, label, entry["facts"], expected, "", None)
    judged, _pack = judged_rule(packs, known, rule.id, calendar_for)
    return Example(at, label, entry["facts"], expected, eligible_word(outcome_of(judged)), judged)
