"""Every kind of work that somebody leaves in the outbox is done by somebody."""

import ast
from pathlib import Path

from casedesk.worker import ROOMS, collect

ROOT = Path(__file__).parents[2] / "casedesk"


def _put_calls() -> list[tuple[Path, ast.Call]]:
    found = []
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) in ("outbox.put", "put")
                and len(node.args) == 2
            ):
                found.append((path, node))
    return found


def test_what_is_put_in_the_outbox_is_handled() -> None:
    kinds = collect().kinds
    spelled = {
        node.args[1].value: path
        for path, node in _put_calls()
        if isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str)
    }
    assert "blob.delete" in spelled
    assert {kind: str(path) for kind, path in spelled.items() if kind not in kinds} == {}


def test_every_room_with_jobs_is_collected() -> None:
    with_jobs = {path.parent.name for path in ROOT.glob("*/jobs.py")}
    assert with_jobs == {room.__name__.split(".")[1] for room in ROOMS}


def test_what_is_scheduled_is_handled() -> None:
    work = collect()
    assert set(work.schedule) <= work.kinds
    assert "checkpoint.make" in work.schedule
