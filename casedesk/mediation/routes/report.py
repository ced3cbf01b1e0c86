"""The report of a year, as a page and as a table; every figure says how it was counted and opens into its files."""

import csv
import io
from datetime import date
from zoneinfo import ZoneInfo

from flask import Response, current_app, g, render_template, request
from flask_babel import gettext as _

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.kernel.errors import NotFound
from casedesk.mediation import report_words
from casedesk.mediation.queries.choices import causes
from casedesk.mediation.queries.report import files_of, year_report, years
from casedesk.mediation.routes.blueprint import bp
from casedesk.mediation.rules.figures import YearReport
from casedesk.store.db import db
from casedesk.web import locale
from casedesk.web.form import DeskForm


@bp.get("/mediation/report")
@guard(Permission.SEE_MEDIATION_REPORT)
def report() -> str:
    year, report = _asked()
    labels = dict(causes(db.session(), locale.reader_locale()))
    opened = request.args.get("figure", "")
    rows = report_words.rows(report, labels)
    shown = next((row for row in rows if row.key == opened), None)
    return render_template(
        "mediation/report.html",
        report=report,
        year=year,
        years=years(db.session(), _zone(), g.now),
        groups=report_words.grouped(rows),
        opened=shown,
        files=files_of(db.session(), shown.files[:500]) if shown else [],
        zone=_zone(),
        last=min(date(year, 12, 31), g.now.astimezone(ZoneInfo(_zone())).date()).isoformat(),
        form=DeskForm(formdata=None),
    )


@bp.get("/mediation/report.csv")
@guard(Permission.SEE_MEDIATION_REPORT)
def report_csv() -> Response:
    year, report = _asked()
    labels = dict(causes(db.session(), locale.reader_locale()))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        [_("Figure"), _("Of"), _("Count"), _("Whole"), _("Share"), _("Mean, days"), _("Counted how")]
    )
    for row in report_words.rows(report, labels):
        share = "" if row.share is None else f"{row.share:.4f}"
        mean = "" if row.mean_days is None else f"{row.mean_days:.1f}"
        writer.writerow(
            [row.group, row.label, row.count, row.of if row.of is not None else "", share, mean, row.how]
        )
    response = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="mediation-{year}.csv"'
    return response


def _asked() -> tuple[int, YearReport]:
    text = request.args.get("year", str(g.now.year))
    if not (text.isascii() and text.isdecimal() and 2000 <= int(text[:6]) <= 2100):
        raise NotFound("not_found")
    return int(text), year_report(db.session(), int(text), _zone())


def _zone() -> str:
    return str(current_app.extensions["settings"].time_zone)
