"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "customer.stale": _l(
        "A colleague changed this customer meanwhile. Check what is stored now, then save again."
    ),
    "customer.name": _l("Type the name of the customer."),
    "customer.code": _l("Choose the kind of customer and the language from the lists."),
    "customer.employees": _l("Type the number of employees as a whole number."),
    "customer.erased": _l("This customer was erased. Nothing can be added any more."),
    "customer.legal_hold": _l("This customer is under legal hold. End the hold before erasing."),
    "contact.known": _l("This is known already for this customer."),
    "contact.kind": _l("Choose mail, phone or postal address."),
    "contact.mail": _l("Type a whole mail address, like eleonore@courrier.example."),
    "contact.phone": _l("Type a whole phone number with 6 to 18 digits."),
    "consent.purpose": _l("Choose what the consent is for."),
    "consent.source": _l("Say where this is known from, for example a mail of the customer."),
    "subscription.terms": _l("These terms do not belong to this plan. Choose terms of the same entity."),
    "subscription.start": _l("The contract starts before it was concluded. Check both dates."),
    "subscription.future": _l("This is in the future. Enter the moment at which the contract was concluded."),
    "subscription.taken": _l("Another contract has this reference. Leave it empty for one of the desk."),
    "business.taken": _l("Another business has this code. Choose another one."),
    "business.stale": _l(
        "A colleague changed this business meanwhile. Check what is stored now, then save again."
    ),
    "business.retired": _l("This business is retired. Choose one that is in use, or take it back first."),
    "business.unknown": _l("Choose the business from the list."),
    "plan.stale": _l("A colleague changed this plan meanwhile. Check what is stored now, then save again."),
    "plan.retired": _l("This plan is not offered any more. Choose one that is."),
    "plan.taken": _l("Another plan has this code. Choose another one."),
    "terms.taken": _l("A version with this name is published already. A change needs a new name."),
    "stated.unknown": _l("This fact is none of a plan, of terms or of a contract. Choose one from the list."),
    "stated.state": _l("Say the value, or that there is none, or that nothing is known."),
    "stated.source": _l("Say where this is known from: the contract, the price list, a statement."),
    "stated.value": _l("The rules cannot read this value. Check it against the label and the limits."),
    "disclosure.kind": _l("Choose what was disclosed."),
    "disclosure.when": _l("Say when it was given, or that it never was: one of the two."),
    "disclosure.future": _l("This is in the future. Enter a moment that has passed."),
    "disclosure.source": _l("Say where this is known from: the mail log, a statement, a signed paper."),
    "disclosure.medium": _l("Choose how it was given from the list."),
}
