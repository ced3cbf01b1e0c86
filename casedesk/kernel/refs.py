"""Readable case numbers: CD-2026-0004217-K, with a check character that finds each wrong or swapped character."""

import re

from stdnum.iso7064 import mod_37_36

_NUMBER = re.compile(r"^([A-Z]{2,5})-(\d{4})-(\d{7,})-([0-9A-Z])$")


def case_number(prefix: str, year: int, serial: int) -> str:
    """``CD-2026-0004217-?`` for prefix CD, year 2026, serial 4217; the last character by ISO 7064 MOD 37,36."""
    body = f"{prefix}-{year:04d}-{serial:07d}"
    return f"{body}-{mod_37_36.calc_check_digit(body.replace('-', ''))}"


def is_case_number(text: str) -> bool:
    """Is `text` a whole case number whose check character is right?"""
    number = text.strip().upper()
    return _NUMBER.match(number) is not None and bool(mod_37_36.is_valid(number.replace("-", "")))
