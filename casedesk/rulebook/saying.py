"""A rule as one readable sentence, made from its clause data in English and French: numbers emphasised, nothing left out.

The phrases stand in saying.toml. A kind of clause that has none says so loudly (a test walks every shipped rule).
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from casedesk.policy.facts import vocabulary
from casedesk.policy.pack import Pack, Remedy, Rule
from casedesk.rulebook import tree, wording
from casedesk.rulebook.tellers import TELLERS, steps
from casedesk.rulebook.voice import Voice


class Piece(NamedTuple):
    """A stretch of a sentence; `strong` where it is emphasised."""

    text: str
    strong: bool = False


class Told(NamedTuple):
    """A rule as people read it: its sentence, the conditions one by one, and how it counts."""

    say: tuple[Piece, ...]
    conditions: tuple[tuple[Piece, ...], ...]
    counts: tuple[str, ...]
    force: str


def told(rule: Rule, pack: Pack, locale: str) -> Told:
    """The rule in the reader's language, with what it pays by the remedies of its pack."""
    voice = Speaker(locale)
    return Told(
        pieces(_capital(voice.rule(rule, pack)) + "."),
        tuple(pieces(line) for line in voice.gates(rule)),
        tuple(voice.counts(rule)),
        voice.force(rule),
    )


def pieces(text: str) -> tuple[Piece, ...]:
    """`**14 days** after` as emphasised and plain stretches."""
    parts = re.split(r"\*\*(.+?)\*\*", text)
    return tuple(Piece(part, at % 2 == 1) for at, part in enumerate(parts) if part)


def plain(told_pieces: Iterable[Piece]) -> str:
    """The sentence without its emphasis."""
    return "".join(piece.text for piece in told_pieces)


def condition(when: object, locale: str) -> str:
    """A `when` of a pack as words, with the emphasis marks."""
    return Voice(locale).when(when)


class Speaker(Voice):
    """A whole rule in one language."""

    def rule(self, rule: Rule, pack: Pack) -> str:
        """The whole sentence of a rule: when, what, and what it pays."""
        cases = [
            (case["when"], case["kind"], case.get(case["kind"], {})) for case in rule.table.get("case", [])
        ]
        main = self.clause(rule.kind, rule.table.get(rule.kind, {}))
        if cases:
            told = [self.part("case_where", when=self.when(w), clause=self.clause(k, t)) for w, k, t in cases]
            main = " ; ".join([*told, self.part("otherwise", clause=main)]).replace(" ;", self._semicolon)
        paying = [remedy for remedy in pack.remedies if rule.id == remedy.right]
        return self._where(rule, pack) + main + self._pays(paying, rule, pack)

    def clause(self, kind: str, clause: Mapping[str, Any]) -> str:
        """One clause of a rule, without what surrounds it."""
        teller = TELLERS.get(kind)
        return teller(self, clause) if teller else f"[{kind}]"

    def gates(self, rule: Rule) -> list[str]:
        """Every condition that answers before the clause is asked."""
        lines = []
        for gate in [*rule.table.get("gate", []), *rule.table.get("exception", [])]:
            when, answer = gate["when"], gate["answer"]
            turned = tree.turned(when) if answer == "no" else None
            if turned is not None:
                lines.append(self.part("only_if", when=self.when(tree.when_of(turned))))
            else:
                key = {"no": "not_if", "yes": "yes_if", "review": "review_if"}[answer]
                lines.append(self.part(key, when=self.when(when)))
        return lines

    def counts(self, rule: Rule) -> list[str]:
        """The counting rule: what is counted, from which day, to which moment, what moves."""
        tables = [rule.table.get(rule.kind, {})]
        tables += [case.get(case["kind"], {}) for case in rule.table.get("case", [])]
        found = [step for written in tables for step in steps(written)]
        words = []
        if rule.kind == "backward_window" or rule.kind == "reminder":
            words = ["calendar", "backwards", "zone"]
        elif found:
            if any("business" in step for step in found):
                words.append("business")
            elif any(step.endswith(("days", "weeks")) for step in found):
                words.append("calendar")
            if any(step.endswith("months") for step in found):
                words.append("months")
            gap = any(written.get("gap") for written in tables)
            words += ["event_day", "whole_last_day"]
            words += ["gap" if gap else "roll" if "roll" in found else "no_roll", "zone"]
        elif rule.kind in ("amount", "proration", "allocation", "capped_retention", "advance"):
            words = ["exact"]
        elif rule.kind in ("notice", "commitment"):
            words = ["months", "no_roll", "zone"]
        return [*(self.word("count", word) for word in words or ["none"]), *self._held(rule)]

    def _held(self, rule: Rule) -> list[str]:
        """What holds the period, and how it goes on."""
        return [
            self.part(f"held_{one.then}", why=wording.sentence(one.code, {}, self.locale))
            for one in rule.suspensions
        ]

    def force(self, rule: Rule) -> str:
        """From when to when the rule is in force, and for which cases."""
        attaches = self.word("attaches", "any")
        if rule.attaches_to in vocabulary():
            attaches = self.word("attaches", "by").format(fact=self.label(rule.attaches_to))
        start, end = rule.effective_from, rule.effective_to
        first = (
            self.word("attaches", "from").format(day=self.day(start))
            if start
            else self.word("attaches", "no_start")
        )
        last = (
            self.word("attaches", "to").format(day=self.day(end)) if end else self.word("attaches", "no_end")
        )
        return f"{attaches}, {first}, {last}" if start or end else f"{attaches}, {first}"

    def _where(self, rule: Rule, pack: Pack) -> str:
        tables = [
            remedy for remedy in remedies_of(pack.toml) if remedy["right"] == rule.id and remedy.get("when")
        ]
        return self.part("where", when=self.when(tables[0]["when"])) if tables else ""

    def _pays(self, paying: Sequence[Remedy], rule: Rule, pack: Pack) -> str:
        amounts = {remedy.amount for remedy in paying if remedy.amount and remedy.amount != rule.id}
        rules = {one.id: one for one in pack.rules}
        if len(amounts) != 1 or not amounts <= rules.keys():
            return ""
        amount = rules[amounts.pop()]
        if amount.table.get("case"):
            title = amount.title.get(self.locale, amount.id)
            return self.part("pays", amount=f"**{title[:1].lower()}{title[1:]}**")
        return self.part("pays", amount=self.clause(amount.kind, amount.table.get(amount.kind, {})))


@lru_cache(maxsize=64)
def remedies_of(toml: str) -> list[Mapping[str, Any]]:
    """The remedies of a pack as its text writes them."""
    return list(tomllib.loads(toml).get("remedy", []))


def _capital(text: str) -> str:
    """The sentence with a capital, also where it begins with an emphasis."""
    at = next((n for n, letter in enumerate(text) if letter.isalpha()), 0)
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]
