"""The causes that a new desk begins with; from then on they are the desk's own."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from casedesk.cases.models import Cause

SHIPPED = (
    ("unexpected_renewal", "Unexpected renewal", "Reconduction inattendue"),
    ("changed_mind", "Changed mind", "A changé d’avis"),
    ("moved_away", "Moved away", "Déménagement"),
    ("health", "Health", "Santé"),
    ("commitment_misunderstood", "Commitment misunderstood", "Engagement mal compris"),
    ("service_not_rendered", "Service not rendered", "Prestation non fournie"),
    ("trial_only", "Trial only", "Essai seulement"),
    ("unexpected_fee", "Unexpected fee", "Frais inattendus"),
    ("price_change", "Price change", "Changement de prix"),
    ("unclear_terms", "Unclear terms", "Conditions peu claires"),
    ("quality", "Quality", "Qualité"),
    ("duplicate_charge", "Charged twice", "Double prélèvement"),
    ("not_recognised", "Not recognised", "Paiement non reconnu"),
)
"""(code, in English, in French), in the order of the list."""


def enter_shipped(session: Session) -> int:
    """Give a desk that has no cause yet the shipped ones; how many were entered."""
    if session.execute(select(Cause.id).limit(1)).first() is not None:
        return 0
    rows = [
        {
            "code": code,
            "label_en": english,
            "label_fr": french,
            "position": position,
            "alleges_excess": None if code == "price_change" else False,
        }
        for position, (code, english, french) in enumerate(SHIPPED, 1)
    ]
    session.execute(insert(Cause), rows)
    return len(rows)
