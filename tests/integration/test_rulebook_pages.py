"""The rulebook's pages: read by all, edited by form, published by a second person, tried on past cases."""

import threading
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from casedesk.accounts.models import Person
from casedesk.kernel.errors import CasedeskError, Conflict, RuleBroken
from casedesk.policy.facts import Facts
from casedesk.rulebook import actions, drafts, packs, replaying
from casedesk.rulebook.actions import About
from casedesk.rulebook.drafts import AddExample, SaveRule
from casedesk.rulebook.house import NewRule
from casedesk.rulebook.models import Judgement, PackDraft, PackVersion, Replay, ReplayRow
from casedesk.rulebook.replaying import Chosen
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.models import Entry
from casedesk.store.running import run_call
from casedesk.store.transaction import transaction
from casedesk.worker import collect
from tests.case_builders import a_case
from tests.factories import NOW, a_person, actor_of, send, sign_in
from tests.integration.test_home import statements

WHEN = {"renewed": True}


@pytest.fixture(autouse=True)
def _published(app: Flask) -> None:
    with transaction() as session:
        packs.publish_shipped(session, now=NOW)


@pytest.fixture
def author(app: Flask) -> Person:
    return a_person("manager", name="Solène Kerbiriou-Maréchal")


@pytest.fixture
def second(app: Flask) -> Person:
    return a_person("manager", name="Danièle Rouvière-Ménez")


