"""A mediation in real browsers, each of its people in a session of their own: the agent who asks, the manager who speaks
for the company, the mediator, and the customer on a telephone with nothing but the link of a mail. In both languages."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import update
from werkzeug.serving import make_server

from casedesk.accounts.models import Person
from casedesk.customers.models import Customer
from casedesk.mediation import jobs as mediation
from casedesk.portal import jobs as portal
from casedesk.portal.actions import linking, offering
from casedesk.portal.secret import address, mark
from casedesk.store import clock
from casedesk.store.running import run_batch
from casedesk.store.transaction import transaction
from casedesk.worker import collect
from tests.factories import NOW, actor_of, sign_in
from tests.integration.mediations import Play, a_play, fresh

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"width": 390, "height": 844}

SAID = {
    "en": {
        "offered": "Offered",
        "agreed": "You have an agreement",
        "done": "Done",
        "declined": "The mediator could not take your case",
        "left": "The mediation was left",
        "confirmed": "confirmed",
    },
    "fr": {
        "offered": "Propos",
        "agreed": "Vous avez un accord",
        "done": "Fait",
        "declined": "n’a pas pu prendre votre dossier",
        "left": "quittée",
        "confirmed": "confirmé",
    },
}


class Rooms:
    """The desk as its people open it, each in a browser of their own."""

    def __init__(self, app: Flask, url: str, chromium: Browser, language: str) -> None:
        self.app, self.url, self.chromium = app, url, chromium
        self.play: Play = a_play(app)
        self.said = SAID[language]
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        with transaction() as session:
            session.execute(update(Person).values(locale=language))
            session.execute(update(Customer).values(locale=language))

    def of(self, person: Person) -> Page:
        """A window in which `person` is signed in."""
        client = sign_in(self.app.test_client(), person)
        cookie = client.get_cookie("session")
        assert cookie is not None
        context = self.context({"width": 1440, "height": 1000})
        context.add_cookies([{"name": "session", "value": cookie.value, "url": self.url}])
        return self.page(context)

    def of_customer(self) -> Page:
        """The customer's own page, opened by the newest link on a telephone."""
        with transaction() as session:
            made = linking.renew_mediation_link(
                session, self.play.file_id, actor=portal.SYSTEM, mark=mark, now=clock.now()
            )
            there = "/my/" + address(made).rpartition("/")[2]
        page = self.page(self.context(PHONE))
        page.goto(there)
        return page

    def context(self, size: dict[str, int]) -> BrowserContext:
        context = self.chromium.new_context(base_url=self.url, viewport=size)  # type: ignore[arg-type]
        self.contexts.append(context)
        return context

    def page(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda one: self.complaints.append(one.text) if one.type == "error" else None)
        return page

    def act(self, page: Page, do: str, /, **fields: str | bool) -> None:
        """Do `do` by its form on the file's page: fill what is named, tick what is True, send."""
        page.goto(f"/mediation/{self.play.file_id}?do={do}")
        form = page.locator("#act form")
        for name, value in fields.items():
            control = form.locator(f"[name={name}]")
            if value is True:
                control.check()
            elif control.count() > 1:
                form.locator(f"[name={name}][value={value}]").check()
            elif control.evaluate("node => node.tagName") == "SELECT":
                control.select_option(str(value))
            else:
                control.fill(str(value))
        form.locator("button[type=submit], button:not([type])").first.click()
        page.wait_for_url(lambda url: "do=" not in url and "/acts/" not in url)

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        assert self.complaints == []


