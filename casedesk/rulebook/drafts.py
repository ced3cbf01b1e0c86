"""Drafts of packs: begun, changed by form, asked for, published by a second person. What is published is never edited."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound
from casedesk.rulebook import checking, editing, house, packs, rules
from casedesk.rulebook.house import NewRule
from casedesk.rulebook.models import PackDraft, PackDraftEditor, PackVersion
from casedesk.rulebook.tomltext import pack_text
from casedesk.store.record import DESK, Line, append

Table = dict[str, Any]


@dataclass(frozen=True)
class SaveRule:
    """A rule as the form wrote it. `edit` is the state of the draft that the writer saw."""

    draft_id: int
    edit: int
    rule: Mapping[str, Any]
    remedy_when: Any = None


@dataclass(frozen=True)
class AddExample:
    """Facts, and the answer (yes, no, needs-review) that a rule must give on them."""

    draft_id: int
    edit: int
    rule_id: str
    label: str
    facts: Mapping[str, Any]
    expected: str


def start(session: Session, pack: str, *, actor: Actor, now: datetime) -> PackDraft:
    """The draft of a pack: the one that is being worked on, or a new one from the newest version. Raises NotFound, Conflict."""
    active = _active(session, pack)
    if active is not None:
        return active
    base = _newest(session, pack)
    if base is None and pack != house.PACK:
        raise NotFound("not_found")
    version = rules.next_version(now.date(), _versions(session, pack))
    if base is None:
        table = house.beginning(version, (now.date() + timedelta(days=365)).isoformat())
    else:
        table = {**checking.table_of(base.toml), "version": version}
    draft = PackDraft(
        pack=pack,
        version=version,
        base_id=base.id if base else None,
        toml=pack_text(table),
        author_id=actor.id,
        created_at=now,
        changed_by=actor.id,
        changed_at=now,
    )
    session.add(draft)
    try:
        session.flush()
    except (
        IntegrityError
    ) as error:  # one draft a pack: the database holds it, also where two begin at one instant
        raise Conflict("rulebook.draft_begun") from error
    session.add(PackDraftEditor(draft_id=draft.id, person_id=actor.id))
    _record(session, draft, "rules.draft_started", actor=actor, now=now)
    return draft


def save_rule(session: Session, command: SaveRule, *, actor: Actor, now: datetime) -> PackDraft:
    """The rule in the draft is as written. Raises Conflict, and PackError where it cannot be read as a pack."""
    return _change(
        session,
        command.draft_id,
        command.edit,
        lambda table: editing.with_rule(table, command.rule, remedy_when=command.remedy_when),
        str(command.rule["id"]),
        actor=actor,
        now=now,
    )


def add_rule(
    session: Session, draft_id: int, edit: int, new: NewRule, *, actor: Actor, now: datetime
) -> PackDraft:
    """The draft has one more rule. Raises InvalidInput where a pack has one of that id, Conflict."""
    if new.id in packs.published(session):
        raise InvalidInput("rulebook.rule_exists", field="id", rule=new.id)

    def added(table: Table) -> Table:
        if any(one["id"] == new.id for one in table["rule"]):
            raise InvalidInput("rulebook.rule_exists", field="id", rule=new.id)
        return house.with_new_rule(table, new)

    return _change(session, draft_id, edit, added, new.id, actor=actor, now=now)


def remove_rule(
    session: Session, draft_id: int, edit: int, rule_id: str, *, actor: Actor, now: datetime
) -> PackDraft:
    """The draft has this rule no more. Raises Conflict, NotFound."""

    def removed(table: Table) -> Table:
        _rule_in(table, rule_id)
        return editing.without_rule(table, rule_id)

    return _change(session, draft_id, edit, removed, rule_id, actor=actor, now=now)


def add_example(session: Session, command: AddExample, *, actor: Actor, now: datetime) -> PackDraft:
    """The rule has one more example. Raises Conflict, NotFound."""

    def added(table: Table) -> Table:
        rule = dict(_rule_in(table, command.rule_id))
        example = {"id": command.label, "facts": dict(command.facts), "eligible": command.expected}
        rule["example"] = [*rule.get("example", []), example]
        return editing.with_rule(table, rule)

    return _change(session, command.draft_id, command.edit, added, command.rule_id, actor=actor, now=now)


def remove_example(
    session: Session, draft_id: int, edit: int, rule_id: str, at: int, *, actor: Actor, now: datetime
) -> PackDraft:
    """The rule has that example no more. Raises Conflict, NotFound."""

    def removed(table: Table) -> Table:
        rule = dict(_rule_in(table, rule_id))
        kept = [one for n, one in enumerate(rule.get("example", [])) if n != at]
        rule["example"] = kept
        if not kept:
            del rule["example"]
        return editing.with_rule(table, rule)

    return _change(session, draft_id, edit, removed, rule_id, actor=actor, now=now)


def ask_for_publication(session: Session, draft_id: int, *, actor: Actor, now: datetime) -> PackDraft:
    """A second person is asked to read and publish the draft. Raises Conflict, RuleBroken."""
    draft = _locked(session, draft_id)
    rules.may_ask(draft.state, len(_problems(session, draft)))
    draft.state, draft.asked_by, draft.asked_at = "in_review", actor.id, now
    draft.returned_note = ""
    session.flush()
    _record(session, draft, "rules.draft_asked", actor=actor, now=now)
    return draft


def give_back(session: Session, draft_id: int, note: str, *, actor: Actor, now: datetime) -> PackDraft:
    """The draft is worked on again; `note` says why. Raises Conflict."""
    draft = _locked(session, draft_id)
    if draft.state != "in_review":
        raise Conflict("rulebook.not_in_review")
    draft.state, draft.returned_note = "draft", note
    draft.asked_by = draft.asked_at = None
    session.flush()
    _record(session, draft, "rules.draft_returned", actor=actor, now=now)
    return draft


def publish(session: Session, draft_id: int, *, actor: Actor, now: datetime) -> PackVersion:
    """The draft is the pack's newest version, by its author and this second person. Raises Conflict, RuleBroken."""
    draft = _locked(session, draft_id)
    editors = session.scalars(select(PackDraftEditor.person_id).where(PackDraftEditor.draft_id == draft.id))
    rules.may_publish(draft.state, len(_problems(session, draft)), actor.id, set(editors))
    newest = _newest(session, draft.pack)
    if (newest.id if newest else None) != draft.base_id:
        raise Conflict("rulebook.base_moved", pack=draft.pack)
    version = PackVersion(
        pack=draft.pack,
        version=draft.version,
        valid_from=date.fromisoformat(draft.version[:10]),
        toml=draft.toml,
        digest=sha256(draft.toml.encode()).hexdigest(),
        origin="own",
        published_at=now,
        published_by=draft.author_id,
        second_by=actor.id,
    )
    session.add(version)
    session.flush()
    draft.state, draft.published_id = "published", version.id
    session.flush()
    _record(session, draft, "rules.published", actor=actor, now=now)
    return version


