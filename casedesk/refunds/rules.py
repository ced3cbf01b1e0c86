"""Who pays a refund out, and from which states what may follow."""

READY, SENDING, PAID, FAILED = ("ready", "sending", "paid", "failed")

BY_HAND = "manual"
"""Paid by the accountant from the list, then confirmed."""

OPEN = (READY, SENDING, FAILED)

VIEWS = ("to_pay", "on_its_way", "paid")
"""The views of the page of refunds: what a person must do, what a provider is doing, what is done."""


def view_of(state: str, *, by_hand: bool) -> str:
    """The view in which a refund stands."""
    if state == PAID:
        return "paid"
    return "to_pay" if state == FAILED or (state == READY and by_hand) else "on_its_way"


def intent_key(decision_id: int, line_id: int) -> str:
    """The key of a refund: the same over every retry, so that a provider pays it once."""
    return f"refund-{decision_id}-{line_id}"


def provider_of(charge_provider: str, means: str, known: frozenset[str]) -> str:
    """Who pays: the provider that captured the charge, or a person where the money goes another way."""
    return charge_provider if means == "original" and charge_provider in known else BY_HAND


def may_be_confirmed(state: str, *, by_hand: bool) -> bool:
    """May someone say that this refund was paid by hand? Not while a provider may still be paying it."""
    return view_of(state, by_hand=by_hand) == "to_pay"
