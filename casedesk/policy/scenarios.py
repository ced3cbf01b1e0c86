"""Scenarios: facts and the expected answer of one rule each, judged and compared. Pure: no file is read here."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from casedesk.kernel.calendar import Rolled
from casedesk.kernel.errors import CasedeskError
from casedesk.policy.evaluate import judge
from casedesk.policy.facts import FactError, Facts, shown, vocabulary
from casedesk.policy.pack import Packs
from casedesk.policy.verdict import Verdict

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer key that is not as expected."""

    key: str
    expected: object
    got: object


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of one scenario: a verdict, or what to change in it."""

    id: str
    rule: str
    verdict: Verdict | None
    expected: Mapping[str, object] | None
    differences: tuple[Difference, ...] = ()
    error: CasedeskError | None = None


class ScenarioError(CasedeskError):
    """A file or a case that is not in the form of scenarios; `params` say where and what."""


def judge_all(packs: Packs, document: object, *, on: date | None = None) -> Iterator[Judgement]:
    """Every case of a scenario file, judged. Raises ScenarioError where the file has no cases."""
    cases = document.get("cases") if isinstance(document, Mapping) else None
    if not isinstance(cases, list):
        raise ScenarioError("scenario.no_cases")
    seen: set[str] = set()
    for at, case in enumerate(cases):
        judged = _judge_one(packs, case, at, on)
        if judged.id in seen and judged.error is None:
            error = ScenarioError("scenario.id_twice", field="id", value=judged.id)
            judged = Judgement(judged.id, judged.rule, None, None, (), error)
        seen.add(judged.id)
        yield judged


def asked_in(packs: Packs, document: object) -> list[tuple[str, Facts]]:
    """The rule and the facts of every case that can be judged. Raises ScenarioError where the file has no cases."""
    cases = document.get("cases") if isinstance(document, Mapping) else None
    if not isinstance(cases, list):
        raise ScenarioError("scenario.no_cases")
    found = []
    for case in cases:
        try:
            rule = _rule(packs, case.get("rule") if isinstance(case, Mapping) else None)
            found.append((rule, _facts(case, packs.rule(rule)[1].reads)))
        except CasedeskError:
            continue
    return found


def _judge_one(packs: Packs, case: object, at: int, on: date | None) -> Judgement:
    where = f"case {at + 1}"
    if not isinstance(case, Mapping):
        return Judgement(where, "", None, None, (), ScenarioError("scenario.case_is_no_table"))
    name, rule = case.get("id"), case.get("rule")
    label = str(name) if isinstance(name, (str, int)) else where
    try:
        if not isinstance(name, (str, int)) or isinstance(name, bool):
            raise ScenarioError("scenario.no_id", field="id")
        asked = _rule(packs, rule)
        verdict = judge(packs, _facts(case, packs.rule(asked)[1].reads), asked, on=on)
        expected = _expected(case)
        differences = () if expected is None else tuple(differences_of(expected, verdict))
    except CasedeskError as error:
        return Judgement(label, rule if isinstance(rule, str) else "", None, None, (), error)
    return Judgement(label, str(rule), verdict, expected, differences)


def _rule(packs: Packs, rule: object) -> str:
    if not isinstance(rule, str) or rule not in packs or packs.rule(rule)[1].product_only:
        raise ScenarioError("scenario.unknown_rule", field="rule", value=shown(rule))
    return rule


def _facts(case: Mapping[str, Any], listed: Collection[str]) -> Facts:
    """The facts of a case. What the rule does not list is accepted as it stands and never read."""
    inputs = case.get("inputs")
    if not isinstance(inputs, Mapping):
        raise ScenarioError("scenario.no_inputs", field="inputs")
    known = {}
    for name, value in inputs.items():
        if name in _FOR_PEOPLE:
            continue
        if name not in vocabulary():
            raise FactError("facts.unknown_fact", field=str(name), value=shown(value))
        if name in listed:
            known[name] = value
    if isinstance(inputs.get("jurisdiction"), str):
        known["jurisdiction"] = inputs["jurisdiction"]  # names the calendar where none is given
    return Facts.of(known, dict.fromkeys(known, "scenario"))


_FOR_PEOPLE = frozenset({"note", "question"})


def _expected(case: Mapping[str, Any]) -> Mapping[str, object] | None:
    expected = case.get("expected")
    if expected is None:
        return None
    if not isinstance(expected, Mapping):
        raise ScenarioError("scenario.expected_is_no_table", field="expected")
    return expected


# --- answers as files write them ---------------------------------------------------------------


def answer_of(verdict: Verdict) -> dict[str, object]:
    """The answer keys of a verdict as scenario files write them."""
    return {key: printed(value) for key, value in verdict.answer.items()}


def printed(value: object) -> object:
    """One answer value as JSON and YAML write it."""
    if isinstance(value, Rolled):
        return {
            "raw_last_day": value.raw.isoformat(),
            "skipped": [
                {"date": skipped.day.isoformat(), "reason": skipped.reason} for skipped in value.skipped
            ],
            "reason": value.reason,
        }
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [printed(item) for item in value]
    return value


def differences_of(expected: Mapping[str, object], verdict: Verdict) -> Iterator[Difference]:
    """Every answer key that is not as expected; keys that nobody expects are not compared."""
    answer = answer_of(verdict)
    for key, wanted in expected.items():
        got = answer.get(str(key), _MISSING)
        if got is _MISSING:
            yield Difference(str(key), printed(wanted), "(not given)")
        elif not _same(str(key), wanted, got):
            yield Difference(str(key), printed(wanted), got)


def _same(key: str, wanted: object, got: object) -> bool:
    if key == "rollover" and isinstance(wanted, Mapping) and isinstance(got, Mapping):
        return _rollover_marks(wanted) == _rollover_marks(got)
    if key == "eligible" and isinstance(wanted, bool):
        wanted = "yes" if wanted else "no"  # an unquoted yes or no in YAML
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    return printed(wanted) == got


def _rollover_marks(rollover: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is compared of a roll-over: each skipped day, and the word before the colon."""
    return [
        (str(printed(skipped.get("date"))), str(skipped.get("reason", "")).partition(":")[0])
        for skipped in _listed(rollover.get("skipped"))
        if isinstance(skipped, Mapping)
    ]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
