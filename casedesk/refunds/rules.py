"""Who pays a refund out, and from which states what may follow."""

READY, SENDING, PAID, FAILED = ("ready", "sending", "paid", "failed")

BY_HAND = "manual"
"""Paid by the accountant from the list, then confirmed."""

OPEN = (READY, SENDING, FAILED)

VIEWS: dict[str, tuple[str, ...]] = {"to_pay": (READY, FAILED), "on_its_way": (SENDING,), "paid": (PAID,)}
"""The views of the page of refunds, by state."""


def intent_key(decision_id: int, line_id: int) -> str:
    """The key of a refund: the same over every retry, so that a provider pays it once."""
    return f"refund-{decision_id}-{line_id}"


def provider_of(charge_provider: str, means: str, known: frozenset[str]) -> str:
    """Who pays: the provider that captured the charge, or a person where the money goes another way."""
    return charge_provider if means == "original" and charge_provider in known else BY_HAND


def may_be_confirmed(state: str, *, by_hand: bool) -> bool:
    """May someone say that this refund was paid by hand? Not while a provider may still be paying it."""
    return state == FAILED or (state == READY and by_hand)
