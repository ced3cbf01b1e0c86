"""Who acts: a frozen value that actions and queries take, so that they never see the web or a session row."""

from dataclasses import dataclass

from casedesk.accounts.permits import ROLE_PERMISSIONS
from casedesk.store.record import ActorRef


@dataclass(frozen=True)
class Actor:
    """A signed-in person with what the rules need to know. Ceilings are minor units of the case's currency."""

    id: int
    name: str
    mail: str
    role: str
    team_id: int | None
    is_lead: bool
    sees: str
    locale: str
    time_zone: str
    theme: str
    goodwill_ceiling_minor: int
    approval_ceiling_minor: int

    def may(self, permission: object) -> bool:
        return permission in ROLE_PERMISSIONS[self.role]

    @property
    def ref(self) -> ActorRef:
        return ActorRef("person", self.id)

    @property
    def initials(self) -> str:
        parts = self.name.split()
        return (parts[0][:1] + parts[-1][:1]).upper() if len(parts) > 1 else self.name[:2].upper()

