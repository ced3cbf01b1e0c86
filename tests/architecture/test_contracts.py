"""The walls between rooms hold, and each one is seen to fall when somebody walks through it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

VIOLATIONS = [
    ("Rooms: imports only point down", "casedesk/store/clock.py", "import casedesk.cases.models"),
    ("Rooms: imports only point down", "casedesk/customers/queries.py", "import casedesk.cases.models"),
    ("Rooms: imports only point down", "casedesk/ledger/rules.py", "import casedesk.deadlines.models"),
    ("Inside a room: door, form, action, query, table, rule", "casedesk/cases/models.py", "import casedesk.cases.queries"),
    ("The pure core knows no framework", "casedesk/policy/facts.py", "import sqlalchemy"),
    ("Rules files are pure too", "casedesk/ledger/rules.py", "import flask"),
    ("Actions and queries never see the web", "casedesk/ledger/actions.py", "from flask import request"),
]  # fmt: skip


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--config", str(folder / "pyproject.toml"), "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=180,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package to break."""
    shutil.copytree(ROOT / "casedesk", tmp_path / "casedesk", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_wall_holds() -> None:
    result = _lint(ROOT)
    assert result.returncode == 0, result.stdout[-3000:]


@pytest.mark.parametrize(
    ("contract", "file", "planted"), VIOLATIONS, ids=[f"{f}: {p}" for _, f, p in VIOLATIONS]
)
def test_each_wall_is_seen_to_fall(copy: Path, contract: str, file: str, planted: str) -> None:
    target = copy / file
    target.write_text(f"{target.read_text(encoding='utf-8')}\n\n{planted}\n", encoding="utf-8")
    result = _lint(copy)
    assert result.returncode != 0
    assert f"{contract} BROKEN" in result.stdout
    assert file.removesuffix(".py").replace("/", ".") in result.stdout


def test_every_contract_is_broken_once_by_these_tests() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = {
        line.split('"')[1]
        for line in text.splitlines()
        if line.startswith("name = ") and line.split('"')[1] != "casedesk"
    }
    assert contracts == {contract for contract, _, _ in VIOLATIONS}
