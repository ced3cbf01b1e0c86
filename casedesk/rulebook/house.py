"""The house policy as a pack of its own: how it begins, and the rules that a form can add to it."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

PACK = "house"
FULL, DAYS = "HOUSE-AMOUNT-FULL", "HOUSE-AMOUNT-DAYS"
SHAPES = ("window", "always")
PAYS: Mapping[str, str] = {"full": FULL, "days": DAYS}

_NOTICE = {
    "en": "What this house gives of its own accord, beyond law and contract.",
    "fr": "Ce que la maison accorde d’elle-même, au-delà de la loi et du contrat.",
}


@dataclass(frozen=True)
class NewRule:
    """A rule that a form adds: a period to ask in (`window`), or a right without one (`always`)."""

    id: str
    title: Mapping[str, str]
    shape: str
    pays: str
    start: str = "purchase_at"
    days: int = 14
    on_record: str = ""
    """A fact without which nobody is asked for anything: the rule is silent until it is on the record."""


def beginning(version: str, review_by: str) -> dict[str, Any]:
    """A house policy without a rule yet; only the two ways of paying back that its rules share."""
    return {
        "pack": PACK,
        "version": version,
        "level": "house",
        "jurisdiction": "house",
        "review_by": review_by,
        "title": {"en": "House policy", "fr": "Politique de la maison"},
        "notice": dict(_NOTICE),
        "rule": [
            {
                "id": FULL,
                "kind": "amount",
                "product_only": True,
                "title": {"en": "The whole fee", "fr": "La somme entière"},
                "explain": {
                    "en": "Everything that was paid comes back, less what came back before.",
                    "fr": "Tout ce qui a été payé est rendu, moins ce qui l’a déjà été.",
                },
                "citation": {"instrument": "House policy"},
                "confidence": "high",
                "amounts": ["refundable_minor"],
                "amount": {"method": "full", "paid": "paid_minor"},
            },
            {
                "id": DAYS,
                "kind": "proration",
                "product_only": True,
                "title": {"en": "The days not used", "fr": "Les jours non consommés"},
                "explain": {
                    "en": "The days of the paid period that were not used come back.",
                    "fr": "Les jours de la période payée qui n’ont pas été consommés sont rendus.",
                },
                "citation": {"instrument": "House policy"},
                "confidence": "high",
                "amounts": ["refundable_minor"],
                "proration": {"by": "days"},
            },
        ],
    }


def with_new_rule(pack: Mapping[str, Any], new: NewRule) -> dict[str, Any]:
    """The pack with one more rule, and the remedy by which it gives money."""
    rule: dict[str, Any] = {
        "id": new.id,
        "kind": "window" if new.shape == "window" else "duty",
        "title": dict(new.title),
        "explain": dict(new.title),
        "citation": {"instrument": "House policy"},
        "confidence": "high",
    }
    if new.shape == "window":
        rule["window"] = {"clock": "contract_refund_window", "start": new.start, "path": [f"{new.days} days"]}
    else:
        rule["duty"] = {"answer": "yes", "code": "duty.applies"}
    changed = deepcopy(dict(pack))
    changed["rule"] = [*changed.get("rule", []), rule]
    remedy = {
        "id": new.id.lower(),
        "subjects": ["refund"],
        "code": "house",
        "right": new.id,
        "amount": PAYS[new.pays],
    }
    if new.on_record:
        remedy["on_record"] = new.on_record
    changed["remedy"] = [*changed.get("remedy", []), remedy]
    return changed
