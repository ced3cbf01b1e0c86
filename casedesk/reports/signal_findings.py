"""A stored finding as the plain value that the sentences read."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from casedesk.reports.findings import CellFound, ClusterFound, Found, RiseFound

_KINDS: dict[str, Any] = {"spike": RiseFound, "cell": CellFound, "timing": ClusterFound}


def found_of(stored: Mapping[str, Any]) -> Found:
    """The finding of a row of `signals`."""
    kind = _KINDS[stored["kind"]]
    values: dict[str, Any] = {
        one.name: tuple(stored[one.name]) if isinstance(stored[one.name], list) else stored[one.name]
        for one in fields(kind)
        if one.init
    }
    made: Found = kind(**values)
    return made
