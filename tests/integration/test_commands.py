"""`casedesk ...` as an operator types it, in processes of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from casedesk import serve
from casedesk.config import Settings

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """The environment of a desk on this test's database."""
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "PYTHONPATH")
    }
    return kept | {"DATABASE_URL": settings.database_url, "CASEDESK_DATA": str(settings.data_dir)}


@pytest.fixture
def casedesk(environment: dict[str, str], tmp_path: Path) -> Command:
    """Run one command to its end, away from the checkout."""

    def run(*words: str, typed: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "casedesk", *words],
            env=environment | more,
            cwd=tmp_path,
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def test_help_is_quick_and_names_what_there_is(casedesk: Command) -> None:
    loaded = (
        "import sys, casedesk.cli; print([m for m in ('flask', 'sqlalchemy', 'numpy') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True).stdout == "[]\n"
    shown = casedesk("--help").stdout
    for command in ("run", "worker", "migrate", "user", "export", "audit", "backup", "restore", "doctor"):
        assert f"\n  {command}" in shown


def test_a_person_is_added_once_and_the_record_is_whole(casedesk: Command) -> None:
    words = (
        "user",
        "add",
        "ines@desk.example",
        "--name",
        "Inès",
        "--role",
        "administrator",
        "--password-stdin",
    )
    added = casedesk(*words, typed="correct horse battery staple\n")
    assert (added.returncode, added.stderr) == (0, "")
    again = casedesk(*words, typed="correct horse battery staple\n")
    assert again.returncode == 1
    assert "is here already" in again.stderr
    assert casedesk(*words[:2], "b@desk.example", *words[3:], typed="short\n").returncode == 1
    assert casedesk("worker", "--burst").returncode == 0
    verified = casedesk("audit", "verify")
    assert (verified.returncode, "the record is whole" in verified.stdout) == (0, True)


def test_doctor_says_what_to_change(casedesk: Command) -> None:
    well = casedesk("doctor")
    assert "database" in well.stdout
    assert "SMTP_URL" in well.stdout
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = taken.getsockname()[1]
        ill = casedesk(
            "doctor", REDIS_URL=f"redis://127.0.0.1:{nobody}", SMTP_URL=f"smtp://127.0.0.1:{nobody}"
        )
    assert ill.returncode == 1
    assert "check REDIS_URL" in ill.stdout
    assert "check SMTP_URL" in ill.stdout
    away = casedesk("doctor", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (away.returncode, "check DATABASE_URL" in away.stdout) == (1, True)


def test_a_database_without_schema_is_told_not_traced(casedesk: Command, tmp_path: Path) -> None:
    for words in (("run",), ("worker", "--burst"), ("audit", "verify")):
        told = casedesk(*words, DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3")
        assert told.returncode in (1, serve.HOPELESS)
        assert "Traceback" not in told.stderr
        assert "casedesk" in told.stderr


def test_a_port_that_is_taken_is_told(casedesk: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = casedesk("run", PORT=str(port))
    assert (told.returncode, f"port {port}" in told.stderr) == (1, True)


def test_wrong_settings_are_listed_at_the_start(casedesk: Command) -> None:
    told = casedesk("doctor", PORT="eighty", CASEDESK_PRODUCTION="1", BLOB_STORE="tape")
    assert told.returncode == 1
    for name in ("PORT", "SECRET_KEY", "AUDIT_KEY", "BLOB_STORE"):
        assert f"- {name}" in told.stderr


def test_backup_and_restore_as_commands(casedesk: Command, tmp_path: Path) -> None:
    words = (
        "user",
        "add",
        "ines@desk.example",
        "--name",
        "Inès",
        "--role",
        "administrator",
        "--password-stdin",
    )
    casedesk(*words, typed="correct horse battery staple\n")
    assert casedesk("backup", "desk.zip").returncode == 0
    refused = casedesk("restore", "desk.zip")
    assert (refused.returncode, "not empty" in refused.stderr) == (1, True)
    elsewhere = {"DATABASE_URL": f"sqlite:///{tmp_path}/new.sqlite3"}
    restored = casedesk("restore", "desk.zip", **elsewhere)
    assert (restored.returncode, restored.stderr) == (0, "")
    assert casedesk("audit", "verify", **elsewhere).returncode == 0
    assert casedesk("export", "out", **elsewhere).returncode == 0
    assert json.loads((tmp_path / "out" / "people.jsonl").read_text())["name"] == "Inès"


@pytest.fixture
def running(environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[psutil.Popen, int]]:
    """`casedesk run` on a free port, answering."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = psutil.Popen(
        [sys.executable, "-m", "casedesk", "run"],
        env=environment | {"PORT": str(port), "WEB_WORKERS": "1"},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    _wait(lambda: _status(port) == 200)
    yield process, port
    if process.is_running():
        process.terminate()
    process.wait(30)
    process.stdout.close()


def _status(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _wait(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def _child(process: psutil.Popen, word: str) -> psutil.Process | None:
    alive = [child for child in process.children() if child.status() != psutil.STATUS_ZOMBIE]
    return next((child for child in alive if word in " ".join(child.cmdline())), None)


def test_run_starts_web_and_worker_and_ctrl_c_ends_all(running: tuple[psutil.Popen, int]) -> None:
    process, port = running
    family = process.children(recursive=True)
    commands = [" ".join(child.cmdline()) for child in process.children()]
    assert len(commands) == 2
    assert any("gunicorn" in command and "gthread" in command for command in commands)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert _status(port) == 0
    assert psutil.wait_procs(family, timeout=10)[1] == []


def test_a_worker_that_dies_is_started_again(running: tuple[psutil.Popen, int]) -> None:
    process, port = running
    _wait(lambda: _child(process, "casedesk worker") is not None)
    first = _child(process, "casedesk worker")
    assert first is not None
    first.kill()
    _wait(lambda: (again := _child(process, "casedesk worker")) is not None and again.pid != first.pid)
    assert _status(port) == 200


def test_nothing_is_left_of_a_supervisor_that_was_killed(running: tuple[psutil.Popen, int]) -> None:
    process, _port = running
    family = process.children(recursive=True)
    process.kill()
    process.wait(10)
    assert psutil.wait_procs(family, timeout=20)[1] == []
