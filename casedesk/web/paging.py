"""Keyset cursors: a page starts after a row, never at an offset, so the last page costs what the first does."""

import base64
import binascii
import json
from typing import Any

from casedesk.kernel.errors import InvalidInput


def write_cursor(*key: Any) -> str:
    """The sort key of a row as opaque text for a URL. Values: text, whole numbers, None."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(text: str, length: int) -> list[Any]:
    """The sort key that `write_cursor` wrote. Raises InvalidInput for anything else."""
    try:
        key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, UnicodeDecodeError) as error:
        raise InvalidInput("page.cursor") from error
    if not isinstance(key, list) or len(key) != length:
        raise InvalidInput("page.cursor")
    return key
