"""Quote the packs: what a clause says, in their own words, and where it stands."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from casedesk.documents.facts import Clause
from casedesk.documents.tongue import Tongue
from casedesk.policy.pack import Pack, Packs, Rule
from casedesk.policy.verdict import Finding, Level
from casedesk.rulebook import wording


def applied(found: Finding, packs: Packs, locale: str) -> Clause | None:
    """How the clause came out here, and what it says. None where no pack explains it."""
    clause = explained(found, packs, locale)
    if clause is None:
        return None
    said = wording.sentence(found.code, found.params, locale)
    return Clause(f"{said} {clause.text}", clause.citation) if said != found.code else clause


def explained(found: Finding, packs: Packs, locale: str) -> Clause | None:
    """What the clause says: of a rule that lists exceptions to another, that other one where none of them holds."""
    known = _version(found, packs)
    if known is None:
        return None
    pack, rule = known
    written = _written(pack.toml).get(rule.id, {})
    base = str(written.get("like", ""))
    if base in packs and found.code not in _exceptions(written):
        rule = packs.rule(base)[1]
    text = rule.explain.get(locale, "")
    return Clause(text, _source(rule, locale)) if text else None


def _source(rule: Rule, locale: str) -> str:
    """Where it stands; terms of a contract are named in the reader's language."""
    if rule.level is Level.CONTRACT:
        return Tongue(locale).gettext("terms of your contract")
    return wording.cited(rule.citation, locale)


def _version(found: Finding, packs: Packs) -> tuple[Pack, Rule] | None:
    for pack, rule in packs.versions(found.rule):
        if rule.version == found.version:
            return pack, rule
    return None


def _exceptions(written: Mapping[str, Any]) -> set[str]:
    return {str(one["code"]) for one in written.get("exception", ()) if "code" in one}


@lru_cache(maxsize=64)
def _written(toml: str) -> Mapping[str, Mapping[str, Any]]:
    """The rules of a pack as they are written, by id."""
    return {str(entry["id"]): entry for entry in tomllib.loads(toml).get("rule", ())}
