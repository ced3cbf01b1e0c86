"""Signals: the list with one of them open, what people make of it, the scan on demand, the lessons."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, g, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases.queries.causes import causes
from casedesk.kernel.errors import CasedeskError, InvalidInput, NotFound
from casedesk.reports import signal_actions as actions
from casedesk.reports import signal_faces as faces
from casedesk.reports import signal_items as lines
from casedesk.reports import signal_keeping as keeping
from casedesk.reports import signal_queries as queries
from casedesk.reports import wording
from casedesk.reports.signal_forms import (
    AnnotationForm,
    AssignForm,
    CloseForm,
    DoneForm,
    ExplainForm,
    SnoozeForm,
)
from casedesk.reports.signal_rules import may_become
from casedesk.reports.signal_words import HELD
from casedesk.store.db import db
from casedesk.web.deed import once
from casedesk.web.fields import listed
from casedesk.web.form import DeskForm
from casedesk.web.locale import reader_locale

bp = Blueprint("signals", __name__)

Answer = Response | str | tuple[str, int]


@dataclass(frozen=True)
class Forms:
    """The forms beside a signal; `opened` is the one that was sent and refused."""

    explain: ExplainForm
    assign: AssignForm
    close: CloseForm
    snooze: SnoozeForm
    annotate: AnnotationForm
    done: DoneForm
    plain: DeskForm
    opened: str = ""
    opened_id: int = 0


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    current: bool
    count: int


@dataclass(frozen=True)
class ScanFace:
    """The scan beside the list: what runs, what was looked at last, what is odd about the data."""

    running: bool
    percent: int
    failed: str
    last: Any
    series: int
    notes: list[str] = field(default_factory=list)
    few: list[str] = field(default_factory=list)


@bp.get("/signals")
@guard(Permission.SEE_SIGNALS)
def index() -> str:
    view = request.args.get("view", "open")
    if view not in queries.VIEWS:
        raise NotFound("not_found")
    return _render(view, None)


@bp.get("/signals/<int:signal_id>")
@guard(Permission.SEE_SIGNALS)
def show(signal_id: int) -> str:
    return _render("", signal_id)


@bp.get("/signals/scan")
@guard(Permission.SEE_SIGNALS)
def progress() -> Response | str:
    """The progress of the scan; once it is done the page asks for itself anew."""
    found = queries.scans(db.session())
    if found.current is None:
        answer = Response("", 200)
        answer.headers["HX-Refresh"] = "true"
        return answer
    return render_template("signals/_scan.html", scan=_scan(found, wording.Names()), forms=None)


@bp.post("/signals/scans")
@guard(Permission.WORK_SIGNALS)
def scan() -> Answer:
    form = DeskForm()
    if not form.validate_on_submit():
        return _render("open", None), 422

    def deed(session: Session) -> str:
        keeping.ask(session, as_of=_today(), actor=g.actor, now=g.now)
        return url_for(".index")

    return once(form, deed)


@bp.get("/signals/lessons")
@guard(Permission.SEE_SIGNALS)
def lessons() -> str:
    words = request.args.get("q", "").strip()[:200]
    cause = request.args.get("cause", "")[:80]
    session = db.session()
    found = queries.lessons(session, cause=cause, words=words)
    known = causes(session)
    return render_template(
        "signals/lessons.html",
        lessons=found,
        names=lines.names_of([(c.code, c.label_en, c.label_fr) for c in known], _today()),
        held=HELD,
        label=wording.label,
        words=words,
    )


# --- verbs ----------------------------------------------------------------------------------------------


@bp.post("/signals/<int:signal_id>/acknowledgement")
@guard(Permission.WORK_SIGNALS)
def acknowledge(signal_id: int) -> Answer:
    return _deed(
        signal_id,
        "plain",
        lambda session, forms: actions.acknowledge(session, signal_id, actor=g.actor, now=g.now),
    )


@bp.post("/signals/<int:signal_id>/explanation")
@guard(Permission.WORK_SIGNALS)
def explain(signal_id: int) -> Answer:
    return _deed(
        signal_id,
        "explain",
        lambda session, forms: actions.explain(
            session, signal_id, forms.explain.text.data or "", actor=g.actor, now=g.now
        ),
    )


@bp.post("/signals/<int:signal_id>/actions")
@guard(Permission.WORK_SIGNALS)
def assign(signal_id: int) -> Answer:
    return _deed(
        signal_id,
        "assign",
        lambda session, forms: actions.assign(
            session, signal_id, forms.assign.to_command(), actor=g.actor, now=g.now
        ),
    )


@bp.post("/signals/<int:signal_id>/actions/<int:action_id>/done")
@guard(Permission.WORK_SIGNALS)
def done(signal_id: int, action_id: int) -> Answer:
    def deed(session: Session, forms: Forms) -> object:
        day = forms.done.done_on.data
        assert day is not None  # a required field
        return actions.finish_action(session, action_id, day, actor=g.actor, now=g.now)

    return _deed(signal_id, "done", deed, action_id)


@bp.post("/signals/<int:signal_id>/closing")
@guard(Permission.WORK_SIGNALS)
def close(signal_id: int) -> Answer:
    return _deed(
        signal_id,
        "close",
        lambda session, forms: actions.close(
            session, signal_id, forms.close.to_command(), actor=g.actor, now=g.now
        ),
    )


@bp.post("/signals/<int:signal_id>/snooze")
@guard(Permission.WORK_SIGNALS)
def snooze(signal_id: int) -> Answer:
    def deed(session: Session, forms: Forms) -> object:
        until = forms.snooze.until.data
        assert until is not None  # a required field
        return actions.snooze(
            session, signal_id, until, forms.snooze.why.data or "", actor=g.actor, now=g.now
        )

    return _deed(signal_id, "snooze", deed)


@bp.post("/signals/<int:signal_id>/votes")
@guard(Permission.WORK_SIGNALS)
def vote(signal_id: int) -> Answer:
    useful = request.form.get("useful")
    if useful not in ("yes", "no"):
        raise NotFound("not_found")
    return _deed(
        signal_id,
        "plain",
        lambda session, forms: actions.vote(
            session, signal_id, useful=useful == "yes", actor=g.actor, now=g.now
        ),
    )


@bp.post("/signals/<int:signal_id>/annotations")
@guard(Permission.WORK_SIGNALS)
def annotate(signal_id: int) -> Answer:
    cause = queries.signal_of(db.session(), signal_id).cause
    return _deed(
        signal_id,
        "annotate",
        lambda session, forms: actions.annotate(
            session, forms.annotate.to_command(cause), actor=g.actor, now=g.now
        ),
    )


@bp.post("/signals/<int:signal_id>/annotations/<int:annotation_id>/withdrawal")
@guard(Permission.WORK_SIGNALS)
def withdraw_annotation(signal_id: int, annotation_id: int) -> Answer:
    return _deed(
        signal_id,
        "plain",
        lambda session, forms: actions.withdraw_annotation(session, annotation_id, actor=g.actor, now=g.now),
    )


def _deed(signal_id: int, name: str, deed: Callable[[Session, Forms], object], opened_id: int = 0) -> Answer:
    """Check the form `name`, do the deed once, go back to the signal; what is refused is said at its field."""
    queries.signal_of(db.session(), signal_id)
    forms = _forms(db.session(), sent=name, opened_id=opened_id)
    form: DeskForm = getattr(forms, name)
    if not form.validate_on_submit():
        return _render("", signal_id, forms), 422

    def spent(session: Session) -> str:
        deed(session, forms)
        return url_for(".show", signal_id=signal_id)

    try:
        return once(form, spent)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _render("", signal_id, forms), 422


# --- the page -------------------------------------------------------------------------------------------


def _zone() -> str:
    return str(current_app.extensions["settings"].time_zone)


def _today() -> date:
    """The day of the organisation."""
    today: date = g.now.astimezone(ZoneInfo(_zone())).date()
    return today


def _forms(session: Session, *, sent: str = "", opened_id: int = 0) -> Forms:
    def data(name: str) -> dict[str, Any]:
        return {} if name == sent else {"formdata": None}

    today = _today()
    assign = AssignForm(**data("assign"))
    assign.owner_id.choices = listed(queries.owners(session))
    snooze_form = SnoozeForm(**data("snooze"))
    done_form = DoneForm(**data("done"))
    annotate_form = AnnotationForm(**data("annotate"))
    if sent != "assign":
        assign.owner_id.data, assign.due_on.data = g.actor.id, today + timedelta(days=14)
    if sent != "snooze":
        snooze_form.until.data = today + timedelta(days=14)
    if sent != "done":
        done_form.done_on.data = today
    if sent != "annotate":
        annotate_form.on.data = today
    return Forms(
        ExplainForm(**data("explain")),
        assign,
        CloseForm(**data("close")),
        snooze_form,
        annotate_form,
        done_form,
        DeskForm(**data("plain")),
        sent if sent != "plain" else "",
        opened_id,
    )


def _render(view: str, signal_id: int | None, forms: Forms | None = None) -> str:
    session, today = db.session(), _today()
    page = None if signal_id is None else queries.page(session, signal_id, g.actor.id, _zone())
    view = view or _view_of(page, today)
    listed = queries.list_page(session, view, today)
    if page is None and listed.signals:
        page = queries.page(session, listed.signals[0].id, g.actor.id, _zone())
    known = causes(session)
    names = lines.names_of([(c.code, c.label_en, c.label_fr) for c in known], today)
    found = queries.scans(session)
    labels = {"open": _("Under way"), "past": _("Past"), "closed": _("Closed")}
    return render_template(
        "signals/index.html",
        items=[lines.item(one, listed.actions.get(one.id), names, today) for one in listed.signals],
        tabs=[
            Tab(labels[name], url_for(".index", view=name), name == view, listed.counts[name])
            for name in queries.VIEWS
        ],
        view=view,
        fresh=listed.new,
        no_rate=", ".join(listed.no_rate),
        chosen=signal_id is not None,
        face=None if page is None else faces.face(page, names, today),
        lessons=[] if page is None else [one for one in page.lessons if one.signal_id != page.signal.id],
        may={name: page is not None and may_become(page.signal.state, name) for name in _MOVES},
        scan=_scan(found, names),
        useful=found.useful,
        voted=found.voted,
        kept=_kept(),
        forms=forms or _forms(session),
        held=HELD,
    )


_MOVES = ("acknowledged", "explained", "assigned", "watched", "closed")


def _view_of(page: queries.SignalPage | None, today: date) -> str:
    """The view that the signal stands in."""
    if page is None or page.signal.state == "closed":
        return "closed" if page is not None else "open"
    signal = page.signal
    recent = signal.last is not None and signal.last >= today - queries.RECENT
    return "open" if not signal.ended or recent or signal.state in ("assigned", "watched") else "past"


def _kept() -> str:
    rates = dict(faces.KEPT)
    return wording.rates_held(
        rates["rises_of_causes"],
        rates["rises_at_sources"],
        rates["cells"],
        rates["timing"],
        reader_locale(),
    )


def _scan(found: queries.Scans, names: wording.Names) -> ScanFace:
    current, last = found.current, found.last
    failed = ""
    if found.failed is not None:
        failed = _why_failed(found.failed)
    return ScanFace(
        running=current is not None,
        percent=0 if current is None or not current.of else 100 * current.done // current.of,
        failed=failed,
        last=last,
        series=last.series if last else 0,
        notes=lines.data_notes(last),
        few=lines.too_few(last, names),
    )


def _why_failed(scan: Any) -> str:
    if scan.notes and scan.error in wording.ERRORS:
        refusal = CasedeskError(scan.error, **scan.notes[0]["params"])
        return wording.refusal(refusal, reader_locale())
    return _("The scan failed. It is tried again tonight; the administrator sees why under Jobs.")
