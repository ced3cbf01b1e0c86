"""The cube follows the record: whatever changed, following it gives what making it anew gives."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from casedesk.cases.actions import changing, exchanging
from casedesk.cases.commands import ChangeCase, CloseCase, RecordExchange
from casedesk.cases.models import Case, Cause
from casedesk.kernel.errors import CasedeskError
from casedesk.reports import cube
from casedesk.reports.cube_models import CaseFact, CaseMark, CubeClause, CubeDay, CubeDuration, CubeTiming
from casedesk.reports.cube_rules import bin_middle, bin_of, quantile
from casedesk.store import record
from casedesk.store.db import db
from casedesk.store.record import SYSTEM, Line
from casedesk.store.transaction import transaction
from tests.case_builders import a_case, a_cause
from tests.factories import NOW, a_customer, a_person, a_team, actor_of, an_entity

ZONE = "Europe/Paris"
TABLES = (CaseFact, CaseMark, CubeDay, CubeDuration, CubeTiming, CubeClause)


def follow(zone: str = ZONE, now: datetime = NOW) -> None:
    """The worker's rounds until nothing waits."""
    more = True
    while more:
        with transaction() as session:
            more = cube.follow(session, zone=zone, now=now, limit=3).more


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the cube; a cell that was emptied is as good as none."""
    with transaction() as session:
        found = {}
        for model in TABLES:
            table: Any = model.__table__
            rows = [tuple(row) for row in session.execute(select(table))]
            sums = [i for i, c in enumerate(table.columns) if c.key in ("n", "amount_minor")]
            if model is CaseMark or model is CaseFact:
                sums = []
            found[table.name] = sorted(repr(row) for row in rows if not sums or any(row[i] for i in sums))
        return found


def rebuilt(zone: str = ZONE) -> dict[str, list[tuple[Any, ...]]]:
    with transaction() as session:
        cube.rebuild(session, zone=zone, now=NOW)
    return everything()


def opened(case: Case) -> Case:
    """A case built by hand gets the first line of its record."""
    with transaction() as session:
        record.append(
            session, ("case", case.id), Line("event.opened", {"kind": case.kind}), actor=SYSTEM, now=NOW
        )
    return case


EDITS = ("cause", "owner", "reply", "close", "reopen", "backdated", "relabel", "stage", "merge")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 4)), min_size=3, max_size=10))
def test_following_any_edits_gives_what_a_rebuild_gives(app: Flask, edits: list[tuple[str, int]]) -> None:
    desk = _a_desk()
    follow()
    for n, (edit, which) in enumerate(edits):
        _edit(desk, edit, which, NOW + timedelta(minutes=n))
        if n % 2:
            follow(now=NOW + timedelta(minutes=n))
    follow(now=NOW + timedelta(hours=5))
    with transaction() as session:
        cube.heal(session, zone=ZONE, now=NOW)
    followed = everything()
    assert followed == rebuilt()
    with transaction() as session:
        assert cube.verify(session, zone=ZONE).is_right


class _Desk:
    def __init__(self) -> None:
        self.manager = actor_of(a_person("manager", sees="all"))
        self.people = [a_person(), a_person()]
        self.causes = [a_cause(), a_cause(), a_cause()]
        entity, team = an_entity(), a_team()
        customers = [a_customer(), a_customer()]
        self.cases = [
            opened(
                a_case(
                    customers[n % 2],
                    entity,
                    team_id=team.id,
                    stated_cause_id=self.causes[n % 3].id,
                    opened_at=NOW - timedelta(days=11 * n, hours=n),
                )
            ).id
            for n in range(5)
        ]


def _a_desk() -> _Desk:
    return _Desk()


def _edit(desk: _Desk, edit: str, which: int, now: datetime) -> None:
    case_id = desk.cases[which % len(desk.cases)]
    # what a rule refuses changes nothing
    with suppress(CasedeskError), transaction() as session:
        case = session.get_one(Case, case_id)
        if edit == "cause":
            change = {"established_cause_id": desk.causes[which % 3].id}
            changing.change_case(
                session, ChangeCase(case_id, case.version, change), actor=desk.manager, now=now
            )
        elif edit == "owner":
            change = {"owner_id": desk.people[which % 2].id}
            changing.change_case(
                session, ChangeCase(case_id, case.version, change), actor=desk.manager, now=now
            )
        elif edit == "reply" and case.status != "closed":
            command = RecordExchange(case_id, "phone", False, "Nous avons parlé.", happened_at=now)
            exchanging.record_exchange(session, command, actor=desk.manager, now=now)
        elif edit == "close" and case.status in ("open", "waiting-customer"):
            changing.close_case(
                session, CloseCase(case_id, case.version, "withdrawn"), actor=desk.manager, now=now
            )
        elif edit == "reopen" and case.status == "closed":
            changing.move_to(session, case, "open", actor=desk.manager, now=now)
        elif edit == "relabel":  # no entry on any case says so: the nightly look finds it
            session.execute(
                update(Cause).where(Cause.id == desk.causes[2].id).values(merged_into_id=desk.causes[0].id)
            )
        elif edit == "merge":
            others = [one for one in desk.cases if one != case_id]
            case.merged_into_id = others[which % len(others)]
            record.append(session, ("case", case_id), Line("event.merged", {}), actor=SYSTEM, now=now)
        elif edit == "stage" and case.stage == "desk":
            changing.change_case(
                session, ChangeCase(case_id, case.version, {"stage": "manager"}), actor=desk.manager, now=now
            )
    if edit == "backdated":
        late = a_case(
            imported=True,
            opened_at=NOW - timedelta(days=300 + which),
            status="closed",
            outcome="granted",
            closed_at=NOW - timedelta(days=280),
            first_reply_at=NOW - timedelta(days=299),
        )
        desk.cases.append(opened(late).id)


def test_another_zone_of_the_organisation_moves_the_days(app: Flask) -> None:
    late_evening = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    opened(a_case(opened_at=late_evening))
    follow("UTC")
    assert _days() == ["2026-11-20"]
    follow("Europe/Paris", NOW + timedelta(minutes=1))
    assert _days() == ["2026-11-21"]
    assert everything() == rebuilt("Europe/Paris")


def _days() -> list[str]:
    with transaction() as session:
        return [
            str(day)
            for day in session.scalars(
                select(CubeDay.day).where(CubeDay.event == "opened", CubeDay.cut == "")
            )
        ]


def test_days_follow_summer_and_winter_time(app: Flask) -> None:
    for at in (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 22, 30, tzinfo=UTC)):
        opened(a_case(opened_at=at))
    follow()
    with transaction() as session:
        found = session.execute(
            select(CaseFact.opened_day, CaseFact.opened_hour).order_by(CaseFact.case_id)
        ).all()
    # 00:30 on Sunday 29 March in winter time; 00:30 on Monday 30 March in summer time
    assert [(str(day), hour) for day, hour in found] == [("2026-03-29", 144), ("2026-03-30", 0)]


def test_a_cell_that_was_changed_by_hand_is_found(app: Flask) -> None:
    opened(a_case())
    follow()
    with transaction() as session:
        session.execute(update(CubeDay).values(n=CubeDay.n + 1))
        assert not cube.verify(session, zone=ZONE).is_right
        session.execute(delete(CubeDay))
        assert not cube.verify(session, zone=ZONE).is_right


def test_a_case_whose_last_line_waits_is_behind_and_not_wrong(app: Flask) -> None:
    case = opened(a_case())
    follow()
    with transaction() as session:
        session.execute(update(Case).where(Case.id == case.id).values(source="referral"))
        record.append(
            session, ("case", case.id), Line("event.changed", {"fields": {}}), actor=SYSTEM, now=NOW
        )
    with transaction() as session:
        found = cube.verify(session, zone=ZONE)
    assert (found.behind, found.facts) == (1, 0)


def test_a_second_consumer_waits_for_the_first(app: Flask, is_postgresql: bool) -> None:
    opened(a_case())
    follow()
    if is_postgresql:
        with transaction() as session, db.engine.connect() as other:
            cube.follow(session, zone=ZONE, now=NOW)
            taken = other.execute(text("SELECT id FROM cube_state FOR UPDATE SKIP LOCKED")).all()
            assert taken == []


@given(st.lists(st.integers(0, 30_000_000), min_size=1, max_size=60), st.floats(0.01, 1.0))
def test_a_quantile_is_known_to_two_per_cent(durations: list[int], share: float) -> None:
    bins: dict[int, int] = {}
    for one in durations:
        bins[bin_of(one)] = bins.get(bin_of(one), 0) + 1
    exact = sorted(durations)[max(-(-int(share * len(durations) * 1e9) // 10**9), 1) - 1]
    found = quantile(sorted(bins.items()), share)
    assert found is not None
    near = [one for one in durations if abs(bin_middle(bin_of(one)) - found) < 1e-9]
    assert any(abs(found - max(one, 1)) <= 0.02 * max(one, 1) for one in near)
    assert bin_of(exact) <= bin_of(round(found)) + 1
