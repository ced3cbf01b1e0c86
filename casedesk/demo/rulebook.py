"""The house policy of the demo: published by two managers, its next version in draft, tried on examples and past cases."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.demo.house import House
from casedesk.rulebook import drafts, editing
from casedesk.rulebook.drafts import AddExample, SaveRule
from casedesk.rulebook.house import NewRule
from casedesk.rulebook.models import PackDraft
from casedesk.rulebook.replaying import Chosen, ask

RENEWAL = "HOUSE-RENEWAL-14"

_RULES = (
    NewRule(
        RENEWAL,
        {"en": "Window after renewal", "fr": "Délai après reconduction"},
        "window",
        "full",
        "renewed_at",
        14,
    ),
    NewRule(
        "HOUSE-HEALTH",
        {"en": "Injury and illness", "fr": "Blessure et maladie"},
        "always",
        "days",
        on_record="cause",
    ),
    NewRule("HOUSE-MOVE", {"en": "Moving away", "fr": "Déménagement"}, "always", "days", on_record="cause"),
)

_WHEN: Mapping[str, Mapping[str, Any]] = {
    RENEWAL: {"renewed": True},
    "HOUSE-HEALTH": {"cause": "medical"},
    "HOUSE-MOVE": {"cause": "relocation"},
}

_EXPLAIN = {
    RENEWAL: (
        "When a yearly membership renews and the customer asks within 14 days, the whole fee comes back, as goodwill.",
        "Quand un abonnement annuel est reconduit et que le client le demande dans les 14 jours, toute la cotisation est rendue, à titre de geste commercial.",
    ),
    "HOUSE-HEALTH": (
        "Who cannot climb for a medical reason gets the days not used back, beyond what the contract gives.",
        "Qui ne peut plus grimper pour une raison médicale récupère les jours non consommés, au-delà de ce que donne le contrat.",
    ),
    "HOUSE-MOVE": (
        "Who moves out of reach of our halls gets the days not used back.",
        "Qui déménage hors de portée de nos salles récupère les jours non consommés.",
    ),
}

_ARTICLES = {RENEWAL: "4", "HOUSE-HEALTH": "6", "HOUSE-MOVE": "7"}


def publish(session: Session, house: House, *, now: datetime) -> None:
    """The house policy in its first version: written by one manager, published by the other."""
    author, second = house.managers["FR"], house.managers["GB"]
    draft = drafts.start(session, "house", actor=author, now=now)
    for new in _RULES:
        drafts.add_rule(session, draft.id, draft.edit, new, actor=author, now=now)
        rule = _words(_rule(draft, new.id), new.id)
        _save(session, draft, rule, _WHEN[new.id], author, now)
    drafts.ask_for_publication(session, draft.id, actor=author, now=now)
    drafts.publish(session, draft.id, actor=second, now=now + timedelta(hours=3))


def draft_next(session: Session, house: House, *, now: datetime) -> None:
    """The next version in draft: three weeks instead of two, with examples of which one differs, and a replay asked for."""
    author = house.managers["FR"]
    draft = drafts.start(session, "house", actor=author, now=now - timedelta(days=1))
    rule = editing.with_values(_rule(draft, RENEWAL), {("window", "path", 0): "21 days"})
    rule["explain"] = {locale: text.replace("14 ", "21 ") for locale, text in dict(rule["explain"]).items()}
    rule["gate"] = [
        {"when": {"category": {"not": ["gym_membership", "other"]}}, "answer": "no", "code": "house.no"}
    ]
    _save(session, draft, rule, _WHEN[RENEWAL], author, now)
    for label, asked, expected in _EXAMPLES:
        facts = {
            "timezone": "Europe/Paris",
            "renewed": True,
            "category": "other",
            "renewed_at": "2026-10-12T10:00:00+02:00",
            "action_at": asked,
        }
        example = AddExample(draft.id, draft.edit, RENEWAL, label, facts, expected)
        drafts.add_example(session, example, actor=author, now=now)
    today = now.date()
    chosen = Chosen(today - timedelta(days=365), today)
    ask(session, draft.id, chosen, zone="Europe/Paris", actor=author, now=now)


_EXAMPLES = (
    ("Last day, evening", "2026-11-02T23:59:00+01:00", "yes"),
    ("The day after", "2026-11-03T00:00:00+01:00", "no"),
    ("Clock change inside", "2026-10-31T23:30:00+01:00", "yes"),
    ("Two weeks were enough", "2026-10-28T10:00:00+01:00", "no"),
)


def _rule(draft: PackDraft, rule_id: str) -> dict[str, Any]:
    listed = tomllib.loads(draft.toml)["rule"]
    return dict(next(one for one in listed if one["id"] == rule_id))


def _words(rule: dict[str, Any], rule_id: str) -> dict[str, Any]:
    en, fr = _EXPLAIN[rule_id]
    rule["explain"] = {"en": en, "fr": fr}
    rule["citation"] = {"instrument": "Cimes, politique commerciale", "article": _ARTICLES[rule_id]}
    return rule


def _save(
    session: Session,
    draft: PackDraft,
    rule: dict[str, Any],
    when: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    drafts.save_rule(session, SaveRule(draft.id, draft.edit, rule, dict(when)), actor=actor, now=now)