def discard(session: Session, draft_id: int, *, actor: Actor, now: datetime) -> None:
    """The draft is given up. Raises Conflict."""
    draft = _locked(session, draft_id)
    if draft.state not in ("draft", "in_review"):
        raise Conflict("rulebook.not_a_draft")
    draft.state = "discarded"
    session.flush()
    _record(session, draft, "rules.draft_discarded", actor=actor, now=now)


# --- inside --------------------------------------------------------------------------------------


def _change(
    session: Session,
    draft_id: int,
    edit: int,
    change: Callable[[Table], Table],
    rule_id: str,
    *,
    actor: Actor,
    now: datetime,
) -> PackDraft:
    draft = _locked(session, draft_id)
    rules.may_edit(draft.state)
    if draft.edit != edit:
        raise Conflict("rulebook.draft_moved")
    text = pack_text(change(checking.table_of(draft.toml)))
    packs.readable(text, draft.pack)
    if text == draft.toml:
        return draft
    draft.toml, draft.changed_by, draft.changed_at = text, actor.id, now
    _remember_editor(session, draft.id, actor.id)
    session.flush()
    _record(session, draft, "rules.draft_changed", actor=actor, now=now, rule=rule_id)
    return draft


def _remember_editor(session: Session, draft_id: int, person_id: int) -> None:
    if session.get(PackDraftEditor, (draft_id, person_id)) is None:
        session.add(PackDraftEditor(draft_id=draft_id, person_id=person_id))


def _locked(session: Session, draft_id: int) -> PackDraft:
    draft = session.scalars(select(PackDraft).where(PackDraft.id == draft_id).with_for_update()).one_or_none()
    if draft is None:
        raise NotFound("not_found")
    return draft


def _active(session: Session, pack: str) -> PackDraft | None:
    return session.scalars(
        select(PackDraft).where(PackDraft.pack == pack, PackDraft.state.in_(("draft", "in_review")))
    ).one_or_none()


def _newest(session: Session, pack: str) -> PackVersion | None:
    return session.scalars(
        select(PackVersion).where(PackVersion.pack == pack).order_by(PackVersion.version.desc()).limit(1)
    ).one_or_none()


def _versions(session: Session, pack: str) -> list[str]:
    return list(session.scalars(select(PackVersion.version).where(PackVersion.pack == pack)))


def _problems(session: Session, draft: PackDraft) -> list[Any]:
    return list(checking.problems(draft.toml, draft.pack, packs.published(session)))


def _rule_in(table: Table, rule_id: str) -> Mapping[str, Any]:
    found = next((one for one in table["rule"] if one["id"] == rule_id), None)
    if found is None:
        raise NotFound("not_found")
    return dict(found)


def _record(
    session: Session, draft: PackDraft, kind: str, *, actor: Actor, now: datetime, rule: str = ""
) -> None:
    body = {"draft": draft.id, "pack": draft.pack, "version": draft.version}
    digest = sha256(draft.toml.encode()).hexdigest()
    append(
        session,
        DESK,
        Line(kind, {**body, "digest": digest, **({"rule": rule} if rule else {})}),
        actor=actor.ref,
        now=now,
    )
