"""State a fact of a plan, of a version of terms, or of a contract. What was stated before stays beside it."""

from datetime import datetime

from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.customers.commands import StateFact
from casedesk.customers.models import ContractFact, Plan, Subscription, Terms
from casedesk.customers.rules import STATED, STATES
from casedesk.kernel.errors import InvalidInput, NotFound
from casedesk.policy.facts import FactError, read_fact, vocabulary
from casedesk.store import outbox
from casedesk.store.record import DESK, Line, append

_MODELS: dict[str, type[Plan] | type[Terms] | type[Subscription]] = {
    "plan": Plan,
    "terms": Terms,
    "subscription": Subscription,
}


def state_fact(session: Session, command: StateFact, *, actor: Actor, now: datetime) -> ContractFact:
    """Keep the fact with its source; live cases are judged anew soon after. Raises InvalidInput, NotFound."""
    subject = session.get(_MODELS[command.subject_kind], command.subject_id)
    if subject is None:
        raise NotFound("not_found")
    check(command)
    fact = ContractFact(
        subject_kind=command.subject_kind,
        subject_id=command.subject_id,
        name=command.name,
        state=command.state,
        value={"v": command.value} if command.state == "known" else None,
        source=command.source,
        recorded_at=now,
    )
    session.add(fact)
    session.flush()
    body = {
        "subject": [command.subject_kind, command.subject_id],
        "name": command.name,
        "state": command.state,
        "value": command.value,
    }
    record = ("customer", subject.customer_id) if isinstance(subject, Subscription) else DESK
    append(session, record, Line("contract.fact", body), actor=actor.ref, now=now)
    outbox.put(
        session,
        "contract.stated",
        key=f"stated-{fact.id}",
        due_at=now,
        now=now,
        subject=(command.subject_kind, command.subject_id),
        subject_kind=command.subject_kind,
        subject_id=command.subject_id,
        work=f"stated-{fact.id}",
        after=0,
    )
    return fact


def check(command: StateFact) -> None:
    """Raises InvalidInput where the fact is none of this subject, cannot be read, or lacks its source."""
    spec = vocabulary().get(command.name)
    if spec is None or command.name not in STATED[command.subject_kind]:
        raise InvalidInput("stated.unknown", field="name")
    if command.state not in STATES or (command.state == "never" and not (spec.never or spec.none)):
        raise InvalidInput("stated.state", field="state")
    if not command.source:
        raise InvalidInput("stated.source", field="source")
    if command.state != "known":
        return
    try:
        read = read_fact(command.name, command.value)
    except FactError:
        read = None
    if read is None:
        raise InvalidInput("stated.value", field="value")
