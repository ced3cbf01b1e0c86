"""A decision as it is typed: an amount out of a few ways, a reason where it differs from the rule, the contract's fate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField
from wtforms.validators import Optional

from casedesk.cases import words
from casedesk.cases.commands import AnswerDecision, MoneyLine, ProposeDecision
from casedesk.cases.forms.writing import OnCase
from casedesk.ledger.queries import ChargeLine
from casedesk.web.amounts import AmountRefused, read_amount
from casedesk.web.fields import ChoiceField, LocalDateField, MoneyField, listed

WAYS = ("rule", "whole", "each", "other", "refuse")
MEANS = {"refund": "original", "credit": "balance"}


@dataclass(frozen=True)
class Part:
    """What is typed for one charge: its minor units, or why it cannot be read or given back."""

    typed: str
    minor: int | None
    refusal: str = ""


class DecisionForm(OnCase):
    """What is proposed. The page works out the sums anew each time, the action checks them."""

    way = RadioField(
        _l("Amount"),
        choices=listed([(way, way) for way in WAYS]),
        default="rule",
        validate_choice=False,
    )
    other = MoneyField(_l("Another amount"))
    method = ChoiceField(
        _l("How"),
        choices=[("refund", _l("Refund to the way it was paid")), ("credit", _l("Credit on the account"))],
        default="refund",
    )
    reason_code = ChoiceField(
        _l("Reason"), choices=list(words.REASON.items()), blank=_l("choose"), default=""
    )
    reason_text = TextAreaField(_l("In one or two sentences"))
    subscription_effect = RadioField(
        _l("The contract"),
        choices=listed(list(words.EFFECT.items())),
        default="keep",
        validate_choice=False,
    )
    effect_on = LocalDateField(_l("On which day, if not today"), [Optional()])
    letter_text = TextAreaField(_l("A paragraph of your own in the letter"))

    def to_command(self, case_id: int, lines: Sequence[MoneyLine]) -> ProposeDecision:
        ends_now = self.subscription_effect.data == "end_now"
        return ProposeDecision(
            case_id=case_id,
            case_version=self.case_version or 0,
            lines=tuple(lines),
            reason_code=self.reason_code.data or None,
            reason_text=self.reason_text.data or "",
            subscription_effect=self.subscription_effect.data or "keep",
            effect_on=self.effect_on.data if ends_now else None,
            letter_text=self.letter_text.data or "",
        )


class AnswerForm(OnCase):
    """Approve or decline, with a word for the proposer."""

    said = TextAreaField(_l("A word for the proposer"))

    def to_command(self, decision_id: int, approve: bool) -> AnswerDecision:
        return AnswerDecision(decision_id, self.case_version or 0, approve, self.said.data or "")


def read_parts(
    sent: Mapping[str, Any], charges: Sequence[ChargeLine], currency: str, too_much: str
) -> dict[int, Part]:
    """What is typed for each of `charges`, by id. Fields of other charges are not looked at.

    `too_much` is the sentence for a part beyond what is left of its charge.
    """
    parts = {}
    for charge in charges:
        typed = str(sent.get(f"part-{charge.id}", "")).strip()
        minor, refusal = None, ""
        if typed:
            try:
                minor = read_amount(typed, currency)
            except AmountRefused as refused:
                refusal = str(refused)
        if minor is not None and minor > charge.refundable:
            refusal = too_much
        parts[charge.id] = Part(typed, minor, refusal)
    return parts


def lines_of_parts(parts: Mapping[int, Part], method: str) -> list[MoneyLine]:
    """One line for each charge on which something is given back."""
    return [
        MoneyLine(charge_id, part.minor, method, MEANS.get(method, "original"))
        for charge_id, part in parts.items()
        if part.minor
    ]


def shared_out(amount: int, charges: Sequence[ChargeLine], method: str) -> list[MoneyLine]:
    """`amount` over the charges that can still be refunded, in their order; what is too much stays on the first."""
    means = MEANS.get(method, "original")
    lines: list[MoneyLine] = []
    left = amount
    for charge in charges:
        part = min(left, charge.refundable)
        if part > 0:
            lines.append(MoneyLine(charge.id, part, method, means))
            left -= part
    if left > 0 and lines:
        lines[0] = MoneyLine(lines[0].charge_id, lines[0].amount_minor + left, method, means)
    elif left > 0 and charges:
        lines.append(MoneyLine(charges[0].id, left, method, means))
    return lines
