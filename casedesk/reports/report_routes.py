"""The report pages: list, one report, the cases behind a figure, files, saved reports, schedules, rates."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.kernel.errors import InvalidInput, NotFound
from casedesk.reports import asked as asking
from casedesk.reports import behind, exporting, making, report_actions, report_queries
from casedesk.reports import report_faces as faces
from casedesk.reports.names import names
from casedesk.reports.report_forms import RateForm, SaveForm
from casedesk.store import blobs
from casedesk.store.db import db
from casedesk.web.deed import once
from casedesk.web.errors import sentence
from casedesk.web.form import DeskForm, tidy

bp = Blueprint("reports", __name__)

_FIELDS = ("period", "from", "to", "compare", "grain", "by", *asking.FILTERS)
_LONGEST = 80


@bp.get("/reports")
@guard(Permission.SEE_REPORTS)
def index() -> ResponseReturnValue:
    session, scoped = db.session(), bool(making.scope_of(g.actor))
    counts = {} if scoped else report_queries.recent(session, making.today_in(_zone(), g.now))
    sparks = {code: faces.spark(counts[event]) for code, event in faces.SPARKS.items() if event in counts}
    return render_template(
        "reports/index.html",
        groups=faces.groups(g.actor.role),
        sparks=sparks,
        saved=report_queries.saved_of(session, g.actor),
        form=DeskForm(formdata=None),
        every=_every(),
        may_enter_rates=g.actor.may(Permission.IMPORT),
    )


@bp.get("/reports/<code>")
@guard(Permission.SEE_REPORTS)
def show(code: str) -> ResponseReturnValue:
    """One report; what cannot be answered is said in the place of the figures, with status 422."""
    return _page(code, SaveForm(formdata=None))


@bp.get("/reports/<code>/cases")
@guard(Permission.SEE_CASES)
def cases(code: str) -> Response:
    """The cases behind one figure, in the queue."""
    report, typed = making.report_for(g.actor.role, code), _typed()
    wanted = asking.read(typed, today=making.today_in(_zone(), g.now), known=names(db.session()).known)
    try:
        one = behind.figured(report.code, making.scoped(wanted, g.actor), faces.behind_of(request.args))
        figure = behind.code_of(behind.read(behind.code_of(one)))
    except ValueError:
        raise NotFound("not_found") from None
    return redirect(f"/cases?{urlencode({'view': 'all', 'figure': figure})}", 303)


@bp.get("/reports/<code>/export.<format_>")
@guard(Permission.SEE_REPORTS)
def export(code: str, format_: str) -> Response:
    report = making.report_for(g.actor.role, code)
    if format_ not in exporting.FORMATS:
        raise InvalidInput("report.format", format=format_[:20])
    made = making.answer(db.session(), report, _typed(), actor=g.actor, zone=_zone(), now=g.now)
    return _file(
        exporting.exported(made, format_), exporting.TYPES[format_], exporting.file_name(made, format_)
    )


@bp.post("/reports/<code>/files")
@guard(Permission.SEE_REPORTS)
def ask_pdf(code: str) -> Response:
    """Have the report drawn by the worker."""
    report, typed = making.report_for(g.actor.role, code), _typed()
    asking.read(typed, today=making.today_in(_zone(), g.now), known=names(db.session()).known)

    def deed(session: Session) -> str:
        file = report_actions.ask_file(session, report.code, typed, actor=g.actor, zone=_zone(), now=g.now)
        return url_for(".file", file_id=file.id)

    return once(_form(), deed)


@bp.get("/reports/files/<int:file_id>")
@guard(Permission.SEE_REPORTS)
def file(file_id: int) -> ResponseReturnValue:
    found = report_queries.file_for(db.session(), g.actor, file_id)
    report = making.report_for(g.actor.role, found.report)
    return render_template("reports/file.html", file=found, report=report)


@bp.get("/reports/files/<int:file_id>/<name>.pdf")
@guard(Permission.SEE_REPORTS)
def download(file_id: int, name: str) -> Response:
    found = report_queries.file_for(db.session(), g.actor, file_id)
    if found.blob_digest is None:
        raise NotFound("not_found")
    return _file(blobs.read(found.blob_digest), "application/pdf", found.name)


@bp.post("/reports/<code>/saved")
@guard(Permission.SEE_REPORTS)
def save(code: str) -> ResponseReturnValue:
    form, typed = SaveForm(), _typed()
    if not form.validate_on_submit():
        return _page(code, form, 422)

    def deed(session: Session) -> str:
        saved = report_actions.save(session, form.to_command(code, typed), actor=g.actor, now=g.now)
        flash(_("Saved as “%(name)s”.", name=saved.name))
        return url_for(".index")

    return once(form, deed)


@bp.get("/reports/saved/<int:saved_id>")
@guard(Permission.SEE_REPORTS)
def saved(saved_id: int) -> ResponseReturnValue:
    found = report_queries.saved_for(db.session(), g.actor, saved_id)
    making.report_for(g.actor.role, found.report)
    address = url_for(".show", code=found.report, **report_actions.fields(found.asked))  # type: ignore[arg-type]
    return redirect(address, 303)


@bp.post("/reports/saved/<int:saved_id>/removal")
@guard(Permission.SEE_REPORTS)
def remove(saved_id: int) -> Response:
    def deed(session: Session) -> str:
        report_actions.remove(session, saved_id, actor=g.actor, now=g.now)
        return url_for(".index")

    return once(_form(), deed)


@bp.post("/reports/saved/<int:saved_id>/schedules")
@guard(Permission.SEE_REPORTS)
def schedule(saved_id: int) -> Response:
    every = request.form.get("every", "")

    def deed(session: Session) -> str:
        report_actions.schedule(session, saved_id, every, actor=g.actor, zone=_zone(), now=g.now)
        return url_for(".index")

    return once(_form(), deed)


@bp.post("/reports/schedules/<int:schedule_id>/end")
@guard(Permission.SEE_REPORTS)
def end_schedule(schedule_id: int) -> Response:
    def deed(session: Session) -> str:
        report_actions.end_schedule(session, schedule_id, actor=g.actor, now=g.now)
        return url_for(".index")

    return once(_form(), deed)


@bp.get("/reports/rates")
@guard(Permission.IMPORT)
def rates() -> ResponseReturnValue:
    return _rates(RateForm(formdata=None))


@bp.post("/reports/rates")
@guard(Permission.IMPORT)
def enter_rate() -> ResponseReturnValue:
    form, session = RateForm(), db.session()
    if not form.validate_on_submit():
        return _rates(form, 422)
    home, today = names(session).home, making.today_in(_zone(), g.now)

    def deed(session: Session) -> str:
        assert form.day.data is not None
        currency, source = (form.currency.data or "").upper(), form.source.data or ""
        report_actions.enter_rate(
            session,
            form.day.data,
            currency,
            form.worth(),
            source,
            actor=g.actor,
            home=home,
            today=today,
            now=g.now,
        )
        return url_for(".rates")

    try:
        return once(form, deed)
    except InvalidInput as refused:
        form.refuse(refused)
        return _rates(form, 422)


def _page(code: str, save_form: SaveForm, status: int = 200) -> ResponseReturnValue:
    report, typed, session = making.report_for(g.actor.role, code), _typed(), db.session()
    fault, shown = "", None
    try:
        made = making.answer(session, report, typed, actor=g.actor, zone=_zone(), now=g.now)
        shown, known = faces.face(made, may_see_cases=g.actor.may(Permission.SEE_CASES)), made.names
        typed = asking.typed_of(made.asked)
    except InvalidInput as refused:
        fault, status, known = sentence(refused), 422, names(session)
    page = render_template(
        "reports/show.html",
        report=report,
        face=shown,
        fault=fault,
        typed=typed,
        groups=faces.groups(g.actor.role, code),
        pickers=faces.pickers(report, known, None, typed),
        save_form=save_form,
        form=DeskForm(formdata=None),
        cases_url=faces.cases_url,
        may_see_cases=g.actor.may(Permission.SEE_CASES),
    )
    return page, status


def _rates(form: RateForm, status: int = 200) -> ResponseReturnValue:
    session = db.session()
    lines, known = report_queries.rate_lines(session), names(session)
    foreign = sorted(set(known.known.get("currency", {})) - {known.home})
    return render_template(
        "reports/rates.html", form=form, lines=lines, home=known.home, foreign=foreign
    ), status


def _typed() -> dict[str, list[str]]:
    """The fields of a question, from the address or the form."""
    source: Any = request.form if request.method == "POST" else request.args
    typed = {name: [tidy(v)[:_LONGEST] for v in source.getlist(name) if tidy(v)] for name in _FIELDS}
    typed = {name: values for name, values in typed.items() if values}
    # Who types two days without touching the list of periods means the days.
    if typed.get("from") and typed.get("to") and source.get("was", "") == source.get("period") != "custom":
        typed["period"] = ["custom"]
    return typed


def _zone() -> str:
    return str(current_app.extensions["settings"].time_zone)


def _form() -> DeskForm:
    form = DeskForm()
    if not form.validate_on_submit():
        raise InvalidInput("page.bad")
    return form


def _every() -> list[tuple[str, str]]:
    return [("day", _("each day")), ("week", _("each week")), ("month", _("each month"))]


def _file(data: bytes, media_type: str, name: str) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = media_type
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
