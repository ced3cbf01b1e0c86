"""`casedesk run`: gunicorn and the worker as children of one small process that starts them, minds them and ends them.

Web processes share what gunicorn loads before it forks; the worker is a process of its own, so that what it needs
(PDF, figures) never weighs on a page.
"""

import contextlib
import ctypes
import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casedesk.config import Settings

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger("casedesk.run")

GRACE_SECONDS = 20
QUICK_DEATHS = 5
"""A child that dies so often within a minute is not started again: something must be changed first."""

HOPELESS = 3
"""What a child ends with that would die of the same again: gunicorn without its application, a worker without schema."""

ALLOCATOR = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
"""One arena for all threads, and what is free goes back: a third less memory for web processes with threads."""

_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process that is to be there: its name, how to start it and when it last died."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        # A session of its own, so that Ctrl-C reaches only the supervisor, which then ends the children in order.
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            self.command, start_new_session=True, preexec_fn=_die_with_parent, env=ALLOCATOR | os.environ
        )

    def died(self) -> bool:
        return self.process is not None and self.process.poll() is not None


def application() -> "Flask":
    """The desk as a web process serves it: what is there at the start is left alone by the collector.

    That spares every collection a walk over all loaded code, and several processes go on sharing its pages.
    """
    from casedesk.app import create_app  # not in the process that only minds the others

    app = create_app()
    gc.collect()
    gc.freeze()
    return app


def web_command(settings: Settings, host: str, target: str = "casedesk.serve:application()") -> list[str]:
    """gunicorn with threads, `PORT` respected. Several processes share what is loaded before they fork; one alone
    loads for itself, so that the process that minds it stays small."""
    shared = ("--preload",) if settings.web_workers > 1 else ()
    return [
        *(sys.executable, "-m", "gunicorn", target, *shared),
        *("--bind", f"{host}:{settings.port}", "--worker-class", "gthread"),
        *("--workers", str(settings.web_workers), "--threads", str(settings.web_threads)),
        *("--keep-alive", "15", "--timeout", "60", "--graceful-timeout", "10"),
        *("--log-level", "warning", "--no-control-socket"),
    ]


def address(settings: Settings, host: str) -> str:
    """Where a person finds the desk."""
    name = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104 - compared, not bound
    return settings.base_url or f"http://{name}:{settings.port}/"


def is_free(host: str, port: int) -> bool:
    """May somebody listen on `port`, or is another program there already?"""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def commands(settings: Settings, host: str) -> list[Child]:
    """The processes of this installation: with Redis a relay, and a worker for each lane."""
    own = [sys.executable, "-m", "casedesk"]
    web = Child("web", web_command(settings, host))
    if not settings.redis_url:
        return [web, Child("worker", [*own, "worker"])]
    lanes = [Child(f"{lane} worker", [*own, "worker", "--only", lane]) for lane in ("quick", "slow")]
    return [web, *lanes, Child("relay", [*own, "worker", "--relay"])]


def supervise(children: list[Child]) -> int:
    """Keep the children running until SIGTERM or Ctrl-C. Answers the exit code: 0 where it was asked to stop."""
    asked: list[int] = []
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda number, _frame: asked.append(number))
    for child in children:
        child.start()
    code = 0
    while not asked and code == 0:
        time.sleep(0.2)
        code = max((_mind(child) for child in children if child.died()), default=0)
    stop(children)
    return code


def stop(children: list[Child]) -> None:
    """End every child: asked first, killed where it does not go."""
    running = [child.process for child in children if child.process and child.process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in running:
        try:
            process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _mind(child: Child) -> int:
    now = time.monotonic()
    child.deaths = [at for at in child.deaths if at > now - 60] + [now]
    returned = child.process.returncode if child.process else 0
    if len(child.deaths) >= QUICK_DEATHS or returned == HOPELESS:
        log.error(
            "%s ended %d times within a minute (exit %s); giving up", child.name, len(child.deaths), returned
        )
        return 1
    log.warning("%s ended (exit %s); starting it again", child.name, returned)
    child.start()
    return 0


def _die_with_parent() -> None:
    """Ask the kernel to end this child when the supervisor is killed (Linux; elsewhere nothing happens)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
