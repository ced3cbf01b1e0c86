"""Every room's tables in one place, and how a database is made ready: newest schema, shipped packs published."""

from pathlib import Path

from sqlalchemy import Engine, MetaData
from sqlalchemy.orm import Session

from casedesk.accounts import models as accounts
from casedesk.cases import escalation_models as escalations
from casedesk.cases import models as cases
from casedesk.channels import models as channels
from casedesk.customers import models as customers
from casedesk.deadlines import models as deadlines
from casedesk.documents import models as documents
from casedesk.imports import models as imports
from casedesk.ledger import models as ledger
from casedesk.mediation import models as mediation
from casedesk.mediation.sealed import models as sealed
from casedesk.portal import models as portal
from casedesk.refunds import models as refunds
from casedesk.reports import cube_models, report_models, signal_models
from casedesk.rulebook import models as rulebook
from casedesk.rulebook.packs import publish_shipped
from casedesk.store import clock, migrate
from casedesk.store import models as store
from casedesk.store.db import Base, writing

ROOMS = (
    store,
    accounts,
    customers,
    channels,
    rulebook,
    ledger,
    deadlines,
    cases,
    escalations,
    refunds,
    documents,
    mediation,
    sealed,
    portal,
    imports,
    cube_models,
    report_models,
    signal_models,
)


def metadata() -> MetaData:
    """The schema as the models have it."""
    return Base.metadata


def append_only_tables() -> list[str]:
    """Tables that the database refuses to rewrite."""
    return sorted(name for name, table in metadata().tables.items() if table.info.get("append_only"))


def prepare(engine: Engine, scripts: Path) -> None:
    """Bring the database to the newest schema and enter the packs of this release that it does not have yet."""
    migrate.upgrade(engine, scripts)
    token = writing.set(True)
    try:
        with Session(engine, info={"door": True}) as session, session.begin():
            publish_shipped(session, now=clock.now())
    finally:
        writing.reset(token)
