"""Names of what figures are cut by, and the values that filters may take, read in one statement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import text
from sqlalchemy.orm import Session

from casedesk.cases import event_words, words
from casedesk.cases.rules import CHANNELS, KINDS, OUTCOMES
from casedesk.ledger.wording import NETWORK_NAMES
from casedesk.rulebook import packs

_SQL = """
SELECT 'cause' AS what, code AS value, label_en AS en, label_fr AS fr FROM causes
UNION ALL SELECT 'team', CAST(id AS TEXT), name, name FROM teams
UNION ALL SELECT 'owner', CAST(id AS TEXT), name, name FROM people
UNION ALL SELECT 'plan', code, name, name FROM plans
UNION ALL SELECT 'entity', CAST(id AS TEXT), name, name FROM entities
UNION ALL SELECT 'as_of', CAST(read_until AS TEXT), '', '' FROM cube_state WHERE read_until IS NOT NULL
UNION ALL SELECT 'home', '', currency, currency FROM entities WHERE id = (SELECT min(id) FROM entities)
UNION ALL SELECT 'source', a, a, a FROM cube_days WHERE event = 'opened' AND cut = 'source' GROUP BY a
UNION ALL SELECT 'currency', currency, currency, currency FROM cube_days WHERE event = 'opened' AND cut = '' GROUP BY currency
"""


@dataclass(frozen=True)
class Names:
    """Labels by dimension and value, in the reader's language; and what else one statement brings along.

    rules: titles of the rulebook's rules, read when first asked for; home: the organisation's currency; as_of: up to when the record was read into the cube (None: never).
    """

    known: Mapping[str, Mapping[str, str]]
    home: str = "EUR"
    as_of: datetime | None = None
    rules: Callable[[], Mapping[str, str]] = dict

    def of(self, dimension: str, value: str) -> str:
        """The name of one value; what has none is said to be so, or shown as it is."""
        if not value:
            return {
                "cause": _("No cause yet"),
                "team": _("No team"),
                "owner": _("Nobody"),
                "decider": _("Nobody"),
                "plan": _("No contract"),
                "clause": _("No rule"),
                "network": _("Not known"),
                "detail": _("Not known"),
                "reason": _("No reason given"),
                "outcome": _("No outcome yet"),
            }.get(dimension, _("Not known"))
        if dimension == "clause":
            title = self.rules().get(value)
            return f"{title} ({value})" if title else value
        if dimension == "detail":
            return str(NETWORK_NAMES.get(value, "")) or event_words.clock_name(value)
        if dimension == "network":
            return str(NETWORK_NAMES.get(value, value))
        if dimension == "reason":
            return reason(value)
        known = self.known.get("owner" if dimension == "decider" else dimension, {})
        return known.get(value, value)


def reason(code: str) -> str:
    """Why a decision gave more than the rule."""
    return {
        "our_mistake": _("Our mistake"),
        "agreed": _("Agreed with the customer"),
        "hardship": _("Hardship"),
        "not_used": _("Not used"),
        "goodwill": _("Goodwill"),
    }.get(code, code.replace("_", " ").capitalize())


def names(session: Session) -> Names:
    """Every name that a report may say."""
    found: dict[str, dict[str, str]] = {
        "kind": {code: words.said(words.KIND, code) for code in KINDS},
        "channel": {code: words.said(words.CHANNEL_NAME, code) for code in CHANNELS},
        "outcome": {code: words.said(words.OUTCOME, code) for code in OUTCOMES},
        "network": {code: str(name) for code, name in NETWORK_NAMES.items()},
    }
    french = str(get_locale() or "en").startswith("fr")
    for row in session.execute(text(_SQL)):
        found.setdefault(row.what, {})[row.value] = row.fr if french else row.en
    for value in found.get("source", {}):
        found["source"][value] = source(value)
    home = next(iter(found.pop("home", {}).values()), "EUR")
    read = next(iter(found.pop("as_of", {})), None)
    return Names(found, home, _instant(read) if read else None, cache(lambda: rule_titles(session)))


def rule_titles(session: Session) -> dict[str, str]:
    """The title of every published rule in the reader's language."""
    known, language = packs.published(session), str(get_locale() or "en")[:2]
    titles = {code: known.rule(code)[1].title for code in known.ids()}
    return {code: title.get(language) or title.get("en", "") for code, title in titles.items()}


def _instant(text_: str) -> datetime:
    """The instant as either database writes it out."""
    at = datetime.fromisoformat(text_ + ":00" if text_[-3:-2] in "+-" else text_)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def source(value: str) -> str:
    """A traffic source as people write it."""
    return {
        "google-search": _("Google search"),
        "facebook": "Facebook",
        "instagram": "Instagram",
        "direct": _("Direct"),
        "affiliate": _("Affiliate"),
        "referral": _("Referral"),
        "email": _("E-mail"),
        "unknown": _("Not known"),
    }.get(value, value)
