"""A web process stays light: what renders letters and computes figures is loaded by the worker alone."""

import os
import subprocess
import sys
from pathlib import Path

from openpyxl import Workbook


def test_no_page_loads_what_belongs_to_the_worker(tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    book = Workbook()
    for line in (["id", "name"], [1, "Zoé Lefèvre"], [2, "Jörg Müller"]):
        book.active.append(line)
    book.save(tmp_path / "clients.xlsx")
    walk = subprocess.run(
        [sys.executable, "-m", "tests.architecture.walk_pages", str(tmp_path / "clients.xlsx")],
        env=kept | {"CASEDESK_DATA": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/desk.sqlite3"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert walk.returncode == 0, walk.stderr[-3000:]
    pages = [line for line in walk.stdout.splitlines() if line.startswith("page") and line.endswith(" 200")]
    assert len(pages) >= 10
    assert "page manager preview of a workbook 200" in pages
    assert walk.stdout.splitlines()[-1] == "heavy"
