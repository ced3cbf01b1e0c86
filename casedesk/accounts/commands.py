"""What the doors ask of this room: one frozen command a deed."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class PersonData:
    """Everything about a person that an administrator sets. Ceilings are minor units of the case's currency."""

    mail: str
    name: str
    role: str
    team_id: int | None = None
    is_lead: bool = False
    sees: str = "all"
    goodwill_ceiling_minor: int = 0
    approval_ceiling_minor: int = 0
    locale: str = "en"
    time_zone: str = "Europe/Paris"

    def values(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class ChangePerson:
    person_id: int
    version: int
    data: PersonData
