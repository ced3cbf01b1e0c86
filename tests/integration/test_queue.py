"""The queue: who sees what, in which order, on which page, under which heading."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from casedesk.accounts.models import Person, Team
from casedesk.cases.queries.filters import QueueFilter
from casedesk.cases.queries.queue import ORDERS, Place, page
from casedesk.cases.queries.tallies import MANY, counts, tally
from casedesk.cases.routes.queue import bounds_at
from casedesk.customers.models import Entity
from casedesk.store import clock
from casedesk.store.db import db
from tests.case_builders import a_case, a_cause
from tests.factories import NOW, a_customer, a_person, a_team, actor_of, an_entity, sign_in


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def team(app: Flask, now: None) -> Team:
    return a_team("Lille")


@pytest.fixture
def me(team: Team) -> Person:
    return a_person("agent", team_id=team.id, name="Inès Belkacem")


@pytest.fixture
def entity(app: Flask) -> Entity:
    return an_entity()


@pytest.fixture
def desk(app: Flask, me: Person) -> FlaskClient:
    return sign_in(app.test_client(), me)


def _names(html: str) -> list[str]:
    """The customers of the rows, in the order of the page."""
    parts = html.split('<span class="clip who" title="')[1:]
    return [part.split('"')[0] for part in parts]


def test_each_view_shows_the_cases_that_it_names(
    desk: FlaskClient, me: Person, team: Team, entity: Entity
) -> None:
    other = a_person("agent", team_id=team.id)
    a_case(None, entity, claimed_name="Mine", owner_id=me.id, team_id=team.id)
    a_case(None, entity, claimed_name="Colleague", owner_id=other.id, team_id=team.id)
    a_case(None, entity, claimed_name="Nobody", team_id=team.id)
    a_case(None, entity, claimed_name="Late", owner_id=other.id, next_due_at=NOW - timedelta(hours=1))
    a_case(
        None,
        entity,
        claimed_name="Held",
        owner_id=other.id,
        next_due_at=NOW - timedelta(hours=1),
        next_paused=True,
    )
    a_case(None, entity, claimed_name="Pay", owner_id=other.id, status="decided")
    a_case(
        None,
        entity,
        claimed_name="Done",
        status="closed",
        outcome="granted",
        next_due_at=None,
        next_clock=None,
    )
    shown = {
        view: set(_names(desk.get(f"/cases?view={view}").text))
        for view in ("mine", "team", "unassigned", "late", "pay", "closed")
    }
    assert shown == {
        "mine": {"Mine"},
        "team": {"Mine", "Colleague", "Nobody"},
        "unassigned": {"Nobody"},
        "late": {"Late"},
        "pay": {"Pay"},
        "closed": {"Done"},
    }
    assert len(_names(desk.get("/cases?view=all").text)) == 7


def test_approvals_are_a_view_of_those_who_approve(app: Flask, desk: FlaskClient, entity: Entity) -> None:
    a_case(None, entity, claimed_name="Waits", status="waiting-approval")
    assert "view=approve" not in desk.get("/cases").text
    manager = sign_in(app.test_client(), a_person("manager"))
    assert _names(manager.get("/cases?view=approve").text) == ["Waits"]


@pytest.mark.parametrize(
    ("sees", "expected"), [("all", {"a", "b", "c"}), ("team", {"a", "b"}), ("assigned", {"a"})]
)
def test_one_rule_of_sight_holds_in_every_view_and_count(
    app: Flask, team: Team, entity: Entity, sees: str, expected: set[str]
) -> None:
    person = a_person("agent", team_id=team.id, sees=sees)
    a_case(None, entity, claimed_name="a", owner_id=person.id)
    a_case(None, entity, claimed_name="b", team_id=team.id)
    a_case(None, entity, claimed_name="c")
    html = sign_in(app.test_client(), person).get("/cases?view=all").text
    assert set(_names(html)) == expected
    assert f"<b>{len(expected)} case" in html


@pytest.mark.parametrize("sort", sorted(ORDERS))
@pytest.mark.parametrize("descending", [False, True])
def test_pages_forward_and_backward_hold_every_case_once(
    app: Flask, me: Person, entity: Entity, sort: str, descending: bool
) -> None:
    for n in range(11):
        empty = n % 4 == 0
        a_case(
            a_customer(name=f"Name {n % 3}") if n % 2 else None,
            entity,
            owner_id=me.id if n % 3 else None,
            claimed_minor=None if empty else n % 3 * 1000,
            verdict_minor=None if empty else 5,
            last_contact_at=None if empty else NOW - timedelta(hours=n % 3),
            next_due_at=None if empty else NOW + timedelta(hours=n % 3),
            kind=("refund", "dispute")[n % 2],
        )
    chosen = QueueFilter(view="all", sort=sort, descending=descending)
    actor = actor_of(me)

    def ids(place: Place) -> tuple[list[int], str | None, str | None, int | None]:
        shown = page(db.session(), actor, chosen, place, now=NOW, size=4)
        return [row.id for row in shown.rows], shown.before, shown.after, shown.first

    first, before, after, at = ids(Place())
    assert (before, at) == (None, 1)
    second, _b, after2, at2 = ids(Place(after=after or ""))
    third, before3, after3, at3 = ids(Place(after=after2 or ""))
    assert (at2, at3, after3) == (5, 9, None)
    assert sorted(first + second + third) == sorted(set(first + second + third))
    assert len(first + second + third) == 11
    assert ids(Place(before=before3 or ""))[0] == second
    last = ids(Place(last=True))
    assert last[0] == (first + second + third)[-4:]
    assert last[2] is None


def test_a_list_by_clock_stands_under_late_today_this_week_later(
    desk: FlaskClient, me: Person, entity: Entity
) -> None:
    for hours in (-30, 2, 30, 24 * 12):
        a_case(None, entity, owner_id=me.id, next_due_at=NOW + timedelta(hours=hours))
    html = desk.get("/cases").text
    heads = ["Late", "Today", "This week", "Later"]
    places = [html.index(f'<span class="{"late" if head == "Late" else ""}">{head}</span>') for head in heads]
    assert places == sorted(places)
    assert "1 late" in html


def test_filters_have_addresses_and_narrow_the_list(desk: FlaskClient, me: Person, entity: Entity) -> None:
    cause = a_cause("unexpected_fee")
    a_case(
        a_customer(name="Belgian", country="BE"), entity, owner_id=me.id, kind="dispute", claimed_minor=3_500
    )
    a_case(
        a_customer(name="Caused"), entity, owner_id=me.id, established_cause_id=cause.id, source="affiliate"
    )
    a_case(
        a_customer(name="Old"),
        entity,
        owner_id=me.id,
        opened_at=NOW - timedelta(days=60),
        status="waiting-customer",
    )
    expected = {
        "country=be": {"Belgian"},
        "kind=dispute": {"Belgian"},
        "cause=unexpected_fee": {"Caused"},
        "source=affiliate": {"Caused"},
        "until=2026-10-31": {"Old"},
        "since=2026-11-01": {"Belgian", "Caused"},
        "status=waiting-customer": {"Old"},
        "to=35.00": {"Belgian"},
        "from=400&to=478.80": {"Caused", "Old"},
        "owner=me": {"Belgian", "Caused", "Old"},
        "owner=nobody": set(),
    }
    assert {query: set(_names(desk.get(f"/cases?{query}").text)) for query in expected} == expected
    chip = desk.get("/cases?kind=dispute&country=be").text
    assert 'aria-label="Remove filter Kind"' in chip
    assert "country=be" in chip.split('class="drop" href="')[1].split('"')[0].replace("&amp;", "&")


@pytest.mark.parametrize(
    "query",
    [
        "kind=nothing",
        "from=a+lot",
        "since=2026-02-30",
        "team=x",
        "owner=9999999999999999999999",
        "until=99999-01-01",
    ],
)
def test_a_filter_that_cannot_be_read_is_said_and_left_out(
    desk: FlaskClient, me: Person, entity: Entity, query: str
) -> None:
    a_case(None, entity, claimed_name="Still here", owner_id=me.id)
    answer = desk.get(f"/cases?{query}")
    assert answer.status_code == 200
    assert _names(answer.text) == ["Still here"]
    assert "so this filter is left out" in answer.text


@pytest.mark.parametrize(
    "cursor", ["x", "WzFd", "bnVsbA", "WzEsMiwzXQ", "WzEsIngiLDNd", "WzEsIjIwMjYiLCJ4Il0"]
)
def test_a_broken_page_address_is_refused_with_a_sentence(desk: FlaskClient, cursor: str) -> None:
    answer = desk.get(f"/cases?after={cursor}")
    assert answer.status_code == 422
    assert "Go back to the first page" in answer.text


def test_counts_stop_at_a_thousand(
    app: Flask, me: Person, entity: Entity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casedesk.cases.queries.tallies.MANY", 3)
    for _ in range(6):
        a_case(None, entity, owner_id=me.id)
    reader, bounds = actor_of(me), bounds_at(NOW, "Europe/Paris")
    assert counts(db.session(), reader, ["mine", "late"], NOW) == {"mine": 4, "late": 0}
    assert tally(db.session(), reader, QueueFilter(view="mine"), bounds).count == 4
    assert MANY == 1_000


def test_a_tab_keeps_its_figure_for_a_while_but_the_open_one_counts_its_list(
    app: Flask, desk: FlaskClient, me: Person, entity: Entity
) -> None:
    def tab(html: str, view: str) -> str:
        link = html[html.index(f'href="/cases?view={view}"') :]
        return "".join(c for c in link[: link.index("</a>")].rsplit(">", 2)[-2] if c.isdigit())

    a_case(None, entity, owner_id=me.id)
    assert tab(desk.get("/cases?view=mine").text, "mine") == "1"
    a_case(None, entity, owner_id=me.id)
    html = desk.get("/cases?view=mine").text
    assert (tab(html, "mine"), tab(html, "all")) == ("2", "1")
    desk.post("/cases")  # whatever comes of it
    assert tab(desk.get("/cases?view=mine").text, "all") == "2"


def test_the_queue_needs_eight_statements_however_long_it_is(
    app: Flask, desk: FlaskClient, me: Person, entity: Entity
) -> None:
    for _ in range(30):
        a_case(a_customer(), entity, owner_id=me.id)
    desk.get("/cases")
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    for address in ("/cases", "/cases?view=all&last=1", "/cases?view=mine&sort=amount&dir=desc&kind=refund"):
        said.clear()
        assert desk.get(address).status_code == 200
        assert len(said) <= 8, said


def test_the_queue_reads_in_french(app: Flask, team: Team, entity: Entity) -> None:
    person = a_person("agent", team_id=team.id, locale="fr")
    a_case(None, entity, owner_id=person.id, verdict_outcome="allowed", verdict_minor=42_764)
    html = sign_in(app.test_client(), person).get("/cases").text
    assert "Les miens" in html
    assert "Remboursement" in html
    assert "Dû 427,64" in html


def test_unread_messages_stand_out_and_paused_clocks_say_so(
    desk: FlaskClient, me: Person, entity: Entity
) -> None:
    a_case(None, entity, owner_id=me.id, unread=True)
    a_case(None, entity, owner_id=me.id, next_paused=True)
    html = desk.get("/cases").text
    assert html.count('class="is-unread"') == 1
    assert "cd-clock is-paused" in html
