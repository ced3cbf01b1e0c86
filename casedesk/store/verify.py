"""Reads the whole record again and names what does not add up: altered, removed, reordered, cut, vanished, emptied.

Every chain from its first entry to its head, every text against its digest, every checkpoint against its leaves and
against the chains. It stops at nothing: the first fault of each subject is named, and the walk goes on.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from casedesk.store.checkpoints import digest_checkpoint, leaf, merkle_root
from casedesk.store.erasure import KIND as ERASURE
from casedesk.store.keyring import AuditKey, audit_key
from casedesk.store.models import Checkpoint, CheckpointHead, Entry, EntryText, Erasure, Head
from casedesk.store.record import ZERO, digest_entry, digest_head, digest_text

Subject = tuple[str, int]
Progress = Callable[[int, int], None]

PAGE = 5_000


@dataclass(frozen=True)
class Fault:
    """One thing that does not add up. `seq` is the first entry of the subject where it shows."""

    what: str
    subject: Subject | None = None
    seq: int | None = None
    detail: str = ""

    def __str__(self) -> str:
        where = ""
        if self.subject:
            where = self.subject[0] if self.subject[0] == "desk" else f"{self.subject[0]} {self.subject[1]}"
            where += f", entry {self.seq}: " if self.seq is not None else ": "
        return f"{where}{self.what}" + (f" ({self.detail})" if self.detail else "")


@dataclass
class Report:
    """What was read and what was found."""

    entries: int = 0
    subjects: int = 0
    checkpoints: int = 0
    unsealed: int = 0
    erased: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class _Seal:
    """What a checkpoint says about one subject."""

    n: int
    seq: int
    digest: str


def verify(session: Session, progress: Progress = lambda _done, _all: None) -> Report:
    """Read the whole record under the installed key."""
    key, report = audit_key(), Report()
    total = int(session.scalar(select(func.count()).select_from(Entry)) or 0)
    seals = _check_checkpoints(session, key, report)
    heads = _check_heads(session, key, report)
    erased = _leave_to_erase(session)
    seen: set[Subject] = set()
    for subject, entries in groupby(_entries(session), key=attrgetter("subject_kind", "subject_id")):
        seen.add(subject)
        walk = _Walk(key, subject, report, erased, seals.get(subject, ()))
        walk.follow(entries, lambda: progress(report.entries, total))
        walk.end(heads.get(subject))
    report.subjects = len(seen)
    _check_vanished(report, heads, seals, seen)
    progress(report.entries, total)
    return report


class _Walk:
    """One subject's chain, from its first entry on; says its first fault only, for all after it follow from it."""

    def __init__(
        self, key: AuditKey, subject: Subject, report: Report, erased: set[tuple[int, str]], seals: Any
    ) -> None:
        self.key, self.subject, self.report, self.erased = key, subject, report, erased
        self.seals = {one.seq: one for one in seals}
        self.seq, self.digest, self.broken = 0, ZERO, False

    def follow(self, entries: Iterator[Any], tick: Callable[[], None]) -> None:
        for entry in entries:
            self.report.entries += 1
            if self.report.entries % PAGE == 0:
                tick()
            if not self.broken:
                self._check(entry)
            if entry.text_digest:
                self._check_text(entry)
            elif entry.text is not None:
                self.say("a text was added to an entry that has none", entry.seq)
            self.seq, self.digest = entry.seq, entry.digest

    def end(self, head: Any) -> None:
        seal = self.seals[max(self.seals)] if self.seals else None
        if seal and seal.seq > self.seq:
            self.say("the tail was cut", self.seq + 1, f"checkpoint {seal.n} knows {seal.seq} entries")
        elif head is None:
            self.say("the head of the chain is gone", self.seq)
        elif self.broken:
            return
        elif head.seq > self.seq:
            self.say("the tail was cut", self.seq + 1, f"the head knows {head.seq} entries")
        elif (head.seq, head.digest) != (self.seq, self.digest):
            self.say("the head does not name the last entry", self.seq)
        elif head.sealed_seq != (seal.seq if seal else 0):
            self.say("the checkpoint that holds it is gone", head.sealed_seq)

    def say(self, what: str, seq: int, detail: str = "") -> None:
        self.broken = True
        self.report.faults.append(Fault(what, self.subject, seq, detail))

    def _check(self, entry: Any) -> None:
        if entry.seq != self.seq + 1:
            self.say("removed", self.seq + 1, f"the next that is there is {entry.seq}")
        elif entry.key_id != self.key.key_id:
            self.say(
                "chained with another key", entry.seq, f"key {entry.key_id}, AUDIT_KEY is {self.key.key_id}"
            )
        elif digest_entry(self.key, entry, self.digest) != entry.digest:
            self.say("altered or moved", entry.seq, f"{entry.kind} of {entry.recorded_at:%Y-%m-%d %H:%M}")
        elif (seal := self.seals.get(entry.seq)) and seal.digest != entry.digest:
            self.say("rewritten", entry.seq, f"checkpoint {seal.n} holds another digest")

    def _check_text(self, entry: Any) -> None:
        if entry.text is None:
            if (entry.id, entry.text_digest) in self.erased:
                self.report.erased += 1
            else:
                self.say("the text is gone without an erasure", entry.seq)
        elif digest_text(entry.salt, entry.text) != entry.text_digest:
            self.say("the text was altered", entry.seq)