class _Fields(HTMLParser):
    """The fields of the form whose action ends so, with what stands in them."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.select, self.area = action, False, "", ""
        self.found: dict[str, Any] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.inside = (given.get("action") or "").endswith(self.action)
        elif not self.inside:
            return
        elif tag == "input" and given.get("type") not in ("checkbox", "submit"):
            self.found[name] = given.get("value") or ""
        elif tag == "input" and given.get("type") == "checkbox" and "checked" in given:
            ticked = [given.get("value") or "y"]
            self.found[name] = [*self.found.get(name, []), *ticked]
        elif tag == "select":
            self.select = name
        elif tag == "option" and ("selected" in given or self.select not in self.found):
            self.found[self.select] = given.get("value") or ""
        elif tag == "textarea":
            self.area, self.found[name] = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] += data.strip("\r\n")


def fields(html: str, action: str) -> dict[str, Any]:
    parser = _Fields(action)
    parser.feed(html)
    hidden = ("csrf_token", "once")
    return {name: value for name, value in parser.found.items() if name not in hidden}


def begun(client: FlaskClient, pack: str) -> int:
    answer = send(client, f"/rulebook/packs/{pack}/draft")
    assert answer.status_code == 303
    return int(answer.location.rsplit("/", 1)[1])


def a_draft(author: Person, days: int = 21, pays: str = "full") -> int:
    """A house policy with one rule of so many days after a renewal."""
    actor = actor_of(author)
    with transaction() as session:
        draft = drafts.start(session, "house", actor=actor, now=NOW)
        new = NewRule(
            "HOUSE-RENEWAL", {"en": "Window after renewal", "fr": "Délai"}, "window", pays, "renewed_at", days
        )
        drafts.add_rule(session, draft.id, draft.edit, new, actor=actor, now=NOW)
        rule = next(
            one for one in packs.readable(draft.toml, "house").rules if one.id == "HOUSE-RENEWAL"
        ).table
        drafts.save_rule(session, SaveRule(draft.id, draft.edit, rule, dict(WHEN)), actor=actor, now=NOW)
        return draft.id


def judged(case_id: int, *, renewed: int, cause: str = "unexpected_renewal", **other: Any) -> int:
    """A judgement of a case that asked so many days after its renewal, by the packs of now."""
    asked = NOW - timedelta(days=30)
    facts = {
        "jurisdiction": "CH",
        "timezone": "Europe/Zurich",
        "holiday_calendar": "CH",
        "currency": "CHF",
        "paid_minor": 47_880,
        "already_refunded_minor": 0,
        "channel": "online",
        "consumer": True,
        "contract_kind": "service",
        "contract_concluded_at": (asked - timedelta(days=400)).isoformat(),
        "purchase_at": (asked - timedelta(days=400)).isoformat(),
        "renewed": "renewed_at" not in other,
        "renewed_at": (asked - timedelta(days=renewed)).isoformat(),
        "action_at": asked.isoformat(),
        "contract_refund_window_days": 14,
        "proration_method": "none",
        "evaluate_at": asked.isoformat(),
    } | other
    with transaction() as session:
        return actions.judge_and_keep(
            session,
            ("case", case_id),
            "refund",
            Facts.of(facts),
            About(cause, "facebook", "ch-yearly"),
            since=None,
            now=asked,
        ).judgement_id


# --- reading -------------------------------------------------------------------------------------

PAGES = ("/rulebook", "/rulebook/packs/contract", "/rulebook/rules/FR-WD-14", "/rulebook/rules/QC-GYM-1~10",
         "/rulebook/rules/FR-WD-14/boundaries", "/rulebook/exceptions")  # fmt: skip


@pytest.mark.parametrize("role", ["agent", "manager", "mediator", "administrator"])
def test_everybody_at_the_desk_reads_the_rules(client: FlaskClient, role: str) -> None:
    sign_in(client, a_person(role))
    for page in PAGES:
        assert client.get(page).status_code == 200, page


def test_an_agent_reads_a_draft_and_changes_nothing(client: FlaskClient, author: Person, app: Flask) -> None:
    draft_id = a_draft(author)
    sign_in(client, a_person("agent"))
    assert client.get(f"/rulebook/drafts/{draft_id}").status_code == 200
    assert send(client, f"/rulebook/drafts/{draft_id}/review").status_code == 403
    assert send(client, "/rulebook/packs/contract/draft").status_code == 403
    assert client.get(f"/rulebook/drafts/{draft_id}/rules/HOUSE-RENEWAL/edit").status_code == 403


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "the customer may act for"), ("fr", "le client peut agir pendant")]
)
def test_a_rule_reads_in_the_language_of_its_reader(client: FlaskClient, locale: str, said: str) -> None:
    sign_in(client, a_person("agent", locale=locale))
    page = client.get("/rulebook/rules/FR-WD-14").text
    assert said in page.lower()
    assert "legifrance" in page


@pytest.mark.parametrize(
    "page", [*PAGES, "/rulebook/drafts/1", "/rulebook/drafts/1/rules/HOUSE-RENEWAL", "/rulebook/replays/1"]
)
def test_the_pages_keep_to_their_budget_of_queries(client: FlaskClient, author: Person, page: str) -> None:
    draft_id = a_draft(author)
    with transaction() as session:
        replaying.ask(session, draft_id, Chosen(date(2026, 1, 1), date(2026, 12, 31)), zone="Europe/Paris", actor=actor_of(author), now=NOW)  # fmt: skip
    for n in range(5):
        case = a_case()
        judged(case.id, renewed=n)
    sign_in(client, author)
    client.get(page)
    with statements() as said:
        assert client.get(page).status_code == 200
    assert len(said) <= 18, (len(said), chr(10).join(said))


# --- editing -------------------------------------------------------------------------------------


def test_a_length_is_changed_by_form_and_the_sentence_shows_it(client: FlaskClient, author: Person) -> None:
    sign_in(client, author)
    draft_id = begun(client, "consumer-fr")
    url = f"/rulebook/drafts/{draft_id}/rules/FR-WD-14"
    form = fields(client.get(f"{url}/edit").text, "/edit")
    step = next(name for name, value in form.items() if name.endswith("_n") and value == "14")
    assert send(client, f"{url}/edit", {**form, step: "21"}).status_code == 303
    page = client.get(url).text
    assert "<del><b>14" in page
    assert "<ins><b>21" in page
    assert "21 days" in db.session.get_one(PackDraft, draft_id).toml


def test_a_form_that_changes_nothing_changes_nothing(client: FlaskClient, author: Person) -> None:
    sign_in(client, author)
    draft_id = begun(client, "consumer-fr")
    before = db.session.get_one(PackDraft, draft_id).toml
    for rule in ("FR-WD-14", "FR-CHATEL-REFUND", "FR-WD-REFUND-PENALTY", "FR-WD-AMOUNT"):
        url = f"/rulebook/drafts/{draft_id}/rules/{rule}/edit"
        assert send(client, url, fields(client.get(url).text, "/edit")).status_code == 303
    db.session.expire_all()
    loaded = {
        rule.id: rule.table
        for rule in packs.readable(db.session.get_one(PackDraft, draft_id).toml, "x").rules
    }
    for rule in packs.readable(before, "y").rules:
        assert loaded[rule.id] == rule.table


def test_a_condition_is_added_by_form_and_judges(client: FlaskClient, author: Person) -> None:
    sign_in(client, author)
    draft_id = a_draft(author)
    url = f"/rulebook/drafts/{draft_id}/rules/HOUSE-RENEWAL"
    form = fields(client.get(f"{url}/edit").text, "/edit")
    form |= {"more-effect": "only", "more-new": "category", "act": "gate more"}
    shown = send(client, f"{url}/edit", form)
    assert shown.status_code == 200
    form = fields(shown.text, "/edit") | {"n0-0-word": ["gym_membership", "other"]}
    assert send(client, f"{url}/edit", form).status_code == 303
    assert "Only if “Category” is" in client.get(url).text
    rule = packs.readable(db.session.get_one(PackDraft, draft_id).toml, "house").rules[-1]
    assert rule.table["gate"] == [
        {"when": {"category": {"not": ["gym_membership", "other"]}}, "answer": "no", "code": "house.no"}
    ]
    form = fields(client.get(f"{url}/edit").text, "/edit")
    assert send(client, f"{url}/edit", {**form, "g0-drop": "1"}).status_code == 303
    db.session.expire_all()
    assert "gate" not in packs.readable(db.session.get_one(PackDraft, draft_id).toml, "house").rules[-1].table


def asking(fact: str, verb: str, **values: str) -> dict[str, str]:
    """A new condition of one comparison, as its fields send it."""
    typed = {f"n0-0-{name}": value for name, value in values.items()}
    return {"n0-how": "all", "n0-effect": "only", "n0-0-fact": fact, "n0-0-verb": verb, **typed}


def press(client: FlaskClient, url: str, form: dict[str, Any], act: str, **more: Any) -> dict[str, Any]:
    """The fields of the form after one of its buttons was pressed."""
    answer = send(client, url, {**form, "act": act, **more})
    assert answer.status_code == 200, answer.text[:500]
    return fields(answer.text, "/edit")


def stored_rule(draft_id: int, rule: str) -> Any:
    db.session.expire_all()
    pack = packs.readable(db.session.get_one(PackDraft, draft_id).toml, "x")
    return next(one for one in pack.rules if one.id == rule).table


def test_groups_in_groups_are_stated_by_buttons_and_judge(client: FlaskClient, author: Person) -> None:
    sign_in(client, author)
    draft_id = a_draft(author)
    url = f"/rulebook/drafts/{draft_id}/rules/HOUSE-RENEWAL/edit"
    before = db.session.get_one(PackDraft, draft_id).toml
    form = fields(client.get(url).text, "/edit")
    form = press(client, url, form, "gate more", **{"more-new": "consumer", "more-effect": "no"})
    form = press(client, url, form | {"n0-0-word": ["false"]}, "group n0")
    form = press(client, url, form, "row n0-1", **{"n0-1-new": "employees"})
    form = press(client, url, form | {"n0-1-0-verb": "above", "n0-1-0-typed": "5"}, "group n0-1")
    form = press(client, url, form, "row n0-1-1", **{"n0-1-1-new": "purchase_at"})
    form |= {
        "n0-1-1-how": "none",
        "n0-1-1-0-verb": "within_days",
        "n0-1-1-0-days": "30",
        "n0-1-1-0-other": "renewed_at",
    }
    form = press(client, url, form, "row n0-1", **{"n0-1-new": "notice_sent_at"})
    form |= {"n0-1-2-verb": "never"}
    assert db.session.get_one(PackDraft, draft_id).toml == before
    assert send(client, url, form).status_code == 303
    assert stored_rule(draft_id, "HOUSE-RENEWAL")["gate"] == [
        {
            "when": {
                "consumer": False,
                "any": [
                    {"employees": {"above": 5}},
                    {"purchase_at": {"not": {"within_days": 30, "of": "renewed_at"}}},
                    {"notice_sent_at": "never"},
                ],
            },
            "answer": "no",
            "code": "house.no",
        }
    ]
    page = client.get(url.removesuffix("/edit")).text
    assert "Not if “" in page
    assert "it is not so that “" in page
    again = fields(client.get(url).text, "/edit")
    assert again["g0-1-0-typed"] == "5"
    assert send(client, url, again).status_code == 303
    assert len(stored_rule(draft_id, "HOUSE-RENEWAL")["gate"]) == 1
    form = press(client, url, again, "row w", **{"w-new": "category"})
    assert send(client, url, form | {"w-1-word": ["gym_membership"]}).status_code == 303
    page = client.get(url.removesuffix("/edit")).text
    assert 'class="add"' in page
    assert "gym_membership" in page.partition('class="add"')[2]
    form = press(client, url, fields(client.get(url).text, "/edit"), "drop g0-1")
    assert send(client, url, form).status_code == 303
    assert stored_rule(draft_id, "HOUSE-RENEWAL")["gate"][0]["when"] == {"consumer": False}


@pytest.mark.parametrize(
    ("pack", "rule", "at", "change", "now"),
    [
        ("consumer-fr", "FR-3CLICK", "gate", {}, None),
        ("consumer-fr", "FR-MED-ADMISSIBLE", "gate", {}, None),
        ("consumer-us", "US-FTC-COOLOFF-3BD", "gate", {}, None),
        ("eu", "EU-WD-BUTTON", "gate", {}, None),
        (
            "consumer-fr",
            "FR-WD-AMOUNT",
            "case",
            {"c0-how": "all"},
            {"express_request": False, "informed": False},
        ),
    ],
)
def test_every_condition_of_the_law_is_shown_and_edited(
    client: FlaskClient, author: Person, pack: str, rule: str, at: str, change: dict[str, str], now: Any
) -> None:
    sign_in(client, author)
    draft_id = begun(client, pack)
    url = f"/rulebook/drafts/{draft_id}/rules/{rule}/edit"
    before = stored_rule(draft_id, rule)
    answer = client.get(url).text
    assert "says more than the form can show" not in answer
    assert send(client, url, fields(answer, "/edit") | change).status_code == 303
    after = stored_rule(draft_id, rule)
    if now is None:
        assert after == before
    else:
        assert after[at][0]["when"] == now
        assert {**after, at: before[at]} == before


def test_hostile_fields_never_break_the_form(client: FlaskClient, author: Person) -> None:
    sign_in(client, author)
    draft_id = a_draft(author)
    url = f"/rulebook/drafts/{draft_id}/rules/HOUSE-RENEWAL/edit"
    form = fields(client.get(url).text, "/edit")
    deep = "n0" + "-0" * 8
    hostile: list[dict[str, Any]] = [
        {"act": "row w", "w-new": "no_such_fact"},
        {"act": "gate more"},
        {"act": "drop w"},
        {"act": "drop n99-0-0"},
        {"act": "group n0"},
        {"act": "\x00 ; drop table"},
        {"n0-how": "all", f"{deep}-how": "any", "act": "group n0"},
        {"n0-how": "none", "n0-effect": "sideways", "n0-0-how": "any", "n0-0-0-fact": "channel"},
        {"n0-how": "all", **{f"n0-{at}-fact": "consumer" for at in range(300)}},
        {f"n{at}-how": "all" for at in range(100)},
        asking("rounding", "is", typed="half_up"),
        asking("goods_received_at", "before", typed="2026-01-01"),
        asking("employees", "is", typed="١٢"),
        {"w-how": "'; --", "w-0-fact": "renewed", "w-0-verb": "is", "w-0-word": ["true", "true", "maybe"]},
    ]
    before = db.session.get_one(PackDraft, draft_id).toml
    for sent in hostile:
        answer = send(client, url, {**form, **sent})
        assert answer.status_code in (200, 422), (sent, answer.status_code)
    db.session.expire_all()
    assert db.session.get_one(PackDraft, draft_id).toml == before


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"l1_n": "many"}, "Not a valid integer value"),
        ({"title_fr": ""}, "Give it a title in French."),
        ({"url": "javascript:alert(1)"}, "Write an address like"),
        ({"effective_from": "2027-02-30"}, "does not exist"),
        (
            {"effective_from": "2027-02-01", "effective_to": "2026-02-01"},
            "The end lies before the beginning.",
        ),
        (asking("channel", "is", word="by pigeon"), "Tick at least one of the words."),
        (asking("channel", "at_most", typed="5"), "cannot be compared so"),
        (asking("employees", "at_most", typed="-1"), "Write a whole number that this fact can have."),
        (asking("employees", "is", typed="5, many"), "Write a whole number that this fact can have."),
        (asking("price_minor", "below", typed="1" * 30), "Write a whole number that this fact can have."),
        (asking("usage_percent", "below", typed="101"), "Write a whole number from 0 to 100."),
        (asking("purchase_at", "before", typed="2027-02-30"), "does not exist"),
        (asking("purchase_at", "before"), "Give a day, or choose the fact"),
        (asking("purchase_at", "within_days", days="14"), "Choose the fact whose day"),
        (asking("purchase_at", "within_days", days="9" * 9, other="renewed_at"), "Write a number of days"),
        (asking("purchase_at", "no_later_than", other="renewal_date"), "Choose a fact that has an hour"),
        (asking("purchase_at", "before", other="consumer"), "Choose the fact whose day"),
        (asking("currency", "is", typed="EURO"), "three letters of a currency"),
        (asking("timezone", "is", typed="Mars/Olympus"), "name of a time zone"),
        (asking("month", "from", typed="2027-13"), "Write a month like"),
        ({"n0-how": "all"}, "This group is empty."),
        ({"more-new": "channel"}, "Say what this fact is compared with"),
    ],
)
def test_what_cannot_be_meant_is_told_at_its_field_and_kept(
    client: FlaskClient, author: Person, changed: dict[str, str], said: str
) -> None:
    sign_in(client, author)
    draft_id = a_draft(author)
    url = f"/rulebook/drafts/{draft_id}/rules/HOUSE-RENEWAL/edit"
    form = fields(client.get(url).text, "/edit") | {"explain_en": "Typed by hand"} | changed
    answer = send(client, url, form)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Typed by hand" in answer.text
    assert "Typed by hand" not in db.session.get_one(PackDraft, draft_id).toml


def test_a_colleagues_change_is_not_overwritten_unseen(
    client: FlaskClient, author: Person, second: Person
) -> None:
    sign_in(client, author)
    draft_id = a_draft(author)
    url = f"/rulebook/drafts/{draft_id}/rules/HOUSE-RENEWAL/edit"
    form = fields(client.get(url).text, "/edit")
    with transaction() as session:
        draft = session.get_one(PackDraft, draft_id)
        new = NewRule("HOUSE-OTHER", {"en": "a", "fr": "b"}, "always", "days")
        drafts.add_rule(session, draft_id, draft.edit, new, actor=actor_of(second), now=NOW)
    answer = send(client, url, {**form, "l1_n": "30"})
    assert answer.status_code == 409
    assert "Somebody changed this draft" in answer.text
    assert send(client, url, {**fields(answer.text, "/edit")}).status_code == 303
    db.session.expire_all()
    assert "30 days" in db.session.get_one(PackDraft, draft_id).toml
    assert "HOUSE-OTHER" in db.session.get_one(PackDraft, draft_id).toml


def test_an_example_is_added_by_form_and_run(client: FlaskClient, author: Person) -> None:
    sign_in(client, author)
    draft_id = a_draft(author)
    url = f"/rulebook/drafts/{draft_id}/rules/HOUSE-RENEWAL"
    form = fields(client.get(f"{url}/examples").text, "/examples")
    form |= {
        "label": "Last day, evening",
        "expected": "yes",
        "f_renewed_at": "2026-10-12T10:00",
        "f_action_at": "2026-11-02T23:59",
    }
    assert send(client, f"{url}/examples", form).status_code == 303
    assert "1 holds" in client.get(url).text
    form = fields(client.get(f"{url}/examples").text, "/examples")
    form |= {
        "label": "A day too late",
        "expected": "yes",
        "f_renewed_at": "2026-10-12T10:00",
        "f_action_at": "2026-11-03T00:00",
    }
    assert send(client, f"{url}/examples", form).status_code == 303
    assert "1 differs" in client.get(url).text
    assert "aria-disabled" in client.get(f"/rulebook/drafts/{draft_id}").text
    assert send(client, f"/rulebook/drafts/{draft_id}/review").status_code == 422


# --- publishing ----------------------------------------------------------------------------------


def test_a_second_person_publishes_and_the_record_says_so(app: Flask, author: Person, second: Person) -> None:
    draft_id = a_draft(author)
    mine, other = sign_in(app.test_client(), author), sign_in(app.test_client(), second)
    assert send(mine, f"/rulebook/drafts/{draft_id}/review").status_code == 303
    assert send(mine, f"/rulebook/drafts/{draft_id}/publication").status_code == 422
    assert send(other, f"/rulebook/drafts/{draft_id}/publication").status_code == 303
    version = db.session.scalars(select(PackVersion).where(PackVersion.pack == "house")).one()
    assert (version.origin, version.published_by, version.second_by) == ("own", author.id, second.id)
    kinds = db.session.scalars(
        select(Entry.kind).where(Entry.subject_kind == "desk").order_by(Entry.id)
    ).all()
    assert [kind for kind in kinds if kind.startswith("rules.")] == [
        "rules.draft_started", "rules.draft_changed", "rules.draft_changed", "rules.draft_asked", "rules.published",
    ]  # fmt: skip
    assert "HOUSE-RENEWAL" in packs.published(db.session())
    assert "Solène Kerbiriou-Maréchal" in other.get("/rulebook/rules/HOUSE-RENEWAL").text


def test_whoever_wrote_in_a_draft_never_publishes_it(app: Flask, author: Person, second: Person) -> None:
    draft_id = a_draft(author)
    with transaction() as session:
        draft = session.get_one(PackDraft, draft_id)
        new = NewRule("HOUSE-OTHER", {"en": "a", "fr": "b"}, "always", "days")
        drafts.add_rule(session, draft_id, draft.edit, new, actor=actor_of(second), now=NOW)
        drafts.ask_for_publication(session, draft_id, actor=actor_of(author), now=NOW)
    for person in (author, second):
        with pytest.raises(RuleBroken, match=r"rulebook\.own_draft"), transaction() as session:
            drafts.publish(session, draft_id, actor=actor_of(person), now=NOW)
    third = actor_of(a_person("manager"))
    with transaction() as session:
        drafts.publish(session, draft_id, actor=third, now=NOW)


def test_what_is_in_review_or_published_is_not_edited(app: Flask, author: Person, second: Person) -> None:
    draft_id = a_draft(author)
    with transaction() as session:
        drafts.ask_for_publication(session, draft_id, actor=actor_of(author), now=NOW)
    new = NewRule("HOUSE-OTHER", {"en": "a", "fr": "b"}, "always", "days")
    for _ in range(2):
        edit = db.session.get_one(PackDraft, draft_id).edit
        with pytest.raises(Conflict, match=r"rulebook\.not_a_draft"), transaction() as session:
            drafts.add_rule(session, draft_id, edit, new, actor=actor_of(author), now=NOW)
        with transaction() as session:
            if session.get_one(PackDraft, draft_id).state == "in_review":
                drafts.publish(session, draft_id, actor=actor_of(second), now=NOW)
    with pytest.raises((DBAPIError, CasedeskError)), transaction() as session:
        session.execute(text("UPDATE pack_versions SET toml = ''"))


def test_two_managers_who_publish_at_the_same_instant_publish_once(app: Flask, author: Person) -> None:
    draft_id = a_draft(author)
    people = [actor_of(a_person("manager")) for _ in range(4)]
    with transaction() as session:
        drafts.ask_for_publication(session, draft_id, actor=actor_of(author), now=NOW)
    db.session.remove()
    gate, done, refused = threading.Barrier(len(people)), [], []

    def publish(actor: Any) -> None:
        with app.app_context():
            gate.wait()
            try:
                with transaction() as session:
                    done.append(drafts.publish(session, draft_id, actor=actor, now=NOW).id)
            except Conflict as conflict:
                refused.append(conflict.code)
            db.session.remove()

    _together(publish, people)
    assert len(done) == 1
    assert refused == ["rulebook.not_in_review"] * 3
    assert db.session.scalar(select(func.count()).where(PackVersion.pack == "house")) == 1


def test_two_managers_who_begin_at_the_same_instant_share_one_draft(app: Flask) -> None:
    people = [actor_of(a_person("manager")) for _ in range(4)]
    db.session.remove()
    gate, begun_ids, refused = threading.Barrier(len(people)), [], []

    def begin(actor: Any) -> None:
        with app.app_context():
            gate.wait()
            try:
                with transaction() as session:
                    begun_ids.append(drafts.start(session, "contract", actor=actor, now=NOW).id)
            except Conflict as conflict:
                refused.append(conflict.code)
            db.session.remove()

    _together(begin, people)
    assert len(set(begun_ids)) == 1
    assert db.session.scalar(select(func.count()).select_from(PackDraft)) == 1


def _together(deed: Any, people: list[Any]) -> None:
    threads = [threading.Thread(target=deed, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_draft_that_is_given_back_says_why(app: Flask, author: Person, second: Person) -> None:
    draft_id = a_draft(author)
    other = sign_in(app.test_client(), second)
    send(sign_in(app.test_client(), author), f"/rulebook/drafts/{draft_id}/review")
    assert send(other, f"/rulebook/drafts/{draft_id}/return", {"note": ""}).status_code == 422
    assert send(other, f"/rulebook/drafts/{draft_id}/return", {"note": "Name the clause."}).status_code == 303
    assert "Name the clause." in other.get(f"/rulebook/drafts/{draft_id}").text


def test_a_release_that_came_between_stops_the_publication(
    app: Flask, author: Person, second: Person
) -> None:
    with transaction() as session:
        draft = drafts.start(session, "contract", actor=actor_of(author), now=NOW)
        drafts.ask_for_publication(session, draft.id, actor=actor_of(author), now=NOW)
        base = session.get_one(PackVersion, draft.base_id)
        toml = base.toml.replace('version = "2026-01-01"', 'version = "2026-06-01"')
        session.add(PackVersion(pack="contract", version="2026-06-01", valid_from=date(2026, 6, 1), toml=toml, digest="x", origin="shipped", published_at=NOW))  # fmt: skip
        draft_id = draft.id
    with pytest.raises(Conflict, match=r"rulebook\.base_moved"), transaction() as session:
        drafts.publish(session, draft_id, actor=actor_of(second), now=NOW)


# --- replaying -----------------------------------------------------------------------------------


def asked(draft_id: int, person: Person, **chosen: str) -> int:
    with transaction() as session:
        days = Chosen(date(2026, 1, 1), date(2026, 12, 31), **chosen)
        return replaying.ask(
            session, draft_id, days, zone="Europe/Paris", actor=actor_of(person), now=clock.now()
        ).id


def worked_off() -> None:
    work = collect()
    while run_call(work):
        pass
    db.session.remove()


def test_a_replay_says_what_would_have_changed_and_for_which_cases(
    client: FlaskClient, author: Person
) -> None:
    draft_id = a_draft(author)
    inside, outside, moved = a_case(), a_case(), a_case()
    judged(inside.id, renewed=20)
    judged(outside.id, renewed=22)
    judged(moved.id, renewed=22)
    judged(moved.id, renewed=3, cause="changed_mind")
    replay_id = asked(draft_id, author)
    worked_off()
    replay = db.session.get_one(Replay, replay_id)
    assert (replay.state, replay.total, replay.done) == ("done", 3, 3)
    assert replay.tallies["n"] == {"now_owed": 2, "same": 1}
    assert replay.tallies["money"] == {"CHF": {"now_owed": 2 * 47_880}}
    assert replay.tallies["by"]["cause"].keys() == {"unexpected_renewal", "changed_mind"}
    assert set(db.session.scalars(select(ReplayRow.subject_id))) == {inside.id, moved.id}
    sign_in(client, author)
    page = client.get(f"/rulebook/replays/{replay_id}?change=now_owed").text
    assert f"/cases/{inside.id}" in page
    assert f"/cases/{outside.id}" not in page
    assert "957.60" in client.get(f"/rulebook/drafts/{draft_id}").text


def test_a_replay_chooses_by_cause_plan_and_kind(app: Flask, author: Person) -> None:
    draft_id = a_draft(author)
    judged(a_case().id, renewed=3)
    judged(a_case().id, renewed=3, cause="health")
    for chosen, count in (({}, 2), ({"cause": "health"}, 1), ({"plan": "ch-yearly"}, 2), ({"source": "email"}, 0),
                          ({"asked": "refund"}, 2), ({"asked": "cancellation"}, 0)):  # fmt: skip
        replay_id = asked(draft_id, author, **chosen)
        worked_off()
        assert db.session.get_one(Replay, replay_id).done == count, chosen


def test_a_replay_goes_on_where_it_was_interrupted_and_counts_nothing_twice(
    app: Flask, author: Person
) -> None:
    draft_id = a_draft(author)
    for n in range(7):
        judged(a_case().id, renewed=n)
    replay_id = asked(draft_id, author)
    with transaction() as session:
        assert replaying.begin(session, replay_id)
    for _ in range(10):
        if replaying.run(replay_id, clock=clock.now, seconds=0, size=2):
            break
    replay = db.session.get_one(Replay, replay_id)
    assert (replay.state, replay.done) == ("done", 7)
    assert sum(replay.tallies["n"].values()) == 7
    worked_off()
    assert db.session.get_one(Replay, replay_id).done == 7


def test_a_stopped_replay_keeps_what_it_found(client: FlaskClient, author: Person) -> None:
    draft_id = a_draft(author)
    for n in range(4):
        judged(a_case().id, renewed=n)
    replay_id = asked(draft_id, author)
    with transaction() as session:
        replaying.begin(session, replay_id)
    replaying.run(replay_id, clock=clock.now, seconds=0, size=2)
    sign_in(client, author)
    assert 'http-equiv="refresh"' in client.get(f"/rulebook/replays/{replay_id}").text
    assert send(client, f"/rulebook/replays/{replay_id}/stop").status_code == 303
    worked_off()
    replay = db.session.get_one(Replay, replay_id)
    assert (replay.state, replay.done) == ("cancelled", 2)
    assert send(client, f"/rulebook/replays/{replay_id}/stop").status_code == 409
    assert "Stopped after 2 of 4 cases" in client.get(f"/rulebook/replays/{replay_id}").text


def test_a_draft_of_the_law_that_gives_less_is_caught(app: Flask, author: Person) -> None:
    with transaction() as session:
        draft = drafts.start(session, "consumer-fr", actor=actor_of(author), now=NOW)
        for name in ("FR-WD-14", "FR-WD-EXT", "FR-WD-EXC"):
            table = dict(next(r for r in packs.readable(draft.toml, "x").rules if r.id == name).table)
            table["window"] = {**table["window"], "path": ["3 days"]}
            drafts.save_rule(session, SaveRule(draft.id, draft.edit, table), actor=actor_of(author), now=NOW)
        draft_id = draft.id
    asked_at = NOW - timedelta(days=30)
    concluded = (asked_at - timedelta(days=8)).isoformat()
    judged(a_case().id, renewed=400, jurisdiction="FR", timezone="Europe/Paris", holiday_calendar="FR", currency="EUR",
           renewed_at="never", contract_concluded_at=concluded, purchase_at=concluded, price_minor=47_880,
           withdrawal_information_given_at=concluded, express_request=False, informed=True, market_price_minor="none",
           separately_priced_parts="none", service_fully_performed_at="never", leisure_specific_date="none",
        category="other")  # fmt: skip
    replay_id = asked(draft_id, author)
    worked_off()
    tallies = db.session.get_one(Replay, replay_id).tallies
    assert tallies["below_law"] == 1, tallies


# --- cases that a change touches -----------------------------------------------------------------


def test_a_case_that_a_new_version_touches_says_so_and_is_judged_anew(
    client: FlaskClient, author: Person, second: Person
) -> None:
    draft_id = a_draft(author, days=60)
    case = a_case()
    judgement_id = judged(case.id, renewed=20)
    with transaction() as session:
        session.execute(
            text("UPDATE cases SET judgement_id = :j WHERE id = :c"), {"j": judgement_id, "c": case.id}
        )
    sign_in(client, author)
    assert "The rules changed" not in client.get(f"/cases/{case.id}").text
    with transaction() as session:
        drafts.ask_for_publication(session, draft_id, actor=actor_of(author), now=NOW)
        drafts.publish(session, draft_id, actor=actor_of(second), now=NOW)
    page = client.get(f"/cases/{case.id}").text
    assert "The rules changed" in page
    assert "478.80" in page
    assert send(client, f"/cases/{case.id}/judgement").status_code == 303
    assert "The rules changed" not in client.get(f"/cases/{case.id}").text
    newest = db.session.scalars(select(Judgement).order_by(Judgement.id.desc()).limit(1)).one()
    assert (newest.subject_id, newest.packs_until) == (case.id, packs.newest(db.session()))


def test_a_closed_case_keeps_its_verdict(client: FlaskClient, author: Person) -> None:
    case = a_case(status="closed", outcome="refused")
    sign_in(client, author)
    assert send(client, f"/cases/{case.id}/judgement").status_code == 409


def test_an_example_that_a_draft_breaks_stops_its_publication(app: Flask, author: Person) -> None:
    draft_id = a_draft(author, days=14)
    facts = {
        "timezone": "Europe/Paris",
        "renewed_at": "2026-10-12T10:00:00Z",
        "action_at": "2026-10-30T10:00:00Z",
    }
    with transaction() as session:
        draft = session.get_one(PackDraft, draft_id)
        example = AddExample(draft_id, draft.edit, "HOUSE-RENEWAL", "Day 18", facts, "yes")
        drafts.add_example(session, example, actor=actor_of(author), now=NOW)
    with pytest.raises(RuleBroken, match=r"rulebook\.has_problems"), transaction() as session:
        drafts.ask_for_publication(session, draft_id, actor=actor_of(author), now=NOW)


def test_a_clause_of_the_contract_is_cited_in_the_readers_language(client: FlaskClient, app: Flask) -> None:
    sign_in(client, a_person("manager", locale="fr"))
    page = client.get("/rulebook/rules/CONTRACT-REFUND-WINDOW").text
    assert "Conditions du contrat, délai de remboursement" in page
    assert "Terms of the contract" not in page
    sign_in(client, a_person("manager", locale="en"))
    assert "Terms of the contract, refund window" in client.get("/rulebook/rules/CONTRACT-REFUND-WINDOW").text
