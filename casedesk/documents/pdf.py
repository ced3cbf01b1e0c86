"""Draw a letter as a PDF. Worker only: no web process imports WeasyPrint.

What is drawn gets its style sheet and fonts from static/documents/ and nothing else from anywhere.
"""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app

from casedesk.documents.content import LetterContent
from casedesk.documents.tongue import Tongue

BASE = "https://letter.invalid/"
"""Where a letter believes that it lies: an address that leads nowhere."""

_TYPES = {".css": "text/css", ".woff2": "font/woff2"}


class NotServed(ValueError):
    """A letter asked for something that is not in static/documents/."""


def can_draw() -> bool:
    """Are the libraries that draw PDFs installed on this machine?"""
    try:
        import weasyprint  # noqa: F401
    except OSError:  # Pango is missing
        return False
    return True


def page(content: LetterContent) -> str:
    """The letter as the page that is drawn."""
    template = current_app.jinja_env.get_template("documents/letter.html")
    return template.render(letter=content, _=Tongue(content.locale).gettext)


def drawn(content: LetterContent) -> bytes:
    """The letter as a tagged PDF with its fonts embedded."""
    return drawn_page(page(content))


def drawn_page(html: str) -> bytes:
    """A page of our own as a tagged PDF with its fonts embedded."""
    from weasyprint import HTML

    folder = Path(current_app.static_folder or "") / "documents"
    made = HTML(string=html, base_url=BASE, url_fetcher=_fetcher(folder))
    pdf = made.write_pdf(pdf_variant="pdf/ua-1")
    if not isinstance(pdf, bytes):
        raise TypeError("no PDF was drawn")
    return pdf


def served(folder: Path, url: str) -> Path:
    """The file of `folder` that `url` names. Raises NotServed for anything else."""
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}/" != BASE:
        raise NotServed(url)
    path = (folder / unquote(parts.path).lstrip("/")).resolve()
    if not path.is_relative_to(folder.resolve()) or path.suffix not in _TYPES or not path.is_file():
        raise NotServed(url)
    return path


def _fetcher(folder: Path) -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            path = served(folder, url)
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _TYPES[path.suffix]})

    return Fetcher()
