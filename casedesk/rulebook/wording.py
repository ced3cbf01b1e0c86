"""The sentences for the codes of a verdict, in English and French. The table is wording.toml."""

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

from babel.numbers import format_decimal

from casedesk.kernel.calendar import Rolled, Skipped, zone_named
from casedesk.kernel.errors import CasedeskError
from casedesk.kernel.money import Money, exponent
from casedesk.policy.facts import FactError, Kind, read_fact, vocabulary
from casedesk.policy.verdict import Alternative, Citation, Step, Verdict
from casedesk.web import spelling

Table = Mapping[str, Mapping[str, Mapping[str, str]]]
_BLANK_PARAMS = ("file", "rule")


@lru_cache(maxsize=1)
def table() -> Table:
    """Every sentence by section, code and locale."""
    return tomllib.loads(files("casedesk.rulebook").joinpath("wording.toml").read_text(encoding="utf-8"))


def sentence(code: str, params: Mapping[str, object], locale: str) -> str:
    """What people read for the code of a finding, a doubt, a step or an error."""
    if code in table()["step"]:
        label, value = line(Step(code, params), locale)
        return f"{label} : {value}" if value and locale == "fr" else f"{label}: {value}" if value else label
    for section in ("say", "error"):
        if code in table()[section]:
            return _filled(table()[section][code][locale], params, locale)
    return code


def line(step: Step, locale: str) -> tuple[str, str | None]:
    """A line of working: its label, and its value where it has one."""
    code = step.code
    if code == "roll" and not step.params.get("skipped"):
        code = "roll_none"
    label, _, value = table()["step"][code][locale].partition("|")
    filled = _filled(label, step.params, locale)
    return filled, _filled(value, step.params, locale) if value else None


def word(section: str, key: str, locale: str) -> str:
    """One word of the table: an outcome, a standing, a clock, a mode."""
    return table()[section].get(key, {}).get(locale, key)


def error_sentence(error: CasedeskError, locale: str) -> str:
    """What is wrong, where, and what to change."""
    params = {**dict.fromkeys(_BLANK_PARAMS, ""), **{key: _short(one) for key, one in error.params.items()}}
    if error.code == "pack.wrong_shape":
        params["shape"] = word("shape", str(params["expected"]), locale)
    return " ".join(sentence(error.code, params, locale).split())


def _short(value: object) -> object:
    """A text as long as a sentence bears."""
    return value if not isinstance(value, str) or len(value) <= _LONGEST else value[:_LONGEST] + "…"


_LONGEST = 240


def cited(citation: Citation, locale: str) -> str:
    """Where a rule stands, in one line. A law keeps its own name; what has a name in both languages is translated."""
    parts = (citation.instrument, citation.article)
    return ", ".join(word("citation", part, locale) for part in parts if part)


def translated(citation: Citation, locale: str) -> Citation:
    """The same place, in the words of the reader's language where it has them."""
    instrument, article = (
        word("citation", part, locale) if part else "" for part in (citation.instrument, citation.article)
    )
    return Citation(instrument, article, citation.url)


def describe(verdict: Verdict, locale: str) -> list[str]:
    """The working of a verdict as lines of text: the answer, then clause by clause."""
    lines = [word("outcome", verdict.outcome.value, locale)]
    if verdict.amount is not None:
        lines.append(_pair(word("word", "amount", locale), money(verdict.amount, locale), locale))
    for clock in verdict.clocks:
        name = word("clock", clock.name, locale)
        last = written(clock.deadline.last_local_date, locale)
        lines.append(f"{_pair(name, last, locale)} ({clock.deadline.zone}, {clock.rule})")
    lines += [_pair(word("word", "missing", locale), _fact(name, locale), locale) for name in verdict.missing]
    lines += [_pair(word("word", "unknown", locale), _fact(name, locale), locale) for name in verdict.unknown]
    lines += [alternative(one, locale) for one in verdict.alternatives]
    for finding in verdict.findings:
        standing = word("standing", finding.standing.value, locale)
        lines += ["", f"{finding.rule} ({cited(finding.citation, locale)}), {standing}"]
        lines.append("  " + sentence(finding.code, finding.params, locale))
        lines += [f"  - {sentence(step.code, step.params, locale)}" for step in finding.steps]
    for stamp in verdict.packs:
        late = f", {word('word', 'overdue', locale)} {stamp.review_by}" if stamp.overdue else ""
        lines += [
            "",
            f"{word('word', 'pack', locale)} {stamp.pack} {stamp.version} {stamp.digest[:12]}{late}",
        ]
    return lines


def describe_judged(
    number: str, judged_at: datetime, verdict: Verdict, locale: str, *, same: bool
) -> list[str]:
    """A stored verdict of a case, with when it was judged and whether it replays."""
    judged = _pair(word("word", "judged", locale), written(judged_at, locale), locale)
    again = word("word", "replays" if same else "replay_differs", locale)
    return [number, judged, again, "", *describe(verdict, locale)]


def describe_facts(facts: Mapping[str, Mapping[str, object]], locale: str) -> list[str]:
    """Every fact that a judgement read, with where it came from."""
    lines = [word("word", "facts", locale)]
    for name, entry in facts.items():
        source = _filled(word("word", "source", locale), {"source": entry.get("source", "")}, locale)
        lines.append(
            "  "
            + _pair(_fact(name, locale), answer_word(name, entry["value"], locale), locale)
            + f" ({source})"
        )
    return lines


