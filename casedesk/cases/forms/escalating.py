"""What raises a case and brings it down, who is away, and the rules of the ladder as forms."""

from datetime import datetime
from typing import cast

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from casedesk.cases import words
from casedesk.cases.commands import (
    AnswerWords,
    ComeDown,
    Escalate,
    GiveEvidenceDate,
    SetAbsence,
    SetRule,
)
from casedesk.cases.forms.writing import OnCase
from casedesk.cases.ladder import FOUND, RAISED_TO
from casedesk.cases.rules import KINDS
from casedesk.web.durations import MinutesField
from casedesk.web.fields import ChoiceField, IdField, LocalDateTimeField, MoneyField
from casedesk.web.form import DeskForm


class EscalateForm(OnCase):
    """Stages and people come from the route: they depend on who raises the case and from where."""

    to_stage = ChoiceField(_l("To"))
    to_person_id = ChoiceField(
        _l("Who takes it up"), blank=_l("whoever of the stage has least to take up"), default=""
    )
    reason = ChoiceField(_l("Why"), choices=list(words.BY_HAND.items()), default="no_agreement")
    summary = TextAreaField(
        _l("Hand-over summary"),
        [InputRequired(_l("Write a summary before you raise the case.")), Length(max=8000)],
    )

    def to_command(self, case_id: int) -> Escalate:
        person = self.to_person_id.data
        return Escalate(
            case_id,
            self.to_stage.data,
            self.reason.data,
            self.summary.data,
            self.case_version,
            int(person) if person else None,
        )


class ComeDownForm(OnCase):
    to_stage = ChoiceField(_l("Back to"))
    why = TextAreaField(_l("Why"), [InputRequired(_l("Say why the case comes down.")), Length(max=4000)])

    def to_command(self, case_id: int) -> ComeDown:
        return ComeDown(case_id, self.to_stage.data, self.why.data, self.case_version)


class WordsForm(DeskForm):
    """What a message means: ``so`` confirms it."""

    entry = IdField()
    kind = ChoiceField(choices=[(kind, words.FOUND[kind]) for kind in FOUND])
    so = ChoiceField(choices=[("1", ""), ("0", "")])

    def to_command(self, case_id: int) -> AnswerWords:
        return AnswerWords(case_id, self.entry.data or 0, self.kind.data, self.so.data == "1")


class EvidenceForm(OnCase):
    due_at = LocalDateTimeField(
        _l("Evidence is due"), [InputRequired(_l("Enter the day and hour that you were given."))]
    )
    given_by = StringField(
        _l("Who gave the date"),
        [InputRequired(_l("Say who gave the date.")), Length(max=120)],
        description=_l("The bank, the card network or the payment provider, with its reference."),
    )

    def to_command(self, case_id: int) -> GiveEvidenceDate:
        due_at = cast(datetime, self.due_at.data)  # required: an empty one was refused
        return GiveEvidenceDate(case_id, due_at, self.given_by.data, self.case_version)


class AbsenceForm(DeskForm):
    """People come from the route."""

    person_id = ChoiceField(_l("Who is away"))
    substitute_id = ChoiceField(_l("Who stands in"), blank=_l("choose"), default="")
    starts_at = LocalDateTimeField(_l("From"), [InputRequired(_l("Enter when the absence begins."))])
    ends_at = LocalDateTimeField(_l("Until"), [InputRequired(_l("Enter when the absence ends."))])

    def to_command(self) -> SetAbsence:
        starts_at = cast(datetime, self.starts_at.data)  # both required: empty ones were refused
        ends_at = cast(datetime, self.ends_at.data)
        return SetAbsence(
            int(self.person_id.data or 0), int(self.substitute_id.data or 0), starts_at, ends_at
        )


class CallOffForm(DeskForm):
    version = IdField()


class SeenForm(DeskForm):
    notice = IdField()


class RuleForm(DeskForm):
    """One rule of the ladder; what its trigger does not read is left empty."""

    name_en = StringField(_l("Name in English"), [InputRequired(_l("Type a name.")), Length(max=120)])
    name_fr = StringField(_l("Name in French"), [InputRequired(_l("Type a name.")), Length(max=120)])
    trigger = ChoiceField(_l("When"), choices=list(words.TRIGGER.items()))
    clock = ChoiceField(_l("Which clock"), blank=_l("any clock"), default="")
    minutes = MinutesField(
        _l("How long after"),
        description=_l(
            "In service time, for a clock that has run out. Empty: at once. Needs a word after the due instant on the same clock, at the same length."
        ),
    )
    words = ChoiceField(
        _l("Which words"),
        choices=[(kind, words.FOUND[kind]) for kind in FOUND],
        blank=_l("any that were confirmed"),
        default="",
    )
    times = IntegerField(_l("From which contact on"), [Optional(), NumberRange(2, 99)], default=2)
    kind = ChoiceField(
        _l("Only for"),
        choices=[(kind, words.KIND[kind]) for kind in KINDS],
        blank=_l("every kind"),
        default="",
    )
    amount_minor = MoneyField(_l("Only from this amount on"))
    currency = ChoiceField(
        _l("Currency"), choices=[(c, c) for c in ("EUR", "GBP", "CHF", "USD")], default="EUR"
    )
    to_stage = ChoiceField(_l("Raise to"), choices=[(stage, words.STAGE[stage]) for stage in RAISED_TO])
    active = BooleanField(_l("In use"), default=True)
    version = IdField()

    def to_command(self, rule_id: int | None) -> SetRule:
        return SetRule(
            name_en=self.name_en.data,
            name_fr=self.name_fr.data,
            trigger=self.trigger.data,
            to_stage=self.to_stage.data,
            clock=self.clock.data or None,
            minutes=self.minutes.data or 0,
            words=self.words.data or None,
            times=self.times.data or 2,
            kind=self.kind.data or None,
            amount_minor=self.amount_minor.data,
            currency=self.currency.data,
            active=self.active.data,
            rule_id=rule_id,
            version=self.version.data,
        )
