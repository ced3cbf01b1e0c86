"""`pip install .` into an empty environment gives a working casedesk: pages, styles, migrations and packs included."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the checkout without anything built before."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("casedesk", "templates", "static", "migrations"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "package.json"):
        shutil.copy(ROOT / name, source)
    (source / "static/vendor").mkdir(exist_ok=True)
    (source / "static/vendor/desk.css").touch()
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(out),
            str(source),
        ],
        check=True,
    )
    return next(out.glob("casedesk-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The python of an environment that has the wheel, and of this one only what casedesk depends on."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    site = Path(
        subprocess.check_output(
            [python, "-c", "import site; print(site.getsitepackages()[0])"], text=True
        ).strip()
    )
    ours = Path(pytest.__file__).parents[1]
    (site / "dependencies").mkdir()
    for entry in ours.iterdir():
        if "casedesk" not in entry.name and not entry.name.endswith(".pth"):
            (site / "dependencies" / entry.name).symlink_to(entry)
    (site / "dependencies.pth").write_text("dependencies\n")
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel)], check=True, cwd=home
    )
    return python


def test_the_wheel_holds_what_lies_beside_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for expected in (
        "casedesk/_templates/_shared/base.html",
        "casedesk/_static/vendor/desk.css",
        "casedesk/_migrations/env.py",
        "casedesk/translations/fr/shared.po",
    ):
        assert expected in names
    for kind, folder in (
        (".html", "templates"),
        (".py", "migrations"),
        (".toml", "casedesk"),
        (".po", "casedesk"),
    ):
        here = {path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob(f"*{kind}")}
        prefix = "casedesk/" if folder == "casedesk" else f"casedesk/_{folder}/"
        assert {str(path) for path in here if f"{prefix}{path}" not in names} == set()
    assert not [name for name in names if name.startswith(("tests/", "node_modules/")) or ".sqlite3" in name]


def _run(python: Path, environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    program = python.with_name("casedesk")
    return subprocess.run([program, *words], env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        "PATH": os.environ["PATH"],
        "CASEDESK_DATA": str(tmp_path / "data"),
        "PORT": str(port),
        "WEB_WORKERS": "1",
    }


def test_the_installed_desk_starts_and_answers(installed: Path, environment: dict[str, str]) -> None:
    where = subprocess.check_output(
        [installed, "-c", "import casedesk; print(casedesk.__file__)"], text=True, cwd="/"
    )
    assert str(ROOT) not in where
    migrated = _run(installed, environment, "migrate")
    assert (migrated.returncode, migrated.stderr) == (0, "")
    desk = subprocess.Popen([installed.with_name("casedesk"), "run"], env=environment, cwd="/")
    try:
        page = _page(f"http://127.0.0.1:{environment['PORT']}/sign-in")
        assert "</form>" in page
        assert _page(f"http://127.0.0.1:{environment['PORT']}/static/mark.svg").startswith("<svg")
    finally:
        desk.terminate()
        assert desk.wait(30) == 0
    assert _run(installed, environment, "audit", "verify").returncode == 0


def _page(url: str) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
