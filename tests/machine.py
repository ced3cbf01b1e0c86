"""What this machine has for the tests: asked once, said in one line. `python -m tests.machine postgresql` exits 0 if it is there."""

import os
import shutil
import sys
from collections.abc import Callable
from functools import cache

import psycopg
from sqlalchemy.engine import make_url

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


@cache
def has_postgresql() -> bool:
    address = make_url(POSTGRES).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@cache
def has_redis() -> bool:
    return shutil.which("redis-server") is not None


@cache
def has_chromium() -> bool:
    return bool(os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome"))


NEEDED: dict[str, tuple[str, Callable[[], bool]]] = {
    "postgresql": ("PostgreSQL (TEST_POSTGRES_URL)", has_postgresql),
    "redis": ("redis-server", has_redis),
    "browser": ("Chromium", has_chromium),
}
"""Marker of the tests that need it, its name, and whether it is here."""


def missing() -> dict[str, str]:
    """Marker and name of what is not here."""
    return {marker: name for marker, (name, there) in NEEDED.items() if not there()}


if __name__ == "__main__":
    sys.exit(sys.argv[1] in missing())
