"""Which purchase a cancelling document takes back, where the file does not say: same customer, same item at the same
price, at least the quantity, bought before. Found once it counts; found more than once a person decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from casedesk.imports.mapping import Match
from casedesk.imports.reading import Row

STATES = ("once", "ambiguous", "partly", "unmatched", "no-customer")


@dataclass
class _Bought:
    document: str
    when: str
    left: Decimal


def match(rows: Iterable[Row], rule: Match) -> None:
    """Give each row of a cancelling document the cells match.state, match.document and match.candidates.

    Cancellations are taken in the order of time; what one has taken back with certainty is not there for the next.
    """
    documents: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if not row.fault:
            documents[row.cells[rule.document]].append(row)
    cancelling = [lines for name, lines in documents.items() if name.startswith(rule.cancels)]
    bought = _purchases(documents, rule)
    for lines in sorted(cancelling, key=lambda lines: lines[0].cells[rule.when]):
        state, document, candidates = _find(lines, bought, rule)
        for row in lines:
            row.cells["match.state"] = state
            row.cells["match.document"] = document
            row.cells["match.candidates"] = ", ".join(candidates)


def _purchases(documents: dict[str, list[Row]], rule: Match) -> dict[tuple[str, ...], list[_Bought]]:
    found: dict[tuple[str, ...], list[_Bought]] = defaultdict(list)
    for name, lines in documents.items():
        if name.startswith(rule.cancels):
            continue
        for row in lines:
            count = _count(row, rule)
            if count > 0:
                found[_key(row, rule)].append(_Bought(name, row.cells[rule.when], count))
    return found


def _find(
    lines: Sequence[Row], bought: dict[tuple[str, ...], list[_Bought]], rule: Match
) -> tuple[str, str, list[str]]:
    if not lines[0].cells[rule.who]:
        return "no-customer", "", []
    by_line = [_candidates(row, bought, rule) for row in lines]
    common = set.intersection(*(set(found) for found in by_line))
    if len(common) == 1:
        document = common.pop()
        for row, found in zip(lines, by_line, strict=True):
            found[document].left -= -_count(row, rule)
        return "once", document, [document]
    if common:
        return "ambiguous", "", sorted(common)
    some = sorted({document for found in by_line for document in found})
    return ("partly", "", some) if some else ("unmatched", "", [])


def _candidates(row: Row, bought: dict[tuple[str, ...], list[_Bought]], rule: Match) -> dict[str, _Bought]:
    wanted, before = -_count(row, rule), row.cells[rule.when]
    return {
        one.document: one
        for one in bought.get(_key(row, rule), ())
        if one.when < before and one.left >= wanted
    }


def _key(row: Row, rule: Match) -> tuple[str, ...]:
    return (row.cells[rule.who], *(row.cells[name] for name in rule.item))


def _count(row: Row, rule: Match) -> Decimal:
    try:
        return Decimal(row.cells[rule.quantity])
    except InvalidOperation:
        return Decimal(0)
