"""A verdict as people read it: the answer first, the reason right under it, the working folded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from casedesk.kernel.money import Money
from casedesk.policy.facts import FactSpec, vocabulary
from casedesk.policy.pack import Packs
from casedesk.policy.verdict import (
    Alternative,
    Clock,
    Finding,
    Level,
    Obligation,
    Outcome,
    Standing,
    Step,
    Verdict,
)
from casedesk.rulebook import wording
from casedesk.rulebook.besides import besides
from casedesk.web.locale import amount, day, reader_locale, zone


@dataclass(frozen=True)
class Row:
    """One line of working: a label alone, or with its value; `sum` for the line under the rule."""

    label: str
    value: str | None = None
    note: str = ""
    sum: bool = False
    state: str = ""


@dataclass(frozen=True)
class ClauseView:
    """One clause. `kind` is for, ask, off or aside; `summary` names the fold that holds `rows`."""

    kind: str
    say: str
    cite: str
    url: str | None
    rule: str
    summary: str | None
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class AnswerView:
    """One possible answer to a missing fact, and the amount that it would give."""

    value: str
    label: str
    figure: str


@dataclass(frozen=True)
class AskView:
    """A fact that is not known. `matters`: its answer would change outcome or amount."""

    fact: str
    label: str
    question: str
    matters: bool
    kind: str
    answers: tuple[AnswerView, ...]
    may_be_never: bool


@dataclass(frozen=True)
class FactView:
    """A fact that a clause read: its value in words, and the code of where it came from."""

    fact: str
    label: str
    value: str
    source: str


@dataclass(frozen=True)
class ClockView:
    """A deadline of the verdict, for the strip of clocks and its table."""

    name: str
    last_day: date
    until: datetime
    rule: str
    obligation: bool


@dataclass(frozen=True)
class VerdictView:
    """What the panel shows. `state`: owed, not, ask or human; `figure` is the one amount, or the two that are possible."""

    state: str
    outcome: str
    headline: str
    figure: str | None
    currency: str
    minor: int | None
    sentence: str
    working: tuple[Row, ...]
    clauses: tuple[ClauseView, ...]
    others: tuple[ClauseView, ...]
    asks: tuple[AskView, ...]
    unknown: tuple[AskView, ...]
    doubts: tuple[str, ...]
    besides: tuple[str, ...]
    facts: tuple[FactView, ...]
    clocks: tuple[ClockView, ...]
    packs: str
    judged_at: datetime | None
    by_statute: bool


_STATES = {
    Outcome.ALLOWED: "owed",
    Outcome.REFUSED: "not",
    Outcome.NEEDS_INFORMATION: "ask",
    Outcome.NEEDS_REVIEW: "human",
}
_KINDS = {
    Standing.FOR: "for",
    Standing.ASK: "ask",
    Standing.REVIEW: "ask",
    Standing.SET_ASIDE: "aside",
    Standing.FALLEN: "aside",
    Standing.AGAINST: "off",
    Standing.NOT_APPLICABLE: "off",
}


def verdict_view(
    verdict: Verdict, packs: Packs, *, judged_at: datetime | None = None, claimed: Money | None = None
) -> VerdictView:
    """`verdict` in the reader's language. `claimed`: what the customer asks for, to say what an exception costs."""
    resting = [found for found in verdict.findings if found.rule in verdict.reasons]
    by_statute = any(found.level is Level.STATUTE for found in resting)
    bearing = [found for found in verdict.findings if found.standing is not Standing.NOT_APPLICABLE]
    others = [found for found in verdict.findings if found.standing is Standing.NOT_APPLICABLE]
    figure, currency = _figure(verdict)
    return VerdictView(
        state=_STATES[verdict.outcome],
        outcome=verdict.outcome.value,
        headline=_headline(verdict, by_statute),
        figure=figure,
        currency=currency,
        minor=verdict.amount.minor if verdict.amount is not None else None,
        sentence=_sentence(verdict),
        working=_working(verdict, resting),
        clauses=tuple(_clause(found, packs) for found in bearing),
        others=tuple(_clause(found, packs) for found in others),
        asks=tuple(_ask(name, verdict.alternatives, matters=True) for name in verdict.missing),
        unknown=tuple(_ask(name, (), matters=False) for name in verdict.unknown),
        doubts=tuple(wording.sentence(doubt.code, {}, reader_locale()) for doubt in verdict.doubts),
        besides=tuple(besides(verdict, claimed)),
        facts=tuple(_facts_read(verdict)),
        clocks=(*map(_clock, verdict.clocks), *_duties(verdict.obligations)),
        packs=_packs(verdict, packs, {found.pack for found in bearing}),
        judged_at=judged_at,
        by_statute=by_statute,
    )


