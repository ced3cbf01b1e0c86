"""A draft as its pages show it: what it changes, what is wrong with it, who may publish it, what it would have cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.accounts.permits import ROLE_PERMISSIONS, Permission
from casedesk.kernel.errors import CasedeskError, NotFound
from casedesk.policy.pack import Pack, Packs, Rule
from casedesk.rulebook import beside, checking, comparing, packs, wording
from casedesk.rulebook.beside import CaseName
from casedesk.rulebook.comparing import Line, Stretch
from casedesk.rulebook.models import PackDraft, PackDraftEditor, PackVersion
from casedesk.rulebook.queries import replays
from casedesk.rulebook.queries.reading import RuleFace, face
from casedesk.rulebook.queries.replays import ReplayFace
from casedesk.rulebook.queries.shelf import slug
from casedesk.rulebook.saying import told

SHOWN_CASES = 6


@dataclass(frozen=True)
class ChangedRule:
    """A rule of the draft that differs from what is published, with its new sentence."""

    id: str
    slug: str
    title: str
    how: str
    say: tuple[Stretch, ...]
    holds: int
    differs: int


@dataclass(frozen=True)
class DraftHead:
    """The draft itself. `readers` are those who may publish it: none of them wrote in it."""

    id: int
    pack: str
    pack_title: str
    version: str
    base_version: str
    state: str
    edit: int
    author: str
    is_editor: bool
    changed_by: str
    changed_at: datetime
    asked_by: str
    asked_at: datetime | None
    returned_note: str
    readers: tuple[str, ...]
    digest: str
    may_edit: bool
    may_publish: bool


@dataclass(frozen=True)
class Problem:
    """What is wrong, with the rule and the field where it can be mended."""

    sentence: str
    rule: str
    slug: str
    field: str


@dataclass(frozen=True)
class DraftPage:
    head: DraftHead
    changed: tuple[ChangedRule, ...]
    rules: tuple[tuple[str, str, str, str], ...]
    problems: tuple[Problem, ...]
    holds: int
    differs: int
    replay: ReplayFace | None
    case_count: int
    cases: tuple[CaseName, ...]


@dataclass(frozen=True)
class DraftRulePage:
    """One rule of the draft: beside the published wording, with its examples run."""

    head: DraftHead
    face: RuleFace
    how: str
    say: tuple[Stretch, ...]
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]
    replay: ReplayFace | None
    case_count: int
    cases: tuple[CaseName, ...]


_FIELDS = {
    "title": "title_fr",
    "explain": "explain_fr",
    "pack.no_citation": "instrument",
    "pack.no_review_date": "review_by",
}


def draft_page(session: Session, actor: Actor, draft_id: int) -> DraftPage:
    """Raises NotFound."""
    draft, pack, base, published = _read(session, draft_id)
    locale = actor.locale
    beside_draft = checking.with_draft(published, pack)
    differing = comparing.rules(base, pack)
    changed = tuple(_changed(one, base, pack, beside_draft, locale) for one in differing)
    count, cases = beside.ask().open_on(session, actor, [one.rule for one in differing], SHOWN_CASES)
    shown = {one.rule for one in differing}
    rules = tuple(
        (rule.id, slug(rule.id), rule.title.get(locale, rule.id), "changed" if rule.id in shown else "")
        for rule in pack.rules
    )
    return DraftPage(
        _head(session, actor, draft, pack),
        changed,
        rules,
        _problems(draft, published, locale),
        sum(one.holds for one in changed),
        sum(one.differs for one in changed),
        replays.newest_of(session, actor, draft.id),
        count,
        tuple(cases),
    )


def draft_rule_page(session: Session, actor: Actor, draft_id: int, name: str) -> DraftRulePage:
    """Raises NotFound."""
    draft, pack, base, published = _read(session, draft_id)
    rule = rule_of(pack, name)
    locale = actor.locale
    how = next((one.how for one in comparing.rules(base, pack) if one.rule == rule.id), "")
    old = next((one for one in base.rules if one.id == rule.id), None) if base else None
    say = told(rule, pack, locale).say
    before = told(old, base, locale).say if old and base else say
    differing = (
        comparing.lines(comparing.text_of(base, rule.id), comparing.text_of(pack, rule.id)) if how else ()
    )
    count, cases = beside.ask().open_on(session, actor, [rule.id], SHOWN_CASES)
    return DraftRulePage(
        _head(session, actor, draft, pack),
        face(rule, pack, checking.with_draft(published, pack), locale),
        how,
        comparing.sentences(before, say),
        differing,
        tuple(one for one in _problems(draft, published, locale) if one.rule in (rule.id, "")),
        replays.newest_of(session, actor, draft.id),
        count,
        tuple(cases),
    )


def rule_of_draft(session: Session, draft_id: int, name: str) -> tuple[PackDraft, Pack, Rule, Packs]:
    """A rule of a draft, for its form. Raises NotFound."""
    draft, pack, _base, published = _read(session, draft_id)
    return draft, pack, rule_of(pack, name), checking.with_draft(published, pack)


def rule_of(pack: Pack, name: str) -> Rule:
    """The rule that an address names. Raises NotFound."""
    found = next((one for one in pack.rules if slug(one.id) == name), None)
    if found is None:
        raise NotFound("not_found")
    return found


def _changed(
    one: comparing.Changed, base: Pack | None, pack: Pack, all_packs: Packs, locale: str
) -> ChangedRule:
    if one.how == "removed":
        assert base is not None
        rule = next(rule for rule in base.rules if rule.id == one.rule)
        say = tuple(Stretch(*piece, "del") for piece in told(rule, base, locale).say)
        return ChangedRule(rule.id, slug(rule.id), rule.title.get(locale, rule.id), one.how, say, 0, 0)
    rule = next(rule for rule in pack.rules if rule.id == one.rule)
    old = next((rule for rule in base.rules if rule.id == one.rule), None) if base else None
    new = told(rule, pack, locale).say
    before = told(old, base, locale).say if old and base else ()
    ran = checking.examples(rule, all_packs)
    return ChangedRule(
        rule.id,
        slug(rule.id),
        rule.title.get(locale, rule.id),
        one.how,
        comparing.sentences(before, new) if old else tuple(Stretch(*piece) for piece in new),
        sum(example.holds for example in ran),
        sum(not example.holds for example in ran),
    )


def _read(session: Session, draft_id: int) -> tuple[PackDraft, Pack, Pack | None, Packs]:
    draft = session.get(PackDraft, draft_id)
    if draft is None:
        raise NotFound("not_found")
    published = packs.published(session)
    base = None
    if draft.base_id is not None:
        row = session.get_one(PackVersion, draft.base_id)
        base = next(one for one in published.packs if one.digest == row.digest)
    return draft, packs.readable(draft.toml, draft.pack), base, published


def _head(session: Session, actor: Actor, draft: PackDraft, pack: Pack) -> DraftHead:
    people = session.execute(select(Person.id, Person.name, Person.role, Person.active)).all()
    names = {row.id: row.name for row in people}
    editors = set(
        session.scalars(select(PackDraftEditor.person_id).where(PackDraftEditor.draft_id == draft.id))
    )
    readers = tuple(
        row.name
        for row in people
        if row.active
        and row.id not in editors
        and Permission.PUBLISH_RULES in ROLE_PERMISSIONS.get(row.role, ())
    )
    base = session.get(PackVersion, draft.base_id) if draft.base_id else None
    return DraftHead(
        id=draft.id,
        pack=draft.pack,
        pack_title=pack.title.get(actor.locale, pack.id),
        version=draft.version,
        base_version=base.version if base else "",
        state=draft.state,
        edit=draft.edit,
        author=names.get(draft.author_id, ""),
        is_editor=actor.id in editors,
        changed_by=names.get(draft.changed_by, ""),
        changed_at=draft.changed_at,
        asked_by=names.get(draft.asked_by or 0, ""),
        asked_at=draft.asked_at,
        returned_note=draft.returned_note,
        readers=readers,
        digest=sha256(draft.toml.encode()).hexdigest(),
        may_edit=actor.may(Permission.EDIT_RULES) and draft.state == "draft",
        may_publish=actor.may(Permission.PUBLISH_RULES)
        and draft.state == "in_review"
        and actor.id not in editors,
    )


def _problems(draft: PackDraft, published: Packs, locale: str) -> tuple[Problem, ...]:
    if draft.state not in ("draft", "in_review"):
        return ()
    return tuple(_problem(error, locale) for error in checking.problems(draft.toml, draft.pack, published))


def _problem(error: CasedeskError, locale: str) -> Problem:
    params: Mapping[str, Any] = error.params
    field = _FIELDS.get(error.code) or _FIELDS.get(str(params.get("key", "")), "")
    if error.code == "pack.example_fails":
        field = "examples"
    rule = str(params.get("rule", ""))
    shown = type(error)(error.code, **{**params, "file": ""})
    return Problem(wording.error_sentence(shown, locale).lstrip(": "), rule, slug(rule), field)
