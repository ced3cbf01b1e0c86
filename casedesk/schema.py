"""Every room's tables in one place, for drafting migrations and for the tests that look at the schema."""

from sqlalchemy import MetaData

from casedesk.accounts import models as accounts
from casedesk.cases import models as cases
from casedesk.channels import models as channels
from casedesk.customers import models as customers
from casedesk.deadlines import models as deadlines
from casedesk.documents import models as documents
from casedesk.imports import models as imports
from casedesk.ledger import models as ledger
from casedesk.refunds import models as refunds
from casedesk.rulebook import models as rulebook
from casedesk.store import models as store
from casedesk.store.db import Base

ROOMS = (store, accounts, customers, channels, rulebook, ledger, deadlines, cases, refunds, documents, imports)


def metadata() -> MetaData:
    """The schema as the models have it."""
    return Base.metadata


def append_only_tables() -> list[str]:
    """Tables that the database refuses to rewrite."""
    return sorted(name for name, table in metadata().tables.items() if table.info.get("append_only"))