def _entries(session: Session) -> Iterator[Any]:
    """All entries with their texts, subject by subject in the order of their chains, read page by page."""
    query = (
        select(Entry.__table__, EntryText.salt, EntryText.text)
        .outerjoin(EntryText, EntryText.entry_id == Entry.id)
        .order_by(Entry.subject_kind, Entry.subject_id, Entry.seq)
    )
    return _stream(session, query)


def _stream(session: Session, query: Select[Any]) -> Iterator[Any]:
    yield from session.execute(query.execution_options(yield_per=1_000))


def _check_heads(session: Session, key: AuditKey, report: Report) -> dict[Subject, Any]:
    heads = {}
    for head in _stream(session, select(Head.__table__)):
        subject = (head.subject_kind, head.subject_id)
        heads[subject] = head
        report.unsealed += max(head.seq - head.sealed_seq, 0)
        if digest_head(key, head) != head.mac:
            report.faults.append(Fault("the head was altered", subject))
    return heads


def _check_checkpoints(session: Session, key: AuditKey, report: Report) -> dict[Subject, list[_Seal]]:
    """What the checkpoints say of each subject, having checked that they hang together."""
    seals: dict[Subject, list[_Seal]] = {}
    leaves = groupby(_stream(session, _leaves()), key=attrgetter("n"))
    held: tuple[int, list[Any]] | None = None
    prev, cases, entries, n = ZERO, 0, 0, 0
    for one in session.scalars(select(Checkpoint).order_by(Checkpoint.n)):
        n += 1
        report.checkpoints += 1
        while held is None or held[0] < one.n:
            at, rows = next(leaves, (10**12, ()))
            held = (at, list(rows))
        mine = held[1] if held[0] == one.n else []
        for row in mine:
            subject = (row.subject_kind, row.subject_id)
            before = seals.setdefault(subject, [])
            cases += row.subject_kind == "case" and not before
            entries += row.seq - (before[-1].seq if before else 0)
            before.append(_Seal(one.n, row.seq, row.digest))
        fault = _checkpoint_fault(key, one, n, prev, mine, (cases, entries))
        if fault:
            report.faults.append(Fault(f"checkpoint {one.n}: {fault}"))
        prev, n = one.mac, one.n
    return seals


def _leaves() -> Select[Any]:
    columns = CheckpointHead.__table__.c
    return select(CheckpointHead.__table__).order_by(columns.n, columns.subject_kind, columns.subject_id)


def _checkpoint_fault(
    key: AuditKey, one: Checkpoint, n: int, prev: str, leaves: list[Any], totals: tuple[int, int]
) -> str:
    if one.n != n:
        return f"checkpoint {n} was removed"
    if one.key_id != key.key_id:
        return f"made with another key ({one.key_id}, AUDIT_KEY is {key.key_id})"
    if one.prev != prev or digest_checkpoint(key, one) != one.mac:
        return "altered"
    root = merkle_root(sorted(leaf(row.subject_kind, row.subject_id, row.seq, row.digest) for row in leaves))
    if root != one.merkle_root or (one.cases, one.entries) != totals:
        return "the heads under it were altered or removed"
    return ""


def _leave_to_erase(session: Session) -> set[tuple[int, str]]:
    """(entry, digest) of every text whose erasure is an entry that lists it."""
    rows = session.execute(
        select(Erasure.entry_id, Entry.body)
        .join(Entry, Entry.id == Erasure.erasure_entry_id)
        .where(Entry.kind == ERASURE)
    )
    return {(entry_id, body.get("digests", {}).get(str(entry_id), "")) for entry_id, body in rows}


def _check_vanished(
    report: Report, heads: dict[Subject, Any], seals: dict[Subject, list[_Seal]], seen: set[Subject]
) -> None:
    for subject in sorted((heads.keys() | seals.keys()) - seen):
        known = seals.get(subject)
        detail = (
            f"checkpoint {known[-1].n} knows {known[-1].seq} entries" if known else "only its head is left"
        )
        report.faults.append(Fault("vanished", subject, None, detail))
