"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "cause.taken": _l("Another cause has this code. Choose another one."),
    "cause.into": _l("Choose another cause that is in use."),
    "cause.merged": _l("This cause was merged into another one and cannot come back. Add a new one."),
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
    "case.mediates": _l(
        "You mediate this case or one that belongs to it, so you cannot work on it. Step back from the mediation first."
    ),
    "case.status": _l("A case that is %(before)s cannot become %(after)s this way."),
    "case.stage": _l("A case at stage %(before)s cannot go to stage %(after)s this way."),
    "case.stage_by_escalation": _l(
        "Raise the case or bring it down by its own buttons: a summary or a reason goes with it."
    ),
    "escalation.closed": _l("This case is closed. Reopen it before you raise it."),
    "escalation.summary": _l(
        "Write a summary, so that whoever takes the case up need not ask the customer again."
    ),
    "escalation.reason": _l("Choose why you raise the case."),
    "escalation.receiver": _l("This person cannot take up cases at this stage. Choose another."),
    "escalation.nobody": _l("Nobody is there at this stage. Raise the case to the stage above."),
    "escalation.taken": _l("%(name)s has taken this case up already. See how it stands now."),
    "escalation.not_yours": _l("Only who leads the team or a manager takes up cases at this stage."),
    "escalation.why": _l("Say why the case comes down, so that whoever has it next knows."),
    "escalation_rule.name": _l("Give the rule a name in English."),
    "escalation_rule.trigger": _l("Choose what the rule waits for from the list."),
    "escalation_rule.stage": _l("Choose how far the rule raises a case from the list."),
    "escalation_rule.amount": _l("Enter an amount above zero from which the rule holds."),
    "escalation_rule.times": _l("Enter from which contact on the rule holds: 2 or more."),
    "escalation_rule.minutes": _l("Enter a time of zero or above, in hours and minutes, like 4 h."),
    "words.kind": _l("Choose what the message means from the list."),
    "words.answered": _l("A colleague has answered this already. See how it stands now."),
    "absence.person": _l("Only an agent or manager who is active can be away here."),
    "absence.substitute": _l("Choose an agent or manager who is active, and not the person who is away."),
    "absence.order": _l("The absence ends before it begins. Check the two dates."),
    "absence.past": _l("This absence is over already. Enter one that lasts or is to come."),
    "absence.twice": _l("An absence in this time is planned already. Call it off first."),
    "absence.mutual": _l(
        "The substitute is away at the same time and counts on this person. Choose another."
    ),
    "evidence.past": _l("Enter a day that is still to come: evidence after it is not read any more."),
    "evidence.given_by": _l("Say who gave the date: the bank, the network or the payment provider."),
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
