"""The doors of the room: queue, case, new case, decision, approvals, files, drafts, search. Importing this module hangs them on `bp`."""

from casedesk.cases.routes import approving, case, decide, drafts, files, new, queue, searching, writing
from casedesk.cases.routes.blueprint import bp

__all__ = ["approving", "bp", "case", "decide", "drafts", "files", "new", "queue", "searching", "writing"]
