"""The shared parts in a real browser: keys, lists, drafts, zones, errors; and no fault that axe can find."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Parts

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def page(chromium: Browser, parts: Parts) -> Iterator[Page]:
    """A window of 1440 px that fails the test where the page complains (policy, script error, missing file)."""
    complaints: list[str] = []
    opened = chromium.new_page(viewport=WIDE, base_url=parts.url)  # type: ignore[arg-type]
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.close()
    assert complaints == []


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("html.js")).to_be_attached()


def test_j_and_k_move_and_enter_opens_the_row(page: Page) -> None:
    open_page(page, "/page/list")
    for key in ("j", "j", "j", "k"):
        page.keyboard.press(key)
    expect(page.locator(".is-cursor .q-no")).to_have_text("04817")
    page.keyboard.press("Enter")
    page.wait_for_url("**/page/list?opened=04817")


def test_x_selects_and_shift_x_selects_up_to_the_row_with_the_sum(page: Page) -> None:
    open_page(page, "/page/list")
    expect(page.locator("[data-bulk]")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("1 selected")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("[data-bulk-count]")).to_have_text("3 selected")
    expect(page.locator("[data-bulk-sum]")).to_have_text("679.70\u00a0EUR")
    page.keyboard.press("Escape")
    expect(page.locator("[data-bulk]")).to_be_hidden()


def test_a_french_list_writes_the_sum_in_french(page: Page) -> None:
    open_page(page, "/page/list?lang=fr")
    page.locator("[data-select-all]").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("4 sélectionnées")
    expect(page.locator("[data-bulk-sum]")).to_have_text("679,70\u00a0€")


def test_keys_are_letters_while_one_types(page: Page) -> None:
    open_page(page, "/page/list")
    page.keyboard.press("/")
    page.keyboard.type("jxc?")
    expect(page.locator("#top-search")).to_have_value("jxc?")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#top-search")).not_to_be_focused()


def test_g_then_a_letter_goes_to_a_place(page: Page) -> None:
    open_page(page, "/page/list")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/page/list?at=s")


def test_the_question_mark_lists_the_keys_of_this_page(page: Page) -> None:
    open_page(page, "/page/list")
    page.keyboard.press("?")
    legend = page.locator("#keys")
    expect(legend).to_be_focused()
    expect(legend).to_contain_text("next row, row before")
    expect(legend.locator("div", has_text="Signals").locator("kbd").first).to_have_text("g")
    page.keyboard.press("Escape")
    expect(legend).to_be_hidden()


def test_f_opens_the_filter_and_escape_closes_it(page: Page) -> None:
    open_page(page, "/page/list")
    page.keyboard.press("f")
    expect(page.locator("#add")).to_be_focused()
    page.locator("#add").evaluate("field => field.blur()")
    page.keyboard.press("Escape")
    expect(page.locator("#add")).to_be_hidden()


def test_a_draft_is_kept_one_second_after_the_last_key(page: Page, parts: Parts) -> None:
    open_page(page, "/page/case")
    page.fill("#text", "Bonjour Madame")
    expect(page.locator("[data-draft-state]")).to_have_text("Draft saved 11:02", timeout=4000)
    assert parts.posted[-1] == {"to": "draft", "text": "Bonjour Madame"}


def test_a_draft_that_cannot_be_kept_says_so_and_is_tried_again(chromium: Browser, parts: Parts) -> None:
    page = chromium.new_page(base_url=parts.url)
    open_page(page, "/page/case")
    page.route("**/post/draft", lambda route: route.abort())
    page.fill("#text", "Bonjour")
    expect(page.locator("[data-draft-state]")).to_have_text("Draft not saved, still trying", timeout=4000)
    page.unroute("**/post/draft")
    page.fill("#text", "Bonjour Madame")
    expect(page.locator("[data-draft-state]")).to_have_text("Draft saved 11:02", timeout=4000)
    page.close()


def test_ctrl_enter_sends_the_form_one_writes_in(page: Page, parts: Parts) -> None:
    open_page(page, "/page/case")
    page.fill("#text", "Merci")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/page/list?sent=exchange")
    assert parts.posted[-1]["text"] == "Merci"


def test_a_control_that_cannot_be_used_stays_in_reach_and_sends_nothing(page: Page, parts: Parts) -> None:
    open_page(page, "/page/case")
    before = len(parts.posted)
    page.get_by_role("button", name="Publish").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert page.url.endswith("/page/case")
    assert len(parts.posted) == before


def test_errors_take_the_focus_and_lead_to_their_field(page: Page) -> None:
    open_page(page, "/page/case?wrong=1")
    box = page.locator(".cd-error-box")
    expect(box).to_be_focused()
    box.get_by_role("link").click()
    expect(page.locator("#mail")).to_be_focused()
    expect(page.locator("#mail")).to_have_attribute("aria-describedby", "mail-error mail-help")


def test_a_number_key_chooses_in_a_segmented_choice(page: Page) -> None:
    open_page(page, "/page/case")
    page.keyboard.press("2")
    expect(page.locator("input[name=kind][value=dispute]")).to_be_checked()


def test_a_clock_that_passes_its_end_turns_late_by_itself(page: Page) -> None:
    page.clock.install(time="2026-11-24T15:37:30Z")
    open_page(page, "/page/case?due=2026-11-24T15:38:00%2B00:00")
    page.clock.fast_forward("03:00")
    face = page.locator("h1 ~ .cd-clock")
    expect(face.locator("b")).to_have_text("2 min late")
    assert "is-late" in (face.get_attribute("class") or "")


def test_on_a_phone_the_zones_are_tabs_with_the_verdict_first(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    open_page(page, "/page/case")
    expect(page.locator("#zone-verdict")).to_be_visible()
    expect(page.locator("#zone-timeline")).to_be_hidden()
    page.get_by_role("link", name="Timeline").click()
    expect(page.locator("#zone-timeline")).to_be_visible()
    expect(page.locator("#zone-verdict")).to_be_hidden()
    open_page(page, "/page/list")
    open_page(page, "/page/case#entry-3")
    expect(page.locator("#entry-3")).to_be_visible()


def test_without_javascript_everything_is_there(chromium: Browser, parts: Parts) -> None:
    plain = chromium.new_context(java_script_enabled=False, viewport=PHONE, base_url=parts.url)  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto("/page/case")
    for zone in ("verdict", "timeline", "facts"):
        expect(page.locator(f"#zone-{zone}")).to_be_visible()
    page.fill("#text", "Sans script")
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/page/list?sent=exchange")
    assert parts.posted[-1]["text"] == "Sans script"
    plain.close()


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE, {"width": 768, "height": 1000}], ids=["1440", "390", "768"])
@pytest.mark.parametrize("name", ["list", "case"])
def test_axe_finds_no_fault_and_the_page_does_not_scroll_sideways(
    page: Page, name: str, size: dict[str, int], theme: str, lang: str
) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    open_page(page, f"/page/{name}?theme={theme}&lang={lang}&wrong=1")
    # The error asks for the focus and scrolls to it; what then lies half under the sticky strip is no fault of size.
    page.evaluate("document.activeElement.blur(); scrollTo({top: 0, behavior: 'instant'})")
    page.evaluate(AXE.read_text() + ";0")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(tags)}}})")
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
