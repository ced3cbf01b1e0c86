"""States of a mediation as data, and who may do what in each: read by page, link, action and `casedesk mediation states`.

Source: Code de la consommation L612-1 to L612-4, R612-1 to R612-5; Directive 2013/11/EU art. 5, 8, 9.
"""

STATES = (
    "requested",
    "admissible",
    "declined",
    "notified",
    "exchange",
    "proposal",
    "agreed",
    "closed",
    "withdrawn",
    "lapsed",
)

ENDED = ("declined", "closed", "withdrawn", "lapsed")
"""Nothing follows."""

RUNNING = ("requested", "admissible", "notified", "exchange", "proposal")
"""The outcome is still open."""

SIDES = ("customer", "company")

ROLES = ("customer", "company", "mediator", "proposed", "panel", "desk", "system")
"""In which part someone acts in one file. `company`: the representative that the company named; `proposed`: the mediator
who is asked to take the file; `panel`: whoever keeps the panel of mediators, without a look into the file; `desk`: any
other agent or manager who may see the case."""

_M = frozenset({"mediator"})
_PARTIES = frozenset({"customer", "company"})
_ALL = _PARTIES | _M
_PANEL = frozenset({"panel"})

_BEFORE = ("requested", "admissible")
_HEARD = ("notified", "exchange", "proposal")
_OPEN = (*_BEFORE, *_HEARD)

_ACTS: tuple[tuple[str, tuple[str, ...], frozenset[str]], ...] = (
    ("appoint", (*_OPEN, "agreed"), _PANEL),
    ("accept_appointment", (*_OPEN, "agreed"), frozenset({"proposed"})),
    ("recuse", (*_OPEN, "agreed"), _M),
    ("represent", (*_OPEN, "agreed"), frozenset({"desk", "company"})),
    ("represent_customer", (*_OPEN, "agreed"), frozenset({"customer"}) | _M),
    ("complete", ("requested",), _M),
    ("admit", ("requested",), _M),
    ("decline", _BEFORE, _M),
    ("notify", ("admissible",), _M),
    ("extend", _HEARD, _M),
    ("add_point", ("requested", *_HEARD), _ALL),
    ("state", ("requested",), frozenset({"customer"}) | _M),
    ("state", _HEARD, _ALL),
    ("restate", ("exchange", "proposal"), _M),
    ("answer_restatement", ("exchange", "proposal"), _ALL),
    ("ask_document", _OPEN, _M),
    ("add_document", ("requested", "admissible"), frozenset({"customer"}) | _M),
    ("add_document", _HEARD, _ALL),
    ("message", (*_HEARD, "agreed"), _ALL),
    ("propose", ("exchange", "proposal"), _ALL),
    ("answer", ("proposal",), _ALL),
    ("open_offers", ("exchange", "proposal"), _M),
    ("offer_blind", ("exchange", "proposal"), _PARTIES),
    ("note", (*_OPEN, "agreed", "closed"), _M),
    ("withdraw", _BEFORE, frozenset({"customer"}) | _M),
    ("withdraw", _HEARD, _ALL),
    ("close", _HEARD, _M),
    ("fulfil", ("agreed",), frozenset({"company", "mediator", "system"})),
    ("breach", ("agreed",), frozenset({"customer", "mediator", "system"})),
    ("lapse", ("requested", *_HEARD), frozenset({"system"})),
)

TABLE: dict[tuple[str, str], frozenset[str]] = {}
"""(state, act): who may. What is not here, nobody may."""
for _act, _states, _roles in _ACTS:
    for _state in _states:
        TABLE[_state, _act] = TABLE.get((_state, _act), frozenset()) | _roles

ACTS = tuple(dict.fromkeys(act for act, _, _ in _ACTS))

MOVES: dict[str, frozenset[str]] = {
    "requested": frozenset({"admissible", "declined", "withdrawn", "lapsed"}),
    "admissible": frozenset({"notified", "declined", "withdrawn"}),
    "notified": frozenset({"exchange", "closed", "withdrawn", "lapsed"}),
    "exchange": frozenset({"proposal", "agreed", "closed", "withdrawn", "lapsed"}),
    "proposal": frozenset({"exchange", "agreed", "closed", "withdrawn", "lapsed"}),
    "agreed": frozenset({"exchange"}),
}
"""Which state follows which. An agreement that is not kept opens the exchange again."""

ON_BEHALF = frozenset(
    {"state", "add_document", "answer_restatement", "answer", "withdraw", "represent_customer", "add_point"}
)
"""What the mediator may record for a party who spoke, wrote or telephoned; the record says so."""


def may(state: str, act: str, role: str) -> bool:
    """May someone in the part of `role` do `act` in a file in `state`?"""
    return role in TABLE.get((state, act), frozenset())


def acts_for(state: str, role: str) -> frozenset[str]:
    """Everything that `role` may do in `state`."""
    return frozenset(act for act in ACTS if may(state, act, role))


def follows(before: str, after: str) -> bool:
    """May a file go from `before` to `after`?"""
    return after in MOVES.get(before, frozenset())


def other(side: str) -> str:
    """The other party."""
    return "company" if side == "customer" else "customer"
