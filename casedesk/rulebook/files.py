"""Files that people hand to the commands: scenarios, decisions, packs. What cannot be read is told, whatever it holds."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from casedesk.policy.scenarios import ScenarioError

MOST_BYTES = 256 * 1024 * 1024
DEEPEST = 60
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):
    """Safe YAML whose keys stand once, and whose impossible days and numbers stay the text that was written."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            if key.value in seen and isinstance(key.value, str) and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key “{key.value[:80]}” stands twice", key.start_mark
                )
            if isinstance(key.value, str):
                seen.add(key.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def _as_written(read: Any) -> Any:
    def constructed(loader: Any, node: Any) -> Any:
        try:
            return read(loader, node)
        except (ValueError, OverflowError):
            return str(node.value)

    return constructed


for _tag in ("timestamp", "int", "float"):
    _name = f"tag:yaml.org,2002:{_tag}"
    _Loader.add_constructor(_name, _as_written(_BASE.yaml_constructors[_name]))


def text_of(path: Path) -> str:
    """The text of a file. Raises ScenarioError."""
    try:
        return _bytes_of(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ScenarioError("file.not_text", file=path.name, at=error.start) from error


def document(path: Path) -> Any:
    """What a YAML file holds. Raises ScenarioError."""
    text = text_of(path)
    try:
        nodes = _nodes(text)
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise ScenarioError("scenario.not_yaml", reason=" ".join(str(error).split())[:400]) from error
    _not_a_bomb(found, 1_000 + 20 * nodes)
    return found


def _nodes(text: str) -> int:
    """How many nodes the text has; counted without building them, for a deep nest breaks the reader. Raises ScenarioError."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_BASE):
        nodes += 1
        if isinstance(event, yaml.events.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise ScenarioError("file.too_deep", most=DEEPEST, line=line)
        elif isinstance(event, yaml.events.CollectionEndEvent):
            depth -= 1
    return nodes


def _not_a_bomb(found: object, most: int) -> None:
    """Raises ScenarioError where anchors repeat more than a file can mean, or a thing holds itself."""
    waiting = [found]
    while waiting:
        one = waiting.pop()
        most -= 1
        if most < 0:
            raise ScenarioError("file.repeats_too_much")
        if isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, (list, tuple, set)):
            waiting += one


def decisions(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of decisions, one JSON object a line, each with `facts`. Raises ScenarioError."""
    return list(_rows(text_of(path)))


def _rows(text: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ScenarioError("file.not_json", line=number, reason=str(error)[:200]) from error
        facts = row.get("facts") if isinstance(row, dict) else None
        if not isinstance(facts, dict):
            raise ScenarioError("file.no_facts", line=number)
        expected = row.get("expected")
        if not isinstance(expected, dict) or not isinstance(expected.get("missing"), list):
            raise ScenarioError("file.no_expected", line=number)
        yield row


def _bytes_of(path: Path) -> bytes:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as opened:
            data: bytes = opened.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ScenarioError("file.not_readable", file=path.name, reason=str(error)[:200]) from error
    if len(data) > MOST_BYTES:
        raise ScenarioError("file.too_large", file=path.name, most=MOST_BYTES // 1024 // 1024)
    return data
