"""The doors of the room: queue, case, new case, decision, files. Importing this module hangs them on `bp`."""

from casedesk.cases.routes import queue
from casedesk.cases.routes.blueprint import bp

__all__ = ["bp", "queue"]
