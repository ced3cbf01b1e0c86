"""Every kind of work that somebody leaves in the outbox is done by somebody."""

import ast
import importlib
from pathlib import Path

from casedesk.worker import ROOMS, collect

ROOT = Path(__file__).parents[2] / "casedesk"


SUBJECTS = ("case", "mediation")
"""What carries clocks: a kind that is spelled after its subject is put for each of them."""


def _puts() -> list[tuple[Path, ast.Module, ast.expr]]:
    """Every call that leaves work: the file, its tree, and the expression that names the kind."""
    found = []
    for path in ROOT.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) in ("outbox.put", "outbox.put_many")
                and len(node.args) >= 2
            ):
                found.append((path, tree, node.args[1]))
    return found


def _kinds(path: Path, tree: ast.Module, named: ast.expr) -> set[str]:
    """The kinds that the expression may be: spelled, a name or table of the module, or what a loop goes through."""
    if isinstance(named, ast.Constant):
        return {str(named.value)}
    if isinstance(named, ast.JoinedStr):
        said = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in named.values)
        return {said.replace("{}", subject) for subject in SUBJECTS}
    if isinstance(named, ast.Subscript):
        return _kinds(path, tree, named.value)
    for loop in ast.walk(tree):
        if (
            isinstance(loop, ast.For)
            and isinstance(named, ast.Name)
            and named.id in {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
        ):
            names = {node.id for node in ast.walk(loop.iter) if isinstance(node, ast.Name)}
            spelled = {node.value for node in ast.walk(loop.iter) if isinstance(node, ast.Constant)}
            held = {kind for name in names for kind in _held(path, name)}
            return held | {str(kind) for kind in spelled}
    return _held(path, ast.unparse(named))


def _held(path: Path, name: str) -> set[str]:
    module = importlib.import_module(".".join(path.relative_to(ROOT.parent).with_suffix("").parts))
    value = getattr(module, name, None)
    if isinstance(value, dict):
        return set(value.values())
    return {value} if isinstance(value, str) else set(value) if isinstance(value, tuple) else set()


def test_what_is_put_in_the_outbox_is_handled() -> None:
    known = collect().kinds
    put = {
        (str(path.relative_to(ROOT)), ast.unparse(named)): _kinds(path, tree, named)
        for path, tree, named in _puts()
    }
    assert {"blob.delete"} in put.values()
    assert [where for where, kinds in put.items() if not kinds] == [], "nobody can tell what is put there"
    assert {where: kinds - known for where, kinds in put.items() if kinds - known} == {}


def test_every_room_with_jobs_is_collected() -> None:
    with_jobs = {path.parent.name for path in ROOT.glob("*/jobs.py")}
    assert with_jobs == {room.__name__.split(".")[1] for room in ROOMS}


def test_what_is_scheduled_is_handled() -> None:
    work = collect()
    assert set(work.schedule) <= work.kinds
    assert "checkpoint.make" in work.schedule
