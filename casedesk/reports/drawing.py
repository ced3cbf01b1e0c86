"""Draw a report on paper. Worker and command only: no web process imports WeasyPrint or vl-convert.

The chart is the page's own specification with the paper's colours; what is drawn loads nothing but static/documents/.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app

from casedesk.documents import pdf as letters
from casedesk.reports.catalog.base import Spec

WIDTH = 640
VERSION = "6.4"

SERIES = ("#2355c4", "#d98200", "#00836b", "#a34f9c", "#4ba3d9", "#b5432e", "#7a828e")
"""Colours that stay apart for colour-blind readers, in the order of static/css/charts.css."""

PAPER: dict[str, Any] = {
    "background": "white",
    "font": "Inter Variable, Inter, DejaVu Sans, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "#454c57",
        "titleColor": "#454c57",
        "gridColor": "#e3e6ea",
        "domainColor": "#858d99",
        "tickColor": "#858d99",
        "labelFontSize": 10,
        "titleFontSize": 10,
        "titleFontWeight": "normal",
    },
    "axisX": {"grid": False},
    "legend": {
        "orient": "bottom",
        "columns": 4,
        "labelLimit": 200,
        "labelColor": "#14171c",
        "labelFontSize": 10,
        "symbolType": "square",
    },
    "range": {
        "category": list(SERIES),
        "heatmap": ["#f2f4f7", "#c4d3f2", "#6f95e0", "#2355c4"],
        "ramp": ["#f2f4f7", "#c4d3f2", "#6f95e0", "#2355c4"],
    },
    "bar": {"color": "#2355c4"},
    "rect": {"invalid": None},
    "line": {"color": "#2355c4"},
    "point": {"color": "#2355c4"},
    "rule": {"color": "#454c57"},
    "text": {"color": "#14171c"},
}


@dataclass(frozen=True)
class Drawing:
    """Plain values that are drawn without a database: the page with a place for its chart, and the chart."""

    html: str
    spec: Spec | None
    language: str


PLACE = "<!-- chart -->"


def can_draw() -> bool:
    """Are the libraries that draw PDFs installed on this machine?"""
    return letters.can_draw()


def svg(spec: Spec, language: str) -> str:
    """The chart as SVG."""
    import vl_convert

    paper = {**_without_links(spec), "width": WIDTH, "config": PAPER}
    made = vl_convert.vegalite_to_svg(
        json.dumps(paper), vl_version=VERSION, format_locale="fr-FR" if language == "fr" else "en-US"
    )
    return str(made)


def _without_links(value: Any) -> Any:
    """The specification without what only a screen can do."""
    if isinstance(value, dict):
        return {
            key: _without_links(one) for key, one in value.items() if key not in ("href", "tooltip", "behind")
        }
    return [_without_links(one) for one in value] if isinstance(value, list) else value


def drawn(drawing: Drawing) -> bytes:
    """The report as a tagged PDF with its fonts embedded."""
    from weasyprint import HTML

    chart = svg(drawing.spec, drawing.language) if drawing.spec else ""
    folder = Path(current_app.static_folder or "") / "documents"
    page = drawing.html.replace(PLACE, chart)
    made = HTML(string=page, base_url=letters.BASE, url_fetcher=_fetcher(folder)).write_pdf(
        pdf_variant="pdf/ua-1"
    )
    if not isinstance(made, bytes):
        raise TypeError("no PDF was drawn")
    return made


_TYPES = {".css": "text/css", ".woff2": "font/woff2"}


def _fetcher(folder: Path) -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            path = letters.served(folder, url)
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _TYPES[path.suffix]})

    return Fetcher()
