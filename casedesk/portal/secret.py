"""The desk's secret and address, as links need them: in the web process and in the worker alike."""

from flask import current_app
from sqlalchemy.orm import Session

from casedesk.config import Settings
from casedesk.portal import tokens
from casedesk.portal.models import PartyLink
from casedesk.store.db import db


def secret() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.secret_key


def base() -> str:
    """Where the customer's browser finds the desk."""
    settings: Settings = current_app.extensions["settings"]
    return settings.base_url or f"http://localhost:{settings.port}"


def address(link: PartyLink) -> str:
    """The whole address of the link. Given to its party alone."""
    return f"{base()}/my/{tokens.written(link.id, link.nonce, secret())}"


def mark(link: PartyLink) -> str:
    """What stands for the address in a stored mail."""
    return tokens.marker(link.id, link.nonce, secret())


def fill(link_id: int, proof: str) -> str | None:
    """The address for a mark in a mail that leaves; None for a mark that is not ours, whoever typed it."""
    session: Session = db.session()
    link = session.get(PartyLink, link_id)
    if link is None or mark(link) != f"[[link:{link_id}:{proof}]]":
        return None
    return address(link)
