"""What a file from outside really is, and a name for it that does no harm. Nothing that a sender says is believed."""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from casedesk.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from puremagic import PureMagicWithConfidence

ALLOWED = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "image/tiff": ".tiff",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "message/rfc822": ".eml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "audio/mpeg": ".mp3",
    "audio/x-wav": ".wav",
}
"""Media types that are kept, with the ending that a name gets; pages, scripts, programs and archives are not."""

_OTHER_ENDINGS = {".jpeg": ".jpg", ".tif": ".tiff", ".heif": ".heic"}
_TEXT_TYPES = {".csv": "text/csv", ".eml": "message/rfc822"}
_OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST = 120


@dataclass(frozen=True)
class Upload:
    """A file that may be kept: its bytes, what it really is and the name it will be served under."""

    data: bytes
    media_type: str
    name: str


def check(data: bytes, name: str, *, limit_mb: int) -> Upload:
    """The file as it may be kept. Raises InvalidInput saying what to change: empty, too large, of a type not kept."""
    if not data:
        raise InvalidInput("upload.empty", name=safe_name(name))
    if len(data) > limit_mb * 2**20:
        raise InvalidInput("upload.too_large", limit=limit_mb)
    media_type = sniff(data, name)
    if media_type not in ALLOWED:
        raise InvalidInput("upload.type", name=safe_name(name))
    return Upload(data, media_type, _with_ending(safe_name(name), ALLOWED[media_type]))


def sniff(data: bytes, name: str = "") -> str:
    """The media type by content; the name only tells kinds of plain text and of office files apart."""
    if data[:5] == b"%PDF-":
        return "application/pdf"
    if data[:4] == b"PK\x03\x04":
        return _office_type(data)
    ending = PurePosixPath(name.lower()).suffix
    # A match without bytes is a guess by the name alone: that would believe the sender.
    found = {one.mime_type for one in _matches(data, ending) if one.mime_type and one.byte_match}
    for media_type in ALLOWED:
        if media_type in found and not media_type.startswith("text/"):
            return media_type
    if found - {"text/plain", "text/csv"}:
        return sorted(found)[0]
    return _text_type(data, ending)


def safe_name(name: str) -> str:
    """`name` as it may stand in a header, a page and a file system; ``attachment`` where nothing is left of it."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in name if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*')
    kept = re.sub(r"\s+", " ", kept).strip(" .")
    if not kept or _RESERVED.match(kept):
        kept = f"attachment-{kept}" if kept else "attachment"
    stem, dot, ending = kept.rpartition(".")
    if dot and len(ending) <= 8:
        return f"{stem[: _LONGEST - len(ending) - 1]}.{ending}"
    return kept[:_LONGEST]


def _matches(data: bytes, ending: str) -> "list[PureMagicWithConfidence]":
    import puremagic  # its tables are read by the first upload, not by every page

    try:
        return puremagic.magic_string(data[: 2**20], filename=f"x{ending}" if ending else None)
    except (puremagic.PureError, ValueError):
        return []


def _office_type(data: bytes) -> str:
    """Which kind of office file a ZIP is, by what is in it; one with macros, or any other ZIP, is just an archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = set(archive.namelist())
            declared = (
                archive.read("mimetype")[:100].decode("ascii", "replace") if "mimetype" in members else ""
            )
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return "application/zip"
    if any(member.endswith("vbaProject.bin") for member in members):
        return "application/zip"
    if declared in ALLOWED:
        return declared
    return next((kind for member, kind in _OFFICE.items() if member in members), "application/zip")


def _text_type(data: bytes, ending: str) -> str:
    head = data[:65_536]
    try:
        text = head.decode("utf-8", errors="ignore" if len(data) > len(head) else "strict")
    except UnicodeDecodeError:
        text = head.decode("cp1252", errors="replace")
    if "\x00" in text or "\ufffd" in text:
        return "application/octet-stream"
    if re.match(r"\s*(<!doctype|<html|<script|<svg|<\?xml|<\?php|#!)", text, re.IGNORECASE):
        return "text/html"
    return _TEXT_TYPES.get(ending, "text/plain")


def _with_ending(name: str, ending: str) -> str:
    stem, dot, own = name.rpartition(".")
    own = f".{own.lower()}" if dot else ""
    if _OTHER_ENDINGS.get(own, own) == ending:
        return name
    return f"{(name if own not in ALLOWED.values() else stem)[: _LONGEST - len(ending)]}{ending}"
