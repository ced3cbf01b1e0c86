"""The list of files, the page of one, and its documents."""

from dataclasses import dataclass
from urllib.parse import quote

from flask import Response, g, make_response, render_template, request, url_for
from flask_babel import gettext as _

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases import words as case_words
from casedesk.kernel.errors import NotFound
from casedesk.mediation import words
from casedesk.mediation.forms.base import OnFile
from casedesk.mediation.forms.proposing import ProposeForm
from casedesk.mediation.queries.choices import causes, document_for, representatives
from casedesk.mediation.queries.listing import FileLine, listed, views_of
from casedesk.mediation.queries.page import FilePage, file_page
from casedesk.mediation.queries.views import ProposalView
from casedesk.mediation.routes.admissible import Check, checks
from casedesk.mediation.routes.blueprint import bp
from casedesk.mediation.routes.deeds import DEEDS, act_of
from casedesk.mediation.routes.strip import strip
from casedesk.store import blobs
from casedesk.store.db import db
from casedesk.web import locale
from casedesk.web.clockface import ClockFace
from casedesk.web.form import DeskForm

SHOWN = ("application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain")


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class Row:
    """A file in a list, in the reader's words."""

    line: FileLine
    state: str
    turn: str
    clock: ClockFace | None


@bp.get("/mediation")
@guard(Permission.SEE_MEDIATION)
def index() -> str:
    views = views_of(g.actor)
    view = request.args.get("view", views[0])
    if view not in views:
        raise NotFound("not_found")
    found = listed(db.session(), g.actor, view, request.args.get("after", ""))
    tabs = [Tab(_view_name(v), url_for(".index", view=v), v == view, found.counts[v]) for v in views]
    return render_template(
        "mediation/index.html",
        rows=[row_of(line) for line in found.lines],
        view=view,
        tabs=tabs,
        next_url=url_for(".index", view=view, after=found.next) if found.next else None,
        words=words,
        kinds=case_words.KIND,
        permission=Permission,
    )


@bp.get("/mediation/<int:mediation_id>")
@guard(Permission.SEE_MEDIATION)
def show(mediation_id: int) -> Response:
    page = file_page(db.session(), g.actor, mediation_id, now=g.now)
    do = request.args.get("do", "")
    form = opened_form(page, do) if do in DEEDS and page.may(act_of(do)) else None
    return page_response(page, do if form else "", form)


@bp.get("/mediation/<int:mediation_id>/documents/<int:document_id>")
@guard(Permission.SEE_MEDIATION)
def document(mediation_id: int, document_id: int) -> Response:
    """A document of the file, for its mediator and parties."""
    file = document_for(db.session(), g.actor, mediation_id, document_id)
    response = Response(blobs.read(file.digest), mimetype=file.media_type)
    how = "inline" if file.media_type in SHOWN else "attachment"
    response.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(file.name, safe='')}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def opened_form(page: FilePage, do: str) -> OnFile:
    """The form of an act, arranged for the file."""
    g.mediation_point = request.args.get("point", "")
    g.mediation_counters = _number(request.args.get("counters", ""))
    if do == "close":
        g.mediation_causes = causes(db.session(), locale.reader_locale())
    form = DEEDS[do].form(formdata=None if request.method == "GET" else request.form)
    if not form.is_submitted() or not form.version.data:
        form.version.data = str(page.file.version)
    form.arrange(page)
    if do == "represent":
        form["person_id"].choices = [("", _("choose")), *representatives(db.session(), page.file)]
    if do in ("fulfil", "breach") and request.method == "GET":
        form["task_id"].data = _number(request.args.get("task", ""))
    if do == "fact" and request.method == "GET":
        form["name"].data = request.args.get("name", "")[:60]
    if page.role != "mediator":
        for name in ("for_side", "how"):
            if name in form:
                form[name].data = form[
                    name
                ].default  # a party speaks for itself: the action asks nothing of this
    if isinstance(form, ProposeForm) and page.role != "mediator":
        form.expires_on.description = _("The other party answers by then.")
    return form


def page_response(page: FilePage, do: str, form: OnFile | None, status: int = 200) -> Response:
    """The page, with the form of the act that is being done."""
    html = render_template(
        "mediation/file.html" if page.inside else "mediation/outline.html",
        page=page,
        file=page.file,
        do=do,
        form=form,
        words=words,
        case_words=case_words,
        kind=case_words.KIND,
        cause=_cause(page),
        turn=words.waiting(page.file.waits_for, page.entity, page.customer),
        strip=strip(page, g.now),
        deed_words=lambda deed: words.deed(deed.kind, deed.body),
        checks=_checks(page),
        primary=_primary(page),
        shares_text=page.role == "mediator",
        token=DeskForm(formdata=None).once.data,
    )
    response = make_response(html)
    response.status_code = status
    response.headers["Cache-Control"] = "private, no-store"
    return response


def row_of(line: FileLine) -> Row:
    """The line in the reader's words."""
    clock = words.face(line.next_clock, line.next_due_at, g.now)
    turn = words.waiting(line.waits_for, line.company, line.customer)
    return Row(line, words.said(words.STATE, line.state), turn, clock)


def _checks(page: FilePage) -> list[Check]:
    return checks(page) if page.inside and page.judgement is not None else []


def _cause(page: FilePage) -> str:
    if page.cause is None:
        return ""
    return page.cause[locale.reader_locale() == "fr"]


_PRIMARY = {
    "mediator": ("admit", "notify", "answer", "propose", "ask_document"),
    "company": ("answer", "answer_restatement", "state", "fulfil"),
    "proposed": ("accept_appointment",),
    "desk": ("represent",),
}


def _primary(page: FilePage) -> str:
    """The one act that comes next for this reader; empty where none does."""
    for act in _PRIMARY.get(page.role, ()):
        if page.may(act) and _makes_sense(page, act):
            return act
    return ""


def _makes_sense(page: FilePage, act: str) -> bool:
    if act == "answer":
        return any(
            one.open and (page.role == "mediator" or _mine_to_answer(page, one)) for one in page.proposals
        )
    if act == "answer_restatement":
        return page.restatement is not None and page.role not in page.restatement.answers
    if act == "fulfil":
        return any(t.state == "open" and t.side == "company" and not t.paid_by_desk for t in page.tasks)
    if act == "represent":
        return page.file.representative_id is None
    return True


def _mine_to_answer(page: FilePage, one: ProposalView) -> bool:
    return one.side != page.role and page.role not in one.answers


def _view_name(view: str) -> str:
    return {
        "mine": _("Mine"),
        "offered": _("Offered to me"),
        "represented": _("Represented by me"),
        "running": _("Under way"),
        "agreed": _("Agreed"),
        "ended": _("Ended"),
    }[view]


def _number(text: str) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
