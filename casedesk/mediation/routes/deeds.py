"""The acts that a page offers: form, action, and what is said once it is done. One search finds every member."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from casedesk.mediation.actions import (
    admitting,
    appointing,
    asking,
    closing,
    hearing,
    offering,
    proposing,
    settling,
)
from casedesk.mediation.forms import acts as f
from casedesk.mediation.forms.base import OnFile
from casedesk.mediation.forms.proposing import ProposeForm


@dataclass(frozen=True)
class Deed:
    form: type[OnFile]
    action: Callable[..., Any]
    said: LazyString


DEEDS: dict[str, Deed] = {
    "accept_appointment": Deed(f.AppointForm, appointing.appoint, _l("The file is yours.")),
    "recuse": Deed(f.RecuseForm, appointing.recuse, _l("You have stepped back; the next mediator is asked.")),
    "represent": Deed(f.RepresentForm, asking.name_representative, _l("The representative is named.")),
    "represent_customer": Deed(
        f.RepresentCustomerForm, asking.name_representative, _l("The representative is named.")
    ),
    "complete": Deed(f.CompleteForm, asking.complete_file, _l("The file is complete.")),
    "fact": Deed(f.FactForm, asking.supply_fact, _l("The fact is set, and admissibility judged anew.")),
    "admit": Deed(f.AdmitForm, admitting.admit, _l("The case is admitted. Notify both parties next.")),
    "decline": Deed(f.DeclineForm, admitting.decline, _l("Declined; the customer is told why.")),
    "notify": Deed(f.NotifyForm, admitting.notify, _l("Both parties are told; the legal period runs.")),
    "extend": Deed(f.ExtendForm, admitting.extend, _l("Extended; both parties are told.")),
    "add_point": Deed(f.PointForm, hearing.add_point, _l("Point added.")),
    "state": Deed(f.StateForm, hearing.state, _l("Statement kept.")),
    "restate": Deed(f.RestateForm, hearing.restate, _l("Sent to both, to confirm or correct.")),
    "answer_restatement": Deed(f.AnswerRestatementForm, hearing.answer_restatement, _l("Answer kept.")),
    "ask_document": Deed(f.AskDocumentForm, hearing.ask_document, _l("Asked for.")),
    "add_document": Deed(f.AddDocumentForm, hearing.add_document, _l("Document added.")),
    "message": Deed(f.MessageForm, hearing.write_message, _l("Written to both.")),
    "propose": Deed(ProposeForm, proposing.propose, _l("Proposed.")),
    "answer": Deed(f.AnswerForm, proposing.answer_proposal, _l("Answer recorded.")),
    "open_offers": Deed(f.OpenOffersForm, offering.open_offers, _l("Both parties are told how it works.")),
    "offer_blind": Deed(f.OfferForm, offering.offer_blind, _l("Sealed. Nobody sees the figure.")),
    "withdraw": Deed(f.WithdrawForm, closing.withdraw, _l("The mediation has ended.")),
    "close": Deed(f.CloseForm, closing.close_with_opinion, _l("Closed; the opinion is sent to both.")),
    "fulfil": Deed(f.FulfilForm, settling.fulfil, _l("Done.")),
    "breach": Deed(f.BreachForm, settling.report_breach, _l("The exchange is open again.")),
}

NEEDS = {"fact": "admit"}
"""Acts that stand in the table under another name."""


def act_of(name: str) -> str:
    """The act of the table that the deed `name` is."""
    return NEEDS.get(name, name)
