"""One key for one name or address, however it is spelled: what look-ups compare."""

import unicodedata


def key(text: str) -> str:
    """`text` without case, accents or doubled blanks: ``Éléonore  LEFÈVRE`` and ``eleonore lefevre`` are one."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return " ".join(unicodedata.normalize("NFC", bare).split())


def words_of(name_key: str) -> list[str]:
    """The words of a folded name, each once: ``jean-paul d'arc`` is arc, d, jean, paul."""
    return sorted(set("".join(c if c.isalnum() else " " for c in name_key).split()))


def phone_key(text: str) -> str:
    """The digits of a phone number, with 00 and + alike: ``+33 6 39 98 41 07`` is 33639984107."""
    digits = "".join(c for c in text if c.isdecimal())
    return digits[2:] if digits.startswith("00") else digits
