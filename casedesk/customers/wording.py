"""Codes of this room as a person reads them."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

KIND_NAMES: dict[str, LazyString] = {
    "consumer": _l("Consumer"),
    "business": _l("Business"),
    "non_professional": _l("Non-professional body"),
}

CONTACT_NAMES: dict[str, LazyString] = {
    "mail": _l("Mail"),
    "phone": _l("Phone"),
    "post": _l("Postal address"),
}

PURPOSE_NAMES: dict[str, LazyString] = {
    "marketing_mail": _l("Offers by mail"),
    "marketing_phone": _l("Offers by phone"),
    "marketing_sms": _l("Offers by text message"),
    "profiling": _l("Profiling"),
}

STATE_NAMES: dict[str, LazyString] = {
    "active": _l("running"),
    "ending": _l("ends soon"),
    "ended": _l("ended"),
    "paused": _l("on hold"),
}

CHANNEL_NAMES: dict[str, LazyString] = {
    "distance": _l("at a distance"),
    "online": _l("online"),
    "online_interface": _l("online, by an interface"),
    "telephone": _l("by telephone"),
    "off_premises": _l("off the premises"),
    "itinerant": _l("with an itinerant merchant"),
    "on_premises": _l("on the premises"),
}

RENEWAL_NAMES: dict[str, LazyString] = {
    "tacit": _l("tacitly"),
    "indefinite": _l("runs until ended"),
    "none": _l("does not renew"),
}

PRORATION_NAMES: dict[str, LazyString] = {
    "days": _l("by the day"),
    "whole_months_remaining": _l("by whole months left"),
    "full": _l("the whole price"),
    "none": _l("nothing"),
}

BILLING_DAY_NAMES: dict[str, LazyString] = {
    "same_day": _l("the day of the start, the last day in shorter months"),
    "anniversary": _l("the day of the start"),
    "purchase_day": _l("the day of the purchase"),
    "first_of_month": _l("the first of the month"),
    "last_of_month": _l("the last of the month"),
}

DISCLOSURE_NAMES: dict[str, LazyString] = {
    "withdrawal_information": _l("Information on the right of withdrawal"),
    "price_of_use": _l("Information on what is owed for the part used"),
    "express_request": _l("Request to begin at once"),
    "express_consent": _l("Consent to supply at once"),
    "loss_acknowledged": _l("Acknowledgement that the right is lost"),
    "confirmation": _l("Confirmation on a durable medium"),
    "renewal_reminder": _l("Reminder before renewal"),
    "change_notice": _l("Notice of a change"),
    "price_after_trial": _l("Price after the trial"),
}

MEDIUM_NAMES: dict[str, LazyString] = {
    "mail": _l("by mail"),
    "letter": _l("by letter"),
    "checkout": _l("at the checkout"),
    "portal": _l("in the portal"),
    "phone": _l("by phone"),
    "paper": _l("on paper"),
    "dedicated_with_box": _l("dedicated message, limit date in a box"),
    "dedicated_without_box": _l("dedicated message, without the box"),
    "newsletter": _l("in a newsletter"),
    "invoice": _l("on an invoice"),
    "other": _l("otherwise"),
}

FOUND_NAMES: dict[str, LazyString] = {
    "mail": _l("by mail address"),
    "phone": _l("by phone number"),
    "reference": _l("by reference"),
    "subscription": _l("by contract"),
    "charge": _l("by charge"),
    "name": _l("by name"),
}


def named(names: dict[str, LazyString], code: str) -> str:
    """`code` in words; codes of imports that nobody named yet as they are."""
    return str(names.get(code, code))
