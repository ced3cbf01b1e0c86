"""Amounts as people type them, into minor units: exact, in the reader's spelling, never guessed."""

import re

from babel import numbers
from flask_babel import gettext as _

from casedesk.kernel.money import EXPONENTS, MAXIMUM_MINOR
from casedesk.web import locale

_GROUPED = re.compile(r"^[1-9]\d{0,2}(?:(?P<sep>[.,])\d{3})(?:(?P=sep)\d{3})*$")
_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009'’]")


class AmountRefused(ValueError):
    """The text is no amount of the currency; the message says what to write."""


def read_amount(text: str, currency: str) -> int:
    """The minor units that `text` writes in the reader's language. Raises AmountRefused with a sentence."""
    if currency not in EXPONENTS:
        raise AmountRefused(_("The currency %(currency)s is not known.", currency=currency[:12]))
    shown = text.strip()[:40]
    bare = _BLANKS.sub("", _without_currency(text, currency))
    if bare.startswith(("-", "−", "+")):
        raise AmountRefused(_("Write the amount without a sign."))
    if not re.fullmatch(r"[0-9.,]+", bare) or not any(c.isdigit() for c in bare):
        raise AmountRefused(
            _(
                "“%(text)s” is not an amount. Write it like %(example)s.",
                text=shown,
                example=_example(currency),
            )
        )
    whole, decimals = _parts(bare, shown, currency)
    places = EXPONENTS[currency]
    if len(decimals.rstrip("0")) > places:
        raise AmountRefused(_too_fine(shown, currency, places))
    if (
        len(whole) > 16
        or (minor := int((whole or "0") + decimals[:places].ljust(places, "0"))) > MAXIMUM_MINOR
    ):
        raise AmountRefused(_("“%(text)s” is more than the desk can book. Check the figure.", text=shown))
    return minor


def _parts(bare: str, shown: str, currency: str) -> tuple[str, str]:
    """The digits before and after the decimal sign."""
    point = "," if locale.reader_locale() == "fr" else "."
    marks = [c for c in bare if c in ".,"]
    if not marks:
        return bare, ""
    if len(set(marks)) == 2:
        whole, _mark, decimals = bare.rpartition(marks[-1])
        if marks[-1] in whole or not _GROUPED.match(whole):
            raise AmountRefused(_unclear(shown, currency))
        return whole.replace(".", "").replace(",", ""), decimals
    if len(marks) > 1:
        if not _GROUPED.match(bare):
            raise AmountRefused(_unclear(shown, currency))
        return bare.replace(marks[0], ""), ""
    whole, _mark, decimals = bare.partition(marks[0])
    if marks[0] != point and _GROUPED.match(bare):
        if marks[0] == ",":
            return whole + decimals, ""  # 1,234 in English
        raise AmountRefused(
            _unclear(shown, currency)
        )  # 1.234 in French: a thousand or a little more than one
    return whole, decimals


def _without_currency(text: str, currency: str) -> str:
    bare = text.strip()
    for name in (currency, currency.lower(), numbers.get_currency_symbol(currency, locale="fr")):
        bare = bare.removeprefix(name).removesuffix(name)
    return bare


def _example(currency: str) -> str:
    return locale.amount(123456, currency)


def _unclear(shown: str, currency: str) -> str:
    return _(
        "“%(text)s” can be read in two ways. Write it like %(example)s.",
        text=shown,
        example=_example(currency),
    )


def _too_fine(shown: str, currency: str, places: int) -> str:
    if places == 0:
        return _("%(currency)s has no decimals: “%(text)s” has some.", currency=currency, text=shown)
    return _(
        "%(currency)s has %(places)s decimals: “%(text)s” has more.",
        currency=currency,
        places=places,
        text=shown,
    )
