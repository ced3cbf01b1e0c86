"""Grounds on which a mediator declines, what of them the verdict can tell, and the checks that a page lists.

Source: Code de la consommation L612-2, L611-3, L611-4; Directive 2013/11/EU art. 5(4).
"""

GROUNDS = ("no_complaint", "abusive", "elsewhere", "too_late", "out_of_scope", "too_early")
"""The five of the law; `too_early` is the wait of the mediator's charter."""

BY_CODE = {
    "mediation.no_complaint": "no_complaint",
    "mediation.no_consumer": "out_of_scope",
    "mediation.elsewhere": "elsewhere",
    "mediation.too_early": "too_early",
    "window.closed": "too_late",
    "mediation.said_abusive": "abusive",
}
"""What a finding of the packs comes to."""

ASKED = (
    "written_complaint_at",
    "trader_reply",
    "mediator_min_wait_months",
    "court_seized",
    "other_mediator",
    "alleged_abusive",
)
"""Facts that a person may establish for admissibility, in the order in which a page asks for them."""

FACTS = (
    "written_complaint_at",
    "within_year",
    "trader_reply",
    "elsewhere",
    "scope",
)
"""The lines of the page: how far the request meets each."""


def ground_of(codes: list[str]) -> str | None:
    """The ground that the verdict's findings name first; None where they name none."""
    return next((BY_CODE[code] for code in codes if code in BY_CODE), None)


def needs_a_word(outcome: str) -> bool:
    """Must whoever admits say why? Where the verdict is not a plain yes."""
    return outcome != "allowed"
