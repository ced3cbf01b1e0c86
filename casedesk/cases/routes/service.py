"""Calendars, service times and reminders: what an administrator sets for the clocks."""

from collections.abc import Callable

from flask import flash, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases import regions, words
from casedesk.cases.actions.clocks import SERVICE_MINUTES
from casedesk.cases.event_words import clock_name
from casedesk.cases.forms.service import CalendarForm, ReminderForm, TimeForm
from casedesk.cases.routes.blueprint import bp
from casedesk.deadlines import changing, overview
from casedesk.deadlines.overview import CalendarLine, TimeLine
from casedesk.deadlines.settings import STATUTORY
from casedesk.deadlines.weekly import write_intervals
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound, RuleBroken
from casedesk.store.db import db
from casedesk.web import locale
from casedesk.web.deed import once
from casedesk.web.durations import write_minutes
from casedesk.web.errors import status_of
from casedesk.web.fields import listed
from casedesk.web.form import DeskForm


@bp.get("/service-calendars")
@guard(Permission.SEE_SERVICE)
def calendars() -> ResponseReturnValue:
    return render_template(
        "cases/escalation/calendars.html",
        lines=overview.calendars(db.session(), now=g.now),
        region_name=regions.region_name,
        named=words.cause_label,
        write=write_intervals,
        length=write_minutes,
        may_change=g.actor.may(Permission.CHANGE_SERVICE),
    )


@bp.get("/service-calendars/new")
@guard(Permission.CHANGE_SERVICE)
def new_calendar() -> ResponseReturnValue:
    form = CalendarForm(formdata=None)
    for day in CalendarForm.DAYS[:5]:
        form[day].data = ((540, 1080),)
    return _calendar_page(form, None)


@bp.post("/service-calendars")
@guard(Permission.CHANGE_SERVICE)
def add_calendar() -> ResponseReturnValue:
    return _save_calendar(CalendarForm(), None)


@bp.get("/service-calendars/<int:calendar_id>")
@guard(Permission.SEE_SERVICE)
def calendar(calendar_id: int) -> ResponseReturnValue:
    line = _calendar(calendar_id)
    form = CalendarForm(formdata=None, obj=line)
    for number, day in enumerate(CalendarForm.DAYS):
        form[day].data = line.weekly[number]
    form.entity_id.data = str(line.entity_id or "")
    return _calendar_page(form, line)


@bp.post("/service-calendars/<int:calendar_id>")
@guard(Permission.CHANGE_SERVICE)
def change_calendar(calendar_id: int) -> ResponseReturnValue:
    return _save_calendar(CalendarForm(), _calendar(calendar_id))


@bp.get("/service-times")
@guard(Permission.SEE_SERVICE)
def service_times() -> ResponseReturnValue:
    return _times_page(TimeForm(formdata=None))


@bp.post("/service-times")
@guard(Permission.CHANGE_SERVICE)
def add_time() -> ResponseReturnValue:
    return _save_time(TimeForm(), None)


@bp.get("/service-times/<int:time_id>")
@guard(Permission.CHANGE_SERVICE)
def service_time(time_id: int) -> ResponseReturnValue:
    line = _time(time_id)
    form = TimeForm(formdata=None, obj=line)
    for name in ("kind", "priority", "customer", "entity_id", "calendar_id"):
        form[name].data = str(getattr(line, name) or "")
    return _times_page(form, line)


@bp.post("/service-times/<int:time_id>")
@guard(Permission.CHANGE_SERVICE)
def change_time(time_id: int) -> ResponseReturnValue:
    return _save_time(TimeForm(), _time(time_id))


@bp.post("/service-times/<int:time_id>/removal")
@guard(Permission.CHANGE_SERVICE)
def remove_time(time_id: int) -> ResponseReturnValue:
    def deed(session: Session) -> str:
        changing.remove_time(session, time_id, actor=g.actor.ref, now=g.now)
        return url_for("cases.service_times")

    response = once(DeskForm(), deed)
    flash(_("The service time is removed. Clocks that run keep what they were given."))
    return response


@bp.get("/reminders")
@guard(Permission.SEE_SERVICE)
def reminders() -> ResponseReturnValue:
    return _reminders_page(ReminderForm(formdata=None))


@bp.post("/reminders")
@guard(Permission.CHANGE_SERVICE)
def set_reminder() -> ResponseReturnValue:
    form = ReminderForm()
    form.clock.choices = listed(_clock_choices())
    if not form.validate_on_submit():
        return _reminders_page(form), 422

    def deed(session: Session) -> str:
        changing.set_threshold(session, form.to_command(), actor=g.actor.ref, now=g.now)
        return url_for("cases.reminders")

    return _deed(form, deed, _("The reminder is set."), lambda: _reminders_page(form))


@bp.post("/reminders/<int:threshold_id>/removal")
@guard(Permission.CHANGE_SERVICE)
def remove_reminder(threshold_id: int) -> ResponseReturnValue:
    def deed(session: Session) -> str:
        changing.remove_threshold(session, threshold_id, actor=g.actor.ref, now=g.now)
        return url_for("cases.reminders")

    response = once(DeskForm(), deed)
    flash(_("The reminder is removed."))
    return response


