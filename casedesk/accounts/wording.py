"""Codes of this room as a person reads them: roles, what they see, changes on record."""

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.web import locale

ROLE_NAMES: dict[str, LazyString] = {
    "agent": _l("Agent"),
    "manager": _l("Manager"),
    "mediator": _l("Mediator"),
    "administrator": _l("Administrator"),
}

SEES_NAMES: dict[str, LazyString] = {
    "all": _l("All cases"),
    "team": _l("Cases of the team"),
    "assigned": _l("Own cases only"),
}

KIND_SENTENCES: dict[str, LazyString] = {
    "person.added": _l("%(name)s added as %(role)s"),
    "person.changed": _l("%(name)s changed: %(changes)s"),
    "person.left": _l("%(name)s deactivated, signed out everywhere"),
    "person.back": _l("%(name)s active again"),
    "person.password_link": _l("Link to set a password made for %(name)s"),
    "person.password_set": _l("%(name)s has a new password, signed out everywhere"),
    "business.added": _l("Business %(name)s added"),
    "business.changed": _l("Business %(name)s changed: %(changes)s"),
    "business.retired": _l("Business %(name)s retired"),
    "business.back": _l("Business %(name)s in use again"),
    "plan.changed": _l("Plan %(name)s changed: %(changes)s"),
    "plan.retired": _l("Plan %(name)s no longer offered"),
    "plan.back": _l("Plan %(name)s offered again"),
    "plan.added": _l("Plan %(name)s added"),
    "charge.entered": _l("Charge %(name)s of %(amount)s entered by hand"),
    "terms.published": _l("Terms %(name)s published"),
    "cause.added": _l("Cause %(name)s added"),
    "cause.changed": _l("Cause %(name)s changed: %(changes)s"),
    "cause.retired": _l("Cause %(name)s retired"),
    "cause.back": _l("Cause %(name)s in use again"),
    "cause.merged": _l("Cause %(name)s merged into %(into)s"),
    "team.added": _l("Team %(name)s added"),
    "team.changed": _l("Team %(name)s changed: %(changes)s"),
    "rules.draft_started": _l("Draft %(version)s of rules %(pack)s begun"),
    "rules.draft_changed": _l("Draft %(version)s of rules %(pack)s changed"),
    "rules.draft_asked": _l("Publication of rules %(pack)s %(version)s asked for"),
    "rules.draft_returned": _l("Draft %(version)s of rules %(pack)s given back"),
    "rules.draft_discarded": _l("Draft %(version)s of rules %(pack)s discarded"),
    "rules.published": _l("Rules %(pack)s %(version)s published"),
    "rules.replayed": _l("Draft %(draft)s of rules replayed on past cases"),
    "calendar.set": _l("Calendar %(name)s set"),
    "service_time.set": _l("Service time of clock %(name)s set"),
    "service_time.removed": _l("Service time of clock %(name)s removed"),
    "threshold.set": _l("Reminder of clock %(name)s set"),
    "threshold.removed": _l("Reminder of clock %(name)s removed"),
    "escalation_rule.set": _l("Rule of escalation %(name)s set"),
    "absence.set": _l("Absence of %(name)s set"),
}

_FIELDS: dict[str, LazyString] = {
    "name": _l("name"),
    "mail": _l("mail address"),
    "role": _l("role"),
    "team_id": _l("team"),
    "is_lead": _l("leads the team"),
    "sees": _l("sees"),
    "goodwill_ceiling_minor": _l("goodwill alone"),
    "approval_ceiling_minor": _l("decides alone"),
    "locale": _l("language"),
    "time_zone": _l("time zone"),
    "active": _l("in use"),
    "label_en": _l("in English"),
    "label_fr": _l("in French"),
    "position": _l("place in the list"),
    "legal_name": _l("legal name"),
    "address": _l("postal address"),
    "case_prefix": _l("case numbers begin with"),
    "sender_mail": _l("mails come from"),
    "mediator_body": _l("mediation body"),
    "price_minor": _l("price"),
}


def sentence(kind: str, body: Mapping[str, Any], text: Mapping[str, Any], teams: Mapping[int, str]) -> str:
    """One entry of the desk's record in words; kinds of other rooms by their code and parameters."""
    if kind not in KIND_SENTENCES:
        return f"{kind} " + ", ".join(f"{name} {value}" for name, value in body.items())
    changes = {**text.get("changes", {}), **body.get("changes", {})}
    spelled = "; ".join(
        _(
            "%(field)s %(before)s → %(after)s",
            field=words,
            before=said(name, changes[name][0], teams, body.get("currency", "EUR")),
            after=said(name, changes[name][1], teams, body.get("currency", "EUR")),
        )
        for name, words in _FIELDS.items()
        if name in changes and changes[name][0] != changes[name][1]
    )
    return str(KIND_SENTENCES[kind]) % {
        "name": text.get("name") or body.get("name") or _("Somebody whose name was erased"),
        "role": str(ROLE_NAMES.get(body.get("role", ""), "")).lower(),
        "changes": spelled,
        "amount": locale.money(body.get("amount_minor", 0), body.get("currency", "EUR")),
        "into": body.get("into", ""),
        "pack": body.get("pack", ""),
        "version": body.get("version", ""),
        "draft": body.get("draft", ""),
    }


def said(name: str, value: Any, teams: Mapping[int, str], currency: str = "EUR") -> str:
    """The value of one field of a person, a team or a thing that is sold, in words."""
    if name == "role":
        return str(ROLE_NAMES.get(value, value)).lower()
    if name == "sees":
        return str(SEES_NAMES.get(value, value)).lower()
    if name == "team_id":
        return teams.get(value, _("none"))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name.endswith("_minor"):
        return locale.amount(value, currency)
    if isinstance(value, Mapping):
        return ", ".join(str(part) for part in value.values() if part) or _("none")
    return str(value)


_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_SYSTEMS = ("Windows", "iPhone", "iPad", "Android", "Mac OS X", "Linux")


def browser_name(agent: str) -> str:
    """A browser as its owner knows it: ``Firefox, Windows``; what it calls itself where that is not known."""
    found = [next((name for name in names if name in agent), "") for names in (_BROWSERS, _SYSTEMS)]
    spelled = {"Edg": "Edge", "OPR": "Opera", "Mac OS X": "Mac"}
    return ", ".join(spelled.get(name, name) for name in found if name) or agent[:40] or "–"
