"""One attachment, reached only through its case."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.models import Attachment, Case
from casedesk.cases.queries.sight import visible
from casedesk.kernel.errors import NotFound


@dataclass(frozen=True)
class StoredFile:
    digest: str
    name: str
    media_type: str
    grade: str


def file_for(session: Session, actor: Actor, attachment_id: int) -> StoredFile:
    """The file. Raises NotFound, also where the actor may not see its case or the file was erased."""
    row = session.execute(
        select(Attachment.blob_digest, Attachment.name, Attachment.media_type, Attachment.grade)
        .join(Case, Case.id == Attachment.case_id)
        .where(Attachment.id == attachment_id, visible(actor))
    ).one_or_none()
    if row is None or row.blob_digest is None:
        raise NotFound("not_found")
    return StoredFile(row.blob_digest, row.name, row.media_type, row.grade)
