"""Pages of mediations: the list, one file, the request, the panel, the year."""

from casedesk.mediation.routes import acts, asking, file, panel, report
from casedesk.mediation.routes.blueprint import bp

__all__ = ["acts", "asking", "bp", "file", "panel", "report"]
