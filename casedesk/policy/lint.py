"""What is wrong with a pack, before it is published: each problem with its file, rule and what to change."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from casedesk.kernel.calendar import calendar_for
from casedesk.policy.conditions import PackError
from casedesk.policy.facts import FactError, Facts
from casedesk.policy.findings import eligible_word, judged_rule, outcome_of
from casedesk.policy.pack import LOCALES, Pack, Packs, Rule, load, shipped_names, shipped_text
from casedesk.policy.probing import probes
from casedesk.policy.reading import Calendars, CalendarSource
from casedesk.policy.suppose import judge_rule
from casedesk.policy.verdict import Level


def lint_all(texts: Iterable[tuple[str, str]] | None = None) -> list[PackError]:
    """The problems of these packs (name, TOML), or of every shipped one; empty where there is none."""
    named = list(texts) if texts is not None else [(name, shipped_text(name)) for name in shipped_names()]
    problems: list[PackError] = []
    read: list[tuple[str, Pack]] = []
    for name, text in named:
        try:
            read.append((name, load(text, name)))
        except PackError as error:
            problems.append(error)
    beside = [load(shipped_text(name), name) for name in shipped_names()] if texts is not None else []
    packs = Packs([*beside, *(pack for _, pack in read)])
    for name, pack in read:
        problems += _of_pack(name, pack, packs)
    problems += [PackError("pack.overlapping_versions", rule=rule) for rule in packs.conflicts()]
    return problems


def lint_beside(name: str, pack: Pack, packs: Packs) -> list[PackError]:
    """The problems of one pack that was read already, beside `packs`, which hold it."""
    conflicts = [PackError("pack.overlapping_versions", file=name, rule=rule) for rule in packs.conflicts()]
    return [*_of_pack(name, pack, packs), *(one for one in conflicts if _writes(pack, one))]


def _writes(pack: Pack, conflict: PackError) -> bool:
    return any(rule.id == conflict.params["rule"] for rule in pack.rules)


def _of_pack(name: str, pack: Pack, packs: Packs) -> Iterator[PackError]:
    if not pack.review_by:
        yield PackError("pack.no_review_date", file=name)
    for key, texts in (("title", pack.title), ("notice", pack.notice)):
        if not _in_both(texts) and not (key == "notice" and pack.example_only):
            yield PackError("pack.missing_translation", file=name, rule="", key=key)
    for rule in pack.rules:
        yield from (_at(error, name) for error in lint_rule(rule, packs))
    for remedy in pack.remedies:
        named = (remedy.right, remedy.amount, remedy.obligation, *remedy.but_not, *remedy.fells)
        for reference in named:
            if reference and reference not in packs:
                yield PackError("pack.unknown_reference", file=name, rule=remedy.id, key=reference)
    for reference in (*pack.clocks, *pack.guards):
        if reference not in packs:
            yield PackError("pack.unknown_reference", file=name, rule="", key=reference)


def _at(error: PackError, name: str) -> PackError:
    return PackError(error.code, **{"file": name, **error.params})


def lint_rule(rule: Rule, packs: Packs) -> Iterator[PackError]:
    """The problems of one rule beside `packs`, which hold it."""
    for key, texts in (("title", rule.title), ("explain", rule.explain)):
        if not _in_both(texts):
            yield PackError("pack.missing_translation", rule=rule.id, key=key)
    if rule.level is Level.STATUTE and not rule.citation.instrument:
        yield PackError("pack.no_citation", rule=rule.id)
    yield from _unreachable(rule)
    yield from _failing(rule)
    for mark in rule.suspensions:
        if mark.while_no and mark.while_no not in packs:
            yield PackError("pack.unknown_reference", rule=rule.id, key=mark.while_no)
    for example in rule.table.get("example", []):
        yield from _example(rule, example, packs)


def _failing(rule: Rule) -> Iterator[PackError]:
    """A rule that cannot be judged at all: with nothing known, or with something known of every fact that it reads."""
    if rule.kind == "requirements":
        return
    some = {name: next(iter(probes(name, rule, {}, rough=True))) for name in rule.reads}
    alone = Calendars(calendar_for).without_trying()
    for known in ({}, {**some, "timezone": "UTC", "currency": "EUR"}):
        found = judge_rule(rule, known, alone)
        if found.answer is not None and found.answer.code == "rule.failed":
            yield PackError(
                "pack.rule_fails", rule=rule.id, reason=str(found.answer.params.get("reason", ""))
            )
            return


def _in_both(texts: Mapping[str, str]) -> bool:
    return all(texts.get(locale, "").strip() for locale in LOCALES)


def _unreachable(rule: Rule) -> Iterator[PackError]:
    """Gates that repeat an earlier one: nothing gets as far as them."""
    seen: list[object] = []
    for gate in [*rule.table.get("gate", []), *rule.table.get("exception", [])]:
        if gate["when"] in seen:
            yield PackError("pack.unreachable_gate", rule=rule.id, key=str(gate["code"]))
        seen.append(gate["when"])


def _example(rule: Rule, example: Mapping[str, Any], packs: Packs) -> Iterator[PackError]:
    """An example beside a rule: facts, and the answer that they must give."""
    label, expected = str(example.get("id", "")), str(example.get("eligible", ""))
    try:
        known = Facts.of(example["facts"]).known
    except FactError as error:
        yield PackError("pack.example_fails", rule=rule.id, key=label, got=error.code, expected=expected)
        return
    got = _eligible(rule.id, known, packs, calendar_for)
    if got != expected:
        yield PackError("pack.example_fails", rule=rule.id, key=label, got=got, expected=expected)


def _eligible(rule: str, known: Mapping[str, object], packs: Packs, calendars: CalendarSource) -> str:
    judged, _pack = judged_rule(packs, known, rule, calendars)
    return eligible_word(outcome_of(judged))
