"""The queue: one view of the cases that the reader may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from casedesk.accounts import queries as accounts
from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases import words
from casedesk.cases.forms.queue import address, read_filter
from casedesk.cases.queries import figured
from casedesk.cases.queries.causes import causes
from casedesk.cases.queries.filters import QueueFilter
from casedesk.cases.queries.queue import Place, QueuePage, page
from casedesk.cases.queries.tallies import MANY, Bounds, Tally, counts, tally
from casedesk.cases.queries.views import views_of
from casedesk.cases.routes.blueprint import bp
from casedesk.cases.routes.queue_chips import chips
from casedesk.cases.routes.queue_rows import Rows, grouped
from casedesk.store.db import db
from casedesk.web import kept, locale

PATH = "/cases"
CURRENCY = "EUR"
"""Amounts of the filter are typed in this currency's decimals."""


@bp.get(PATH)
@guard(Permission.SEE_CASES)
def queue() -> str:
    codes = views_of(g.actor)
    chosen, typed, faults = read_filter(request.args, codes, zone=g.actor.time_zone, currency=CURRENCY)
    place = Place(
        request.args.get("after", ""), request.args.get("before", ""), request.args.get("last") == "1"
    )
    choosing = request.args.get("filters") == "1"
    session = db.session()
    bounds = bounds_at(g.now, g.actor.time_zone)
    shown = page(session, g.actor, chosen, place, now=g.now)
    held = tally(session, g.actor, chosen, bounds)
    counted = kept.figures("views", lambda: counts(session, g.actor, codes, g.now))
    if chosen == QueueFilter(view=chosen.view, sort=chosen.sort, descending=chosen.descending):
        counted = counted | {chosen.view: held.count}  # the list below was read just now
    people = accounts.people_by_id(session)
    known = causes(session)
    labels = {c.id: words.cause_label(c.label_en, c.label_fr) for c in known}
    rows = Rows(g.actor, bounds, people, labels).faces(shown.rows)
    return render_template(
        "cases/queue.html",
        chosen=chosen,
        view_label=words.said(words.VIEW, chosen.view),
        views=_views(codes, counted, chosen),
        chips=chips(
            chosen,
            typed,
            people,
            accounts.teams(session) if choosing or "team" in typed else (),
            known,
            figure=figured.said(session, chosen.figure),
        ),
        choosing=choosing,
        choose_url=address(PATH, chosen, typed, filters="1"),
        typed=typed,
        faults=faults,
        tally=held,
        total=_total(held),
        groups=grouped(shown, rows, held, chosen.sort == "clock" and not chosen.descending),
        heads=_heads(chosen, typed),
        pages=_pages(shown, place, held, chosen, typed),
        many=MANY,
    )


def bounds_at(now: datetime, zone: str) -> Bounds:
    """The coming midnight and the end of Sunday in the reader's zone."""
    there = ZoneInfo(zone)
    today = now.astimezone(there).date()
    tomorrow = datetime.combine(today + timedelta(days=1), time(0), there)
    week = datetime.combine(today + timedelta(days=7 - today.weekday()), time(0), there)
    return Bounds(now, tomorrow.astimezone(now.tzinfo), week.astimezone(now.tzinfo))


@dataclass(frozen=True)
class ViewTab:
    label: str
    url: str
    current: bool
    count: str
    late: bool


def _views(codes: list[str], counts: Mapping[str, int], chosen: QueueFilter) -> list[ViewTab]:
    return [
        ViewTab(
            words.said(words.VIEW, code),
            f"{PATH}?view={code}",
            code == chosen.view,
            _number(counts[code]),
            code == "late" and counts[code] > 0,
        )
        for code in codes
    ]


def _number(count: int) -> str:
    return str(count) if count <= MANY else "1\u202f000+" if locale.reader_locale() == "fr" else "1,000+"


def _total(held: Tally) -> str:
    if held.is_whole:
        return ngettext("%(num)d case", "%(num)d cases", held.count)
    return _("more than 1,000 cases")


@dataclass(frozen=True)
class Head:
    """A column head: sorts by its column, and the other way where the list goes by it already."""

    label: str
    url: str
    sorted: str
    cls: str


def _heads(chosen: QueueFilter, typed: Mapping[str, list[str]]) -> list[Head]:
    columns = [
        ("clock", _("Next clock"), "c-clock"),
        ("case", _("Case"), "c-no"),
        ("customer", _("Customer"), "c-who"),
        ("kind", _("Kind and cause"), "c-kind"),
        ("verdict", _("Verdict"), "c-verdict"),
        ("amount", _("Asked"), "num c-amt"),
        ("stage", _("Stage"), "c-stage"),
        ("owner", _("Owner"), "c-own"),
        ("contact", _("Last contact"), "c-last"),
    ]
    heads = []
    for code, label, cls in columns:
        current = chosen.sort == code
        turn = "desc" if current and not chosen.descending else "asc"
        state = ("descending" if chosen.descending else "ascending") if current else ""
        heads.append(Head(label, address(PATH, chosen, typed, sort=code, dir=turn), state, cls))
    return heads


@dataclass(frozen=True)
class Pages:
    """The pager: what is shown, and the addresses of the pages around it (empty at the ends)."""

    shown: str
    first_url: str
    previous_url: str
    next_url: str
    last_url: str


def _pages(
    shown: QueuePage, place: Place, held: Tally, chosen: QueueFilter, typed: Mapping[str, list[str]]
) -> Pages:
    def url(**changes: Any) -> str:
        return address(PATH, chosen, typed, **changes)

    return Pages(
        _shown(shown, held, place),
        url() if shown.before else "",
        url(before=shown.before) if shown.before else "",
        url(after=shown.after) if shown.after else "",
        url(last="1") if shown.after else "",
    )


def _shown(shown: QueuePage, held: Tally, place: Place) -> str:
    count = len(shown.rows)
    if not count:
        return ""
    total = str(held.count) if held.is_whole else _("more than 1,000")
    first = shown.first
    if first is None and place.last and held.is_whole:
        first = held.count - count + 1
    if first is None:
        return ngettext("%(num)d case of %(total)s", "%(num)d cases of %(total)s", count, total=total)
    return _("%(first)s–%(last)s of %(total)s", first=first, last=first + count - 1, total=total)
