"""The shelf at the left of every page, and what nears its review: packs by whose rules they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.policy.pack import Pack, Packs, Rule
from casedesk.rulebook import beside, packs
from casedesk.rulebook.beside import TermsLine
from casedesk.rulebook.models import PackDraft, PackVersion

SOON = timedelta(days=90)
GROUPS = ("house", "contract", "statute", "network")


@dataclass(frozen=True)
class ShelfRule:
    """A rule on the shelf; `cases` is the number of open cases that rest on it."""

    id: str
    slug: str
    title: str
    cases: int
    in_draft: bool = False


@dataclass(frozen=True)
class ShelfPack:
    """A pack in its newest version. `review` is late, soon or empty."""

    id: str
    title: str
    version: str
    level: str
    origin: str
    review_by: date | None
    review: str
    cases: int
    rules: tuple[ShelfRule, ...]
    draft_id: int | None = None
    draft_version: str = ""
    draft_state: str = ""
    unsure: bool = False


@dataclass(frozen=True)
class DraftLine:
    """A draft on the front page."""

    id: int
    pack: str
    version: str
    state: str
    author: str
    changed_at: object
    asked_by: int | None


@dataclass(frozen=True)
class WatchLine:
    """A pack or rule whose review-by date nears, with the open cases that it touches."""

    pack: str
    rule: str
    slug: str
    title: str
    review_by: date
    days: int
    cases: int

    @property
    def late(self) -> bool:
        return self.days < 0


@dataclass(frozen=True)
class Shelf:
    groups: tuple[tuple[str, tuple[ShelfPack, ...]], ...]
    terms: tuple[TermsLine, ...]
    drafts: tuple[DraftLine, ...]
    has_house: bool

    def pack(self, name: str) -> ShelfPack | None:
        return next((one for _, listed in self.groups for one in listed if one.id == name), None)


def slug(rule_id: str) -> str:
    """A rule's id as an address names it."""
    return rule_id.replace("/", "~")


def shelf(session: Session, actor: Actor, *, today: date) -> Shelf:
    """Every pack in its newest version, with drafts, review dates and the open cases that rest on each."""
    published = packs.published(session)
    counts = beside.ask().open_by_rule(session, actor)
    drafts = _drafts(session)
    origins = _origins(session)
    by_level: dict[str, list[ShelfPack]] = {group: [] for group in GROUPS}
    for pack in newest(published):
        draft = next((one for one in drafts if one.pack == pack.id), None)
        by_level[pack.level.value].append(_pack(pack, origins, draft, counts, actor.locale, today))
    shown = [replace_titles(one, published, actor.locale) for one in drafts]
    return Shelf(
        tuple((group, tuple(by_level[group])) for group in GROUPS),
        tuple(beside.ask().terms(session, actor)),
        tuple(shown),
        any(pack.level.value == "house" for pack in published.packs),
    )


def replace_titles(line: DraftLine, published: Packs, locale: str) -> DraftLine:
    """The line with the title of its pack, as people know it."""
    title = next((p.title.get(locale, p.id) for p in published.packs if p.id == line.pack), line.pack)
    return DraftLine(line.id, title, line.version, line.state, line.author, line.changed_at, line.asked_by)


def watch(session: Session, actor: Actor, *, today: date, within: timedelta = SOON) -> list[WatchLine]:
    """What must be reviewed soon or should have been, the earliest first."""
    counts = beside.ask().open_by_rule(session, actor)
    lines = []
    for pack in newest(packs.published(session)):
        own = [rule for rule in pack.rules if rule.table.get("review_by")]
        rest = [rule for rule in pack.rules if rule not in own]
        lines += [_watched(pack, rule.review_by, rule, [rule], counts, actor.locale, today) for rule in own]
        if rest:
            lines.append(_watched(pack, pack.review_by, None, rest, counts, actor.locale, today))
    found = [line for line in lines if line is not None and line.days <= within.days]
    return sorted(found, key=lambda line: (line.review_by, line.title))


def newest(published: Packs) -> list[Pack]:
    """Each pack in its newest version."""
    return list({pack.id: pack for pack in published.packs}.values())


def _watched(
    pack: Pack,
    review_by: str,
    rule: Rule | None,
    rules: list[Rule],
    counts: Mapping[str, int],
    locale: str,
    today: date,
) -> WatchLine | None:
    day = day_of(review_by)
    if day is None:
        return None
    title = pack.title.get(locale, pack.id)
    cases = max((counts.get(one.id, 0) for one in rules), default=0)
    if rule is not None:
        title = f"{rule.title.get(locale, rule.id)} ({title})"
    return WatchLine(
        pack.id, rule.id if rule else "", slug(rule.id) if rule else "", title, day, (day - today).days, cases
    )


def _pack(
    pack: Pack,
    origins: Mapping[tuple[str, str], str],
    draft: DraftLine | None,
    counts: Mapping[str, int],
    locale: str,
    today: date,
) -> ShelfPack:
    rules = tuple(
        ShelfRule(one.id, slug(one.id), one.title.get(locale, one.id), counts.get(one.id, 0))
        for one in pack.rules
    )
    due = day_of(pack.review_by)
    review = "" if due is None or due - today > SOON else "late" if due < today else "soon"
    return ShelfPack(
        id=pack.id,
        title=pack.title.get(locale, pack.id),
        version=pack.version,
        level=pack.level.value,
        origin=origins.get((pack.id, pack.version), ""),
        review_by=due,
        review=review,
        cases=max((one.cases for one in rules), default=0),
        rules=rules,
        draft_id=draft.id if draft else None,
        draft_version=draft.version if draft else "",
        draft_state=draft.state if draft else "",
        unsure=bool(pack.rules) and all(one.confidence not in ("high", "") for one in pack.rules),
    )


def _drafts(session: Session) -> list[DraftLine]:
    rows = session.execute(
        select(PackDraft, Person.name)
        .join(Person, Person.id == PackDraft.author_id)
        .where(PackDraft.state.in_(("draft", "in_review")))
        .order_by(PackDraft.changed_at.desc())
    )
    return [
        DraftLine(draft.id, draft.pack, draft.version, draft.state, name, draft.changed_at, draft.asked_by)
        for draft, name in rows
    ]


def _origins(session: Session) -> dict[tuple[str, str], str]:
    rows = session.execute(select(PackVersion.pack, PackVersion.version, PackVersion.origin))
    return {(row.pack, row.version): row.origin for row in rows}


def day_of(text: str) -> date | None:
    """A day as packs write it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def published_count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(PackVersion)) or 0