def _packs(verdict: Verdict, packs: Packs, bearing: set[str]) -> str:
    """The packs that bear on the case, by title and version."""
    titles = {pack.id: pack.title.get(reader_locale(), pack.id) for pack in packs.packs}
    stamps = [stamp for stamp in verdict.packs if stamp.pack in bearing] or verdict.packs
    return ", ".join(f"{titles.get(stamp.pack, stamp.pack)} {stamp.version}" for stamp in stamps)


def _headline(verdict: Verdict, by_statute: bool) -> str:
    if verdict.outcome is Outcome.NEEDS_INFORMATION:
        count = len(verdict.missing)
        return str(ngettext("Needs %(num)d fact", "Needs %(num)d facts", count))
    if verdict.outcome is Outcome.NEEDS_REVIEW:
        return str(_("A person must judge"))
    leaves = verdict.asked == "cancellation"
    if verdict.outcome is Outcome.REFUSED:
        return str(_("No right to leave now") if leaves else _("Not owed"))
    if leaves:
        return str(_("Free to leave by law") if by_statute else _("Free to leave by contract"))
    if verdict.amount is None:
        return str(_("In the right"))  # an answer to a network given in time, say: nothing is to be paid back
    return str(_("Refund owed by law") if by_statute else _("Refund owed by contract"))


def _figure(verdict: Verdict) -> tuple[str | None, str]:
    if verdict.amount is not None:
        return amount(verdict.amount.minor, verdict.amount.currency), verdict.amount.currency
    amounts = sorted(
        {(a.amount.minor, a.amount.currency) for a in verdict.alternatives if a.amount is not None}
    )
    if not amounts:
        return None, ""
    figures = [amount(minor, currency) for minor, currency in (amounts[0], amounts[-1])]
    joined = _("%(one)s or %(other)s", one=figures[0], other=figures[1]) if len(amounts) > 1 else figures[0]
    return str(joined), amounts[0][1]


def _sentence(verdict: Verdict) -> str:
    """Who must do what by when, then what the contract gives less than the law."""
    parts = []
    for duty in verdict.obligations:
        if duty.deadline is not None and duty.who == "trader":
            parts.append(str(_("Pay by %(day)s.", day=day(duty.deadline.last_local_date))))
            break
    if any(found.standing is Standing.SET_ASIDE for found in verdict.findings):
        parts.append(str(_("The contract gives less; the law prevails.")))
    if verdict.outcome is Outcome.NEEDS_INFORMATION and verdict.alternatives:
        parts.append(str(_("The amount depends on what is missing.")))
    if verdict.conflicts:
        parts.append(str(_("Two rules are at odds; a person must judge.")))
    return " ".join(parts)


def _working(verdict: Verdict, resting: Sequence[Finding]) -> tuple[Row, ...]:
    """How the amount came about: the steps of the finding that carries it."""
    if verdict.amount is None:
        return ()
    carrying = [f for f in (*resting, *verdict.findings) if f.amount == verdict.amount and f.steps]
    if not carrying:
        return ()
    steps = carrying[0].steps
    first = next((n for n, step in enumerate(steps) if _of_money(step)), 0)  # dates have their own place
    rows = zip(_rows(steps[first:]), steps[first:], strict=True)
    return tuple(replace(row, sum=step.code == "to_refund") for row, step in rows)


def _of_money(step: Step) -> bool:
    return any(isinstance(value, Money) for value in step.params.values())