def _save_calendar(form: CalendarForm, line: CalendarLine | None) -> ResponseReturnValue:
    _offer_entities(form)
    if not form.validate_on_submit():
        return _calendar_page(form, line), 422

    def deed(session: Session) -> str:
        command = form.to_command(line.id if line else None)
        changing.set_calendar(session, command, actor=g.actor.ref, now=g.now)
        return url_for("cases.calendars")

    def again() -> str:
        now = _calendar(line.id) if line else None
        form.version.data = now.version if now else None
        return _calendar_page(form, now)

    return _deed(form, deed, _("The calendar is saved; clocks that run in it are reckoned anew."), again)


def _save_time(form: TimeForm, line: TimeLine | None) -> ResponseReturnValue:
    _offer_times(form)
    if not form.validate_on_submit():
        return _times_page(form, line), 422

    def deed(session: Session) -> str:
        changing.set_time(session, form.to_command(line.id if line else None), actor=g.actor.ref, now=g.now)
        return url_for("cases.service_times")

    def again() -> str:
        now = _time(line.id) if line else None
        form.version.data = now.version if now else None
        return _times_page(form, now)

    return _deed(
        form, deed, _("The service time is saved; it holds for clocks that start from now on."), again
    )


def _deed(
    form: DeskForm, deed: Callable[[Session], str], said: str, again: Callable[[], str]
) -> ResponseReturnValue:
    try:
        response = once(form, deed)
    except (InvalidInput, RuleBroken, Conflict) as refusal:
        form.refuse(refusal)
        return again(), status_of(refusal)
    flash(said)
    return response


def _calendar(calendar_id: int) -> CalendarLine:
    lines = overview.calendars(db.session(), now=g.now)
    found = next((line for line in lines if line.id == calendar_id), None)
    if found is None:
        raise NotFound("not_found")
    return found


def _time(time_id: int) -> TimeLine:
    found = next((line for line in overview.times(db.session()) if line.id == time_id), None)
    if found is None:
        raise NotFound("not_found")
    return found


def _offer_entities(form: CalendarForm | TimeForm) -> None:
    known = [(str(key), name) for key, name in overview.entities(db.session())]
    form.entity_id.choices = [form.entity_id.choices[0], *listed(known)]


def _offer_times(form: TimeForm) -> None:
    _offer_entities(form)
    form.clock.choices = listed([(name, clock_name(name)) for name in SERVICE_MINUTES])
    known = [
        (str(line.id), words.cause_label(line.name_en, line.name_fr))
        for line in overview.calendars(db.session(), now=g.now)
        if line.active
    ]
    form.calendar_id.choices = [form.calendar_id.choices[0], *listed(known)]


def _clock_choices() -> list[tuple[str, str]]:
    return [*((name, clock_name(name)) for name in SERVICE_MINUTES), (STATUTORY, _("All that the law sets"))]


def _calendar_page(form: CalendarForm, line: CalendarLine | None) -> str:
    _offer_entities(form)
    return render_template(
        "cases/escalation/calendar.html",
        form=form,
        line=line,
        name=words.cause_label(line.name_en, line.name_fr) if line else _("New calendar"),
        regions=regions.regions(locale.reader_locale()),
        region_name=regions.region_name,
        holiday=regions.holiday,
        write=write_intervals,
        length=write_minutes,
        may_change=g.actor.may(Permission.CHANGE_SERVICE),
    )


def _times_page(form: TimeForm, line: TimeLine | None = None) -> str:
    _offer_times(form)
    lines = sorted(overview.times(db.session()), key=lambda one: _place(one.clock))
    named = {one.clock for one in lines if not (one.kind or one.priority or one.customer or one.entity_id)}
    return render_template(
        "cases/escalation/times.html",
        form=form,
        line=line,
        lines=lines,
        usual=[(name, minutes) for name, minutes in SERVICE_MINUTES.items() if name not in named],
        clock=clock_name,
        length=write_minutes,
        words=words,
        said=words.said,
        named=words.cause_label,
        may_change=g.actor.may(Permission.CHANGE_SERVICE),
    )


def _place(clock: str) -> int:
    """Where a clock stands in lists: in the order in which a case meets them, those of the law last."""
    return [*SERVICE_MINUTES, STATUTORY].index(clock) if clock in (*SERVICE_MINUTES, STATUTORY) else 99


def _reminders_page(form: ReminderForm) -> str:
    form.clock.choices = listed(_clock_choices())
    names = dict(_clock_choices())
    return render_template(
        "cases/escalation/reminders.html",
        form=form,
        lines=[
            (line, names.get(line.clock) or clock_name(line.clock), words.said(words.TELL, line.tell))
            for line in sorted(overview.thresholds(db.session()), key=lambda one: _place(one.clock))
        ],
        length=write_minutes,
        may_change=g.actor.may(Permission.CHANGE_SERVICE),
    )
