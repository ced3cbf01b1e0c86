"""Beside our engine, two others on the same six-rule decision, where they are installed (extra `bench`).

Neither counts local days by itself: they are given day numbers in the zone of the place, and the window, cap
and currency of the place, all worked out before the clock starts. So their figures leave out what ours hold.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import cycle, islice
from typing import Any

from casedesk.kernel.calendar import local_day
from casedesk.policy.bench import EXAMPLE_FILE, EXAMPLE_RULE, Figure, timed
from casedesk.policy.facts import NEVER, Facts
from casedesk.policy.pack import Packs, shipped_pack

RULES = {
    "window": "purchased <= requested && requested <= purchased + days",
    "usage": "usage < 20",
    "final_sale": "final_sale == false",
    "commitment": "commitment < requested",
    "amount": "currency == cap_currency && amount < cap",
    "repeat": "refunds < 2",
}
"""The six rules as both peers write them, but for their own word for `and`."""


def peers(rows: Sequence[Mapping[str, Any]], count: int) -> list[Figure]:
    """The figures of those that are installed, on the rows whose facts are complete; empty where neither is."""
    ready = list(_prepared(rows))
    many = list(islice(cycle(ready), count)) if ready else []
    figures: list[Figure] = []
    if many and find_spec("zen") is not None:
        figures += _zen(many, ready)
    if many and find_spec("cel") is not None:
        figures += _cel(many, ready)
    return figures


def _prepared(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[dict[str, Any], bool]]:
    """(what the peers are given, whether it is allowed) for every complete row."""
    tables = Packs([shipped_pack(EXAMPLE_FILE)]).rule(EXAMPLE_RULE)[1].table["requirements"]["tables"]
    for row in rows:
        if row["expected"]["missing"]:
            continue
        known = Facts.lenient(row["facts"]).known
        place: Any = known["jurisdiction"]
        facts: dict[str, Any] = dict(known)
        zone, until = tables["zone"][place], facts["commitment_ends_on"]
        yield (
            {
                "purchased": local_day(facts["purchased_at"], zone).toordinal(),
                "requested": local_day(facts["requested_at"], zone).toordinal(),
                "days": tables["days"][place],
                "usage": float(facts["usage_percent"]),
                "final_sale": facts["final_sale"],
                "commitment": -1 if until is NEVER else until.toordinal(),
                "amount": facts["amount_minor"],
                "currency": facts["currency"],
                "cap": tables["cap"][place],
                "cap_currency": tables["cap_currency"][place],
                "refunds": facts["earlier_refunds"],
            },
            row["expected"]["outcome"] == "allowed",
        )


Prepared = Sequence[tuple[dict[str, Any], bool]]


def _zen(many: Prepared, ready: Prepared) -> list[Figure]:
    """One node with an expression a rule."""
    expressions = [
        {"id": name, "key": name, "value": text.replace("&&", "and")} for name, text in RULES.items()
    ]
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {
            "id": "all",
            "type": "expressionNode",
            "name": "all",
            "content": {"expressions": expressions},
        },
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "all", "type": "edge"},
        {"id": "2", "sourceId": "all", "targetId": "out", "type": "edge"},
    ]
    zen = import_module("zen")
    content = zen.ZenDecisionContent(json.dumps({"nodes": nodes, "edges": edges}))
    engine = zen.ZenEngine({"loader": lambda _key: content})  # read once: by far its fastest way

    def allowed(given: dict[str, Any], *, trace: bool = False) -> bool:
        return all(engine.evaluate("decision", given, {"trace": trace})["result"].values())

    _agree("zen-engine", allowed, ready)
    return [
        timed("zen-engine, with trace", lambda: [allowed(given, trace=True) for given, _ in many], len(many)),
        timed("zen-engine, without trace", lambda: [allowed(given) for given, _ in many], len(many)),
    ]


def _cel(many: Prepared, ready: Prepared) -> list[Figure]:
    """Six programs, so that each reason is known; and one of all six, which says only yes or no."""
    cel = import_module("cel")
    texts = [text.replace("usage < 20", "usage < 20.0") for text in RULES.values()]
    each = [cel.compile(text) for text in texts]
    whole = cel.compile(" && ".join(f"({text})" for text in texts))
    _agree("CEL", lambda given: all(program.execute(given) for program in each), ready)
    return [
        timed(
            "CEL (Rust), one expression a rule",
            lambda: [[program.execute(given) for program in each] for given, _ in many],
            len(many),
        ),
        timed(
            "CEL (Rust), one expression in all",
            lambda: [whole.execute(given) for given, _ in many],
            len(many),
        ),
    ]


def _agree(name: str, allowed: Callable[[dict[str, Any]], bool], ready: Prepared) -> None:
    """A peer that decides otherwise is not measured."""
    wrong = sum(allowed(given) is not expected for given, expected in ready)
    if wrong:
        raise ValueError(f"{name} decides {wrong} of {len(ready)} rows otherwise")
