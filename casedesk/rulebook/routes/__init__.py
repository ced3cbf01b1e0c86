"""The rulebook's doors."""

from casedesk.rulebook.routes import drafts, replays, shelf
from casedesk.rulebook.routes.blueprint import bp

__all__ = ["bp", "drafts", "replays", "shelf"]
