"""Entries of the record ready to print: who, how, when, in which words; grouped by day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from casedesk.cases import words
from casedesk.cases.event_words import NO_NAMES, Names, event_line
from casedesk.cases.queries.sheet import CaseSheet
from casedesk.cases.queries.timeline import EntryLine, FileLine
from casedesk.web import locale

TABS = {
    "all": ("exchange", "note", "decision", "event"),
    "exchanges": ("exchange", "note"),
    "decisions": ("decision",),
    "events": ("event",),
}
_ICONS = {
    "phone": "phone",
    "chat": "message",
    "letter": "file-text",
    "portal": "world",
    "meeting": "users",
}


@dataclass(frozen=True)
class FileFace:
    name: str
    url: str
    size: str
    grade: str
    open: bool


@dataclass(frozen=True)
class EntryFace:
    """One entry as text. `correctable` where it may be corrected; `original` is what a correction replaced."""

    id: int
    kind: str
    family: str
    by: str
    about: str
    at: str
    iso: str
    title: str
    icon: str
    icon_label: str
    lang: str
    paragraphs: list[str]
    new: bool
    text: str
    acts: str
    promise: str
    files: tuple[FileFace, ...] = ()
    delivery: str = ""
    delivery_state: str = ""
    mail_id: int | None = None
    may_resend: bool = False
    correctable: bool = False
    corrected_by: int | None = None
    corrects: int | None = None
    original: tuple[str, ...] = ()


@dataclass(frozen=True)
class DayFace:
    label: str
    entries: list[EntryFace]


class Faces:
    """Prints the entries of one case for one reader."""

    def __init__(
        self,
        sheet: CaseSheet,
        files: Mapping[int, list[FileLine]],
        deliveries: Mapping[int, Any],
        now: datetime,
        *,
        may_open: Any,
        names: Names = NO_NAMES,
    ) -> None:
        self.sheet, self.files, self.deliveries, self.now = sheet, files, deliveries, now
        self.may_open, self.names = may_open, names
        self.who = sheet.name or _("Unknown customer")

    def faces(self, entries: list[EntryLine]) -> list[EntryFace]:
        """All entries in their order; a corrected one points at its correction, which holds the original."""
        by_id = {entry.id: entry for entry in entries}
        corrected = {entry.corrects_id: entry.id for entry in entries if entry.corrects_id}
        newest_in = (
            next((e.id for e in reversed(entries) if _inbound(e)), None) if self.sheet.case.unread else None
        )
        faces = []
        for entry in entries:
            face = self._face(entry)
            original = by_id.get(entry.corrects_id or 0)
            if original or entry.id in corrected or entry.id == newest_in:
                face = replace(
                    face,
                    new=entry.id == newest_in,
                    corrected_by=corrected.get(entry.id),
                    correctable=face.correctable and entry.id not in corrected,
                    original=tuple(_paragraphs(original)) if original else (),
                )
            faces.append(face)
        return faces

    def _face(self, entry: EntryLine) -> EntryFace:
        family = entry.kind.partition(".")[0]
        if family == "exchange":
            return self._exchange(entry)
        if family == "note":
            return self._base(
                entry, "note", by=self._actor(entry), paragraphs=_paragraphs(entry), correctable=True
            )
        if entry.kind == "decision.proposed":
            return self._proposed(entry)
        if family == "decision" and entry.text.get("said"):
            return self._base(
                entry,
                "decision",
                by=event_line(entry.kind, entry.body, self.names),
                paragraphs=[f"{self._actor(entry)}: {entry.text['said']}"],
            )
        if entry.kind in _WITH_WORDS:
            return self._base(
                entry,
                "note",
                family="event",
                by=event_line(entry.kind, entry.body, self.names),
                about=_("%(person)s, internal", person=self._actor(entry)),
                icon=_EVENT_ICONS[entry.kind],
                icon_label=_("Ladder"),
                paragraphs=_paragraphs(entry),
            )
        icon = "gavel" if family == "decision" else _EVENT_ICONS.get(entry.kind, "git-commit")
        text = event_line(entry.kind, entry.body, self.names)
        if entry.actor_kind == "person" and entry.kind in _SIGNED:
            text = _("%(event)s, by %(person)s", event=text, person=self._actor(entry))
        return self._base(entry, "event", family=family, text=text, icon=icon)

    def _base(self, entry: EntryLine, kind: str, **more: Any) -> EntryFace:
        at = locale.local(entry.happened_at)
        values: dict[str, Any] = {
            "id": entry.id,
            "kind": kind,
            "family": kind,
            "by": "",
            "about": "",
            "at": f"{at:%H:%M}",
            "iso": entry.happened_at.astimezone(UTC).isoformat(timespec="seconds"),
            "title": _exact(entry),
            "icon": "",
            "icon_label": "",
            "lang": "",
            "paragraphs": [],
            "new": False,
            "text": "",
            "acts": "",
            "promise": "",
            "corrects": entry.corrects_id,
        }
        return EntryFace(**(values | more))

    def _exchange(self, entry: EntryLine) -> EntryFace:
        body = entry.body
        channel, inbound = str(body.get("channel", "mail")), bool(body.get("inbound"))
        default = ("mail", _("Mail received")) if inbound else ("mail-forward", _("Mail sent"))
        icon, label = (
            (_ICONS[channel], words.said(words.CHANNEL_NAME, channel)) if channel in _ICONS else default
        )
        delivery = self.deliveries.get(entry.id)
        return self._base(
            entry,
            "in" if inbound else "us",
            family="exchange",
            by=(entry.text.get("with") or self.who) if inbound else self._actor(entry),
            about=self._about(entry, channel, inbound),
            icon=icon,
            icon_label=label,
            lang=self.sheet.locale if channel not in ("phone", "meeting") else "",
            paragraphs=_paragraphs(entry),
            acts=", ".join(
                words.said(words.ACT, act) for act in body.get("acts", []) if act != "information"
            ),
            promise=self._promise(entry),
            files=tuple(self._file(one) for one in self.files.get(entry.id, ())),
            delivery=_delivered(delivery) if delivery else "",
            delivery_state=getattr(delivery, "state", ""),
            mail_id=getattr(delivery, "mail_id", None),
            may_resend=bool(delivery and delivery.may_be_resent),
            correctable=not entry.corrects_id,
        )

    def _about(self, entry: EntryLine, channel: str, inbound: bool) -> str:
        parts = []
        if channel == "phone":
            parts.append(
                _("called") if entry.body.get("minutes") is None else _minutes(entry.body["minutes"])
            )
        elif not inbound:
            parts.append(_("to the customer, %(channel)s", channel=words.said(words.CHANNEL, channel)))
        elif channel != "mail":
            parts.append(words.said(words.CHANNEL, channel))
        if entry.text.get("title"):
            parts.append(str(entry.text["title"]))
        if inbound and entry.actor_kind == "person" and channel in ("phone", "meeting"):
            parts.append(_("noted by %(person)s", person=self._actor(entry)))
        return " · ".join(parts)

    def _promise(self, entry: EntryLine) -> str:
        said, until = entry.text.get("promise", ""), entry.body.get("promised_until")
        if until:
            day = locale.moment(datetime.fromisoformat(until))
            return _("Promised until %(day)s: %(what)s", day=day, what=said or "–")
        return _("Promised: %(what)s", what=said) if said else ""

    def _proposed(self, entry: EntryLine) -> EntryFace:
        body = entry.body
        currency = str(body.get("currency", ""))
        amount = locale.money(body.get("amount_minor"), currency)
        headline = _("Decision %(n)s: %(outcome)s, %(amount)s") % {
            "n": body.get("n"),
            "outcome": words.said(words.OUTCOME, body.get("outcome")),
            "amount": amount,
        }
        needs = body.get("approval") or []
        by_rule = (
            locale.money(body.get("by_rule_minor"), currency) if body.get("by_rule_minor") is not None else ""
        )
        first = (
            _("By %(person)s, no approval needed.")
            if not needs
            else _("Proposed by %(person)s, to be approved.")
        )
        lines = [first % {"person": self._actor(entry)}]
        if by_rule:
            lines[0] += " " + _("By rule: %(amount)s.", amount=by_rule)
        if body.get("effect") not in (None, "keep"):
            lines.append(words.said(words.EFFECT, body["effect"]) + ".")
        if entry.text.get("reason"):
            lines.append(str(entry.text["reason"]))
        return self._base(entry, "decision", by=headline, paragraphs=lines)

    def _actor(self, entry: EntryLine) -> str:
        if entry.actor_kind == "person":
            return entry.actor_name or f"#{entry.actor_id}"
        return {"customer": self.who, "import": _("Import")}.get(entry.actor_kind, "casedesk")

    def _file(self, file: FileLine) -> FileFace:
        return FileFace(
            name=file.name,
            url=f"/attachments/{file.id}",
            size=file_size(file.size),
            grade="" if file.grade == "ordinary" else words.said(words.GRADE, file.grade),
            open=file.kept and self.may_open(file.grade),
        )


_SIGNED = (
    "event.changed",
    "event.status",
    "event.stage",
    "event.fact",
    "event.escalation_taken_up",
    "event.words_confirmed",
    "event.words_dismissed",
    "event.evidence_due",
    "decision.approved",
)
_WITH_WORDS = ("event.escalated", "event.de_escalated")
_EVENT_ICONS = {
    "event.escalated": "arrow-up-right",
    "event.de_escalated": "arrow-down-left",
    "event.escalation_taken_up": "user-check",
    "event.clock_breached": "clock",
    "event.mail_failed": "alert-triangle",
    "event.refund_paid": "receipt-refund",
}


def days(faces: list[EntryFace], entries: list[EntryLine], now: datetime) -> list[DayFace]:
    """The faces under the days on which things happened; today is said so."""
    today = locale.local(now).date()
    found: list[DayFace] = []
    last: date | None = None
    for face, entry in zip(faces, entries, strict=True):
        on = locale.local(entry.happened_at).date()
        if on != last:
            found.append(DayFace(_day(on, today), []))
            last = on
        found[-1].entries.append(face)
    return found


def _day(on: date, today: date) -> str:
    if on == today:
        return _("Today")
    return locale.day_long(on) if today - on < timedelta(days=300) else locale.day_long_year(on)


def file_size(size: int) -> str:
    """``12 kB``, ``1.4 MB``."""
    if size < 1_000_000:
        return _("%(size)s kB", size=max(1, round(size / 1000)))
    return _("%(size)s MB", size=round(size / 1_000_000, 1))


def _minutes(minutes: int) -> str:
    return ngettext("called, %(num)d min", "called, %(num)d min", minutes)


def _inbound(entry: EntryLine) -> bool:
    return entry.kind == "exchange" and bool(entry.body.get("inbound"))


def _paragraphs(entry: EntryLine) -> list[str]:
    if entry.erased:
        return [_("The text was erased; the record keeps its digest.")]
    return [part.strip() for part in str(entry.text.get("said", "")).split("\n") if part.strip()]


def _exact(entry: EntryLine) -> str:
    exact = locale.local(entry.happened_at)
    said = f"{locale.moment(entry.happened_at)}:{exact:%S} {exact.tzname()}"
    if abs(entry.recorded_at - entry.happened_at) > timedelta(minutes=5):
        said += ", " + _("recorded %(moment)s", moment=locale.moment(entry.recorded_at))
    return said


def _delivered(delivery: Any) -> str:
    said = {
        "waiting": _("waits to be sent"),
        "sending": _("is being sent"),
        "sent": _("sent"),
        "written": _("written to the mail folder"),
        "failed": _("could not be delivered"),
        "stopped": _("stopped"),
    }.get(delivery.state, str(delivery.state))
    twice = _("possibly twice")
    return f"{said}, {twice}" if delivery.possibly_twice else said
