"""Who acts: a frozen value that actions and queries take, so that they never see the web or a session row."""

from dataclasses import dataclass

from casedesk.accounts.permits import ROLE_PERMISSIONS
from casedesk.store.record import ActorRef

NOT_PEOPLE = ("system", "import", "customer")


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
        return permission in ROLE_PERMISSIONS.get(self.role, ())

    @property
    def ref(self) -> ActorRef:
        """How the record names this actor: a person by id; the system and imports by kind."""
        return ActorRef(self.role) if self.role in NOT_PEOPLE else ActorRef("person", self.id)

    @property
    def initials(self) -> str:
        parts = self.name.split()
        return (parts[0][:1] + parts[-1][:1]).upper() if len(parts) > 1 else self.name[:2].upper()


def not_a_person(role: str) -> Actor:
    """The actor for jobs (`system`), files (`import`) and customers by link (`customer`): sees all, holds no permission."""
    return Actor(
        id=0,
        name=role,
        mail="",
        role=role,
        team_id=None,
        is_lead=False,
        sees="all",
        locale="en",
        time_zone="UTC",
        theme="light",
        goodwill_ceiling_minor=0,
        approval_ceiling_minor=0,
    )
