"""The people whom the desk's design was drawn with, in the situations that it shows."""

import random
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from casedesk.cases.actions.exchanging import record_exchange, record_note
from casedesk.cases.actions.opening import open_case
from casedesk.cases.commands import OpenCase, RecordExchange, RecordNote
from casedesk.cases.entries import ActLine
from casedesk.demo.calendar import before, local, working
from casedesk.demo.contracts import Contract, Paid, Told
from casedesk.demo.house import House
from casedesk.demo.playing import SYSTEM
from casedesk.demo.stories import Author, Story

ROWS = (
    ("Jean-Baptiste Étchegaray", "refund", "unexpected_renewal", "waiting-third-party", True, "FR"),
    ("Siobhán O’Sullivan-Garnier", "cancellation", "moved_away", "open", True, "GB"),
    ("Łukasz Wiśniewski", "chargeback", "not_recognised", "open", False, "GB"),
    ("Mattéo Di Benedetto", "dispute", "service_not_rendered", "open", False, "FR"),
    ("Anne-Sophie Le Goff-Krähenbühl", "refund", "trial_only", "open", False, "FR"),
    ("Zoë Peeters", "cancellation", "commitment_misunderstood", "open", False, "FR"),
    ("Fatoumata Diallo-Rousselot", "refund", "unexpected_renewal", "open", False, "FR"),
    ("Kévin Thibaudeau", "refund", "health", "waiting-approval", False, "FR"),
    ("Ælis Castelain de la Motte-Saint-Pierre", "dispute", "price_change", "open", False, "FR"),
    ("Grégoire Vasseur", "refund", "service_not_rendered", "decided", False, "FR"),
    ("Ingrid Sørensen-Maillard", "refund", "unexpected_renewal", "open", False, "FR"),
    ("Camille Brousseau", "cancellation", "health", "waiting-customer", False, "FR"),
    ("Hervé Pasquier", "refund", "unexpected_renewal", "open", False, "FR"),
)


def stories(author: Author) -> list[Story]:
    """A story for each row of the queue that was drawn; Éléonore and Théo are played by hand below."""
    return [
        author.story(
            kind,
            status,
            cause=cause,
            late=late,
            name=name,
            country=country,
            override=status == "waiting-approval",
        )
        for name, kind, cause, status, late, country in ROWS
    ]


