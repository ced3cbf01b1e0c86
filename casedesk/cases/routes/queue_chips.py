"""The filters that are set, as chips, and the choices of the panels under them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from casedesk.cases import words
from casedesk.cases.forms.queue import address
from casedesk.cases.queries.filters import QueueFilter

PATH = "/cases"
Typed = Mapping[str, list[str]]


@dataclass(frozen=True)
class Chip:
    """One filter that is set."""

    what: str
    value: str
    remove_url: str


@dataclass(frozen=True)
class Chips:
    """The chips of the filters set, and the choices of the one form that changes them all."""

    chips: list[Chip]
    kinds: list[tuple[str, str]]
    statuses: list[tuple[str, str]]
    owners: list[tuple[str, str]]
    teams: list[tuple[str, str]]
    causes: list[tuple[str, str]]


def chips(
    chosen: QueueFilter,
    typed: Typed,
    people: Mapping[int, Any],
    teams: Iterable[Any],
    causes: Iterable[Any],
    *,
    figure: str = "",
) -> Chips:
    """What the head of the queue shows of `chosen`; `figure` is what the figure that it is narrowed to is called."""
    choices = Chips(
        chips=[],
        kinds=list(words.spoken(words.KIND).items()),
        statuses=list(words.spoken(words.STATUS).items()),
        owners=_owners(people),
        teams=[(str(team.id), team.name) for team in teams],
        causes=[(c.code, words.cause_label(c.label_en, c.label_fr)) for c in causes],
    )
    for name, values in typed.items():
        what, value = (_("Figure"), figure) if name == "figure" else _said(name, values, choices)
        choices.chips.append(Chip(what, value, address(PATH, chosen, typed, without=name)))
    return choices


def _owners(people: Mapping[int, Any]) -> list[tuple[str, str]]:
    named = sorted(
        (p.name, str(p.id)) for p in people.values() if p.active and p.role in ("agent", "manager")
    )
    return [("me", _("me")), ("nobody", _("nobody")), *((id_, name) for name, id_ in named)]


def _said(name: str, values: list[str], choices: Chips) -> tuple[str, str]:
    """What the chip says: the filter and its value in words."""
    lists = {
        "kind": (_("Kind"), choices.kinds),
        "status": (_("Status"), choices.statuses),
        "owner": (_("Owner"), choices.owners),
        "team": (_("Team"), choices.teams),
        "cause": (_("Cause"), choices.causes),
    }
    if name in lists:
        what, known = lists[name]
        words_of = dict(known)
        return what, ", ".join(words_of.get(v, v) for v in values)
    plain = {
        "source": _("Source"),
        "country": _("Country"),
        "from": _("Asked, at least"),
        "to": _("Asked, at most"),
        "since": _("Opened since"),
        "until": _("Opened until"),
    }
    return (_("Clock"), _("late")) if name == "overdue" else (plain[name], values[-1])
