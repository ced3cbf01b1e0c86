"""Every screen of a running demo desk as PNG under build/screens: each width, theme and language.

    make demo        in one window
    make screens     in another; --url for a desk elsewhere, --portion and --only for some screens

Each picture is looked at by axe as well; a fault, a script error, a page that scrolls sideways or answers with a
failure is printed, and makes the command fail. The screens themselves are in screen_list.py. Addresses with a number
are found by following the first link of a list; customers' pages by the links in the desk's database, so this runs
where the desk runs, with the same settings.
"""

import argparse
import json
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import select

from casedesk.demo.cli import PASSWORD
from tests.browser.screen_list import PORTIONS, SCREENS, Screen

ROOT = Path(__file__).parents[2]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = {"1440": (1440, 1000), "768": (768, 1000), "390": (390, 844)}
TALLEST = 2600
"""Of a longer page the upper part is shown; axe looks at the whole."""


@cache
def _axe() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text() + ";0"


def main() -> int:
    """Take the pictures; 1 where something was found."""
    wanted = _arguments()
    wanted.out.mkdir(parents=True, exist_ok=True)
    screens = [
        one
        for one in SCREENS
        if (not wanted.portion or any(one in PORTIONS[name] for name in wanted.portion))
        and (not wanted.only or one.name in wanted.only)
    ]
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    faults: list[str] = []
    taken = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for who in dict.fromkeys(one.who for one in screens):
            for told in _of_person(browser, wanted, who, [one for one in screens if one.who == who]):
                faults.extend(told)
                taken += 1
        browser.close()
    _tell(faults)
    print(f"{taken} pictures in {wanted.out}, {len(faults)} faults")
    return 1 if faults else 0


def _tell(faults: list[str]) -> None:
    """Each fault of each screen once, with how many of its pictures have it."""
    kinds: Counter[str] = Counter(
        re.sub(r"-\d+-(light|dark)-(en|fr):", ":", fault, count=1) for fault in faults
    )
    for fault, times in sorted(kinds.items()):
        print(f"{fault}  x{times}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", default=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "screens")
    parser.add_argument("--portion", nargs="*", choices=list(PORTIONS), help="groups of screens")
    parser.add_argument("--only", nargs="*", help="names of screens")
    parser.add_argument("--widths", nargs="*", default=list(WIDTHS), choices=list(WIDTHS))
    parser.add_argument("--themes", nargs="*", default=["light", "dark"])
    parser.add_argument("--languages", nargs="*", default=["en", "fr"])
    return parser.parse_args()


def _of_person(
    browser: Browser, wanted: argparse.Namespace, who: str, screens: list[Screen]
) -> Iterator[list[str]]:
    """Sign in as `who` once, find the addresses, and take every picture of theirs; yields the faults of each."""
    context = browser.new_context(base_url=wanted.url)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    if who:
        _sign_in(page, who)
        _prefer(page, {"theme": "light", "locale": "en"})
    addresses = {one: there for one in screens if (there := _address(page, one))}
    for theme, language in product(wanted.themes, wanted.languages):
        if who:
            _prefer(page, {"theme": theme, "locale": language})
        else:
            _choose(context, wanted.url, theme, language)
        for (screen, address), width in product(addresses.items(), wanted.widths):
            name = f"{screen.name}-{width}-{theme}-{language}"
            told = list(_take(page, wanted, screen, address, name))
            told += [f"{name}: {text}" for text in complaints]
            complaints.clear()
            yield told
    context.close()


def _sign_in(page: Page, who: str) -> None:
    page.goto("/sign-in")
    page.fill("#mail", f"{who}@cimes.example")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def _prefer(page: Page, choice: dict[str, str]) -> None:
    """Set language and theme as the menu does."""
    page.goto("/me")
    token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    page.request.post("/preferences", form={**choice, "next": "/me", "csrf_token": token})


def _choose(context: BrowserContext, url: str, theme: str, language: str) -> None:
    """What a browser that is signed out brings along."""
    context.clear_cookies()
    context.add_cookies([{"name": "theme", "value": theme, "url": url}])
    context.set_extra_http_headers({"Accept-Language": language})
    for page in context.pages:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")


def _address(page: Page, screen: Screen) -> str:
    """Where the screen is; a screen whose list is empty is told and left out."""
    if screen.party:
        found = _parties().get(screen.party, "")
        if not found:
            print(f"no link opens {screen.name}: {screen.party}")
        return found + screen.path if found else ""
    if screen.path:
        return screen.path
    start = next((one for one in SCREENS if one.name == screen.of), None)
    above = _address(page, start) if start else ""
    if not above:
        return ""
    page.goto(above)
    link = page.locator(screen.link)
    if not link.count():
        print(f"no link to {screen.name} on {screen.of}")
        return ""
    return link.first.get_attribute("href") or ""


@cache
def _parties() -> dict[str, str]:
    """Paths of customers' pages, one of each kind: `case open`, `case offer`, `mediation exchange`."""
    from casedesk.app import create_app
    from casedesk.cases.models import Case
    from casedesk.mediation.models import Mediation
    from casedesk.portal.models import Offer, PartyLink
    from casedesk.portal.secret import address
    from casedesk.store.db import db

    found: dict[str, str] = {}
    with create_app().app_context():
        session = db.session()
        offered = set(session.scalars(select(Offer.case_id).where(Offer.state == "open")))
        cases = {row.id: row.status for row in session.execute(select(Case.id, Case.status))}
        files = {row.id: row.state for row in session.execute(select(Mediation.id, Mediation.state))}
        for link in session.scalars(
            select(PartyLink).where(PartyLink.revoked_at.is_(None)).order_by(PartyLink.id)
        ):
            state = (
                files.get(link.subject_id) if link.subject_kind == "mediation" else cases.get(link.subject_id)
            )
            if link.subject_kind == "case" and link.subject_id in offered:
                state = "offer"
            found.setdefault(f"{link.subject_kind} {state}", "/my/" + address(link).rsplit("/", 1)[1])
    return found


def _take(page: Page, wanted: argparse.Namespace, screen: Screen, address: str, name: str) -> Iterator[str]:
    width = name.rsplit("-", 3)[1]
    across, down = WIDTHS[width]
    page.set_viewport_size({"width": across, "height": down})
    answered = page.goto(
        f"{address}?lang={name[-2:]}" if screen.party else address
    )  # else in the party's own language
    if answered and answered.status >= 500:
        yield f"{name}: answers {answered.status}"
    for step in filter(None, screen.press.split(", ")):
        page.locator(step).first.click()
    page.wait_for_load_state("networkidle")
    reach, tall = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    page.set_viewport_size({"width": across, "height": max(down, min(tall, TALLEST))})
    page.screenshot(path=wanted.out / f"{name}.png")
    if reach > across:
        yield f"{name}: scrolls sideways to {reach} px"
    page.evaluate(_axe())
    found = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(AXE_TAGS)}}})")
    for fault in found["violations"]:
        markup = re.sub(r"\s+", " ", fault["nodes"][0]["html"])[:140]
        yield f"{name}: {fault['impact']} {fault['id']} ({len(fault['nodes'])}) {markup}"


if __name__ == "__main__":
    sys.exit(main())
