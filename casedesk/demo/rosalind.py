"""The file that the design was drawn with: Rosalind Achterberg-Ménard, 612,00 € for a year of half the sessions."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions.exchanging import record_exchange
from casedesk.cases.actions.opening import open_case
from casedesk.cases.commands import NewAttachment, OpenCase, RecordExchange
from casedesk.cases.entries import ActLine
from casedesk.demo.calendar import local, working
from casedesk.demo.contracts import Contract
from casedesk.demo.house import House
from casedesk.demo.mediators import CUSTOMER, Panel
from casedesk.demo.stories import Author
from casedesk.mediation import commands as c
from casedesk.mediation.actions import admitting, appointing, asking, hearing, proposing
from casedesk.mediation.models import Point
from casedesk.mediation.rules.proposals import Part
from casedesk.store import blobs


class Rosalind:
    """Her contract is drawn up with everybody's; then `play` leads her file as far as the mock-up shows it."""

    def __init__(self, author: Author, now: datetime) -> None:
        self.now = now
        concluded = local(now - timedelta(days=294), 18, 12)
        buyer = author.buyer(
            "FR", local(now - timedelta(days=300), 9, 0), "Rosalind Achterberg-Ménard",
            "rosalind.am@courrier.example", "Lyon",
        )  # fmt: skip
        buyer.address, buyer.salutation, buyer.vulnerable = (
            "4, rue Casimir-Perier\n69002 Lyon",
            "Madame",
            False,
        )
        self.contract: Contract = author.contract(buyer, "annual", concluded)
        self.contract.price, self.contract.channel = 61_200, "on_premises"
        self.contract.bill(now, author.rng)
        self.contract.reference = "S-117802"

    def play(self, session: Session, house: House, panel: Panel) -> None:
        """Asked for 50 days ago, notified after nine, the mediator's 391,00 € answered by one side."""
        self.session, self.solene, self.panel = session, house.managers["FR"], panel
        self.agnes = next(one for one in panel.mediators.values() if one.name.startswith("Agnès"))
        self._asks(self._complains(house.agents["FR"][-1]))
        self._is_heard()
        self._negotiates()

    def _at(self, days: int, hour: int = 10, minute: int = 0) -> datetime:
        return min(local(self.now - timedelta(days=days), hour, minute), self.now)

    def _do(self, action: Callable[..., Any], command: Any, actor: Actor, when: datetime) -> Any:
        done = action(self.session, command, actor=actor, now=when)
        self.session.flush()
        return done

    def _complains(self, hugo: Actor) -> int:
        """Her complaint of 18 September and the refusal of 29 September, as the strip of the file shows them."""
        at = local(self.now - timedelta(days=67), 9, 14)
        paid = self.contract.charges[0]
        case_id = open_case(
            self.session,
            OpenCase(
                kind="dispute",
                channel="mail",
                said=(
                    "Bonjour, le cours du mardi n’a plus lieu depuis le 14 septembre, sans un mot de votre part. J’ai payé "
                    "612,00 € pour l’année. Je vous demande de me rembourser.\n\nRosalind Achterberg-Ménard"
                ),
                cause_code="service_not_rendered",
                said_at=at,
                customer_id=self.contract.buyer.id,
                subscription_id=self.contract.id,
                charge_id=paid.id,
                claimed_minor=paid.amount,
                acts=(ActLine("written_complaint", declared_at=at, sent_at=at, received_at=at),),
            ),
            actor=hugo,
            now=at + timedelta(minutes=40),
        )
        said = (
            "Bonjour Madame, des travaux occupent la salle de Lyon Confluence. Un cours équivalent vous est ouvert à "
            "Villeurbanne. Nous ne pouvons donc pas rembourser l’année.\nHugo Castagnède"
        )
        record_exchange(
            self.session,
            RecordExchange(case_id, "mail", False, said),
            actor=hugo,
            now=working(at + timedelta(days=11)),
        )
        return case_id

    def _asks(self, case_id: int) -> None:
        request = c.RequestMediation(
            case_id,
            "Le cours du mardi n’a plus lieu depuis le 14 septembre. Onze séances sur vingt manquent.",
            court_seized=False,
            other_mediator=False,
        )
        self.file = file_id = self._do(asking.request_mediation, request, CUSTOMER, self._at(50)).id
        self._do(appointing.appoint, c.Appoint(file_id, self.agnes.id), self.panel.keeper, self._at(49))
        reply = c.SupplyFact(file_id, "trader_reply", "known", "refused", "Courriel du 29 septembre")
        self._do(asking.supply_fact, reply, self.agnes, self._at(48))
        said = "Réclamation écrite du 18 septembre et refus du 29 septembre au dossier."
        self._do(admitting.admit, c.Admit(file_id, said=said), self.agnes, self._at(42))
        represent = c.NameRepresentative(file_id, "company", person_id=self.solene.id)
        self._do(asking.name_representative, represent, self.solene, self._at(42, 15))
        self._do(admitting.notify, c.Notify(file_id), self.agnes, self._at(41))

    def _is_heard(self) -> None:
        points = select(Point.id).where(Point.mediation_id == self.file)
        delivery = self.session.scalars(points).one()
        self._states(
            delivery,
            self.solene,
            "Travaux dans la salle de Lyon Confluence. Un cours équivalent était ouvert à Villeurbanne, six séances ont été "
            "suivies.",
            self._at(21),
        )
        notice = self._point("Information", self._at(21, 11))
        total = self._point("Montant", self._at(21, 12))
        self._states(notice, CUSTOMER, "Aucun message avant le premier mardi annulé.", self._at(20))
        mail = "Courriel du 11 septembre à tous les membres de la salle."
        self._states(notice, self.solene, mail, self._at(20, 15))
        self._states(total, CUSTOMER, "L’année entière.", self._at(20, 16), 61_200)
        self._states(total, self.solene, "Et deux mois d’accès.", self._at(20, 17), 30_000)
        both = (
            "Contrat du 3 février 2026, 612,00 € payés. Pas de cours à Lyon Confluence du 14 septembre au 20 novembre. "
            "Réclamation écrite le 18 septembre."
        )
        agreed = c.AddPoint(self.file, "Non contesté", agreed=True, said=both)
        self._do(hearing.add_point, agreed, self.agnes, self._at(19))
        self._document(CUSTOMER, delivery, "Planning affiché.txt")
        self._document(self.solene, delivery, "Relevé des entrées.txt")
        self._document(self.solene, notice, "Courriel.txt")
        due = (self.now + timedelta(days=6)).date()
        asked = c.AskDocument(self.file, "company", "Relevé des entrées de septembre", due)
        self._do(hearing.ask_document, asked, self.agnes, self._at(7))

    def _states(
        self, point: int, who: Actor, said: str, when: datetime, amount_minor: int | None = None
    ) -> None:
        self._do(hearing.state, c.State(self.file, point, said, amount_minor), who, when)

    def _point(self, title: str, when: datetime) -> int:
        made: int = self._do(hearing.add_point, c.AddPoint(self.file, title), self.agnes, when).id
        return made

    def _document(self, side: Actor, point: int, name: str) -> None:
        text = f"{name}\nMED\n".encode()
        digest = blobs.put(self.session, text, "text/plain", now=self._at(19))
        file = NewAttachment(digest, name, "text/plain", len(text))
        self._do(hearing.add_document, c.AddDocument(self.file, file, point_id=point), side, self._at(19, 14))

    def _negotiates(self) -> None:
        first = self._proposes(CUSTOMER, _ends(61_200), 15, 5)
        self._answers(first, self.solene, False, 12)
        second = self._proposes(self.solene, (Part("refund", 30_000), Part("extension", months=2)), 11, 4)
        self._answers(second, CUSTOMER, False, 8)
        why = (
            "Onze séances sur vingt manquent ; six ont été suivies ailleurs, ce qui réduit la perte sans l’effacer. Le contrat "
            "prend fin, la part manquante est rendue."
        )
        third = self._proposes(self.agnes, _ends(39_100), 4, -10, why)
        self._answers(third, CUSTOMER, True, 2)

    def _proposes(self, who: Actor, parts: tuple[Part, ...], days: int, until: int, said: str = "") -> int:
        """Made so many days ago, open until so many days ago (ahead where negative)."""
        expires_on = (self.now - timedelta(days=until)).date()
        command = c.Propose(self.file, parts, expires_on=expires_on, said=said)
        made: int = self._do(proposing.propose, command, who, self._at(days)).id
        return made

    def _answers(self, proposal: int, who: Actor, accept: bool, days: int) -> None:
        command = c.AnswerProposal(self.file, proposal, accept=accept, understood=accept)
        self._do(proposing.answer_proposal, command, who, self._at(days))


def _ends(minor: int) -> tuple[Part, ...]:
    ends = Part("changed_term", effect="end_now", said="Fin du contrat au 14 septembre")
    return (Part("refund", minor), ends)
