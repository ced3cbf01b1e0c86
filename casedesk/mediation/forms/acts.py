"""The forms of the acts on a file, by act. Parties and mediator share them; the mediator also says for whom."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, MultipleFileField, RadioField, StringField, TextAreaField
from wtforms.validators import Optional

from casedesk.cases.commands import NewAttachment
from casedesk.mediation import commands as c
from casedesk.mediation import words
from casedesk.mediation.forms.base import OnFile, for_side, how
from casedesk.mediation.rules.admissibility import ASKED, GROUNDS
from casedesk.mediation.rules.dates import DOCUMENT_DAYS
from casedesk.mediation.rules.figures import FAVOURS
from casedesk.mediation.rules.panel import RECUSALS
from casedesk.web.fields import ChoiceField, IdField, LocalDateField, MoneyField, listed

YES_NO = (("", _l("not asked")), ("no", _l("no")), ("yes", _l("yes")))
UNDERSTOOD = _l("The party has read what accepting means and what is given up.")


class AppointForm(OnFile):
    """The mediator who is asked takes the file."""

    declares = BooleanField(
        _l("I declare that nothing ties me to either party, and that I took no part in this matter.")
    )
    declaration = TextAreaField(_l("What the parties should know"))

    def to_command(self, mediation_id: int) -> c.Appoint:
        return c.Appoint(
            mediation_id,
            g.actor.id,
            self.file_version,
            declares_no_ties=bool(self.declares.data),
            declaration=self.declaration.data or "",
        )


class RecuseForm(OnFile):
    reason_code = ChoiceField(
        _l("Reason"), choices=[(code, words.RECUSAL[code]) for code in RECUSALS], blank=_l("choose")
    )
    said = TextAreaField(_l("In a sentence"))

    def to_command(self, mediation_id: int) -> c.Recuse:
        return c.Recuse(mediation_id, self.reason_code.data or "", self.said.data or "", self.file_version)


class RepresentForm(OnFile):
    person_id = ChoiceField(_l("Who represents the company"), blank=_l("choose"), default="")

    def to_command(self, mediation_id: int) -> c.NameRepresentative:
        return c.NameRepresentative(
            mediation_id, "company", person_id=int(self.person_id.data) if self.person_id.data else None
        )


class RepresentCustomerForm(OnFile):
    name = StringField(_l("Name"))
    mail = StringField(_l("Mail address"))
    mandate = StringField(_l("Mandate"), description=_l("Lawyer, relative, association; since when."))

    def to_command(self, mediation_id: int) -> c.NameRepresentative:
        return c.NameRepresentative(
            mediation_id,
            "customer",
            name=self.name.data or "",
            mail=self.mail.data or "",
            mandate=self.mandate.data or "",
        )


class CompleteForm(OnFile):
    on = LocalDateField(_l("Complete since"))

    def to_command(self, mediation_id: int) -> c.CompleteFile:
        return c.CompleteFile(mediation_id, _noon(self.on.data), self.file_version)

    def arrange(self, page: Any) -> None:
        if not self.is_submitted():
            self.on.data = g.now.date()


class FactForm(OnFile):
    """A fact that admissibility reads. What kind of value it has is known by its name."""

    name = HiddenField()
    value = StringField(_l("Value"))
    state = ChoiceField(
        _l("Known"),
        choices=[("known", _l("known")), ("never", _l("no, never")), ("unknown", _l("unknown"))],
        default="known",
    )
    source = StringField(_l("Where it is known from"))
    typed: Any = None

    def to_command(self, mediation_id: int) -> c.SupplyFact:
        name = self.name.data if self.name.data in ASKED else ""
        return c.SupplyFact(mediation_id, name or "", self.state.data, self.typed, self.source.data or "")


class AdmitForm(OnFile):
    said = TextAreaField(_l("Why it is taken although the rules do not plainly say so"))

    def to_command(self, mediation_id: int) -> c.Admit:
        return c.Admit(mediation_id, self.file_version, self.said.data or "")


class DeclineForm(OnFile):
    ground = ChoiceField(
        _l("Ground"), choices=[(code, words.GROUND[code]) for code in GROUNDS], blank=_l("choose")
    )
    said = TextAreaField(_l("The reason, as the customer reads it"))

    def to_command(self, mediation_id: int) -> c.Decline:
        return c.Decline(mediation_id, self.ground.data or "", self.said.data or "", self.file_version)


class NotifyForm(OnFile):
    def to_command(self, mediation_id: int) -> c.Notify:
        return c.Notify(mediation_id, self.file_version)


class ExtendForm(OnFile):
    until = LocalDateField(_l("New day"))
    said = TextAreaField(_l("Why the dispute is complex, as both parties read it"))

    def to_command(self, mediation_id: int) -> c.Extend:
        return c.Extend(mediation_id, self.until.data or date.max, self.said.data or "", self.file_version)

    def validate(self, extra_validators: Any = None) -> bool:
        ok = super().validate(extra_validators)
        return _given(self.until, ok)


class PointForm(OnFile):
    title = StringField(_l("Point, in a few words"))
    agreed = BooleanField(_l("Neither party disputes it"))
    said = TextAreaField(_l("What is not disputed"))

    def to_command(self, mediation_id: int) -> c.AddPoint:
        return c.AddPoint(
            mediation_id,
            (self.title.data or "")[:80],
            agreed=bool(self.agreed.data),
            said=self.said.data or "" if self.agreed.data else "",
        )


class StateForm(OnFile):
    point_id = ChoiceField(_l("Point"), default="")
    for_side = for_side()
    how = how()
    said = TextAreaField(_l("In the party's own words"))
    amount = MoneyField(_l("Amount"), [Optional()])

    def arrange(self, page: Any) -> None:
        disputed = [point for point in page.points if not point.agreed]
        self.point_id.choices = listed([(str(p.id), p.title or words_of_point(p)) for p in disputed])
        self.amount.currency = page.file.currency
        if not self.is_submitted():
            wanted = getattr(g, "mediation_point", "") or (str(disputed[0].id) if disputed else "")
            self.point_id.data = wanted

    def to_command(self, mediation_id: int) -> c.State:
        return c.State(
            mediation_id,
            int(self.point_id.data),
            self.said.data or "",
            self.amount.data,
            for_side=self.for_side.data,
            how=self.how.data,
        )


class RestateForm(OnFile):
    customer_concern = TextAreaField(words.RESTATED["customer_concern"])
    customer_need = TextAreaField(words.RESTATED["customer_need"])
    company_concern = TextAreaField(words.RESTATED["company_concern"])
    company_need = TextAreaField(words.RESTATED["company_need"])
    facts_agreed = TextAreaField(words.RESTATED["facts_agreed"])
    points_open = TextAreaField(words.RESTATED["points_open"])

    def arrange(self, page: Any) -> None:
        if not self.is_submitted() and page.restatement:
            for name, said in page.restatement.parts.items():
                self[name].data = said

    def to_command(self, mediation_id: int) -> c.Restate:
        parts = {name: self[name].data or "" for name in words.RESTATED}
        return c.Restate(
            mediation_id,
            customer_concern=parts["customer_concern"],
            customer_need=parts["customer_need"],
            company_concern=parts["company_concern"],
            company_need=parts["company_need"],
            facts_agreed=parts["facts_agreed"],
            points_open=parts["points_open"],
        )


class AnswerRestatementForm(OnFile):
    restatement_id = IdField()
    for_side = for_side()
    how = how()
    understood = RadioField(
        _l("Was it understood?"),
        choices=listed([("confirmed", _l("Yes, that is it")), ("corrected", _l("Put it right"))]),
        default="confirmed",
        validate_choice=False,
    )
    corrected = TextAreaField(_l("What is to be put right"))

    def arrange(self, page: Any) -> None:
        if page.restatement:
            self.restatement_id.data = page.restatement.id

    def validate(self, extra_validators: Any = None) -> bool:
        ok = super().validate(extra_validators)
        if self.understood.data == "corrected" and not self.corrected.data:
            self.corrected.errors = [*self.corrected.errors, str(_l("Write what is to be put right."))]
            return False
        return ok

    def to_command(self, mediation_id: int) -> c.AnswerRestatement:
        return c.AnswerRestatement(
            mediation_id,
            self.restatement_id.data or 0,
            self.corrected.data or "" if self.understood.data == "corrected" else "",
            for_side=self.for_side.data,
            how=self.how.data,
        )


class AskDocumentForm(OnFile):
    side = ChoiceField(
        _l("From whom"), choices=[(side, words.ROLE[side]) for side in ("customer", "company")]
    )
    said = TextAreaField(_l("What is asked for"))
    due_on = LocalDateField(_l("By when"))

    def arrange(self, page: Any) -> None:
        if not self.is_submitted():
            self.due_on.data = (g.now + timedelta(days=DOCUMENT_DAYS)).date()

    def validate(self, extra_validators: Any = None) -> bool:
        return _given(self.due_on, super().validate(extra_validators))

    def to_command(self, mediation_id: int) -> c.AskDocument:
        return c.AskDocument(mediation_id, self.side.data, self.said.data or "", self.due_on.data or date.max)


class AddDocumentForm(OnFile):
    """One file or several, each a document of its own."""

    files = MultipleFileField(_l("Files"))
    request_id = ChoiceField(_l("Answers the request"), blank=_l("none"), default="")
    point_id = ChoiceField(_l("Belongs to the point"), blank=_l("none"), default="")
    for_side = ChoiceField(
        _l("Recorded for"),
        choices=[(side, words.ROLE[side]) for side in ("customer", "company")],
        blank=_l("the mediator"),
        default="",
    )
    how = how()
    kept: tuple[NewAttachment, ...] = ()
    files_refused = False

    def arrange(self, page: Any) -> None:
        self.request_id.choices = listed(
            [("", _l("none")), *((str(r.id), r.said[:70]) for r in page.wanting)]
        )
        self.point_id.choices = listed(
            [
                ("", _l("none")),
                *((str(p.id), p.title or words_of_point(p)) for p in page.points if not p.agreed),
            ]
        )

    def to_commands(self, mediation_id: int) -> list[c.AddDocument]:
        return [
            c.AddDocument(
                mediation_id,
                file,
                point_id=int(self.point_id.data) if self.point_id.data else None,
                request_id=int(self.request_id.data) if self.request_id.data else None,
                for_side=self.for_side.data or None,
                how=self.how.data,
            )
            for file in self.kept
        ]


class MessageForm(OnFile):
    said = TextAreaField(_l("Message that both parties read"))

    def to_command(self, mediation_id: int) -> c.WriteMessage:
        return c.WriteMessage(mediation_id, self.said.data or "")


class AnswerForm(OnFile):
    """The answer to an open proposal."""

    proposal_id = ChoiceField(_l("Proposal"), default="")
    proposal_version = HiddenField()
    for_side = for_side()
    how = how()
    accept = RadioField(
        _l("Answer"),
        choices=listed([("yes", _l("Accept")), ("no", _l("Refuse"))]),
        default="",
        validate_choice=False,
    )
    understood = BooleanField(UNDERSTOOD)
    said = TextAreaField(_l("A word to it"))

    def arrange(self, page: Any) -> None:
        answerable = [
            p for p in page.proposals if p.open and (page.role == "mediator" or p.side != page.role)
        ]
        self.proposal_id.choices = listed(
            [(str(p.id), f"{p.n}: {words.said(words.ROLE, p.side)}") for p in answerable]
        )
        if not self.is_submitted() and answerable:
            self.proposal_id.data = str(answerable[-1].id)
            self.for_side.data = _unanswered(answerable[-1])

    def validate(self, extra_validators: Any = None) -> bool:
        ok = super().validate(extra_validators)
        if self.accept.data not in ("yes", "no"):
            self.accept.errors = [*self.accept.errors, str(_l("Choose accept or refuse."))]
            return False
        return ok

    def to_command(self, mediation_id: int) -> c.AnswerProposal:
        return c.AnswerProposal(
            mediation_id,
            int(self.proposal_id.data),
            accept=self.accept.data == "yes",
            understood=bool(self.understood.data),
            said=self.said.data or "",
            for_side=self.for_side.data,
            how=self.how.data,
        )


class OpenOffersForm(OnFile):
    distance = MoneyField(_l("Settles within"))
    expires_on = LocalDateField(_l("Last day"))

    def arrange(self, page: Any) -> None:
        self.distance.currency = page.file.currency
        if not self.is_submitted():
            self.expires_on.data = (g.now + timedelta(days=10)).date()

    def validate(self, extra_validators: Any = None) -> bool:
        return _given(self.expires_on, super().validate(extra_validators))

    def to_command(self, mediation_id: int) -> c.OpenOffers:
        return c.OpenOffers(mediation_id, self.distance.data or 0, self.expires_on.data or date.max)


class OfferForm(OnFile):
    round_id = IdField()
    amount = MoneyField(_l("The most that the company pays"))
    understood = BooleanField(UNDERSTOOD)

    def arrange(self, page: Any) -> None:
        self.amount.currency = page.file.currency
        if page.open_round:
            self.round_id.data = page.open_round.id

    def to_command(self, mediation_id: int) -> c.OfferBlind:
        return c.OfferBlind(
            mediation_id,
            self.round_id.data or 0,
            self.amount.data or 0,
            understood=bool(self.understood.data),
        )


class WithdrawForm(OnFile):
    for_side = for_side()
    how = how()
    cause = ChoiceField(
        _l("Why"),
        choices=[
            ("withdrew", _l("does not want to go on")),
            ("settled", _l("the parties have settled between themselves")),
            ("court", _l("goes to court")),
        ],
        default="withdrew",
    )
    said = TextAreaField(_l("In the party's own words"))

    def to_command(self, mediation_id: int) -> c.Withdraw:
        return c.Withdraw(
            mediation_id,
            self.said.data or "",
            self.cause.data,
            for_side=self.for_side.data,
            how=self.how.data,
        )


class CloseForm(OnFile):
    opinion = TextAreaField(
        _l("Reasoned opinion"), description=_l("Both parties read it. It binds nobody; a court stays open.")
    )
    favours = RadioField(
        _l("For whom, for the most part"),
        choices=listed([(code, words.FAVOURS[code]) for code in FAVOURS]),
        default="shared",
        validate_choice=False,
    )
    question = ChoiceField(_l("Question, for the yearly report"), default="")
    recommendation = StringField(
        _l("Recommendation for the yearly report"),
        description=_l("General, without names. Left empty: none."),
    )

    def arrange(self, page: Any) -> None:
        self.question.choices = listed(getattr(g, "mediation_causes", [("", "–")]))
        if not self.is_submitted():
            self.question.data = page.file.cause

    def to_command(self, mediation_id: int) -> c.CloseWithOpinion:
        return c.CloseWithOpinion(
            mediation_id,
            self.opinion.data or "",
            self.favours.data or "",
            self.question.data or "",
            self.recommendation.data or "",
            self.file_version,
        )


class FulfilForm(OnFile):
    task_id = IdField()
    said = StringField(_l("What was done"))

    def to_command(self, mediation_id: int) -> c.Fulfil:
        return c.Fulfil(self.task_id.data or 0, self.said.data or "")


class BreachForm(OnFile):
    task_id = IdField()
    said = TextAreaField(_l("What was not done"))

    def to_command(self, mediation_id: int) -> c.ReportBreach:
        return c.ReportBreach(self.task_id.data or 0, self.said.data or "")


def words_of_point(point: Any) -> str:
    """The name of a point: its own, or that of the request which every file begins with."""
    return point.title or (str(_l("Request")) if point.code == "request" else str(point.n))


def _unanswered(proposal: Any) -> str:
    return next(
        (s for s in ("customer", "company") if s != proposal.side and s not in proposal.answers), "customer"
    )


def _given(field: Any, ok: bool) -> bool:
    if field.data is None and not field.errors:
        field.errors = [str(_l("Choose a day."))]
        return False
    return ok


def _noon(day: date | None) -> datetime:
    """The day alone is meant: its noon, or now where that is earlier."""
    return min(datetime.combine(day or g.now.date(), time(11), UTC), g.now)
