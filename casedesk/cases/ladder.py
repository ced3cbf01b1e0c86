"""The ladder: what raises a case, how far, and what words in a message may mean. Pure.

A rule is data; what holds of a case is a `Situation`; the two are compared here and nowhere else.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from casedesk.cases.rules import GIVEN, STAGES
from casedesk.deadlines.settings import STATUTORY, STATUTORY_PREFIX

TRIGGERS = (
    "clock_breached",
    "amount_above",
    "verdict_in_doubt",
    "second_contact",
    "words",
    "vulnerable",
    "exception_refused",
)
"""What a rule may wait for; ``words`` are the customer's, confirmed by a person."""

FOUND = ("superior", "lawyer", "regulator", "chargeback", "mediation", "hardship")
"""What words in a message may mean: asks for a superior, a lawyer, a regulator or consumer body, the bank takes the
money back, a mediator, somebody who needs care."""

RAISED_TO = ("team-lead", "manager", "mediation")
"""The rungs to which a rule may raise a case; the outside body is reached by a person's deed only."""

BY_HAND = (
    "customer_asks",
    "no_agreement",
    "beyond_my_ceiling",
    "doubt",
    "tone",
    "deadline",
    "outside",
    "other",
)
"""Reasons that a person gives for raising a case."""


def rung(stage: str) -> int:
    """How high a stage stands: 0 for intake, 5 for the outside body."""
    return STAGES.index(stage)


@dataclass(frozen=True)
class Situation:
    """What holds of a case on one occasion. Amounts are minor units of `currency`."""

    trigger: str
    kind: str
    stage: str
    claimed_minor: int | None = None
    currency: str = "EUR"
    verdict: str | None = None
    contacts: int = 0
    clock: str | None = None
    minutes: int = 0
    words: str | None = None
    vulnerable: bool = False


@dataclass(frozen=True)
class Rule:
    """A rule as it is compared: what is None does not narrow."""

    id: int
    trigger: str
    to_stage: str
    clock: str | None = None
    minutes: int = 0
    words: str | None = None
    times: int = 2
    kind: str | None = None
    amount_minor: int | None = None
    currency: str = "EUR"


def holds(rule: Rule, now: Situation) -> bool:
    """Does `rule` hold of the situation? Every trigger reads its own fact; kind and amount narrow any of them."""
    if rule.trigger != now.trigger or rule.kind not in (None, now.kind):
        return False
    if rule.amount_minor is not None and not _reaches(rule, now):
        return False
    return {
        "clock_breached": _same_clock(rule.clock, now.clock) and now.minutes == rule.minutes,
        "amount_above": rule.amount_minor is not None,
        "verdict_in_doubt": now.verdict == "needs_review",
        "second_contact": now.contacts >= rule.times,
        "words": now.words is not None and rule.words in (None, now.words),
        "vulnerable": now.vulnerable,
        "exception_refused": True,
    }[now.trigger]


def _same_clock(wanted: str | None, clock: str | None) -> bool:
    """Is it the clock that the rule names? ``statutory`` names every duty of the law; none names any clock."""
    if wanted == STATUTORY:
        return clock is not None and clock.startswith(STATUTORY_PREFIX) and clock not in GIVEN
    return wanted in (None, clock)


def _reaches(rule: Rule, now: Situation) -> bool:
    """At least so much is asked for, in the rule's own currency: sums of two currencies are not compared."""
    return (
        now.claimed_minor is not None
        and now.currency == rule.currency
        and rule.amount_minor is not None
        and now.claimed_minor >= rule.amount_minor
    )


def highest(rules: Iterable[Rule], now: Situation) -> Rule | None:
    """Of the rules that hold, the one that raises furthest; None where none holds."""
    holding = [rule for rule in rules if holds(rule, now)]
    return max(holding, key=lambda rule: (rung(rule.to_stage), -rule.id)) if holding else None


# --- words ---------------------------------------------------------------------------------------

_WORDS: dict[str, tuple[str, ...]] = {
    "superior": (
        r"(your|the|a) (manager|supervisor|superior|team lead)", r"someone (above|higher)", r"speak to (a|your) manager",
        r"(votre|un|le|la) (responsable|superieure?|chef|cheffe|directeur|directrice)", r"direction generale",
    ),
    "lawyer": (
        r"lawyers?", r"solicitors?", r"attorneys?", r"legal (action|advice|proceedings)", r"take you to court",
        r"small claims", r"sue you", r"avocate?s?", r"au tribunal", r"(action|poursuites?) (en justice|judiciaires?)",
        r"porter plainte", r"mise en demeure", r"assigner", r"conciliateur de justice", r"juriste",
    ),
    "regulator": (
        r"dgccrf", r"signal ?conso", r"repression des fraudes", r"ufc[- ]que choisir", r"60 millions de consommateurs",
        r"association de consommateurs", r"cnil", r"trading standards", r"ombudsman", r"competition and markets authority",
        r"\bcma\b", r"citizens advice", r"consumer (protection|association|authority)", r"regulator", r"defenseur des droits",
    ),
    "chargeback": (
        r"charge ?backs?", r"dispute (the|this|it with my) (charge|payment|bank)", r"(ask|tell) my bank",
        r"section 75", r"opposition (au|sur le|a ce) (prelevement|paiement)", r"faire opposition",
        r"(contester|conteste) (le|ce|cette|la) (prelevement|paiement|debit|transaction|operation)",
        r"revoquer? le mandat", r"rejeter le prelevement",
    ),
    "mediation": (r"mediat(or|ion|eur|rice)s?", r"adr (body|scheme)", r"alternative dispute"),
    "hardship": (
        r"over[- ]?indebted", r"surendett\w+", r"cannot (pay|afford) (my )?(rent|food|bills)", r"handicap\w*", r"disab(led|ility)",
        r"curatelle", r"tutelle", r"power of attorney", r"bereave\w*", r"passed away", r"deces", r"decede", r"hospitalis\w+",
        r"hospitali[sz]ed", r"in hospital", r"suicid\w+", r"food bank", r"sans ressources?", r"plus de quoi manger",
    ),
}  # fmt: skip


def found_in(text: str) -> tuple[str, ...]:
    """What the words of `text` may mean, in the order of FOUND. A proposal: a person says whether it is so."""
    plain = folded(text)
    return tuple(kind for kind in FOUND if _pattern(kind).search(plain))


def folded(text: str) -> str:
    """Small letters without accents, one kind of apostrophe, blanks as one."""
    flat = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return " ".join("".join(c for c in flat if not unicodedata.combining(c)).split())


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{word})\b" for word in _WORDS[kind]))