def alternative(one: Alternative, locale: str) -> str:
    """What the verdict would be with one value of a missing fact."""
    value = answer_word(one.fact, one.value, locale)
    given = _filled(word("word", "if", locale), {"fact": _fact(one.fact, locale), "value": value}, locale)
    result = word("outcome", one.outcome.value, locale)
    shown = f"{result}, {money(one.amount, locale)}" if one.amount is not None else result
    return _pair(given, shown, locale)


def answer_word(fact: str, value: object, locale: str) -> str:
    """A value of a fact as people read it."""
    key = str(value).lower() if isinstance(value, bool) else str(value)
    labels = vocabulary()[fact].value_labels.get(key)
    if labels is not None:
        return labels[locale]
    if isinstance(value, bool):
        return word("word", "yes" if value else "no", locale)
    return word("word", key, locale) if key in ("never", "none") else key


def fact_value(name: str, value: object, currency: str, locale: str, zone: str | None = None) -> str:
    """The value of a fact, as files write it, in the reader's language; instants in `zone`, or in UTC."""
    spec = vocabulary()[name]
    if isinstance(value, (list, tuple)):
        return "; ".join(fact_value(name, item, currency, locale, zone) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(
            spec.value_labels.get(str(item), {}).get(locale, str(item))
            for item in value.values()
            if item is not None
        )
    if value in ("never", "none") or isinstance(value, bool) or str(value) in spec.value_labels:
        return answer_word(name, value, locale)
    try:
        typed = read_fact(name, value)
    except FactError:
        return str(value)
    if spec.kind is Kind.MONEY and isinstance(typed, int):
        return money(Money(typed, currency), locale)
    if isinstance(typed, datetime):
        return written(typed, locale) if zone is None else _moment(typed, zone, locale)
    if spec.kind is Kind.DAY or isinstance(typed, date):
        return written(typed, locale)
    return str(value).replace("_", " ") if spec.kind is Kind.ENUMERATION else str(value)


def _moment(at: datetime, zone: str, locale: str) -> str:
    there = at.astimezone(zone_named(zone))
    return f"{written(there.date(), locale)} {there:%H:%M}"


def money(amount: Money, locale: str) -> str:
    """An amount in the reader's way, as every page writes it."""
    return spelling.money(amount.minor, exponent(amount.currency), amount.currency, locale)


def written(value: object, locale: str) -> str:
    """One parameter as people read it."""
    if isinstance(value, Money):
        return money(value, locale)
    if isinstance(value, datetime):
        return spelling.dated(value.astimezone(UTC), "d MMM y HH:mm", locale) + " UTC"
    if isinstance(value, date):
        return spelling.dated(value, "EEE d MMM y", locale)
    if isinstance(value, (Rolled, Skipped, tuple)):
        return _skipped(value, locale)
    if isinstance(value, int) and not isinstance(value, bool):
        return spelling.figure(value, 0, locale)
    return str(value)


def _fact(name: str, locale: str) -> str:
    return vocabulary()[name].label[locale]


def _pair(label: str, value: str, locale: str) -> str:
    return f"{label}\u00a0: {value}" if locale == "fr" else f"{label}: {value}"


def _skipped(value: object, locale: str) -> str:
    """The days that a deadline moved over: each with its reason."""
    days = value.skipped if isinstance(value, Rolled) else value if isinstance(value, tuple) else ()
    if isinstance(value, Skipped):
        days = (value,)
    named = []
    for day in days:
        reason, _, _name = day.reason.partition(":")
        named.append(f"{written(day.day, locale)} ({word('word', reason, locale)})")
    return ", ".join(named)


def _filled(template: str, params: Mapping[str, object], locale: str) -> str:
    """`template` with its parameters written for the reader; a missing one stands as an ellipsis."""
    texts = {}
    for key, value in params.items():
        if key == "mode":
            texts[key] = word("mode", str(value), locale)
        elif key == "exact":
            texts[key] = _exact(value, params, locale)
        else:
            texts[key] = written(value, locale)
    return _ONE.sub(r"1 \1", template.format_map(_Lenient(texts)))


_ONE = re.compile(r"(?<![\d.,])1 (month|day|week|year|mois|jour|semaine|an)s\b")
"""One of something is singular, in both languages; the table writes plurals."""


def _exact(value: object, params: Mapping[str, object], locale: str) -> str:
    """An exact share in major units, cut after some decimals with an ellipsis."""
    base = params.get("base")
    if not isinstance(base, Money) or not hasattr(value, "numerator"):
        return str(value)
    scale = 10 ** exponent(base.currency)
    places = exponent(base.currency) + 1
    cut = value.numerator * 10**places // (value.denominator * scale)  # type: ignore[attr-defined]
    shown = format_decimal(Decimal(cut).scaleb(-places), "#,##0." + "0" * places, locale=locale)
    exactly = cut * value.denominator * scale == value.numerator * 10**places  # type: ignore[attr-defined]
    return shown if exactly else shown + "…"


class _Lenient(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"
