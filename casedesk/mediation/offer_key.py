"""The key of blind offers, derived from the settings: figures lie in the database as ciphertext, and only `settle` opens
them. Nobody's page, export or backup shows one."""

from functools import cache

_installed: list[bytes] = []


class Unreadable(Exception):
    """The figure was sealed under another key, or for another place."""


def install(secret: str) -> None:
    """Take the desk's secret; the key of this process is drawn from it when the first offer is sealed or opened."""
    _installed[:] = [secret.encode()]


@cache
def _key(secret: bytes) -> bytes:
    from casedesk.mediation import ciphers

    return ciphers.drawn(secret, None, b"casedesk mediation blind offers")


def seal(amount_minor: int, place: str) -> bytes:
    """`amount_minor` as ciphertext that only opens for `place` (round, side and number). Its length tells nothing."""
    from casedesk.mediation import ciphers

    return ciphers.seal(_key(_installed[0]), amount_minor.to_bytes(16, "big"), place.encode())


def opened(sealed: bytes, place: str) -> int:
    """The figure. Raises Unreadable. Called by actions.offering.settle and by nothing else."""
    from casedesk.mediation import ciphers

    plain = ciphers.unseal(_key(_installed[0]), sealed, place.encode())
    if plain is None:
        raise Unreadable
    return int.from_bytes(plain, "big")
