"""Every screen of a running desk as PNG under build/screens, in both themes, languages and at three widths.

    make demo        in one window
    make screens     in another; --url, --mail and --password for a desk of your own

Each picture is looked at by axe as well; a fault, a script error or a page that scrolls sideways is printed
and makes the command fail. Addresses with a number are found by following the first link of a list.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from casedesk.demo.cli import PASSWORD

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = {"1440": (1440, 1000), "768": (768, 1000), "390": (390, 844)}


@dataclass(frozen=True)
class Screen:
    """A screen by its address, or by the first link that `link` selects on the screen `of`."""

    name: str
    path: str = ""
    of: str = ""
    link: str = ""


SCREENS = (
    Screen("home", "/"),
    Screen("queue", "/cases"),
    Screen("new-case", "/cases/new"),
    Screen("case", of="queue", link="[data-open]"),
    Screen("decide", of="case", link="a[href$='/decision']"),
    Screen("queue-filters", "/cases?view=open&filters=1"),
    Screen("queue-all", "/cases?view=all"),
    Screen("note", of="case", link="a[href*='write=note']"),
    Screen("call", of="case", link="a[href*='write=call']"),
    Screen("change", of="case", link="a[href*='change=1']"),
    Screen("approvals", "/approvals"),
    Screen("signals", "/signals"),
    Screen("signal-closed", "/signals?view=closed"),
    Screen("signal-lessons", "/signals/lessons"),
    Screen("customer", of="case", link="a[href^='/customers/']"),
    Screen("subscription", of="customer", link="a[href^='/subscriptions/']"),
    Screen("search", "/search?q=a"),
    Screen("imports", "/imports"),
    Screen("people", "/people"),
    Screen("person", of="people", link="main a[href^='/people/']"),
    Screen("teams", "/teams"),
    Screen("me", "/me"),
    Screen("nothing-here", "/cases/999999999"),
)


def main() -> int:
    """Take the pictures; 1 where something was found."""
    wanted = _arguments()
    wanted.out.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        faults = list(_signed_out(browser, wanted)) + list(_signed_in(browser, wanted))
        browser.close()
    for fault in faults:
        print(fault)
    print(f"{len(list(wanted.out.glob('*.png')))} pictures in {wanted.out}, {len(faults)} faults")
    return 1 if faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--mail", default="solene@cimes.example", help="the manager of the demo by default")
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "screens")
    parser.add_argument("--only", nargs="*", help="names of screens")
    parser.add_argument("--widths", nargs="*", default=list(WIDTHS), choices=list(WIDTHS))
    parser.add_argument("--themes", nargs="*", default=["light", "dark"])
    parser.add_argument("--languages", nargs="*", default=["en", "fr"])
    return parser.parse_args()


def _signed_out(browser: Browser, wanted: argparse.Namespace) -> Iterator[str]:
    for language, width in product(wanted.languages, wanted.widths):
        context = browser.new_context(base_url=wanted.url, locale=language)
        page = context.new_page()
        page.goto("/sign-in")
        yield from _take(page, wanted, f"sign-in-{width}-light-{language}", width)
        context.close()


def _signed_in(browser: Browser, wanted: argparse.Namespace) -> Iterator[str]:
    context = browser.new_context(base_url=wanted.url)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    page.goto("/sign-in")
    page.fill("#mail", wanted.mail)
    page.fill("#password", wanted.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    addresses = _addresses(page, wanted.only)
    for theme, language in product(wanted.themes, wanted.languages):
        _prefer(page, {"theme": theme, "locale": language})
        for (name, address), width in product(addresses.items(), wanted.widths):
            page.goto(address)
            yield from _take(page, wanted, f"{name}-{width}-{theme}-{language}", width)
            yield from (f"{name}: {text}" for text in complaints)
            complaints.clear()


def _addresses(page: Page, only: list[str] | None) -> dict[str, str]:
    """Where each screen is; screens whose list is empty are told and left out."""
    found: dict[str, str] = {}
    for screen in SCREENS:
        if screen.path:
            found[screen.name] = screen.path
        elif screen.of in found:
            page.goto(found[screen.of])
            link = page.locator(screen.link)
            if link.count():
                found[screen.name] = link.first.get_attribute("href") or ""
            else:
                print(f"no link to {screen.name} on {screen.of}")
    return {name: path for name, path in found.items() if not only or name in only}


def _prefer(page: Page, choice: dict[str, str]) -> None:
    """Set language and theme as the menu does."""
    page.goto("/")
    token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    page.request.post("/preferences", form={**choice, "next": "/", "csrf_token": token})


def _take(page: Page, wanted: argparse.Namespace, name: str, width: str) -> Iterator[str]:
    across, down = WIDTHS[width]
    page.set_viewport_size({"width": across, "height": down})
    page.wait_for_load_state("networkidle")
    page.screenshot(path=wanted.out / f"{name}.png")
    reach = page.evaluate("document.documentElement.scrollWidth")
    if reach > across:
        yield f"{name}: scrolls sideways to {reach} px"
    page.evaluate(AXE.read_text() + ";0")
    found = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(AXE_TAGS)}}})")
    for fault in found["violations"]:
        yield f"{name}: {fault['id']} ({len(fault['nodes'])}) {fault['nodes'][0]['html'][:160]}"


if __name__ == "__main__":
    sys.exit(main())
