"""A draft: begun, changed by form, tried on examples and boundary days, asked for, published by a second person."""

from collections.abc import Callable
from functools import lru_cache

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound, RuleBroken
from casedesk.policy.conditions import PackError
from casedesk.rulebook import drafts, rules, walking
from casedesk.rulebook.forms.conditions import facts_to_ask
from casedesk.rulebook.forms.drafts import AddRule, Note, example_for
from casedesk.rulebook.forms.rule import EditRule, made_for
from casedesk.rulebook.queries import drafting, reading
from casedesk.rulebook.queries.shelf import slug
from casedesk.rulebook.routes.blueprint import bp, page
from casedesk.rulebook.wording import error_sentence
from casedesk.store.db import db
from casedesk.web import locale
from casedesk.web.deed import once
from casedesk.web.form import DeskForm


@bp.post("/rulebook/packs/<pack>/draft")
@guard(Permission.EDIT_RULES)
def begin(pack: str) -> ResponseReturnValue:
    def deed(session: Session) -> str:
        draft = drafts.start(session, pack, actor=g.actor, now=g.now)
        return url_for(".draft", draft_id=draft.id)

    return _deed(deed)


@bp.get("/rulebook/drafts/<int:draft_id>")
@guard(Permission.SEE_RULES)
def draft(draft_id: int) -> ResponseReturnValue:
    return _draft_page(draft_id, Note(formdata=None))


@bp.get("/rulebook/drafts/<int:draft_id>/new-rule")
@guard(Permission.EDIT_RULES)
def new_rule(draft_id: int) -> ResponseReturnValue:
    shown = drafting.draft_page(db.session(), g.actor, draft_id)
    form = AddRule(formdata=None, data={"edit": shown.head.edit, "start": "purchase_at", "days": 14})
    return page("rulebook/new_rule.html", at=shown.head.pack, draft=shown, form=form)


@bp.post("/rulebook/drafts/<int:draft_id>/new-rule")
@guard(Permission.EDIT_RULES)
def add_rule(draft_id: int) -> ResponseReturnValue:
    form = AddRule()
    shown = drafting.draft_page(db.session(), g.actor, draft_id)

    def deed(session: Session) -> str:
        command = form.to_command()
        drafts.add_rule(session, draft_id, _edit(form), command, actor=g.actor, now=g.now)
        return url_for(".edit_rule", draft_id=draft_id, rule=slug(command.id))

    def again(status: int) -> ResponseReturnValue:
        return page("rulebook/new_rule.html", at=shown.head.pack, draft=shown, form=form), status

    return _checked(form, deed, again)


@bp.get("/rulebook/drafts/<int:draft_id>/rules/<rule>")
@guard(Permission.SEE_RULES)
def draft_rule(draft_id: int, rule: str) -> ResponseReturnValue:
    shown = drafting.draft_rule_page(db.session(), g.actor, draft_id, rule)
    return page(
        "rulebook/draft_rule.html",
        at=shown.head.pack,
        draft=shown,
        face=shown.face,
        form=DeskForm(formdata=None),
    )


@bp.get("/rulebook/drafts/<int:draft_id>/rules/<rule>/edit")
@guard(Permission.EDIT_RULES)
def edit_rule(draft_id: int, rule: str) -> ResponseReturnValue:
    found, pack, of, _all = drafting.rule_of_draft(db.session(), draft_id, rule)
    return _edit_page(draft_id, rule, made_for(of, pack, found.edit))


