"""A real gunicorn on a database of the bench, with the operating system's account of what it used."""

import http.client
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil
from sqlalchemy.engine import make_url

from casedesk.config import Settings
from casedesk.serve import ALLOCATOR, web_command

ROOT = Path(__file__).parents[3]


@dataclass
class Answer:
    status: int
    body: str
    location: str


class Browser:
    """One keep-alive connection with a cookie jar: enough of a browser for a bench."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self._csrf = ""

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None)

    def post(self, path: str, fields: list[tuple[str, str]]) -> Answer:
        return self._send("POST", path, urlencode(fields))

    def _send(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Accept": "text/html"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        text = response.read().decode()
        for header in response.headers.get_all("Set-Cookie") or ():
            name, _, rest = header.partition("=")
            self.cookies[name] = rest.split(";", 1)[0]
        return Answer(response.status, text, response.headers.get("Location") or "")

    def csrf(self, path: str) -> str:
        """The CSRF value of the session, read once from the page at `path`."""
        if not self._csrf:
            self._csrf = next(
                v for name, v in hidden_fields(self.get(path).body, "post") if name == "csrf_token"
            )
        return self._csrf

    def sign_in(self, mail: str, password: str) -> None:
        page = self.get("/sign-in")
        fields = [*hidden_fields(page.body), ("mail", mail), ("password", password)]
        answer = self.post("/sign-in", fields)
        if answer.status not in (302, 303):
            raise RuntimeError(f"sign-in failed with {answer.status}")


def hidden_fields(page: str, form: str = "") -> list[tuple[str, str]]:
    """The hidden inputs of the first form whose tag contains `form`."""
    start = next((m.start() for m in re.finditer(r"<form[^>]*>", page) if form in m.group()), 0)
    part = page[start : page.find("</form>", start)]
    found = []
    for tag in re.findall(r"<input[^>]*>", part):
        if 'type="hidden"' in tag:
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            if name:
                found.append((name.group(1), value.group(1) if value else ""))
    return found


@dataclass
class Server:
    """A running server and its process tree."""

    port: int
    process: subprocess.Popen[bytes]
    cold_start_s: float
    postgresql: str
    """The name of its database on PostgreSQL; empty on SQLite."""

    def cpu_s(self) -> float:
        """User and system seconds of the server's processes, and of PostgreSQL's backends of its database."""
        backends = postgres_cpu_s(self.postgresql) if self.postgresql else 0.0
        return sum(_cpu(one) for one in self._processes()) + backends

    def pss_mb(self) -> float:
        """Proportional set size of the web processes, in MB."""
        return sum(one.memory_full_info().pss for one in self._processes()) / 1e6

    def _processes(self) -> list[psutil.Process]:
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]


@contextmanager
def serving(target: str, environ: dict[str, str], *, ready: str) -> Iterator[Server]:
    """Serve `target` as `casedesk run` would, on a free port, until the block ends. `ready` answers 200 once it is up."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings.from_environment({**environ, "PORT": str(port)})
    command = web_command(settings, "127.0.0.1", target)
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**ALLOCATOR, **os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port, ready, process)
        url = make_url(environ["DATABASE_URL"])
        database = (url.database or "") if url.drivername.startswith("postgresql") else ""
        yield Server(port, process, time.perf_counter() - started, database)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def postgres_cpu_s(database: str) -> float:
    """CPU of the backends that serve `database`, by the title that PostgreSQL gives them; others may be at work beside."""
    total = 0.0
    for one in psutil.process_iter(["name", "cmdline"]):
        if one.info["name"] == "postgres" and f" {database} " in " ".join(one.info["cmdline"] or ()):
            total += _cpu(one)
    return total


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _wait(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError("the server stopped at its start")
        try:
            if Browser(port).get(path).status == 200:
                return
        except OSError:
            time.sleep(0.005)
    raise RuntimeError("the server did not answer within 60 s")
