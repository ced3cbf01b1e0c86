"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "mediation.act": _l("The file has moved on, or this is not yours to do. Look at where it stands now."),
    "mediation.move": _l("The file cannot go from this state to that one."),
    "mediation.changed": _l(
        "Somebody else changed %(number)s meanwhile. Look at what is new, then try again."
    ),
    "mediation.said": _l("Write what is to be said."),
    "mediation.in_future": _l("This day is still to come. Check the date."),
    "mediation.merged": _l("This case was merged with another one. Ask for the mediation there."),
    "mediation.waiting_approval": _l(
        "A decision of this case waits for approval. It must be answered first."
    ),
    "mediation.running": _l("A mediation of this case is under way: %(number)s."),
    "mediation.for_side": _l("Choose for which party this is recorded."),
    "mediation.representative": _l("Choose an agent or manager who does not mediate this file."),
    "mediation.representative_name": _l("Write the name of who speaks for the party."),
    "mediation.no_representative": _l(
        "Nobody represents the company yet. It must name its representative before it binds itself."
    ),
    "mediation.complete_when": _l("The file cannot be complete before it came in, nor in the future."),
    "mediation.declaration": _l("The mediator must declare that nothing ties them to either party."),
    "mediation.not_neutral": _l(
        "%(name)s took part in this case, in another case of this customer or in its team, and cannot mediate it."
    ),
    "mediation.not_on_panel": _l("This person is not on the panel of mediators."),
    "mediation.recusal": _l("Choose why the mediator steps back."),
    "mediation.fields": _l("Choose at least one kind of case."),
    "mediation.locales": _l("Choose at least one language."),
    "mediation.capacity": _l("Write a number of files from 1 to 200."),
    "mediation.admit_why": _l(
        "The rules do not plainly say that the case may be taken. Write why it is taken nevertheless."
    ),
    "mediation.ground": _l("Choose the ground on which the case is declined."),
    "mediation.decline_why": _l("Write the reason, as the customer will read it."),
    "mediation.extend_why": _l("Write why the dispute is complex, as both parties will read it."),
    "mediation.extend_too_late": _l("The time is over: it could only be extended before."),
    "mediation.extend_not_later": _l("The new day must come after the one that counts now."),
    "mediation.extend_too_long": _l("This is too long: 90 days more at most."),
    "mediation.point": _l("Name the point in a few words."),
    "mediation.point_agreed": _l("Write what neither party disputes; the mediator does."),
    "mediation.point_not_disputed": _l("Nobody disputes this point. Add a point of its own to dispute it."),
    "mediation.too_many_points": _l("There are 40 points already. Bring some of them together."),
    "mediation.restate": _l("Write what was understood in at least one of the fields."),
    "mediation.answered": _l("This was answered already; an answer stays as it is."),
    "mediation.document_day": _l("Choose a day from tomorrow on, within %(days)s days."),
    "mediation.no_part": _l("A proposal needs at least one part."),
    "mediation.too_many_parts": _l("A proposal has eight parts at most."),
    "mediation.part_kind": _l("Choose what the part gives."),
    "mediation.still_mediates": _l(
        "%(name)s is the mediator of files that are open (%(count)s). Let them step back from each first, then change the role."
    ),
    "mediation.part_amount": _l("Write an amount above zero."),
    "mediation.part_no_amount": _l("Only a refund or a credit has an amount."),
    "mediation.part_months": _l("Write a number of months from 1 to 24."),
    "mediation.part_said": _l("Write what is waived or changed."),
    "mediation.part_days": _l("Write within how many days, from 1 to 365."),
    "mediation.part_twice": _l("One refund and one credit are enough: add them up."),
    "mediation.part_too_large": _l("This is more than can still be given back in this case."),
    "mediation.currency": _l("The case is in %(currency)s; an offer must be too."),
    "mediation.expiry": _l("Choose a last day from %(least)s to %(most)s days from now."),
    "mediation.above_ceiling": _l(
        "The representative may bind the company up to %(amount)s. A manager with a higher ceiling must represent it."
    ),
    "mediation.half_answered": _l(
        "A party has answered the mediator's proposal already. Wait for the other answer, or for its last day."
    ),
    "mediation.not_yours": _l(
        "A party does not answer its own proposal, and counters only the other party's."
    ),
    "mediation.understood": _l("Confirm that you have read what accepting means and what is given up."),
    "mediation.proposal_changed": _l("The proposal changed while you were reading. Look at it again."),
    "mediation.proposal_over": _l(
        "This can no longer be answered: it ran out, or something newer took its place."
    ),
    "mediation.distance": _l("Write a distance from zero to what can still be given back."),
    "mediation.offers_running": _l("A round of sealed offers is open already."),
    "mediation.offers_used": _l("All %(most)s offers of this round are made."),
    "mediation.offers_key": _l(
        "An earlier offer cannot be opened any more, because the desk's key was changed. Make the offer again."
    ),
    "mediation.money_gone": _l(
        "Less than was agreed can still be given back on the charges of the case. Look at its money first."
    ),
    "mediation.task_over": _l("This task is no longer open."),
    "mediation.task_paid": _l("This is paid by the desk, and done as soon as the money has left."),
    "mediation.not_due": _l("This is not overdue: its last day is not over."),
    "mediation.opinion": _l("Write a reasoned opinion: at least a sentence or two."),
    "mediation.favours": _l("Choose in whose favour the opinion is for the most part."),
}
