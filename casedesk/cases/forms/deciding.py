"""A decision as it is typed: an amount out of a few ways, a reason where it differs from the rule, the contract's fate."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField
from wtforms.validators import Optional

from casedesk.cases import words
from casedesk.cases.commands import AnswerDecision, MoneyLine, ProposeDecision
from casedesk.cases.forms.writing import OnCase
from casedesk.web.fields import ChoiceField, LocalDateField, MoneyField, listed

WAYS = ("rule", "whole", "other", "refuse")


class DecisionForm(OnCase):
    """What is proposed. `by_rule`, `whole` and `left` are what the page worked out; the action checks all anew."""

    way = RadioField(
        _l("Amount"), choices=listed([(way, way) for way in WAYS]), default="rule", validate_choice=False
    )
    other = MoneyField(_l("Another amount"))
    method = ChoiceField(
        _l("How it is paid"),
        choices=[("refund", _l("Refund to the way it was paid")), ("credit", _l("Credit on the account"))],
        default="refund",
    )
    reason_code = ChoiceField(
        _l("Reason"), choices=list(words.REASON.items()), blank=_l("choose"), default=""
    )
    reason_text = TextAreaField(_l("In one or two sentences"))
    subscription_effect = RadioField(
        _l("The contract"), choices=listed(list(words.EFFECT.items())), default="keep", validate_choice=False
    )
    effect_on = LocalDateField(_l("On which day, if not at once"), [Optional()])
    letter_text = TextAreaField(_l("A paragraph of your own in the letter"))

    def to_command(self, case_id: int, lines: Sequence[MoneyLine]) -> ProposeDecision:
        return ProposeDecision(
            case_id=case_id,
            case_version=self.case_version or 0,
            lines=tuple(lines),
            reason_code=self.reason_code.data or None,
            reason_text=self.reason_text.data or "",
            subscription_effect=self.subscription_effect.data,
            effect_on=self.effect_on.data,
            letter_text=self.letter_text.data or "",
        )


class AnswerForm(OnCase):
    """Approve or decline, with a word for the proposer."""

    said = TextAreaField(_l("A word for the proposer"))

    def to_command(self, decision_id: int, approve: bool) -> AnswerDecision:
        return AnswerDecision(decision_id, self.case_version or 0, approve, self.said.data or "")


def shared_out(amount: int, charges: Sequence[Any], first_id: int | None, method: str) -> list[MoneyLine]:
    """`amount` over the charges that can still be refunded, the one in dispute first, then the newest."""
    lines: list[MoneyLine] = []
    left = amount
    for charge in sorted(charges, key=lambda c: c.id != first_id):
        part = min(left, charge.refundable)
        if part > 0:
            lines.append(MoneyLine(charge.id, part, method))
            left -= part
    if left > 0 and lines:
        lines[0] = MoneyLine(lines[0].charge_id, lines[0].amount_minor + left, method)
    elif left > 0 and charges:
        lines.append(MoneyLine(charges[0].id, left, method))
    return lines
