"""A pack's table as TOML text: the same table always gives the same text, and reading it gives the table back."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDE = 110
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


_HEADED = ("rule", "remedy")


def pack_text(pack: Mapping[str, Any]) -> str:
    """The whole pack: its own keys, its notice, then every rule with its gates and cases, then the remedies."""
    lines: list[str] = []
    for key, value in pack.items():
        if not (_is_tables(value) and key in _HEADED) and not (
            key == "notice" and isinstance(value, Mapping)
        ):
            lines.append(f"{_key(key)} = {inline(value)}")
    if isinstance(pack.get("notice"), Mapping):
        lines += ["", "[notice]", *_pairs(pack["notice"])]
    for key in _HEADED:
        if _is_tables(pack.get(key)):
            for entry in pack[key]:
                lines += ["", *_entry(key, entry)]
    return "\n".join(lines) + "\n"


def rule_text(rule: Mapping[str, Any]) -> str:
    """One rule as it stands in the text of its pack."""
    return "\n".join(_entry("rule", rule)) + "\n"


def remedy_text(remedy: Mapping[str, Any]) -> str:
    """One remedy as it stands in the text of its pack."""
    return "\n".join(_entry("remedy", remedy)) + "\n"


def _entry(name: str, entry: Mapping[str, Any]) -> Iterator[str]:
    yield f"[[{name}]]"
    tables = {key: value for key, value in entry.items() if _is_tables(value)}
    wide = {key: value for key, value in entry.items() if key not in tables and _is_wide(key, value)}
    yield from _pairs({key: value for key, value in entry.items() if key not in tables and key not in wide})
    for key, value in wide.items():
        yield f"[{name}.{_key(key)}]"
        yield from _pairs(value)
    for key, items in tables.items():
        for item in items:
            yield f"[[{name}.{_key(key)}]]"
            yield from _pairs(item)


def _pairs(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        yield f"{_key(key)} = {inline(value)}"


def inline(value: object) -> str:
    """One value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + "".join(_escaped(letter) for letter in value) + '"'
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(str(key))} = {inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    raise TypeError(f"{type(value).__name__} has no spelling in TOML")


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    return f"\\u{ord(letter):04x}" if ord(letter) < 32 or ord(letter) == 127 else letter


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else inline(key)


def _is_tables(value: object) -> bool:
    """A list of tables, of which each is shown under a heading of its own."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _is_wide(key: str, value: object) -> bool:
    """A table that would not fit on one line: shown key by key, so that a change shows as one line."""
    return isinstance(value, Mapping) and bool(value) and len(f"{key} = {inline(value)}") > _WIDE
