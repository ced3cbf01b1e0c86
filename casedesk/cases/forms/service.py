"""Calendars, service times and reminders as forms."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, StringField
from wtforms.validators import InputRequired, Length, StopValidation
from wtforms.widgets import TextArea, TextInput

from casedesk.accounts.forms import zones
from casedesk.cases import words
from casedesk.cases.regions import region_code
from casedesk.deadlines.changing import SetCalendar, SetThreshold, SetTime
from casedesk.deadlines.weekly import Unreadable, read_days, read_intervals, write_intervals
from casedesk.kernel.errors import InvalidInput
from casedesk.web.durations import MinutesField
from casedesk.web.errors import sentence
from casedesk.web.fields import ChoiceField, IdField, listed
from casedesk.web.form import DeskForm, tidy

CODES = {"overlap": "calendar.overlap", "day": "calendar.day"}
LONGEST = 4000


class _Typed(Field):
    """Text that is read as something; what was typed is kept where it cannot be read."""

    typed = ""
    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = tidy(str(valuelist[0])) if valuelist else ""
        self.data = ()

    def pre_validate(self, form: Any) -> None:
        if len(self.typed) > LONGEST:
            raise StopValidation(_("This is too long."))
        try:
            self.data = self.read(self.typed)
        except Unreadable as refused:
            told = InvalidInput(CODES.get(refused.code, "calendar.hours"), piece=refused.piece[:60])
            raise StopValidation(sentence(told)) from None

    def read(self, text: str) -> Any:
        raise NotImplementedError


class HoursField(_Typed):
    """The opening hours of one weekday."""

    widget = TextInput()

    def read(self, text: str) -> Any:
        return read_intervals(text)

    def _value(self) -> str:
        return self.typed or write_intervals(self.data or ())


class DaysField(_Typed):
    """Days closed, one a line."""

    widget = TextArea()

    def read(self, text: str) -> Any:
        return read_days(text)

    def _value(self) -> str:
        return self.typed or "\n".join(str(day) for day in self.data or ())


class CalendarForm(DeskForm):
    """Entities come from the route."""

    name_en = StringField(_l("Name in English"), [InputRequired(_l("Type a name.")), Length(max=120)])
    name_fr = StringField(_l("Name in French"), [InputRequired(_l("Type a name.")), Length(max=120)])
    zone = ChoiceField(_l("Time zone"), default="Europe/Paris")
    region = StringField(
        _l("Holidays of"),
        description=_l("Type the beginning of a country or region and choose. Empty: no holidays."),
    )
    day_0 = HoursField(_l("Monday"))
    day_1 = HoursField(_l("Tuesday"))
    day_2 = HoursField(_l("Wednesday"))
    day_3 = HoursField(_l("Thursday"))
    day_4 = HoursField(_l("Friday"))
    day_5 = HoursField(_l("Saturday"))
    day_6 = HoursField(_l("Sunday"))
    closed = DaysField(_l("Further days closed"), description=_l("One a line, like 2026-12-24."))
    entity_id = ChoiceField(_l("Usual calendar of"), blank=_l("no entity"), default="")
    active = BooleanField(_l("In use"), default=True)
    version = IdField()

    DAYS = tuple(f"day_{n}" for n in range(7))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone.choices = listed([*zones(), ("UTC", "UTC")])

    def to_command(self, calendar_id: int | None) -> SetCalendar:
        return SetCalendar(
            name_en=self.name_en.data,
            name_fr=self.name_fr.data,
            zone=self.zone.data,
            region=region_code(self.region.data or ""),
            weekly=tuple(self[day].data for day in self.DAYS),
            closed=self.closed.data,
            entity_id=int(self.entity_id.data) if self.entity_id.data else None,
            active=self.active.data,
            calendar_id=calendar_id,
            version=self.version.data,
        )


class TimeForm(DeskForm):
    """Clocks, entities and calendars come from the route."""

    clock = ChoiceField(_l("Clock"))
    minutes = MinutesField(_l("Service time"), [InputRequired(_l("Enter a time, like 8 h or 2 h 30."))])
    kind = ChoiceField(_l("Only for"), choices=list(words.KIND.items()), blank=_l("every kind"), default="")
    priority = ChoiceField(
        _l("Only priority"),
        choices=[(str(n), word) for n, word in words.PRIORITY.items()],
        blank=_l("every priority"),
        default="",
    )
    customer = ChoiceField(
        _l("Only customers who are"), choices=list(words.WHO.items()), blank=_l("of any kind"), default=""
    )
    entity_id = ChoiceField(_l("Only entity"), blank=_l("every entity"), default="")
    calendar_id = ChoiceField(_l("In the hours of"), blank=_l("the entity's usual calendar"), default="")
    version = IdField()

    def to_command(self, time_id: int | None) -> SetTime:
        return SetTime(
            clock=self.clock.data,
            minutes=self.minutes.data or 0,
            kind=self.kind.data or None,
            priority=int(self.priority.data) if self.priority.data else None,
            customer=self.customer.data or None,
            entity_id=int(self.entity_id.data) if self.entity_id.data else None,
            calendar_id=int(self.calendar_id.data) if self.calendar_id.data else None,
            time_id=time_id,
            version=self.version.data,
        )


class ReminderForm(DeskForm):
    """Clocks come from the route."""

    clock = ChoiceField(_l("Clock"))
    minutes = MinutesField(_l("How long"), [InputRequired(_l("Enter a time, like 2 h."))])
    side = ChoiceField(
        _l("Before or after"),
        choices=[("before", _l("before it is due")), ("after", _l("after it ran out"))],
        default="before",
    )
    tell = ChoiceField(_l("Tell"), choices=list(words.TELL.items()), default="owner")
    by_mail = BooleanField(_l("By mail too, while the desk is open"))

    def to_command(self) -> SetThreshold:
        minutes = self.minutes.data or 0
        return SetThreshold(
            self.clock.data,
            -minutes if self.side.data == "before" else minutes,
            self.tell.data,
            self.by_mail.data,
        )
