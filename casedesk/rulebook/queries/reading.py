"""One rule as published: its sentence, what it rests on, its versions, the cases that rest on it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.kernel.errors import NotFound
from casedesk.policy.facts import vocabulary
from casedesk.policy.pack import Pack, Packs, Rule
from casedesk.policy.verdict import Citation, Level
from casedesk.rulebook import beside, checking, comparing, packs, wording
from casedesk.rulebook.beside import CaseName
from casedesk.rulebook.checking import Example
from casedesk.rulebook.comparing import Line, Stretch
from casedesk.rulebook.models import PackVersion
from casedesk.rulebook.queries.shelf import day_of, newest, slug
from casedesk.rulebook.saying import Piece, Told, told
from casedesk.rulebook.voice import Voice

SHOWN_CASES = 8


@dataclass(frozen=True)
class VersionLine:
    """One published wording of a rule or pack."""

    version: str
    state: str
    valid_from: date | None
    origin: str
    published_at: datetime
    published_by: str
    second_by: str
    digest: str
    say: tuple[Stretch, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Reads:
    """A fact that a rule reads, with the question that asks for it."""

    label: str
    question: str


@dataclass(frozen=True)
class RuleFace:
    """What every picture of a rule shows: published or in a draft."""

    id: str
    slug: str
    title: str
    pack: str
    pack_title: str
    version: str
    level: str
    told: Told
    explain: str
    citation: Citation
    confidence: str
    review_by: date | None
    reads: tuple[Reads, ...]
    open_points: tuple[str, ...]
    yields: tuple[Citation, ...]
    examples: tuple[Example, ...]
    walks: bool


@dataclass(frozen=True)
class RulePage:
    """The page of a published rule."""

    face: RuleFace
    versions: tuple[VersionLine, ...]
    case_count: int
    cases: tuple[CaseName, ...]


@dataclass(frozen=True)
class PackPage:
    """The page of a pack: its notice, its rules as sentences, its versions."""

    id: str
    title: str
    version: str
    level: str
    notice: str
    review_by: date | None
    rules: tuple[tuple[str, str, str, tuple[Piece, ...]], ...]
    versions: tuple[VersionLine, ...]
    case_count: int
    cases: tuple[CaseName, ...]


def rule_page(session: Session, actor: Actor, name: str) -> RulePage:
    """The published rule of that address. Raises NotFound."""
    published = packs.published(session)
    pack, rule = find(published, name)
    count, cases = beside.ask().open_on(session, actor, [rule.id], SHOWN_CASES)
    return RulePage(
        face(rule, pack, published, actor.locale),
        _rule_versions(session, published, rule.id, actor.locale),
        count,
        tuple(cases),
    )


def pack_page(session: Session, actor: Actor, name: str, *, today: date) -> PackPage:
    """The published pack of that name. Raises NotFound."""
    published = packs.published(session)
    pack = next((one for one in newest(published) if one.id == name), None)
    if pack is None:
        raise NotFound("not_found")
    locale = actor.locale
    count, cases = beside.ask().open_on(session, actor, [rule.id for rule in pack.rules], SHOWN_CASES)
    rules = tuple(
        (rule.id, slug(rule.id), rule.title.get(locale, rule.id), told(rule, pack, locale).say)
        for rule in pack.rules
    )
    return PackPage(
        pack.id,
        pack.title.get(locale, pack.id),
        pack.version,
        pack.level.value,
        pack.notice.get(locale, ""),
        day_of(pack.review_by),
        rules,
        tuple(_pack_versions(session, pack.id)),
        count,
        tuple(cases),
    )


def find(published: Packs, name: str) -> tuple[Pack, Rule]:
    """The newest wording of the rule that an address names. Raises NotFound."""
    wanted = name.replace("~", "/")
    for pack in newest(published):
        for rule in pack.rules:
            if rule.id == wanted:
                return pack, rule
    raise NotFound("not_found")


def face(rule: Rule, pack: Pack, all_packs: Packs, locale: str) -> RuleFace:
    """A rule as its page shows it."""
    return RuleFace(
        id=rule.id,
        slug=slug(rule.id),
        title=rule.title.get(locale, rule.id),
        pack=pack.id,
        pack_title=pack.title.get(locale, pack.id),
        version=pack.version,
        level=rule.level.value,
        told=told(rule, pack, locale),
        explain=rule.explain.get(locale, ""),
        citation=wording.translated(rule.citation, locale),
        confidence=rule.confidence,
        review_by=day_of(rule.review_by),
        reads=_reads(rule, locale),
        open_points=_open_points(rule, locale),
        yields=tuple(wording.translated(one, locale) for one in _yields(rule, pack, all_packs)),
        examples=checking.examples(rule, all_packs),
        walks=rule.kind in ("window", "answer_deadline"),
    )


def _reads(rule: Rule, locale: str) -> tuple[Reads, ...]:
    voice = Voice(locale)
    every = {
        "timezone",
        "holiday_calendar",
        "good_friday_is_holiday_here",
        "currency",
        "rounding",
        "jurisdiction",
    }
    return tuple(
        Reads(voice.label(name), vocabulary()[name].ask[locale]) for name in rule.reads if name not in every
    )


def _open_points(rule: Rule, locale: str) -> tuple[str, ...]:
    """What the law or the evidence leaves open: the sentences of every review that the rule can answer."""
    codes = [
        str(gate["code"])
        for gate in [*rule.table.get("gate", []), *rule.table.get("exception", [])]
        if gate["answer"] == "review"
    ]
    clause = rule.table.get(rule.kind, {})
    codes += [str(clause["doubt"])] if "doubt" in clause else []
    codes += [str(clause["code"])] if rule.kind == "duty" and clause.get("answer") == "review" else []
    return tuple(dict.fromkeys(wording.sentence(code, {}, locale) for code in codes))


def _yields(rule: Rule, pack: Pack, all_packs: Packs) -> tuple[Citation, ...]:
    """The law that goes before a rule of the house or the contract: the rights that a case of its kind may have."""
    if rule.level is Level.STATUTE:
        return ()
    subjects = {name for remedy in pack.remedies if remedy.right == rule.id for name in remedy.subjects}
    found: dict[str, Citation] = {}
    for other in newest(all_packs):
        if other.level is Level.STATUTE:
            for remedy in other.remedies:
                if subjects & set(remedy.subjects) and remedy.right in all_packs:
                    citation = all_packs.rule(remedy.right)[1].citation
                    found.setdefault(citation.text, citation)
    return tuple(found.values())


def _rule_versions(session: Session, published: Packs, rule_id: str, locale: str) -> tuple[VersionLine, ...]:
    """Every wording of a rule, newest first, each with what it changed of the one before."""
    rows = {row.digest: row for row in _version_rows(session)}
    lines: list[VersionLine] = []
    before: tuple[Pack, Rule] | None = None
    holding = [pack for pack in published.packs if any(rule.id == rule_id for rule in pack.rules)]
    for pack in sorted(holding, key=lambda one: one.version):
        rule = next(one for one in pack.rules if one.id == rule_id)
        if before is not None and before[1].table == rule.table:
            continue
        row = rows.get(pack.digest)
        if row is None:
            continue
        say = told(rule, pack, locale).say
        shown: tuple[Stretch, ...] = ()
        differing: tuple[Line, ...] = ()
        if before is not None:
            shown = comparing.sentences(told(before[1], before[0], locale).say, say)
            differing = comparing.lines(
                comparing.text_of(before[0], rule_id), comparing.text_of(pack, rule_id)
            )
        lines.append(_version(row, rule.effective_from, shown, differing))
        before = (pack, rule)
    return _with_states(lines)


def _pack_versions(session: Session, pack: str) -> tuple[VersionLine, ...]:
    rows = [row for row in _version_rows(session) if row.pack == pack]
    return _with_states(
        [_version(row, row.valid_from, (), ()) for row in sorted(rows, key=lambda r: str(r.version))]
    )


def _with_states(lines: list[VersionLine]) -> tuple[VersionLine, ...]:
    """Newest first: the last one is published, those before it are superseded."""
    told_lines = [
        VersionLine(**{**line.__dict__, "state": "published" if line is lines[-1] else "superseded"})
        for line in lines
    ]
    return tuple(reversed(told_lines))


def _version(
    row: "_Row", valid_from: date | None, say: tuple[Stretch, ...], lines: tuple[Line, ...]
) -> VersionLine:
    return VersionLine(
        row.version,
        "",
        valid_from,
        row.origin,
        row.published_at,
        row.author,
        row.second,
        row.digest,
        say,
        lines,
    )


@dataclass(frozen=True)
class _Row:
    pack: str
    version: str
    valid_from: date
    origin: str
    published_at: datetime
    digest: str
    author: str
    second: str


def _version_rows(session: Session) -> list[_Row]:
    people = {row.id: row.name for row in session.execute(select(Person.id, Person.name))}
    rows = session.execute(
        select(
            PackVersion.pack,
            PackVersion.version,
            PackVersion.valid_from,
            PackVersion.origin,
            PackVersion.published_at,
            PackVersion.digest,
            PackVersion.published_by,
            PackVersion.second_by,
        )
    )
    return [
        _Row(r.pack, r.version, r.valid_from, r.origin, r.published_at, r.digest,
             people.get(r.published_by or 0, ""), people.get(r.second_by or 0, ""))
        for r in rows
    ]  # fmt: skip