class Drawn:
    """Éléonore's renewed contract and Théo's new one, and what each has asked for."""

    def __init__(self, author: Author, now: datetime) -> None:
        self.now = now
        self.eleonore = self._renewed(author)
        self.theo = self._regretted(author)

    def _renewed(self, author: Author) -> Contract:
        renewal = self.now - timedelta(days=43)
        buyer = author.buyer(
            "FR", local(renewal - timedelta(days=731), 19, 21), "Éléonore Vandenbroucke-Lefèvre",
            "eleonore.vl@courrier.example", "Lille",
        )  # fmt: skip
        buyer.address, buyer.salutation = "87, rue du Faubourg-de-Roubaix\n59800 Lille", "Madame"
        buyer.phone, buyer.vulnerable = "+33 6 39 98 41 07", False
        concluded = local(renewal - timedelta(days=730), 19, 42)
        contract = author.contract(buyer, "annual", concluded)
        contract.channel, contract.card = "online", ("Visa", "4417", f"{self.now:%Y-%m}")
        contract.acquisition, contract.reference = ("facebook", "paid_social", "rentree"), "S-118203"
        contract.bill(self.now, author.rng, old_price=44_900, raised=(renewal - timedelta(days=500)).date())
        notice = local(renewal - timedelta(days=45), 9, 12)
        contract.told = [
            Told("withdrawal_information", concluded, "checkout", "shop-log"),
            Told("price_of_use", concluded, "checkout", "shop-log"),
            Told("confirmation", concluded, "mail", "mail-log"),
            Told("renewal_reminder", notice, "dedicated_without_box", "mail-log"),
        ]
        return contract

    def _regretted(self, author: Author) -> Contract:
        concluded = local(self.now - timedelta(days=13), 21, 7)
        buyer = author.buyer(
            "FR", local(self.now - timedelta(days=70), 18, 30), "Théo Nguyên-Larroque", "theo.nl@boite.example", "Toulouse"
        )  # fmt: skip
        buyer.vulnerable = False
        taster = author.contract(buyer, "taster", local(self.now - timedelta(days=70), 18, 34))
        taster.bill(self.now, author.rng)
        taster.state, taster.ends_on, taster.reference = (
            "ended",
            (self.now - timedelta(days=15)).date(),
            "S-124644",
        )
        contract = author.contract(buyer, "online_annual", concluded)
        contract.channel, contract.reference = "online", "S-124871"
        contract.bill(self.now, author.rng)
        contract.told = [
            Told("withdrawal_information", concluded, "checkout", "shop-log"),
            Told("price_of_use", concluded, "checkout", "shop-log"),
        ]
        return contract

    def play(self, session: Session, house: House, rng: random.Random) -> None:
        self._play_eleonore(session, house)
        self._play_theo(session, house)

    def _play_eleonore(self, session: Session, house: House) -> None:
        ines, chloe = house.agents["FR"][0], house.agents["FR"][1]
        now, contract = self.now, self.eleonore
        written = before(now, 20)
        paid = _newest(contract, written)
        case_id = open_case(
            session,
            OpenCase(
                kind="refund",
                channel="mail",
                said=(
                    "Bonjour, je découvre un prélèvement de 478,80 € alors que je ne viens plus depuis juillet. "
                    "Je n’ai jamais demandé à repartir pour un an. Je souhaite résilier tout de suite et être "
                    "remboursée.\n\nÉléonore Vandenbroucke-Lefèvre"
                ),
                cause_code="unexpected_renewal",
                said_at=written,
                customer_id=contract.buyer.id,
                subscription_id=contract.id,
                charge_id=paid.id,
                claimed_minor=paid.amount,
                acts=(
                    ActLine("termination", declared_at=written, sent_at=written, received_at=written),
                    ActLine("refund_request", declared_at=written, sent_at=written, received_at=written),
                ),
            ),
            actor=ines,
            now=written,
        )
        called = written + timedelta(minutes=19)
        ack = "Bonjour Madame, votre message est bien arrivé. Je vérifie la reconduction et vous appelle.\nInès Belkacem"
        record_exchange(session, RecordExchange(case_id, "mail", False, ack), actor=ines, now=called)
        talked = before(now, 11)
        summary = (
            "Wants it to end on the day of her mail. Read the renewal notice, thought it was advertising. "
            "Polite; would come back for the climbing wall in Roubaix."
        )
        record_exchange(
            session, RecordExchange(case_id, "phone", False, summary, minutes=6), actor=ines, now=talked
        )
        noted = working(talked + timedelta(hours=3))
        if noted < now:
            said = "Never came in since the renewal: I would give the whole fee back."
            record_note(session, RecordNote(case_id, said), actor=chloe, now=noted)
        asked = max(noted, before(now, 0.8))
        answer = "Merci pour votre appel. Pouvez-vous me confirmer le montant et la date ? Ma carte change à la fin du mois."
        if asked < now:
            record_exchange(session, RecordExchange(case_id, "mail", True, answer), actor=SYSTEM, now=asked)

    def _play_theo(self, session: Session, house: House) -> None:
        ines, now, contract = house.agents["FR"][0], self.now, self.theo
        at = before(now, 9)
        paid = _newest(contract, at)
        case_id = open_case(
            session,
            OpenCase(
                kind="refund",
                channel="mail",
                said=(
                    "Bonjour, j’ai changé d’avis, je trouve les séances trop longues. J’en ai suivi deux. "
                    "Je me rétracte et souhaite récupérer mon argent.\n\nThéo Nguyên-Larroque"
                ),
                cause_code="changed_mind",
                said_at=at,
                customer_id=contract.buyer.id,
                subscription_id=contract.id,
                charge_id=paid.id,
                claimed_minor=paid.amount,
                acts=(ActLine("withdrawal", declared_at=at, sent_at=at, received_at=at),),
            ),
            actor=ines,
            now=at,
        )
        reply = (
            "Bonjour Théo, vous êtes dans le délai. Aviez-vous demandé à commencer tout de suite ? "
            "La case manque dans l’export de la boutique.\nInès Belkacem"
        )
        record_exchange(
            session,
            RecordExchange(case_id, "mail", False, reply, then_status="waiting-customer"),
            actor=ines,
            now=working(at + timedelta(minutes=40)),
        )


def _newest(contract: Contract, at: datetime) -> Paid:
    return [paid for paid in contract.charges if paid.at < at][-1]
