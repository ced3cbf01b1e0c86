"""A case that is being logged: typed, looked up, judged while one types, and then stored at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import MultipleFileField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional

from casedesk.cases import words
from casedesk.cases.commands import FactLine, NewAttachment, OpenCase
from casedesk.customers.fact_values import typed_value
from casedesk.web.fields import ChoiceField, IdField, LocalDateTimeField, MoneyField
from casedesk.web.form import DeskForm, tidy

STATEMENT = "statement"
"""Source of a fact that was told when the case was logged."""

PREFIX = "fact_"


class NewCaseForm(DeskForm):
    """Everything of a new case. Which customer, contract and charge is picked by id; else who the caller says to be."""

    who = StringField(_l("Who"))
    customer_id = IdField()
    subscription_id = IdField()
    charge_id = IdField()
    claimed_name = StringField(_l("Name given"))
    claimed_contact = StringField(_l("Mail address or phone given"))
    kind = ChoiceField(_l("What is asked for"), choices=list(words.KIND.items()), default="refund")
    channel = ChoiceField(_l("How it came"), choices=list(words.CHANNEL_NAME.items()), default="phone")
    said = TextAreaField(_l("What the customer said"), [DataRequired(_l("Write what the customer said."))])
    cause = ChoiceField(_l("Cause"), blank=_l("not said"), default="")
    said_at = LocalDateTimeField(_l("Said at"), [Optional()])
    claimed = MoneyField(_l("Amount asked for"))
    priority = ChoiceField(
        _l("Priority"), choices=[(str(n), word) for n, word in words.PRIORITY.items()], default="3"
    )
    files = MultipleFileField(_l("Files"))
    grade = ChoiceField(_l("Kind of file"), choices=list(words.GRADE.items()), default="ordinary")

    def to_command(self, facts: Sequence[FactLine], files: Sequence[NewAttachment]) -> OpenCase:
        return OpenCase(
            kind=self.kind.data,
            channel=self.channel.data,
            said=self.said.data,
            cause_code=self.cause.data or None,
            said_at=self.said_at.data,
            customer_id=self.customer_id.data,
            subscription_id=self.subscription_id.data,
            charge_id=self.charge_id.data,
            claimed_name=self.claimed_name.data or "",
            claimed_contact=self.claimed_contact.data or "",
            claimed_minor=self.claimed.data,
            currency=self.claimed.currency,
            facts=tuple(facts),
            attachments=tuple(files),
            priority=int(self.priority.data),
        )


def read_facts(
    sent: MultiDict[str, str], *, currency: str, zone: str
) -> tuple[list[FactLine], dict[str, str], list[tuple[str, str]]]:
    """The facts that were answered, their answers as typed, and a sentence for each that cannot be read."""
    facts, typed, told = [], {}, []
    for key in sent:
        if not key.startswith(PREFIX):
            continue
        name = key.removeprefix(PREFIX)
        text = next((tidy(value)[:200] for value in reversed(sent.getlist(key)) if tidy(value)), "")
        if not text:
            continue
        typed[name] = text
        if text in ("never", "none"):
            facts.append(FactLine(name, "never", None, STATEMENT))
            continue
        try:
            value = typed_value(name, text, currency=currency, zone=zone)
        except ValueError as refused:
            told.append((key, str(refused)))
        else:
            facts.append(FactLine(name, "known", value, STATEMENT))
    return facts, typed, told


def moment_or(form: NewCaseForm, now: datetime) -> datetime:
    """When it was said: as typed, else now."""
    said_at: datetime | None = form.said_at.data
    return said_at if said_at is not None and said_at <= now else now


def draft_of(sent: MultiDict[str, str]) -> Mapping[str, Any]:
    """What of a form is kept as a draft: everything typed, nothing technical."""
    hidden = {"csrf_token", "once", "version", "seen", "find", "pick", "judge", "then", "clear", "discard"}
    return {key: sent.getlist(key) for key in sent if key not in hidden}
