"""What the form of changes offers: people who work, teams, causes in force, and the moves that the rules allow."""

from typing import Any

from sqlalchemy.orm import Session

from casedesk.accounts import queries as accounts
from casedesk.accounts.actor import Actor
from casedesk.cases import words
from casedesk.cases.forms.changing import ChangeForm
from casedesk.cases.queries.causes import causes
from casedesk.cases.queries.sheet import CaseSheet
from casedesk.cases.rules import FREE_STAGES, STATUSES, may_change_stage, may_change_status
from casedesk.web.fields import listed

Choices = list[tuple[str, Any]]

HAND_MADE = ("open", "waiting-customer", "waiting-third-party")
"""Statuses that a person sets; the others follow from a decision or a closing."""


def offer(session: Session, form: ChangeForm, head: CaseSheet, actor: Actor) -> None:
    """Fill the choices; values that stand now stay choosable also where nobody would choose them anew."""
    case = head.case
    people = accounts.people_by_id(session).values()
    workers = [(str(p.id), p.name) for p in people if _works(p) or p.id == case.owner_id]
    form.owner_id.choices = [form.owner_id.choices[0], *listed(sorted(workers, key=lambda one: one[1]))]
    teams = [(str(t.id), t.name) for t in accounts.teams(session) if t.active or t.id == case.team_id]
    form.team_id.choices = [form.team_id.choices[0], *listed(teams)]
    known = [
        (str(c.id), words.cause_label(c.label_en, c.label_fr))
        for c in causes(session)
        if c.valid_to is None or c.id in (case.stated_cause_id, case.established_cause_id)
    ]
    for field in (form.stated_cause_id, form.established_cause_id):
        field.choices = [field.choices[0], *listed(known)]
    form.status.choices = [form.status.choices[0], *listed(_statuses(actor, case.status))]
    form.stage.choices = [form.stage.choices[0], *listed(_stages(actor, case.stage))]


def fill(form: ChangeForm, head: CaseSheet) -> None:
    """What stands now, as the form's values."""
    case = head.case
    for name in ("owner_id", "team_id", "stated_cause_id", "established_cause_id"):
        value = getattr(case, name)
        form[name].data = str(value) if value else ""
    form.priority.data = str(case.priority)
    form.tags.data = ", ".join(head.tags)


def _works(person: Any) -> bool:
    return bool(person.active and person.role in ("agent", "manager"))


def _statuses(actor: Actor, before: str) -> Choices:
    return [
        (code, words.STATUS[code])
        for code in STATUSES
        if code in HAND_MADE and may_change_status(actor.role, before, code)
    ]


def _stages(actor: Actor, before: str) -> Choices:
    """Intake and desk; every other rung is reached by raising the case or bringing it down, with a word."""
    free = FREE_STAGES if before in FREE_STAGES else ()
    return [(code, words.STAGE[code]) for code in free if may_change_stage(actor.role, before, code)]
