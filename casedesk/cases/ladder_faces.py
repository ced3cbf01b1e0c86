"""The ladder as people read it: where a case stands, who raised it and why, what was told, what a rule says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases import notice_words, words
from casedesk.cases.event_words import clock_name
from casedesk.cases.queries.escalation import (
    NoticeLine,
    Rise,
    RuleLine,
    ToTakeUp,
    rises_of,
    words_to_answer,
)
from casedesk.cases.queries.sheet import CaseSheet
from casedesk.cases.queries.views import SOON
from casedesk.cases.regions import holiday, region_name
from casedesk.cases.rules import may_take_up
from casedesk.deadlines.queries import Closed, Marked, Working
from casedesk.deadlines.rules import holds_in
from casedesk.rulebook import wording
from casedesk.web import locale
from casedesk.web.clockface import ClockFace, clock_face
from casedesk.web.durations import write_minutes


@dataclass(frozen=True)
class RiseFace:
    """One escalation in words."""

    rise: Rise
    stage: str
    why: str
    by: str
    to: str
    paragraphs: list[str]


def rise_face(rise: Rise) -> RiseFace:
    return RiseFace(
        rise,
        words.said(words.STAGE, rise.to_stage),
        why(rise.reason, rise.rule_en, rise.rule_fr),
        rise.raiser or _("by rule"),
        rise.receiver or _("whoever is there"),
        [part for part in rise.summary.split("\n") if part.strip()],
    )


def why(reason: str, rule_en: str | None, rule_fr: str | None) -> str:
    """The reason that a person gave, or the name of the rule."""
    named = words.cause_label(rule_en, rule_fr or rule_en) if rule_en else ""
    return named or words.said(words.RAISED_FOR, reason)


@dataclass(frozen=True)
class WordsFace:
    """Something that a message may mean, to be answered."""

    entry_id: int
    kind: str
    said: str


@dataclass(frozen=True)
class OnCaseFace:
    """What the case page shows of the ladder."""

    rise: RiseFace | None
    words: list[WordsFace]
    may_take_up: bool


def on_case(session: Session, head: CaseSheet, actor: Actor) -> OnCaseFace:
    """The rise that stands, and the words that wait; one statement for each that there is."""
    case = head.case
    rises = rises_of(session, case.id, only=case.escalation_id) if case.escalation_id is not None else []
    rise = rise_face(rises[0]) if rises else None
    found = words_to_answer(session, case.id) if case.words_found else []
    return OnCaseFace(
        rise,
        [WordsFace(one.entry_id, one.kind, words.said(words.FOUND, one.kind)) for one in found],
        bool(
            rise and rise.rise.state == "open" and may_take_up(actor.role, actor.is_lead, rise.rise.to_stage)
        ),
    )


@dataclass(frozen=True)
class TakeUpFace:
    """A case on Home that waits to be taken up."""

    url: str
    number: str
    name: str
    stage: str
    why: str
    receiver: str
    clock: ClockFace | None


def take_up_face(line: ToTakeUp, now: datetime) -> TakeUpFace:
    clock = None
    if line.due_at is not None and line.next_clock is not None:
        clock = clock_face(clock_name(line.next_clock), line.due_at, now, risk_from=line.due_at - SOON)
    return TakeUpFace(
        f"/cases/{line.case_id}/escalation",
        line.number,
        line.name or _("Unknown customer"),
        words.said(words.STAGE, line.to_stage),
        why(line.reason, line.rule_en, line.rule_fr),
        line.receiver or "",
        clock,
    )


@dataclass(frozen=True)
class NoticeFace:
    id: int
    url: str
    number: str
    name: str
    said: str
    state: str
    told_at: datetime


def notice_face(line: NoticeLine) -> NoticeFace:
    return NoticeFace(
        line.id,
        f"/cases/{line.case_id}" if line.case_id else "/absences",
        line.number or "",
        line.name or "",
        notice_words.line(line.code, line.params),
        notice_words.STATE.get(line.code, ""),
        line.told_at,
    )


def rule_sentence(rule: RuleLine) -> str:
    """When the rule holds, as one line."""
    said = [_when(rule)]
    if rule.kind:
        said.append(_("only %(kind)s", kind=words.said(words.KIND, rule.kind).lower()))
    if rule.amount_minor is not None:
        said.append(_("from %(amount)s on", amount=locale.money(rule.amount_minor, rule.currency)))
    return ", ".join(said)


def _when(rule: RuleLine) -> str:
    if rule.trigger == "clock_breached":
        clock = clock_name(rule.clock) if rule.clock else _("any clock")
        if rule.minutes:
            return _("%(clock)s is %(time)s late", clock=clock, time=write_minutes(rule.minutes))
        return _("%(clock)s has run out", clock=clock)
    if rule.trigger == "words":
        return (
            _("the customer %(words)s", words=words.said(words.FOUND, rule.words))
            if rule.words
            else _("words that were confirmed")
        )
    if rule.trigger == "second_contact":
        return ngettext(
            "%(num)d contact on the same matter", "%(num)d contacts on the same matter", rule.times
        )
    return words.said(words.TRIGGER, rule.trigger)


@dataclass(frozen=True)
class Step:
    """One line of a working: what, how much, a quiet note."""

    label: str
    value: str
    note: str = ""
    sum: bool = False
    state: str = ""


@dataclass(frozen=True)
class ClockPart:
    """One clock with its working, ready to print."""

    id: int
    name: str
    state: str
    state_words: str
    due: str
    origin: str
    steps: list[Step]
    told: list[Step]
    agrees: bool


LONGEST_LIST = 24


def clock_part(working: Working, now: datetime) -> ClockPart:
    clock = working.clock
    state = (
        "late" if clock.late else "risk" if clock.state == "running" and clock.due_at - now <= SOON else ""
    )
    return ClockPart(
        clock.id,
        clock_name(clock.name),
        state,
        _state_words(working, now),
        locale.moment(clock.due_at),
        _origin(working),
        _steps(working),
        [_told(mark) for mark in working.marks],
        working.agrees,
    )


def _state_words(working: Working, now: datetime) -> str:
    clock = working.clock
    if clock.state == "running":
        return _("late") if clock.due_at <= now else _("running")
    return {"paused": _("paused"), "kept": _("kept"), "late": _("done late")}.get(clock.state, _("cancelled"))


def clock_held(working: Working) -> bool:
    """Does the law hold this clock now?"""
    return working.clock.state == "paused" and working.clock.by_law


def _origin(working: Working) -> str:
    """Where the date comes from, as one sentence."""
    kept = working.clock.working
    if kept.get("kind") == "statutory":
        rule = kept.get("rule", "")
        if clock_held(working):
            return _("Set by rule %(rule)s of the verdict; the law holds it now.", rule=rule)
        return _("Set by rule %(rule)s of the verdict; only the law itself could hold it.", rule=rule)
    if kept.get("kind") == "given":
        return _("Given by %(who)s; nothing holds it.", who=kept.get("by", ""))
    if working.hours is None:
        return _("Reckoned by an older release, which kept no hours.")
    return _(
        "%(time)s of service time, in the hours of %(zone)s with the holidays of %(region)s.",
        time=write_minutes(int(kept["minutes"])),
        zone=working.hours.zone,
        region=region_name(working.hours.holidays.code) or _("no region"),
    )


def _steps(working: Working) -> list[Step]:
    """Started, what counted on each day, days closed and pauses between, due."""
    clock = working.clock
    steps = [Step(_("Started"), locale.moment(clock.started_at))]
    if not working.counted:
        if "law_due" in clock.working and (holds := holds_in(clock.working)):
            first = datetime.fromisoformat(clock.working["law_due"])
            steps.append(Step(_("Last day by the rule ends"), locale.moment(first)))
            steps += [_held_by_law(one) for one in holds]
        return [*steps, Step(_("Due"), locale.moment(clock.due_at), sum=True)]
    rows: list[tuple[datetime, Step]] = []
    for begins, ends in working.counted:
        minutes = round((ends - begins) / timedelta(minutes=1))
        span = f"{locale.hour(begins)}–{locale.hour(ends)}"
        rows.append((begins, Step(locale.weekday_short(begins), write_minutes(minutes), span)))
    if len(rows) > LONGEST_LIST:
        left_out = len(rows) - LONGEST_LIST
        middle = rows[LONGEST_LIST // 2][0]
        note = ngettext("%(num)d further span", "%(num)d further spans", left_out)
        rows = [*rows[: LONGEST_LIST // 2], (middle, Step(note, "…")), *rows[-LONGEST_LIST // 2 :]]
    for since, until in working.pauses:
        rows.append(
            (since, Step(_("Held until %(moment)s", moment=locale.moment(until)), "–", locale.moment(since)))
        )
    steps += [step for _at, step in sorted(rows, key=lambda row: row[0])]
    steps += [Step(locale.day(closed.day), "0", _why_closed(working, closed)) for closed in working.closed]
    return [*steps, Step(_("Due"), locale.moment(clock.due_at), sum=True)]


def _why_closed(working: Working, closed: Closed) -> str:
    region = working.hours.holidays.code if working.hours else ""
    return holiday(region, closed.day, closed.name) if closed.name else _("closed by the house")


def _held_by_law(one: Mapping[str, Any]) -> Step:
    """A time in which the law held the period, with the rule that says so."""
    since = locale.moment(datetime.fromisoformat(one["since"]))
    until = one["until"] and locale.moment(datetime.fromisoformat(one["until"]))
    label = _("Held by law until %(moment)s", moment=until) if until else _("Held by law")
    why = wording.sentence(one["code"], {}, locale.reader_locale())
    return Step(label, "–", _("%(why)s (%(rule)s, since %(moment)s)", why=why, rule=one["by"], moment=since))


def _told(mark: Marked) -> Step:
    """What was noticed when, and how late that came."""
    what = (
        _("%(time)s before", time=write_minutes(mark.threshold))
        if mark.threshold < 0
        else _("%(time)s after", time=write_minutes(mark.threshold))
        if mark.threshold
        else _("Due instant")
    )
    late = int(mark.late.total_seconds() // 60)
    note = _("%(time)s late", time=write_minutes(late)) if late >= 5 else _("on time")
    if mark.by_sweep:
        note = _("%(when)s, found by the sweep", when=note)
    if not mark.told:
        note = _("%(when)s, nobody told: it had run out by then", when=note)
    return Step(what, locale.moment(mark.noticed_at), note, state="late" if late >= 5 else "")
