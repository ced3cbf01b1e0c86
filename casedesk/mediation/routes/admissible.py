"""The lines of admissibility as the page lists them: what was established, from where, and what is still open."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from casedesk.mediation import words
from casedesk.mediation.queries.page import FilePage
from casedesk.web import locale


@dataclass(frozen=True)
class Check:
    """One condition: `state` is ok, ask (not established) or no; `fact` may be set where it is asked."""

    state: str
    label: str
    note: str
    fact: str = ""


def checks(page: FilePage) -> list[Check]:
    """The conditions of the law and the charter, from the judgement that is kept."""
    kept = page.judgement
    if kept is None:
        return []
    plain: dict[str, Any] = {
        name: entry["value"] for name, entry in kept.facts["facts"].items() if name in _READ
    }
    lines = [
        _complaint(plain),
        _year(plain),
        _reply(plain, page.entity),
        _elsewhere(plain),
        _scope(plain, page),
    ]
    if plain.get("alleged_abusive") is True:
        lines.append(Check("ask", _("Said to be abusive"), _("a person must judge"), "alleged_abusive"))
    return lines


_READ = frozenset(
    {
        "written_complaint_at",
        "mediator_seized_at",
        "trader_reply",
        "mediator_min_wait_months",
        "court_seized",
        "other_mediator",
        "consumer",
        "alleged_abusive",
    }
)


def _complaint(plain: dict[str, Any]) -> Check:
    at = _instant(plain.get("written_complaint_at"))
    if at is not None:
        return Check("ok", _("Written complaint"), locale.day_short_year(at), "written_complaint_at")
    state = "no" if plain.get("written_complaint_at") == "never" else "ask"
    return Check(state, _("Written complaint"), _("not established"), "written_complaint_at")


def _year(plain: dict[str, Any]) -> Check:
    complaint, seized = _instant(plain.get("written_complaint_at")), _instant(plain.get("mediator_seized_at"))
    if complaint is None or seized is None:
        return Check("ask", _("Less than a year"), _("not established"))
    days = (seized.date() - complaint.date()).days
    ok = seized.date() <= _a_year_later(complaint.date())
    return Check("ok" if ok else "no", _("Less than a year"), _("%(days)s days", days=days))


def _reply(plain: dict[str, Any], company: str) -> Check:
    reply = plain.get("trader_reply")
    said = {
        "refused": _("refused"),
        "partly_accepted": _("accepted in part"),
        "accepted": _("accepted"),
        "none": _("no answer yet"),
    }.get(str(reply), _("not established"))
    waits = plain.get("mediator_min_wait_months")
    if reply == "none" and waits not in (None, "none"):
        said = _("no answer; the charter waits %(months)s months", months=waits)
    state = "ok" if reply in ("refused", "partly_accepted") else "ask"
    return Check(state, _("Answer of %(name)s", name=company), said, "trader_reply")


def _elsewhere(plain: dict[str, Any]) -> Check:
    label = _("Neither court nor other mediator")
    for name in ("court_seized", "other_mediator"):
        if plain.get(name) is True:
            return Check("no", label, _("one is seized"), name)
    for name in ("court_seized", "other_mediator"):
        if plain.get(name) is None:
            return Check("ask", label, _("not declared"), name)
    return Check("ok", label, _("declared"), "court_seized")


def _scope(plain: dict[str, Any], page: FilePage) -> Check:
    consumer = plain.get("consumer")
    if consumer is True:
        return Check("ok", _("Within the field"), _("consumer"))
    return Check("no" if consumer is not None else "ask", _("Within the field"), _("not a consumer"))


def headline(page: FilePage) -> tuple[str, str]:
    """(state, words) of the verdict on admissibility."""
    outcome = page.judgement.outcome if page.judgement else ""
    return {
        "allowed": ("ok", _("The rules say: admissible")),
        "refused": ("no", _("The rules say: not admissible")),
        "needs_information": ("ask", _("A fact is missing")),
    }.get(outcome, ("ask", _("A person must judge")))


def held(lines: list[Check]) -> str:
    """``5 of 5``."""
    return _("%(held)s of %(all)s", held=sum(line.state == "ok" for line in lines), all=len(lines))


def ground(page: FilePage) -> str:
    return words.said(words.GROUND, page.file.ground)


def _instant(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)) if text not in (None, "never", "none") else None
    except ValueError:
        return None


def _a_year_later(day: date) -> date:
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 1, 2, 28)