@bp.post("/rulebook/drafts/<int:draft_id>/rules/<rule>/edit")
@guard(Permission.EDIT_RULES)
def save_rule(draft_id: int, rule: str) -> ResponseReturnValue:
    found, pack, of, _all = drafting.rule_of_draft(db.session(), draft_id, rule)
    form, now_at = made_for(of, pack, found.edit), found.edit
    if request.form.get("act"):  # a button that changes the form itself: nothing is saved
        return _edit_page(draft_id, rule, form)

    def deed(session: Session) -> str:
        drafts.save_rule(session, form.to_command(draft_id), actor=g.actor, now=g.now)
        return url_for(".draft_rule", draft_id=draft_id, rule=rule)

    def again(status: int) -> ResponseReturnValue:
        if status == 409:  # what was typed stays; sending it again writes over what the colleague did
            form.edit.data = str(now_at)
        return _edit_page(draft_id, rule, form), status

    return _checked(form, deed, again)


@bp.post("/rulebook/drafts/<int:draft_id>/rules/<rule>/removal")
@guard(Permission.EDIT_RULES)
def remove_rule(draft_id: int, rule: str) -> ResponseReturnValue:
    found, _pack, of, _all = drafting.rule_of_draft(db.session(), draft_id, rule)
    seen = _seen(found.edit)

    def deed(session: Session) -> str:
        drafts.remove_rule(session, draft_id, seen, of.id, actor=g.actor, now=g.now)
        return url_for(".draft", draft_id=draft_id)

    return _deed(deed)


@bp.get("/rulebook/drafts/<int:draft_id>/rules/<rule>/examples")
@guard(Permission.EDIT_RULES)
def new_example(draft_id: int, rule: str) -> ResponseReturnValue:
    found, _pack, of, _all = drafting.rule_of_draft(db.session(), draft_id, rule)
    return _example_page(draft_id, rule, example_for(of, found.edit))


@bp.post("/rulebook/drafts/<int:draft_id>/rules/<rule>/examples")
@guard(Permission.EDIT_RULES)
def add_example(draft_id: int, rule: str) -> ResponseReturnValue:
    found, _pack, of, _all = drafting.rule_of_draft(db.session(), draft_id, rule)
    form = example_for(of, found.edit)

    def deed(session: Session) -> str:
        drafts.add_example(session, form.to_command(draft_id, of.id), actor=g.actor, now=g.now)
        return url_for(".draft_rule", draft_id=draft_id, rule=rule) + "#examples"

    return _checked(form, deed, lambda status: (_example_page(draft_id, rule, form), status))


@bp.post("/rulebook/drafts/<int:draft_id>/rules/<rule>/examples/<int:example_id>/removal")
@guard(Permission.EDIT_RULES)
def remove_example(draft_id: int, rule: str, example_id: int) -> ResponseReturnValue:
    found, _pack, of, _all = drafting.rule_of_draft(db.session(), draft_id, rule)
    if example_id >= len(of.table.get("example", [])):
        raise NotFound("not_found")
    seen = _seen(found.edit)

    def deed(session: Session) -> str:
        drafts.remove_example(session, draft_id, seen, of.id, example_id, actor=g.actor, now=g.now)
        return url_for(".draft_rule", draft_id=draft_id, rule=rule) + "#examples"

    return _deed(deed)


@bp.get("/rulebook/drafts/<int:draft_id>/rules/<rule>/boundaries")
@guard(Permission.SEE_RULES)
def draft_boundaries(draft_id: int, rule: str) -> ResponseReturnValue:
    """The drafted rule walked over its boundary days."""
    found, pack, of, all_packs = drafting.rule_of_draft(db.session(), draft_id, rule)
    place = pack.jurisdiction if pack.level.value == "statute" else "FR"
    calendar = of.calendar or of.calendars.get(place) or "FR"
    year = locale.local(g.now).year + 1
    walked = walking.walk(of, all_packs, year=year, zone=g.actor.time_zone, calendar=calendar, place=place)
    face = reading.face(of, pack, all_packs, g.actor.locale)
    return page("rulebook/boundaries.html", at=pack.id, face=face, walked=walked, draft=found)


