"""The whole job in a real browser, in both languages: an agent logs, documents and proposes; a manager approves.

Everything is done by the keyboard and the pages' own controls; each page is looked at by axe.
"""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from casedesk.accounts.models import Person
from casedesk.cases.models import Cause
from casedesk.customers.models import Customer
from casedesk.rulebook import packs
from casedesk.store import clock
from casedesk.store.running import run_batch
from casedesk.store.transaction import transaction
from casedesk.worker import collect
from tests.factories import a_person, a_team, stored
from tests.integration.house import charge, furnish

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "correct horse battery staple"

SAID = {
    "en": {
        "find": "Find",
        "create": "Create the case",
        "sent": "Reply recorded",
        "note": "Note recorded.",
        "proposed": "Proposed; it waits for approval.",
        "waiting": "Waiting for your approval",
        "approved": "Approved; the letter and the payment follow.",
        "in_force": "is in force",
        "letter": "Letter",
    },
    "fr": {
        "find": "Chercher",
        "create": "Créer le dossier",
        "sent": "Réponse enregistrée",
        "note": "Note enregistrée.",
        "proposed": "Proposé\u00a0; en attente d’accord.",
        "waiting": "En attente de votre accord",
        "approved": "Approuvé\u00a0; la lettre et le paiement suivent.",
        "in_force": "en vigueur",
        "letter": "Lettre",
    },
}


class Desk:
    """A desk with an agent, a manager and a customer, served to browsers."""

    def __init__(self, app: Flask, url: str, language: str) -> None:
        self.app, self.url, self.language = app, url, language
        stored(
            Cause(
                code="unexpected_renewal", label_en="Unexpected renewal", label_fr="Reconduction inattendue"
            )
        )
        with transaction() as session:
            packs.publish_shipped(session, now=clock.now())
        team = a_team("Lille")
        self.agent = self._person("agent", "Inès Belkacem", team.id, goodwill_ceiling_minor=3_000)
        self.manager = self._person("manager", "Solène Kerbiriou", team.id, approval_ceiling_minor=100_000)
        house = furnish()
        self.customer: Customer = house.customer
        with transaction() as session:
            charge(session, house)

    def _person(self, role: str, name: str, team_id: int, **more: Any) -> Person:
        return a_person(role, name=name, team_id=team_id, locale=self.language, password=PASSWORD, **more)


@pytest.fixture(params=["en", "fr"])
def desk(app: Flask, request: pytest.FixtureRequest) -> Iterator[Desk]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Desk(app, f"http://127.0.0.1:{server.server_port}", request.param)
    server.shutdown()
    thread.join()


@pytest.fixture
def window(chromium: Browser, desk: Desk) -> Iterator[Callable[[Person], Page]]:
    """Opens a window in which a person has signed in; fails where a page complains."""
    opened: list[Page] = []
    complaints: list[str] = []

    def sign_in(person: Person) -> Page:
        page = chromium.new_context(base_url=desk.url, viewport={"width": 1440, "height": 1000}).new_page()
        opened.append(page)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto("/sign-in")
        page.fill("#mail", person.mail)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield sign_in
    for page in opened:
        page.context.close()
    assert complaints == []


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


def test_the_whole_job(desk: Desk, window: Callable[[Person], Page]) -> None:
    said = SAID[desk.language]
    page = window(desk.agent)
    look(page)
    number = _log_a_case(page, desk, said)
    _document(page, said)
    _propose(page, said)
    _approve(window(desk.manager), said, number)
    run_batch(collect())
    page.reload()
    expect(page.locator("#entries")).to_contain_text(said["in_force"])
    expect(page.locator("#zone-verdict")).to_contain_text(said["letter"])
    look(page)