def _rows(steps: Iterable[Step]) -> tuple[Row, ...]:
    return tuple(Row(*wording.line(step, reader_locale())) for step in steps)


def _clause(found: Finding, packs: Packs) -> ClauseView:
    locale = reader_locale()
    rule = packs.rule(found.rule)[1] if found.rule in packs else None
    title = rule.title.get(locale, found.rule) if rule else found.rule
    return ClauseView(
        kind=_KINDS[found.standing],
        say=title,
        cite=wording.cited(found.citation, locale),
        url=found.citation.url or None,
        rule=found.rule,
        summary=wording.sentence(found.code, found.params, locale),
        rows=_rows(found.steps),
    )


def _ask(name: str, alternatives: Iterable[Alternative], *, matters: bool) -> AskView:
    spec = vocabulary()[name]
    locale = reader_locale()
    answers = [
        AnswerView(_written(one.value), _answer_label(spec, one.value), _outcome_of(one))
        for one in alternatives
        if one.fact == name
    ]
    return AskView(
        fact=name,
        label=spec.label[locale],
        question=spec.ask[locale],
        matters=matters,
        kind=spec.kind.value,
        answers=tuple(answers),
        may_be_never=spec.never or spec.none,
    )


def source_said(source: str) -> str:
    """Where a fact came from, in the reader's language; what a person wrote stays as written."""
    if ", " in source and not source.startswith("derived"):
        return ", ".join(source_said(part) for part in source.split(", "))
    code, _sep, rest = source.partition(":")
    words: Mapping[str, str] = {
        "customer": _("customer"),
        "subscription": _("contract"),
        "plan": _("plan"),
        "terms": _("terms"),
        "charge": _("charge"),
        "exchange": _("exchange"),
        "entry": _("record, entry"),
        "ledger": _("ledger"),
        "house": _("house rule"),
        "clock": _("clock"),
        "case": _("case"),
        "cause": _("cause stated"),
        "statement": _("statement"),
        "derived": _("follows from the others"),
        "import": _("import"),
    }
    if code not in words:
        return source
    return f"{words[code]} {rest.strip()}".strip() if code not in ("derived", "cause") else str(words[code])


def _facts_read(verdict: Verdict) -> Iterable[FactView]:
    """Every fact that some clause read, once, in the order in which they were read."""
    seen = {one.name: one for found in verdict.findings for one in found.inputs}
    currency = seen["currency"].value if "currency" in seen else "EUR"
    for one in seen.values():
        label = vocabulary()[one.name].label[reader_locale()]
        yield FactView(
            one.name,
            label,
            wording.fact_value(one.name, one.value, str(currency), reader_locale(), zone()),
            source_said(one.source),
        )


def _written(value: object) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _answer_label(spec: FactSpec, value: object) -> str:
    if isinstance(value, bool):
        named = spec.value_labels.get(_written(value), {})
        return str(named.get(reader_locale()) or (_("Yes") if value else _("No")))
    if value in ("never", "none"):
        return str(_("It never happened") if value == "never" else _("There is none"))
    return str(spec.value_labels.get(str(value), {}).get(reader_locale(), str(value)))


def _outcome_of(one: Alternative) -> str:
    if one.amount is not None:
        return amount(one.amount.minor, one.amount.currency)
    words: Mapping[Outcome, str] = {
        Outcome.ALLOWED: _("owed"),
        Outcome.REFUSED: _("not owed"),
        Outcome.NEEDS_INFORMATION: _("still open"),
        Outcome.NEEDS_REVIEW: _("for a person"),
    }
    return str(words[one.outcome])


def _clock(clock: Clock) -> ClockView:
    return ClockView(
        clock.name, clock.deadline.last_local_date, clock.deadline.utc_exclusive, clock.rule, False
    )


def _duties(obligations: Iterable[Obligation]) -> list[ClockView]:
    return [
        ClockView(duty.code, duty.deadline.last_local_date, duty.deadline.utc_exclusive, duty.rule, True)
        for duty in obligations
        if duty.deadline is not None
    ]
