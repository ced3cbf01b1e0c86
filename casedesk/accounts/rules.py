"""What holds of people: roles, what they see, who must stay."""

ROLES = ("agent", "manager", "mediator", "administrator")
SEES = ("all", "team", "assigned")
LOCALES = ("en", "fr")
THEMES = ("light", "dark")


def may_lead(role: str, team_id: int | None) -> bool:
    """Can someone of `role` lead a team? An agent or manager who belongs to one."""
    return role in ("agent", "manager") and team_id is not None


def leaves_desk_without_administrator(
    administrators: frozenset[int], person_id: int, *, stays: bool, role: str
) -> bool:
    """Would the desk have nobody left who may change people, once `person_id` stays (or not) with `role`?"""
    keeps = stays and role == "administrator"
    return not keeps and administrators == frozenset({person_id})
