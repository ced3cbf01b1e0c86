"""The doors of the room: queue, case, ladder, new case, decision, approvals, files, drafts, search, settings of clocks
and escalation. Importing this module hangs them on `bp`."""

from casedesk.cases.routes import (
    administration,
    approving,
    case,
    causes,
    decide,
    drafts,
    escalating,
    files,
    new,
    queue,
    searching,
    service,
    standing_in,
    writing,
)
from casedesk.cases.routes.blueprint import bp

__all__ = [
    "administration",
    "approving",
    "bp",
    "case",
    "causes",
    "decide",
    "drafts",
    "escalating",
    "files",
    "new",
    "queue",
    "searching",
    "service",
    "standing_in",
    "writing",
]