@bp.post("/rulebook/drafts/<int:draft_id>/review")
@guard(Permission.EDIT_RULES)
def ask(draft_id: int) -> ResponseReturnValue:
    def deed(session: Session) -> str:
        drafts.ask_for_publication(session, draft_id, actor=g.actor, now=g.now)
        return url_for(".draft", draft_id=draft_id)

    response = _deed(deed)
    flash(_("A second person reads it now. Nobody can change it meanwhile."))
    return response


@bp.post("/rulebook/drafts/<int:draft_id>/return")
@guard(Permission.EDIT_RULES)
def give_back(draft_id: int) -> ResponseReturnValue:
    form = Note()

    def deed(session: Session) -> str:
        drafts.give_back(session, draft_id, str(form.note.data), actor=g.actor, now=g.now)
        return url_for(".draft", draft_id=draft_id)

    return _checked(form, deed, lambda status: (_draft_page(draft_id, form), status))


@bp.post("/rulebook/drafts/<int:draft_id>/publication")
@guard(Permission.PUBLISH_RULES)
def publish(draft_id: int) -> ResponseReturnValue:
    def deed(session: Session) -> str:
        version = drafts.publish(session, draft_id, actor=g.actor, now=g.now)
        return url_for(".pack", pack=version.pack)

    response = _deed(deed)
    flash(_("Published. Cases that it changes say so and can be judged anew."))
    return response


@bp.post("/rulebook/drafts/<int:draft_id>/discard")
@guard(Permission.EDIT_RULES)
def discard(draft_id: int) -> ResponseReturnValue:
    def deed(session: Session) -> str:
        drafts.discard(session, draft_id, actor=g.actor, now=g.now)
        return url_for(".index")

    return _deed(deed)


# --- inside --------------------------------------------------------------------------------------


def _deed(deed: Callable[[Session], str]) -> ResponseReturnValue:
    """A deed of one button; what it refuses is told by the page of errors."""
    form = DeskForm()
    if not form.validate_on_submit():
        return redirect(request.path, 303)
    return once(form, deed)


def _checked(
    form: DeskForm, deed: Callable[[Session], str], again: Callable[[int], ResponseReturnValue]
) -> ResponseReturnValue:
    """The deed of a form, or the form again with what was typed and what to change."""
    if not form.validate_on_submit():
        return again(422)
    try:
        return once(form, deed)
    except PackError as error:
        form.form_errors.append(
            error_sentence(PackError(error.code, **{**error.params, "file": ""}), g.actor.locale)
        )
    except (InvalidInput, RuleBroken, Conflict) as refused:
        form.refuse(refused)
        return again(409 if isinstance(refused, Conflict) else 422)
    return again(422)


def _edit(form: AddRule) -> int:
    text = str(form.edit.data or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


def _seen(current: int) -> int:
    """The state of the draft that the page showed; where it does not say, the state it is in."""
    text = request.form.get("edit", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else current


def _draft_page(draft_id: int, form: Note) -> str:
    shown = drafting.draft_page(db.session(), g.actor, draft_id)
    return page(
        "rulebook/draft.html", at=shown.head.pack, draft=shown, head_of=shown.head, form=form, rules=rules
    )


def _edit_page(draft_id: int, rule: str, form: EditRule) -> str:
    shown = drafting.draft_rule_page(db.session(), g.actor, draft_id, rule)
    for problem in shown.problems:
        if not form.is_submitted() and problem.field in form._fields:
            field = form[problem.field]
            field.errors = [*field.errors, problem.sentence]
    asked = lru_cache(maxsize=1)(facts_to_ask)
    return page(
        "rulebook/edit_rule.html",
        at=shown.head.pack,
        draft=shown,
        face=shown.face,
        form=form,
        facts_to_ask=asked,
    )


def _example_page(draft_id: int, rule: str, form: DeskForm) -> str:
    shown = drafting.draft_rule_page(db.session(), g.actor, draft_id, rule)
    return page("rulebook/example.html", at=shown.head.pack, draft=shown, face=shown.face, form=form)
