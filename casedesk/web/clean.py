"""HTML from outside (mails, imports) made harmless before any page shows it."""

import nh3
from markupsafe import Markup

_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "li", "ol", "p",
    "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}


def clean_html(html: str) -> Markup:
    """`html` without scripts, styles, images, forms and foreign addresses other than links."""
    safe = nh3.clean(
        html.replace("\x00", ""),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(safe)  # noqa: S704 - nh3 has made it safe


def text_of(html: str) -> str:
    """The words of `html` alone, one paragraph a line: for timelines, search and letters."""
    spaced = html
    for tag in ("</p>", "</div>", "</li>", "</tr>", "<br>", "<br/>", "<br />", "</h1>", "</h2>", "</h3>"):
        spaced = spaced.replace(tag, tag + "\n").replace(tag.upper(), tag + "\n")
    bare = nh3.clean(spaced, tags=set(), clean_content_tags={"script", "style", "title"})
    lines = (Markup(line).unescape().strip() for line in bare.splitlines())  # noqa: S704 - unescaped, never rendered
    return "\n".join(line for line in lines if line)
