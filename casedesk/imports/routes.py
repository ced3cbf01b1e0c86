"""The import pages: list, upload, first rows, start, progress, error file."""

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.imports import actions, queries, wording
from casedesk.imports.actions import NewImport
from casedesk.imports.faults import FileFault
from casedesk.imports.forms import UploadForm
from casedesk.imports.mapping import parse
from casedesk.imports.previewing import preview
from casedesk.imports.queries import RunLine
from casedesk.imports.sentences import sentence
from casedesk.kernel.errors import Conflict
from casedesk.store import blobs
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from casedesk.store.uploads import safe_name
from casedesk.web.deed import once
from casedesk.web.form import DeskForm

bp = Blueprint("imports", __name__)


@bp.get("/imports")
@guard(Permission.IMPORT)
def index() -> ResponseReturnValue:
    return render_template("imports/index.html", runs=queries.runs(db.session()), words=wording)


@bp.get("/imports/new")
@guard(Permission.IMPORT)
def new() -> ResponseReturnValue:
    return render_template("imports/new.html", form=UploadForm(formdata=None))


@bp.post("/imports/new")
@guard(Permission.IMPORT)
def upload() -> ResponseReturnValue:
    """Keep the upload and show what its first rows become; nothing is imported yet."""
    form = UploadForm()
    if not form.validate_on_submit() or form.mapping is None:
        return render_template("imports/new.html", form=form), 422
    data, joined = form.file.data.read(), form.joined_files()
    try:
        shown = preview(data, form.mapping, joined)
    except FileFault as fault:
        form.file.errors = [*form.file.errors, sentence(fault)]
        return render_template("imports/new.html", form=form), 422
    new_import = NewImport(
        form.mapping.kind, form.mapping.source, safe_name(form.file.data.filename), data, form.text, joined
    )
    with transaction() as session:
        run_id = actions.upload(session, new_import, person_id=g.actor.id, now=g.now).id
    run = queries.run(db.session(), run_id)
    return render_template(
        "imports/show.html", run=run, preview=shown, form=DeskForm(formdata=None), words=wording
    )


@bp.get("/imports/<int:run_id>")
@guard(Permission.IMPORT)
def show(run_id: int) -> ResponseReturnValue:
    run = queries.run(db.session(), run_id)
    return render_template(
        "imports/show.html", run=run, preview=None, form=DeskForm(formdata=None), words=wording
    )


@bp.post("/imports/<int:run_id>/preview")
@guard(Permission.IMPORT)
def show_first(run_id: int) -> ResponseReturnValue:
    """The first rows once more."""
    run = queries.run(db.session(), run_id)
    try:
        shown = _preview(run, run_id)
    except FileFault as fault:
        flash(sentence(fault))
        return redirect(url_for(".show", run_id=run_id), 303)
    return render_template(
        "imports/show.html", run=run, preview=shown, form=DeskForm(formdata=None), words=wording
    )


@bp.post("/imports/<int:run_id>/start")
@guard(Permission.IMPORT)
def start(run_id: int) -> ResponseReturnValue:
    def deed(session: Session) -> str:
        actions.start(session, run_id, now=g.now)
        return url_for(".show", run_id=run_id)

    response = once(DeskForm(), deed)
    flash(_("The worker has it. This page shows how far it is."))
    return response


@bp.get("/imports/<int:run_id>/errors")
@guard(Permission.IMPORT)
def errors(run_id: int) -> ResponseReturnValue:
    """The refused rows as a file, never shown in the browser."""
    digest, name = queries.error_digest(db.session(), run_id)
    response = Response(blobs.read(digest), mimetype="application/octet-stream")
    stem, dot, ending = name.removesuffix(".gz").rpartition(".")
    shown = f"{stem}.errors.{ending}" if dot else f"{name}.errors"
    response.headers.set("Content-Disposition", "attachment", filename=shown)
    return response


def _preview(run: RunLine, run_id: int) -> object:
    digest, joined = _files(run_id)
    return preview(
        blobs.read(digest), parse(run.toml), {name: blobs.read(one) for name, one in joined.items()}
    )


def _files(run_id: int) -> tuple[str, dict[str, str]]:
    kept = queries.kept_files(db.session(), run_id)
    if kept is None:
        raise Conflict("import.gone")
    return kept
