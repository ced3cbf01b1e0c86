"""Links and codes, the arithmetic alone. A link is signed with the desk's secret and stored nowhere: the row of a link
holds a random nonce, from which nobody without the secret makes the address. A code carries 128 random bits."""

import base64
import hashlib
import hmac
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OIL", "011")
_ID_BYTES, _MAC_BYTES = 6, 24
CODE_SIGNS = 26
"""Signs of 5 bits: 130, of which 128 are random."""


def new_nonce() -> str:
    return secrets.token_hex(16)


def written(link_id: int, nonce: str, secret: str) -> str:
    """The token of the link: 40 signs, of which 32 are a keyed digest."""
    head = link_id.to_bytes(_ID_BYTES, "big")
    return base64.urlsafe_b64encode(head + _mac(link_id, nonce, secret, b"token")).decode()


def link_id_of(token: str) -> int | None:
    """Which link a token says it is; None where it is no token at all. It proves nothing yet."""
    if not token.isascii() or len(token) != 40:
        return None
    try:
        raw = base64.urlsafe_b64decode(token)
    except ValueError:
        return None
    return int.from_bytes(raw[:_ID_BYTES], "big")


def is_genuine(token: str, link_id: int, nonce: str, secret: str) -> bool:
    return hmac.compare_digest(token.encode(), written(link_id, nonce, secret).encode())


def marker(link_id: int, nonce: str, secret: str) -> str:
    """What stands for the address in a stored mail; only the worker that sends it puts the address there."""
    return f"[[link:{link_id}:{_mac(link_id, nonce, secret, b'marker').hex()[:32]}]]"


def new_code() -> str:
    """128 random bits, written as people read them out: no signs that look alike."""
    number = secrets.randbits(128)
    signs = []
    for _ in range(CODE_SIGNS):
        number, rest = divmod(number, 32)
        signs.append(ALPHABET[rest])
    return "".join(reversed(signs))


def read_code(text: str) -> str | None:
    """The code that `text` means: case, blanks, hyphens and look-alikes do not count. None where it is none."""
    bare = "".join(sign for sign in text.upper() if sign.isalnum()).translate(_LOOKALIKES)
    return bare if len(bare) == CODE_SIGNS and set(bare) <= set(ALPHABET) else None


def grouped(code: str) -> str:
    """``M8TR-4W6C-21KD-…``"""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _mac(link_id: int, nonce: str, secret: str, what: bytes) -> bytes:
    key = hashlib.sha256(b"casedesk party links" + secret.encode()).digest()
    return hmac.new(key, b"|".join((what, str(link_id).encode(), nonce.encode())), hashlib.sha256).digest()[
        :_MAC_BYTES
    ]