@pytest.fixture
def url(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    began, true_now = clock.now(), clock.now
    monkeypatch.setattr(clock, "now", lambda: NOW + (true_now() - began))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def look(page: Page) -> None:
    """Nothing that axe calls serious, and nothing that scrolls sideways."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})).violations"
    )
    serious = [
        (v["id"], [n["html"][:160] for n in v["nodes"][:3]])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]
    assert not serious, json.dumps(serious, indent=1, ensure_ascii=False)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def asked_and_taken(rooms: Rooms) -> tuple[Page, Page]:
    """The agent asks from the case and names who represents the company; the mediator takes the file."""
    agent = rooms.of(rooms.play.agent)
    agent.goto(f"/cases/{rooms.play.case_id}")
    agent.locator("a[href^='/mediation/new']").first.click()
    agent.fill("[name=said]", "Onze séances sur vingt manquent, je demande le remboursement de l’année.")
    agent.select_option("[name=court_seized]", "no")
    agent.select_option("[name=other_mediator]", "no")
    agent.locator(".cd-plainpage form button.btn-primary").click()
    agent.wait_for_url(lambda url: url.rstrip("/").split("?")[0].split("/")[-1].isdigit())
    fresh()
    rooms.play.file_id = int(agent.url.split("?")[0].rstrip("/").split("/")[-1])
    rooms.act(agent, "represent", person_id=str(rooms.play.manager.id))
    if rooms.play.file.proposed_mediator_id == rooms.play.second.id:
        rooms.play.mediator = rooms.play.second
    mediator = rooms.of(rooms.play.mediator)
    mediator.goto("/mediation?view=offered")
    expect(mediator.locator("main")).to_contain_text(str(rooms.play.file.number))
    rooms.act(mediator, "accept_appointment", declares=True)
    return agent, mediator


def done_by_the_worker() -> None:
    while run_batch(collect()):
        pass


def paid(rooms: Rooms, manager: Page) -> None:
    """The manager confirms the payment by hand, and the desk sees that the agreement is carried out."""
    done_by_the_worker()
    manager.goto("/refunds")
    manager.locator("details:has([name=reference]) > summary").first.click()
    manager.locator("form [name=reference]").first.fill("VIR-2026-1124")
    manager.locator("form:has([name=reference]) button").first.click()
    manager.wait_for_load_state()
    done_by_the_worker()
    with transaction() as session:
        mediation.watch(session, {}, now=clock.now())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_from_the_request_to_the_executed_agreement(
    app: Flask, chromium: Browser, url: str, language: str
) -> None:
    rooms = Rooms(app, url, chromium, language)
    agent, mediator = asked_and_taken(rooms)
    rooms.act(mediator, "admit", said="La réclamation écrite est établie.")
    rooms.act(mediator, "notify")
    manager = rooms.of(rooms.play.manager)
    rooms.act(manager, "state", said="Un cours équivalent était ouvert à Villeurbanne.")
    rooms.act(mediator, "restate", customer_concern="Ses mardis sont perdus.", points_open="Le montant.")
    customer = rooms.of_customer()
    assert customer.locator("html").get_attribute("lang") == language
    expect(customer.locator("main")).to_contain_text("Villeurbanne")
    look(customer)
    customer.locator("form[action$='/restatement'] button[value=confirm]").click()
    customer.wait_for_url("**/receipts/**")
    until = (clock.now() + timedelta(days=14)).date().isoformat()
    rooms.act(mediator, "propose", refund="200", expires_on=until)
    expect(mediator.locator(".m-answers")).to_contain_text(rooms.said["confirmed"])
    customer.locator(".p-back").click()
    box = customer.locator("section:has(form[action*='/proposals/'])")
    expect(box).to_contain_text("200")
    box.locator("[name=understood]").check()
    box.locator("button[value=accept]").click()
    customer.wait_for_url("**/receipts/**")
    look(customer)
    rooms.act(manager, "answer", accept="yes", understood=True)
    customer.locator(".p-back").click()
    expect(customer.locator("h1")).to_contain_text(rooms.said["agreed"])
    paid(rooms, manager)
    mediator.goto(f"/mediation/{rooms.play.file_id}")
    expect(mediator.locator(".m-tasks")).to_contain_text(rooms.said["done"])
    look(mediator)
    agent.goto(f"/cases/{rooms.play.case_id}")
    expect(agent.locator("main")).to_contain_text(str(rooms.play.file.number))
    expect(agent.locator("main")).not_to_contain_text("Villeurbanne")
    assert {task.state for task in rooms.play.tasks()} == {"done"}
    rooms.close()


def test_an_offer_of_the_desk_is_accepted_on_a_telephone(app: Flask, chromium: Browser, url: str) -> None:
    rooms = Rooms(app, url, chromium, "fr")
    play, now = rooms.play, clock.now()
    with transaction() as session:
        link = linking.make_case_link(
            session, play.case_id, shown=False, actor=actor_of(play.manager), mark=mark, now=now
        )
        there = "/my/" + address(link).rpartition("/")[2]
    with transaction() as session:
        until = (now + timedelta(days=5)).date()
        command = offering.MakeOffer(play.case_id, play.case.version, 4_000, "et deux mois d’accès", until)
        offering.make_offer(session, command, actor=actor_of(play.manager), mark=mark, now=now)
    page = rooms.page(rooms.context(PHONE))
    page.goto(there)
    expect(page.locator(".p-amt")).to_contain_text("40,00")
    page.locator("button[value=accept]").click()
    page.wait_for_url("**/receipts/**")
    expect(page.locator("main")).to_contain_text("La suite")
    look(page)
    rooms.close()


def test_declined_with_a_ground(app: Flask, chromium: Browser, url: str) -> None:
    rooms = Rooms(app, url, chromium, "fr")
    _agent, mediator = asked_and_taken(rooms)
    customer = rooms.of_customer()
    rooms.act(mediator, "decline", ground="out_of_scope", said="Votre demande relève d’une autre procédure.")
    customer.reload()
    expect(customer.locator("h1")).to_contain_text(rooms.said["declined"])
    assert customer.locator("form[method=post]").count() == 0
    assert mediator.locator("a[href*='do=admit']").count() == 0
    assert rooms.play.file.state == "declined"
    rooms.close()


def test_withdrawn_by_the_customer(app: Flask, chromium: Browser, url: str) -> None:
    rooms = Rooms(app, url, chromium, "en")
    _agent, mediator = asked_and_taken(rooms)
    rooms.act(mediator, "admit", said="The complaint is established.")
    rooms.act(mediator, "notify")
    customer = rooms.of_customer()
    customer.locator("a[href$='/leaving']").click()
    customer.fill("[name=said]", "We settled it.")
    customer.check("[name=sure]")
    customer.locator("main form button").first.click()
    customer.wait_for_url("**/receipts/**")
    customer.locator(".p-back").click()
    expect(customer.locator("h1")).to_contain_text(rooms.said["left"])
    mediator.goto(f"/mediation/{rooms.play.file_id}")
    assert mediator.locator("a[href*='do=propose']").count() == 0
    assert rooms.play.file.state == "withdrawn"
    rooms.close()
