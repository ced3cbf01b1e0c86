"""What a party reads when this room refuses, and what the desk reads of its links and offers."""

from flask_babel import lazy_gettext as _l

GONE = _l(
    "This link does not open anything, or not any more: a link ends after some weeks, or when a newer one is sent. Look for our newest mail, or ask for a new link by replying to any mail of ours."
)

ERRORS = {
    "link.gone": GONE,
    "link.too_many": _l("That was too much in a short time. Wait a quarter of an hour, then try again."),
    "link.no_mail": _l("No mail address is known of this customer. Show the address of the link instead."),
    "link.too_long": _l("The message is too long: %(most)s characters at most. Attach a file instead."),
    "link.no_proof": _l("There is nothing to prove yet."),
    "offer.amount": _l("Write the sum that you offer."),
    "offer.below_law": _l(
        "The law gives more than this. Offer at least the sum by rule; less is only possible in a mediation."
    ),
    "offer.too_much": _l("This sum is more than was asked for. Check the figure."),
    "offer.ceiling": _l(
        "This is beyond what you may decide alone. Propose it as a decision, so that a manager agrees."
    ),
    "offer.until": _l("Choose a day from tomorrow on, %(most)s days ahead at most."),
    "offer.not_now": _l("The case is closed or waits for an approval, so no offer can be made now."),
    "offer.over": _l("This offer was answered or taken back meanwhile. What holds now stands on the page."),
    "offer.expired": _l(
        "The time to answer this offer is over. Your rights stay whole; write to us if you still want it."
    ),
    "offer.money_gone": _l("What is left of the disputed charges is less than the offer."),
    "offer.understood": _l("Tick that you have seen what you give up, then accept."),
}
