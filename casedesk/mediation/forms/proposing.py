"""A proposal as it is typed: each kind of part has its own line, left empty where it is not proposed."""

from datetime import date, timedelta
from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import Optional

from casedesk.mediation import commands as c
from casedesk.mediation import words
from casedesk.mediation.forms.base import OnFile
from casedesk.mediation.rules.proposals import USUAL_ANSWER_DAYS, Part
from casedesk.web.fields import ChoiceField, IdField, LocalDateField, MoneyField


class ProposeForm(OnFile):
    refund = MoneyField(_l("Refund"), [Optional()])
    credit = MoneyField(_l("Credit on the account"), [Optional()])
    months = IntegerField(_l("Longer access, months"), [Optional()])
    effect = ChoiceField(_l("The contract"), choices=list(words.EFFECT.items()), default="keep")
    changed = StringField(_l("Changed term"))
    waiver = StringField(_l("What the consumer waives"))
    apology = BooleanField(_l("The company apologises"))
    apology_said = StringField(_l("Words of the apology"))
    within_days = IntegerField(_l("Carried out within, days"), default=15)
    expires_on = LocalDateField(_l("Answer by"))
    said = TextAreaField(_l("Reasons"))
    counters_id = IdField()

    def arrange(self, page: Any) -> None:
        self.refund.currency = self.credit.currency = page.file.currency
        if not self.is_submitted():
            self.expires_on.data = (g.now + timedelta(days=USUAL_ANSWER_DAYS)).date()
            self.counters_id.data = getattr(g, "mediation_counters", None)

    def validate(self, extra_validators: Any = None) -> bool:
        ok = super().validate(extra_validators)
        if self.expires_on.data is None and not self.expires_on.errors:
            self.expires_on.errors = [str(_l("Choose a day."))]
            return False
        return ok

    def to_command(self, mediation_id: int) -> c.Propose:
        return c.Propose(
            mediation_id,
            tuple(self._parts()),
            expires_on=self.expires_on.data or date.max,
            said=self.said.data or "",
            counters_id=self.counters_id.data,
            version=self.file_version,
        )

    def _parts(self) -> list[Part]:
        days = self.within_days.data or 0
        parts = []
        if self.refund.data is not None:
            parts.append(Part("refund", self.refund.data, within_days=days))
        if self.credit.data is not None:
            parts.append(Part("credit", self.credit.data, within_days=days))
        if self.months.data is not None:
            parts.append(Part("extension", months=self.months.data, within_days=days))
        ends = self.effect.data != "keep"
        if ends or self.changed.data:
            said = self.changed.data or str(words.EFFECT[self.effect.data])
            parts.append(
                Part("changed_term", effect=self.effect.data if ends else None, within_days=days, said=said)
            )
        if self.waiver.data:
            parts.append(Part("waiver", within_days=days, said=self.waiver.data))
        if self.apology.data:
            parts.append(Part("apology", within_days=days, said=self.apology_said.data or ""))
        return parts