def _log_a_case(page: Page, desk: Desk, said: dict[str, str]) -> str:
    """From the keyboard: c, the name, the hit, what was said, Ctrl+Enter."""
    page.keyboard.press("c")
    page.wait_for_url("**/cases/new")
    page.locator("#who").press_sequentially("Eleonore", delay=10)
    hit = page.locator("#hits button").first
    expect(hit).to_contain_text(desk.customer.name)
    hit.click()
    expect(page.locator(".n-picked")).to_contain_text(desk.customer.name)
    verdict = page.locator("#new-verdict")
    expect(verdict.locator(".out")).to_be_visible()
    before = verdict.inner_text()
    page.keyboard.press("2")
    expect(verdict).not_to_have_text(before, use_inner_text=True)
    page.keyboard.press("1")
    page.fill("#said", "Ne vient plus depuis juillet, veut résilier et être remboursée.")
    page.select_option("#cause", "unexpected_renewal")
    look(page)
    page.locator("#said").press("Control+Enter")
    page.wait_for_url(lambda url: url.rstrip("/").split("/")[-1].isdigit())
    return page.locator(".cd-head .second").inner_text().split("·")[0].strip()


def _document(page: Page, said: dict[str, str]) -> None:
    """A reply that leaves, a note that never does."""
    page.keyboard.press("r")
    expect(page.locator("#composer textarea")).to_be_focused()
    page.keyboard.type("Bonjour Madame, nous revenons vers vous cette semaine.")
    page.locator("#composer textarea").press("Control+Enter")
    expect(page.locator(".cd-toasts")).to_contain_text(said["sent"])
    expect(page.locator(".cd-entry.is-us")).to_contain_text("cette semaine")
    page.keyboard.press("o")
    page.wait_for_url("**write=note**")
    expect(page.locator("#composer textarea")).to_be_focused()
    page.keyboard.type("Never came in since the renewal.")
    page.locator("#composer textarea").press("Control+Enter")
    expect(page.locator(".cd-toasts")).to_contain_text(said["note"])
    look(page)


def _propose(page: Page, said: dict[str, str]) -> None:
    """The whole fee, with a reason: beyond what the agent decides alone."""
    page.keyboard.press("d")
    page.wait_for_url("**/decision")
    page.check("#way-whole")
    page.select_option("#reason_code", "not_used")
    page.fill("#reason_text", "Last visit in July.")
    look(page)
    page.locator("#reason_text").press("Control+Enter")
    expect(page.locator(".cd-toasts")).to_contain_text(said["proposed"])


def _approve(page: Page, said: dict[str, str], number: str) -> None:
    """Home says what waits; one approval makes it effective."""
    expect(page.locator("main")).to_contain_text(said["waiting"])
    look(page)
    page.get_by_role("link", name=number).first.click()
    expect(page.locator(".d-figs")).to_contain_text("478")
    look(page)
    page.get_by_role("button", name="478").first.click()
    expect(page.locator(".cd-toasts")).to_contain_text(said["approved"])


def test_the_job_needs_no_javascript(chromium: Browser, desk: Desk) -> None:
    context = chromium.new_context(base_url=desk.url, java_script_enabled=False)
    page, said = context.new_page(), SAID[desk.language]
    page.goto("/sign-in")
    page.fill("#mail", desk.agent.mail)
    page.fill("#password", PASSWORD)
    page.locator("form button.btn-primary").click()
    page.goto("/cases/new")
    page.fill("#who", desk.customer.name)
    page.get_by_role("button", name=said["find"]).click()
    page.locator("#hits button").first.click()
    page.fill("#said", "Appel sans JavaScript.")
    page.get_by_role("button", name=said["create"]).first.click()
    expect(page.locator("#entries")).to_contain_text("Appel sans JavaScript.")
    page.fill("#composer textarea", "Réponse sans JavaScript.")
    page.locator("#composer button.btn-primary").click()
    expect(page.locator("#entries")).to_contain_text("Réponse sans JavaScript.")
    page.goto(page.url.split("?")[0] + "/decision")
    page.check("#way-whole")
    page.locator("button[name=look]").click()
    page.select_option("#reason_code", "goodwill")
    page.fill("#reason_text", "Sans JavaScript.")
    page.locator("#decide-act button.btn-primary").click()
    expect(page.locator(".cd-toasts")).to_contain_text(said["proposed"])
    context.close()
