"""Several requirements that must all be met: each that fails is a reason, each that reads an unknown is open.

    facts = [...]                          in the order in which unknown ones are named
    by = "jurisdiction", tables = {...}    values that depend on the place
    all = [{id, test, fact, of, limit, currency}, ...]
Packs of this kind are judged in great numbers; compact.py makes one function of all tests. Here each
requirement is read and checked, and judged one by one where the rule is asked like any other.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from casedesk.kernel.calendar import zone_named
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.conditions import PackError
from casedesk.policy.facts import Kind, shown, vocabulary
from casedesk.policy.reading import Answer, Reading, review

TESTS = {"below", "is", "within_days", "after_day", "below_in_currency"}
ZONES = "zone"


class Requirement(NamedTuple):
    """One requirement. `limit` is a value, or the name of a table."""

    id: str
    test: str
    fact: str
    of: str
    limit: Any
    currency: str
    reads: tuple[str, ...]


class Requirements(NamedTuple):
    """All requirements of a rule."""

    facts: tuple[str, ...]
    by: str
    tables: Mapping[str, Mapping[str, Any]]
    all: tuple[Requirement, ...]


def read(params: Params) -> Clause:
    """The clause of a `requirements` table; asked through compact.py, which answers on gaps too."""
    requirements_of(params)

    def judge(_reading: Reading) -> Answer:
        return review("rule.failed", reason="requirements are judged by compact.py")

    return Clause(judge)


def requirements_of(params: Params) -> Requirements:
    """The table, checked. Raises PackError."""
    by, tables = str(params.need("by")), _tables(params.get("tables", {}))
    names = tuple(str(name) for name in params.need("facts"))
    for name in (*names, by):
        if name not in vocabulary():
            raise PackError("pack.unknown_fact", fact=name)
    found = tuple(_requirement(Params(entry), by, tables) for entry in params.need("all"))
    for requirement in found:
        for name in requirement.reads:
            if name not in names:
                raise PackError("pack.unknown_fact", fact=name)
    if len(found) > 30:
        raise PackError("pack.unknown_method", key="all", value=len(found))
    return Requirements(names, by, tables, found)


def _requirement(params: Params, by: str, tables: Mapping[str, Any]) -> Requirement:
    test, fact, of = str(params.need("test")), str(params.need("fact")), str(params.get("of", ""))
    limit, currency = params.get("limit"), str(params.get("currency", ""))
    if test not in TESTS:
        raise PackError("pack.unknown_method", key="test", value=test)
    by_table = isinstance(limit, str) and limit in tables
    if isinstance(limit, str) and not by_table:
        raise PackError("pack.missing_key", key=limit)
    zoned = test in ("within_days", "after_day")
    if zoned and ZONES not in tables:
        raise PackError("pack.missing_key", key=ZONES)
    if test == "below_in_currency" and currency not in tables:
        raise PackError("pack.missing_key", key=currency or "currency")
    reads = dict.fromkeys([*([by] if by_table or zoned else []), *([of] if of else []), fact])
    _comparable(
        test, fact, of, tables[limit].values() if by_table else [limit], tables.get(currency, {}).values()
    )
    identity = str(params.need("id"))
    for key in params.unread():
        raise PackError("pack.unknown_key", key=key)
    return Requirement(identity, test, fact, of, limit, currency, tuple(reads))


def _tables(written: object) -> dict[str, Mapping[str, Any]]:
    """Values by place; those of the zones name a zone. Raises PackError."""
    if not isinstance(written, Mapping) or not all(isinstance(one, Mapping) for one in written.values()):
        raise PackError("pack.wrong_shape", key="tables", value=shown(written), expected="table")
    tables = {str(name): table for name, table in written.items()}
    for name, table in tables.items():
        for value in table.values():
            if not isinstance(value, (str, int)):
                raise PackError("pack.wrong_shape", key=name, value=shown(value), expected="text")
    for zone in tables.get(ZONES, {}).values():
        try:
            zone_named(str(zone))
        except ValueError as error:
            raise PackError("pack.unknown_zone", value=shown(zone)) from error
    return tables


_NUMBERS = frozenset({Kind.COUNT, Kind.MONEY, Kind.SHARE})
_KINDS: Mapping[str, tuple[frozenset[Kind], frozenset[Kind]]] = {
    "below": (_NUMBERS, frozenset()),
    "below_in_currency": (_NUMBERS, frozenset({Kind.CURRENCY})),
    "within_days": (frozenset({Kind.INSTANT}), frozenset({Kind.INSTANT})),
    "after_day": (frozenset({Kind.INSTANT}), frozenset({Kind.DAY})),
}
"""By test: what kinds of fact it compares, and with what kinds of other fact."""


def _comparable(
    test: str, fact: str, of: str, limits: Iterable[object], currencies: Iterable[object]
) -> None:
    """Raises PackError where facts or limits are not of the kind that the test compares."""
    facts, others = _KINDS.get(test, (frozenset(Kind), frozenset()))
    for name, kinds in ((fact, facts), (of, others)):
        spec = vocabulary().get(name)
        if kinds and (spec is None or spec.kind not in kinds or spec.many):
            raise PackError("pack.unknown_comparison", fact=name, key=test, value=shown(of or fact))
    counted = test in ("below", "below_in_currency", "within_days")
    for limit in limits:
        if counted and type(limit) is not int:
            raise PackError("pack.unknown_comparison", fact=fact, key=test, value=shown(limit))
        if test == "is" and not isinstance(limit, (str, int)):
            raise PackError("pack.unknown_comparison", fact=fact, key=test, value=shown(limit))
    if test == "below_in_currency" and not all(isinstance(one, str) for one in (*currencies,)):
        raise PackError("pack.unknown_comparison", fact=fact, key=test, value="currency")
