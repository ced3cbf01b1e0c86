"""Judgements a second on one thread: outcome and reasons, everything materialised, canonical bytes and digest."""

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, islice
from time import process_time
from typing import Any, NamedTuple

from casedesk.policy.compact import decision
from casedesk.policy.evaluate import judge
from casedesk.policy.facts import Facts
from casedesk.policy.pack import Packs, load, shipped, shipped_names, shipped_pack, shipped_text

EXAMPLE_FILE = next(name for name in shipped_names() if name.startswith("example-refund/"))
EXAMPLE_RULE = "EXAMPLE-REFUND"


class Figure(NamedTuple):
    """One measurement."""

    what: str
    rate: float
    n: int


def decisions(rows: Sequence[Mapping[str, Any]], count: int) -> list[Figure]:
    """The example decision on rows with `facts`: the facts are typed before the clock starts."""
    compiled = decision(Packs([shipped_pack(EXAMPLE_FILE)]), EXAMPLE_RULE)
    typed = [Facts.lenient(row["facts"]) for row in rows]
    many = list(islice(cycle(typed), count))

    def outcomes() -> None:
        for facts in many:
            verdict = compiled.judge(facts)
            _ = verdict.outcome, verdict.reasons

    def materialised() -> None:
        for facts in many:
            _ = compiled.judge(facts).body

    def canonical() -> None:
        for facts in many:
            compiled.judge(facts).digest()

    return [
        timed("decision: outcome and reasons", outcomes, count),
        timed("decision: everything materialised", materialised, count),
        timed("decision: canonical bytes and digest", canonical, count),
        timed("decision: batch", lambda: compiled.judge_many(many), count),
        timed("packs compiled", lambda: load(shipped_text(EXAMPLE_FILE), EXAMPLE_FILE), 1),
    ]


def statutes(asked: Sequence[tuple[str, Facts]], count: int) -> list[Figure]:
    """Whole verdicts with findings on (rule, facts), by the shipped packs; empty where nothing is asked."""
    if not asked:
        return []
    many = list(islice(cycle(asked), count))

    def materialised() -> None:
        packs = shipped()
        for rule, facts in many:
            _ = judge(packs, facts, rule).body

    for rule, facts in asked:  # calendars are read once, before the clock starts
        _ = judge(shipped(), facts, rule).body
    return [timed("statutes: everything materialised", materialised, count)]


def timed(what: str, work: Callable[[], object], count: int) -> Figure:
    """The rate of `count` pieces of `work`, by the CPU time of the process."""
    started = process_time()
    work()
    return Figure(what, count / max(process_time() - started, 1e-9), count)
