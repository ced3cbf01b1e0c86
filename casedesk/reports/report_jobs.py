"""The worker draws reports on paper and sends those that are scheduled."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.kernel.errors import CasedeskError
from casedesk.reports import drawing, exporting, heads, paper, report_actions
from casedesk.reports.report_models import ReportFile
from casedesk.store.work import Call, Job, Refused, Timed
from casedesk.web.errors import sentence


class Request(NamedTuple):
    """What is drawn without a database, and what is said with it."""

    drawing: drawing.Drawing
    name: str
    title: str
    text: str


def prepare(session: Session, job: Job, *, now: datetime) -> Request | None:
    """The report as its reader may see it now; None where nobody is to read it any more."""
    file = session.get(ReportFile, job.payload["file_id"])
    reader = report_actions.person_actor(session, file.person_id) if file else None
    if file is None or reader is None or file.state == "ready":
        return None
    if not drawing.can_draw():
        raise Refused("report.no_renderer")
    reader = report_actions.spoken_to(reader, locale=file.locale)
    asked = report_actions.fields(file.asked)
    with paper.read_by(reader, now):
        try:
            made, answer = paper.drawing_of(
                session, file.report, asked, actor=reader, zone=file.zone, now=now
            )
        except CasedeskError as refused:
            raise Refused(sentence(refused)) from refused
        title = _("%(report)s, %(days)s", report=answer.report.title, days=heads.days(answer.asked.period))
        said = _("The report is attached: %(title)s.", title=title)
        lines = [f"{one.label}: {one.value}" for one in map(paper.figure_face, answer.made.figures)]
        end = _("You get it because you asked for it in casedesk under Reports; there you can also end it.")
        return Request(
            made, exporting.file_name(answer, "pdf"), title, "\n\n".join((said, "\n".join(lines), end))
        )


def call(request: Request) -> tuple[bytes, str, str, str]:
    """Draw; nothing leaves the house, so an attempt that was lost is simply made again."""
    return drawing.drawn(request.drawing), request.name, request.title, request.text


def finish(session: Session, job: Job, result: tuple[bytes, str, str, str], *, now: datetime) -> None:
    data, name, title, said = result
    file = report_actions.keep_file(session, job.payload["file_id"], data, name, now=now)
    if file.schedule_id is not None:
        report_actions.mail_file(session, file, report_actions.Words(title, said), now=now)


def failed(session: Session, job: Job, error: str, *, final: bool, now: datetime) -> None:
    if final:
        report_actions.mark_failed(session, job.payload["file_id"], error, now=now)


def send_due(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """Ask for the files of the schedules that are due."""
    report_actions.send_due(session, zone=str(current_app.extensions["settings"].time_zone), now=now)


HANDLERS = {"report.send_due": send_due}

CALLS = {report_actions.DRAW: Call(prepare, call, finish, failed)}

SCHEDULE = (Timed("report.send_due", timedelta(minutes=5)),)
