"""Blind offers: when two sealed figures settle, and at what. Minor units."""

from dataclasses import dataclass

MOST_OFFERS = 3
"""A side and round: more would let one feel for the other's figure."""


@dataclass(frozen=True)
class Settled:
    """The offers meet at `amount_minor`."""

    amount_minor: int


def settle(asks_minor: int, pays_minor: int, distance_minor: int) -> Settled | None:
    """The midpoint where the company pays what the customer asks or more, or both lie within `distance_minor`.

    The odd half minor unit goes to the customer. None says only that they do not meet.
    """
    if asks_minor - pays_minor > distance_minor:
        return None
    return Settled((asks_minor + pays_minor + 1) // 2)


def may_offer(made: int) -> bool:
    """May a side that made `made` offers in a round make another?"""
    return made < MOST_OFFERS
