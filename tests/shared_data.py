"""Where the shared data lie, if they are here: reference lists that are not part of the repository."""

import os
from pathlib import Path

import pytest


def shared(name: str) -> Path:
    """The path of one shared file; skips the test, saying so, where it is not here."""
    root = Path(os.environ.get("CASEDESK_SHARED_DATA", Path(__file__).parents[1].parent / "shared" / "data"))
    if not (root / name).exists():
        pytest.skip(f"The shared data are not here: {name} was not looked at.")
    return root / name
