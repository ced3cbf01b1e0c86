"""A web process stays light: what renders letters and computes figures is loaded by the worker alone."""

import os
import subprocess
import sys
from pathlib import Path


def test_no_page_loads_what_belongs_to_the_worker(tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    walk = subprocess.run(
        [sys.executable, "-m", "tests.architecture.walk_pages"],
        env=kept | {"CASEDESK_DATA": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/desk.sqlite3"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert walk.returncode == 0, walk.stderr[-3000:]
    pages = [line for line in walk.stdout.splitlines() if line.startswith("page") and line.endswith(" 200")]
    assert len(pages) >= 10
    assert walk.stdout.splitlines()[-1] == "heavy"
