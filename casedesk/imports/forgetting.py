"""Files of imports that name somebody who is erased, whoever they came from: also of a person that no import stored.

A refused row may bear a name, an address or a number that led to no customer. What is kept is searched as text,
and a file in which the person is found goes as a whole: nobody can tell by program which of its rows are theirs.
"""

import gzip
import html
import io
import re
import unicodedata
import zipfile
from datetime import datetime
from pathlib import PurePath

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casedesk.customers.leaving import Leaving
from casedesk.imports.actions import DONE, FAILED, READY, forget_errors_to_come, forget_files
from casedesk.imports.models import ExternalReference, ImportRun
from casedesk.kernel.errors import NotFound
from casedesk.store import blobs

SHORTEST = 3
"""Names, references and numbers of fewer signs are in every file."""

LARGEST = 512 * 2**20
"""So much of a packed file is read; where there is more, nobody can say that the person is not in it."""


def forget_person(session: Session, leaving: Leaving, now: datetime) -> None:
    """Let go of every kept file in which the person is; an import that runs now keeps no error file."""
    _unname_references(session, leaving)
    for run in session.scalars(select(ImportRun)):
        if is_named(run.file_name.replace("_", " "), leaving):
            run.file_name = "erased" + PurePath(run.file_name).suffix
    kept = select(ImportRun).where(
        or_(ImportRun.error_digest.is_not(None), ImportRun.file_digest.is_not(None))
    )
    for run in session.scalars(kept.order_by(ImportRun.id).with_for_update()):
        digests = {run.file_digest, run.error_digest, *run.mapping["files"].values()} - {None}
        if not any(_names(str(digest), leaving) for digest in digests):
            continue
        if run.state in (READY, FAILED, DONE):
            forget_files(session, run, now)
        else:
            forget_errors_to_come(run)


def _unname_references(session: Session, leaving: Leaving) -> None:
    """Where a source knows people by their mail address, the reference goes with the person."""
    rows = session.scalars(
        select(ExternalReference).where(
            ExternalReference.kind == "customers",
            ExternalReference.target_id == leaving.customer_id,
            ExternalReference.reference.contains("@"),
        )
    ).all()
    for n, row in enumerate(rows, 1):
        row.reference = f"erased-{leaving.customer_id}-{n}"


def _names(digest: str, leaving: Leaving) -> bool:
    try:
        data = blobs.read(digest)
    except NotFound:
        return False
    text = text_of(data)
    return text is None or is_named(text, leaving)


def is_named(text: str, leaving: Leaving) -> bool:
    """Is the person in `text`: an address, a number, the reference, or all words of the name in one line?"""
    folded = _folded(text)
    if any(contact in folded for contact in leaving.contacts):
        return True
    reference = leaving.reference.casefold()
    if len(reference) >= SHORTEST and re.search(rf"(?<!\w){re.escape(reference)}(?!\w)", folded):
        return True
    if any(_is_dialled(phone, folded) for phone in leaving.phones):
        return True
    words = sorted(leaving.name, key=lambda word: sum(map(str.isascii, word)))
    return len("".join(words)) >= SHORTEST and _in_one_line(folded, [_spelled(word) for word in words])


def _in_one_line(folded: str, words: list[re.Pattern[str]]) -> bool:
    """Are all of `words`, the longest last, in one line? Only lines that have the longest are looked at."""
    for found in words[-1].finditer(folded):
        start, end = folded.rfind("\n", 0, found.start()) + 1, folded.find("\n", found.end())
        line = folded[start : end if end >= 0 else len(folded)]
        if all(word.search(line) for word in words):
            return True
    return False


def _spelled(word: str) -> re.Pattern[str]:
    """The whole word; where it has an accent, whatever a wrong guess of the encoding made of that letter.

    An encoding of two bytes a letter swallows the next one with it.
    """
    if any(map(str.isascii, word)):
        after_accent = [False, *(not c.isascii() for c in word)]
        pattern = "".join(
            (re.escape(c) + "?" * swallowed) if c.isascii() else r"[^\n]{0,4}"
            for c, swallowed in zip(word, after_accent, strict=False)
        )
    else:
        pattern = re.escape(_folded(word))
    return re.compile(rf"(?<!\w){pattern}(?!\w)")


def _is_dialled(phone: str, folded: str) -> bool:
    """Does a number stand in the text however it is grouped? Its last nine digits, for 0 and +33 are one country."""
    digits = phone[-9:]
    return len(digits) >= 6 and re.search(r"[ ./()\-]*".join(digits), folded) is not None


def _folded(text: str) -> str:
    """`text` without case and accents, its lines kept."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in bare if not unicodedata.combining(c))


def text_of(data: bytes) -> str | None:
    """What can be read in `data`, in every encoding that fits; None where it cannot be looked into."""
    try:
        if data[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(LARGEST + 1)
        if data[:4] == b"PK\x03\x04":
            return _of_workbook(data)
    except (OSError, EOFError, zipfile.BadZipFile, ValueError):
        return None
    return None if len(data) > LARGEST else _of_bytes(data)


def _of_workbook(data: bytes) -> str | None:
    """All cells of a workbook, in one line for all of them: its rows point at texts that stand elsewhere."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST:
            return None
        parts = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    return html.unescape(re.sub(r"<[^>]*>|\s", " ", " ".join(parts)))


def _of_bytes(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
