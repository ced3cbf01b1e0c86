"""What is published: the front page, a pack, a rule, its boundaries, the terms in plain words, the exceptions."""

from flask import abort, g
from flask.typing import ResponseReturnValue

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.rulebook import beside, packs, plainterms, walking
from casedesk.rulebook.queries import reading, shelf
from casedesk.rulebook.routes.blueprint import bp, page
from casedesk.store.db import db
from casedesk.web import locale
from casedesk.web.form import DeskForm


@bp.get("/rulebook")
@guard(Permission.SEE_RULES)
def index() -> ResponseReturnValue:
    watch = shelf.watch(db.session(), g.actor, today=locale.local(g.now).date())
    return page("rulebook/index.html", watch=watch, form=DeskForm(formdata=None))


@bp.get("/rulebook/packs/<pack>")
@guard(Permission.SEE_RULES)
def pack(pack: str) -> ResponseReturnValue:
    shown = reading.pack_page(db.session(), g.actor, pack, today=locale.local(g.now).date())
    return page("rulebook/pack.html", at=pack, pack=shown, form=DeskForm(formdata=None))


@bp.get("/rulebook/rules/<rule>")
@guard(Permission.SEE_RULES)
def rule(rule: str) -> ResponseReturnValue:
    shown = reading.rule_page(db.session(), g.actor, rule)
    return page(
        "rulebook/rule.html", at=shown.face.pack, rule=shown, face=shown.face, form=DeskForm(formdata=None)
    )


@bp.get("/rulebook/rules/<rule>/boundaries")
@guard(Permission.SEE_RULES)
def boundaries(rule: str) -> ResponseReturnValue:
    """The rule walked over the days on which it could be read in two ways."""
    published = packs.published(db.session())
    pack_of, found = reading.find(published, rule)
    place = pack_of.jurisdiction if pack_of.level.value == "statute" else "FR"
    calendar = found.calendar or found.calendars.get(place) or "FR"
    walked = walking.walk(
        found,
        published,
        year=locale.local(g.now).year + 1,
        zone=g.actor.time_zone,
        calendar=calendar,
        place=place,
    )
    shown = reading.face(found, pack_of, published, g.actor.locale)
    return page("rulebook/boundaries.html", at=pack_of.id, face=shown, walked=walked, draft=None)


@bp.get("/rulebook/terms/<int:terms_id>")
@guard(Permission.SEE_RULES)
def terms(terms_id: int) -> ResponseReturnValue:
    """The terms in the words of a customer, in both languages, to print or hand out."""
    lines = beside.ask().terms(db.session(), g.actor)
    line = next((one for one in lines if one.id == terms_id), None)
    if line is None:
        abort(404)
    policies = [plainterms.policy(line, packs.published(db.session()), tongue) for tongue in ("en", "fr")]
    policies.sort(key=lambda one: one.locale != g.actor.locale)
    return page("rulebook/terms.html", at=f"terms-{terms_id}", terms=line, policies=policies)


@bp.get("/rulebook/exceptions")
@guard(Permission.SEE_RULES)
def exceptions() -> ResponseReturnValue:
    return page("rulebook/exceptions.html", at="exceptions")
