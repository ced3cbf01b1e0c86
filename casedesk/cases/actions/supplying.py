"""Supply or correct a fact that the rules read: a new row with its source; the one before stays."""

from datetime import datetime

from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions.judging import judge_case
from casedesk.cases.actions.writing import locked_case, write_event
from casedesk.cases.commands import FactLine, SupplyFact
from casedesk.cases.models import Case, SuppliedFact
from casedesk.kernel.errors import InvalidInput
from casedesk.policy.facts import FactError, read_fact, vocabulary

STATES = ("known", "never", "unknown")


def supply_fact(session: Session, command: SupplyFact, *, actor: Actor, now: datetime) -> None:
    """Store the fact and judge the case anew. Raises InvalidInput, Conflict."""
    case = locked_case(session, actor, command.case_id, command.case_version)
    store_fact(session, case, command.fact, actor=actor, now=now)
    judge_case(session, case, actor=actor, now=now)
    session.flush()


def store_fact(session: Session, case: Case, fact: FactLine, *, actor: Actor, now: datetime) -> None:
    """Write the fact and its event. A known no needs a source: a statement, or a register that is complete."""
    _check(fact)
    # Values of facts are codes, days and sums, never free text of a person: they may stand in the body.
    params: dict[str, object] = {"name": fact.name, "state": fact.state, "value": fact.value}
    entry = write_event(session, case, "fact", params, actor=actor, now=now)
    session.add(
        SuppliedFact(
            case_id=case.id,
            entry_id=entry.id,
            name=fact.name,
            state=fact.state,
            value={"v": fact.value} if fact.state == "known" else None,
            source=fact.source or f"entry:{entry.id}",
        )
    )
    session.flush()


def _check(fact: FactLine) -> None:
    spec = vocabulary().get(fact.name)
    if spec is None:
        raise InvalidInput("fact.unknown", field="name")
    if fact.state not in STATES:
        raise InvalidInput("fact.state", field="state")
    if fact.state == "never" and not (spec.never or spec.none):
        raise InvalidInput("fact.never", field="state")
    if fact.state == "never" and not fact.source:
        raise InvalidInput("fact.never_source", field="source")
    if fact.state == "known":
        try:
            read = read_fact(fact.name, fact.value)
        except FactError as error:
            raise InvalidInput(
                "fact.value", field="value", expected=str(error.params.get("expected", ""))
            ) from error
        if read is None:
            raise InvalidInput("fact.value", field="value", expected="")
