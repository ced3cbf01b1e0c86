"""The doors of the parties, who have no account, and the desk's side of them."""

from casedesk.portal.routes import case, checking, mediation, of_desk  # noqa: F401 - they add routes
from casedesk.portal.routes.blueprint import bp, desk

__all__ = ["bp", "desk"]
