"""The doors of the room: queue, case, new case, decision, files. Importing this module hangs them on `bp`."""

from casedesk.cases.routes import case, queue, writing
from casedesk.cases.routes.blueprint import bp

__all__ = ["bp", "case", "queue", "writing"]
