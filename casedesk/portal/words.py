"""The business speaks to its customer: where the case stands, what happens next, what a proposal is made of. Plain words,
no status or stage of the desk."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from casedesk.mediation.queries.views import PartView
from casedesk.policy.facts import FactSpec
from casedesk.portal.commands import Holder
from casedesk.portal.queries.case_view import CaseView, PaperPart
from casedesk.portal.queries.file_view import FileView
from casedesk.portal.rules import Step
from casedesk.web import locale
from casedesk.web.locale import money


@dataclass(frozen=True)
class Head:
    """The sentence on top and what follows from it."""

    title: str
    lead: str


@dataclass(frozen=True)
class StepLine:
    """One step: its name, when it was or will be."""

    state: str
    name: str
    when: str


def headline(view: CaseView, party: Holder) -> Head:
    """What the customer reads first."""
    sum_ = money(view.decision.amount_minor, view.currency) if view.decision else ""
    title, lead = {
        "offer": (_("%(brand)s makes you an offer", brand=party.brand), ""),
        "offer_accepted": (_("You accepted our offer"), ""),
        "mediation": (
            _("A mediator looks at your case"),
            _("The mediator belongs to neither side. Your page of the mediation has its own link."),
        ),
        "paid": (
            _("Your money is on its way back"),
            _("We paid back %(sum)s. Your bank may need some days to book it.", sum=sum_),
        ),
        "paying": (_("You get %(sum)s back", sum=sum_), _("The decision stands; the payment follows.")),
        "refused": (
            _("We decided on your request"),
            _("We do not refund. The letter below says why, and what you can do if you see it otherwise."),
        ),
        "ended": (_("Your contract is ended"), _("The letter below confirms it.")),
        "decided": (_("We decided on your request"), _("The letter below says what and why.")),
        "closed": (_("Your case is closed"), _("Write to us if something is still open: it opens again.")),
        "answer": (
            _("We need a word from you"),
            _("Answer below, or write us a message. Then we go on."),
        ),
        "working": _working(view),
    }[view.headline]
    return Head(title, lead)


def _working(view: CaseView) -> tuple[str, str]:
    if view.at_least_minor:
        return (
            _("We prepare your refund"),
            _("You are owed at least %(sum)s.", sum=money(view.at_least_minor, view.currency)),
        )
    if view.kind == "cancellation":
        return _("We are working on your cancellation"), _("You need not do anything for now.")
    return _("We are looking into your request"), _("You need not do anything for now.")


def step_lines(view: CaseView) -> list[StepLine]:
    return [StepLine(one.state, _step_name(one), _step_when(one)) for one in view.steps]


def _step_name(step: Step) -> str:
    return {
        "received": _("Request received"),
        "answer": _("Your answer"),
        "decided": _("Decision made"),
        "deciding": _("Decision"),
        "closed": _("Case closed"),
        "ends": _("Contract ended"),
        "mediating": _("With the mediator"),
        "paid": _("Money paid back"),
        "paying": _("Money on your account"),
    }[step.code]


def _step_when(step: Step) -> str:
    if step.at is not None:
        return _("%(day)s, %(hour)s", day=locale.day_long_year(step.at), hour=locale.hour(step.at))
    if step.until is not None:
        return _("by %(day)s at the latest", day=locale.day_long_year(step.until))
    if step.day is not None:
        return _("on %(day)s", day=locale.day_long_year(step.day))
    return {
        "answer": _("We wait for you"),
        "deciding": _("Once we have what we need"),
        "mediating": _("until the mediator has heard both sides"),
        "paying": _("within the time that the letter names"),
    }.get(step.code, "")


def paper_name(kind: str) -> str:
    """The name of a file that is kept."""
    return {
        "letter": _("Decision"),
        "receipt": _("Receipt"),
        "proof": _("Proof of your request"),
        "agreement": _("Agreement"),
    }[kind]


def paper_title(paper: PaperPart) -> str:
    """A paper in the list of documents."""
    if paper.kind == "letter":
        return _("Our decision")
    if paper.kind == "proof":
        return _("Proof of your request")
    return _("Receipt: %(act)s", act=act_name(paper.act))


def act_name(act: str) -> str:
    return {
        "message": _("your message"),
        "fact": _("your answer"),
        "offer_accepted": _("offer accepted"),
        "offer_refused": _("offer refused"),
        "mediation_asked": _("mediation asked for"),
        "statement": _("your statement"),
        "document": _("your documents"),
        "restatement_confirmed": _("understood rightly"),
        "restatement_corrected": _("put right"),
        "proposal_accepted": _("proposal accepted"),
        "proposal_refused": _("proposal refused"),
        "blind_offer": _("sealed figure"),
        "withdrawal": _("mediation left"),
    }.get(act, act)


def kind_name(kind: str) -> str:
    """What a checked paper is."""
    return {
        "receipt": _("A receipt"),
        "proof": _("A proof of a request"),
        "agreement": _("An agreement of a mediation"),
    }[kind]


def said_value(spec: FactSpec, typed: str) -> str:
    """The answer to a fact in words, for the record."""
    if typed in ("true", "false"):
        typed_word = {"true": _("Yes"), "false": _("No")}[typed]
        return (
            typed_word
            if not spec.value_labels
            else str(spec.value_labels.get(typed, {}).get("en", typed_word))
        )
    return typed


def file_headline(view: FileView, now: datetime) -> Head:
    """What the customer reads first on the page of a mediation."""
    if view.state == "agreed":
        return Head(
            _("You have an agreement"),
            _(
                "Both sides accepted. It binds like a contract; what it says is carried out by the days that it names."
            ),
        )
    if view.ended_at is not None:
        return {
            "declined": Head(
                _("The mediator could not take your case"), _("Our mail says why, and where else you can go.")
            ),
            "withdrawn": Head(
                _("The mediation was left"), _("Your rights stay whole; the way to a court is open.")
            ),
            "lapsed": Head(
                _("The mediation ran out"), _("Your rights stay whole; the way to a court is open.")
            ),
        }.get(
            view.state,
            Head(
                _("The mediation is closed"),
                _("The mediator’s opinion came by mail. The way to a court is open."),
            ),
        )
    if any(one.waits_for_me(now) for one in view.proposals):
        return Head(_("A proposal waits for your answer"), "")
    if view.asked:
        return Head(_("The mediator asks you for a document"), "")
    if view.restatement and view.restatement.answer is None and "answer_restatement" in view.may:
        return Head(_("Did the mediator understand you?"), "")
    if view.state == "requested":
        return Head(_("The mediator looks whether your case can be taken"), _("You hear within three weeks."))
    if not view.mediator:
        return Head(_("Your mediation waits for its mediator"), _("You hear from us once one is appointed."))
    return Head(
        _("The mediation is under way"),
        _("%(mediator)s hears both sides.", mediator=view.mediator),
    )


def part_words(part: PartView, currency: str) -> str:
    """One thing that a proposal gives."""
    sum_ = money(part.amount_minor, currency) if part.amount_minor is not None else ""
    within = ngettext("within one day", "within %(num)d days", part.within_days)
    name = {
        "refund": _("%(sum)s back, %(within)s", sum=sum_, within=within),
        "credit": _("%(sum)s as credit", sum=sum_),
        "extension": ngettext("one more month of access", "%(num)d more months of access", part.months or 1),
        "waiver": _("you give up: %(said)s", said=part.said),
        "apology": _("an apology in writing"),
        "changed_term": _("a changed term: %(said)s", said=part.said),
    }[part.kind]
    effect = {
        "end_now": _("the contract ends at once"),
        "end_at_period_end": _("the contract ends with the paid period"),
    }
    return f"{name} ({effect[part.effect]})" if part.effect in effect else name


def author_name(author: str, view: FileView) -> str:
    return {"customer": _("You"), "company": view.company, "mediator": _("The mediator")}[author]


def proposal_state(state: str) -> str:
    return {
        "open": _("waits for an answer"),
        "accepted": _("accepted"),
        "refused": _("refused"),
        "countered": _("answered with another"),
        "expired": _("ran out"),
        "superseded": _("replaced"),
    }[state]


def restated(key: str) -> str:
    """The heading of a part of what the mediator understood."""
    return {
        "customer_concern": _("What troubles you"),
        "customer_need": _("What you need"),
        "company_concern": _("What troubles the company"),
        "company_need": _("What the company needs"),
        "facts_agreed": _("What nobody disputes"),
        "points_open": _("What is open"),
    }[key]


def last_day(at: datetime) -> date:
    """The last day on which something can be done that ends at the instant `at`."""
    return locale.local(at - timedelta(seconds=1)).date()
