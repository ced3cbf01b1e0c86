"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "case.changed": _l(
        "This case changed while you wrote. See what is new, then send again; what you typed is kept."
    ),
    "case.kind": _l("Choose what the customer asks for: refund, cancellation, dispute or chargeback."),
    "case.channel": _l("Choose how it came: mail, phone, chat, letter, portal or meeting."),
    "case.said_in_future": _l("This was said in the future. Enter a moment that has passed."),
    "case.claimed": _l("The amount asked for cannot be below zero."),
    "case.who": _l("Say who it is: choose a customer, or enter the name or address that was given."),
    "case.not_theirs": _l(
        "This contract or charge belongs to another customer. Choose one of this customer's own."
    ),
    "case.charge_of_other": _l(
        "This charge belongs to another contract. Choose a charge of the contract in dispute."
    ),
    "case.no_entity": _l("No legal entity is set up. Ask an administrator to add one before logging cases."),
    "case.cause": _l("This cause is not in the list any more. Choose another."),
    "case.status": _l("A case that is %(before)s cannot become %(after)s this way."),
    "case.stage": _l("A case at stage %(before)s cannot go to stage %(after)s this way."),
    "case.close_needs_outcome": _l(
        "A case closes with an outcome. Decide it, or say withdrawn, no answer or duplicate."
    ),
    "case.field": _l("This field cannot be changed here."),
    "case.priority": _l("Choose a priority from 1 to 4."),
    "case.owner": _l("Only an agent or manager who is active can own a case. Choose another person."),
    "entry.empty": _l("Write what was said before you save."),
    "entry.in_future": _l("This happened in the future. Enter a moment that has passed."),
    "entry.no_address": _l(
        "No mail address is known for this customer. Enter one, or choose another channel."
    ),
    "entry.not_correctable": _l(
        "Decisions and events are not corrected here. Decide anew, or change the fact."
    ),
    "fact.unknown": _l("No rule reads a fact of this name. Choose one from the list."),
    "fact.state": _l("Say whether the fact is known, never happened, or is unknown."),
    "fact.never": _l(
        "This fact is no act that can have never happened. Enter its value, or leave it unknown."
    ),
    "fact.never_source": _l(
        "Say where it is known from that this never happened: a statement, or a complete register."
    ),
    "fact.value": _l("This value cannot be read as that fact. %(expected)s"),
    "decision.waiting": _l("A decision on this case waits for approval. It is answered first."),
    "decision.still_paying": _l(
        "The refund of the earlier decision is still on its way. Decide anew once it is paid, so that nothing is paid twice."
    ),
    "decision.closed": _l("This case is closed. Reopen it before you decide."),
    "decision.below_statute": _l(
        "The law gives more than this. Nobody may decide less than the verdict; correct a fact with its source if the verdict is wrong."
    ),
    "decision.reason": _l("This differs from the rule. Choose a reason and say why."),
    "decision.changed": _l("This decision was answered meanwhile. See how it stands now."),
    "decision.own": _l("This is your own proposal. Somebody else must approve it."),
    "decision.effect": _l(
        "Say what becomes of the contract: keep it, end it now, or end it with the paid period."
    ),
    "decision.amount": _l("Enter an amount above zero for each charge, or leave the charge out."),
    "decision.currency": _l(
        "This charge is in %(currency)s; the case is not. Decide it in a case of its own."
    ),
    "decision.method": _l("Choose a refund or a credit."),
    "decision.above_your_ceiling": _l(
        "This is above what you may approve. Ask a manager with a higher ceiling."
    ),
    "decision.decline_reason": _l("Say why you decline, so that the proposer knows what to change."),
}
