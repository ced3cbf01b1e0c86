"""The states of a letter, and what may follow."""

WAITING, RENDERED, TO_PRINT, POSTED, FAILED = ("waiting", "rendered", "to_print", "posted", "failed")
"""`rendered`: leaves by mail; `to_print`: no mail address is known, so a person prints and posts it."""

NO_RENDERER = "no renderer"
"""Why a letter waits where the libraries that draw PDFs are not installed."""


def letter_key(decision_id: int) -> str:
    """One letter per decision."""
    return f"letter-{decision_id}"


def file_name(number: str, word: str) -> str:
    """``Decision CD-2026-0004217-K.pdf``"""
    return f"{word} {number}.pdf"
