"""What the two reports on durations share: quantiles, the distribution in hours and days that people think in."""

from flask_babel import gettext as _

from casedesk.reports import figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import Behind, Column, Desk, Figure, Made, Row, Table
from casedesk.reports.catalog.labels import dimension_label
from casedesk.reports.cube_rules import bin_middle, first_bin, quantile

HOUR, DAY = 3600, 86_400
EDGES = (
    HOUR,
    4 * HOUR,
    8 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    5 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    60 * DAY,
    90 * DAY,
)
FEW = 20
"""Fewer durations than this say little about a 90th percentile."""

EVENTS = {"first_reply": "answered", "resolution": "resolved"}
"""What counts the cases of a measure."""

Histogram = list[tuple[int, int]]


def make(desk: Desk, measure: str, said: str) -> Made:
    """Median and 90th percentile with what they were before, the distribution, and both by team or cause."""
    by = desk.by("team", "kind", "cause")
    whole = figures.durations(desk.session, desk.asked, measure).get("", [])
    cut = figures.durations(desk.session, desk.asked, measure, by)
    before_desk = desk.before
    before = figures.durations(desk.session, before_desk.asked, measure).get("", []) if before_desk else []
    count = sum(n for _bin, n in whole)
    notes = parts.partial_note(desk)
    if 0 < count < FEW:
        notes += (_("Few cases: the 90th percentile rests on the slowest few of %(count)d.", count=count),)
    return Made(
        figures=(
            _figure(_("Median"), whole, before, 0.5, compared=before_desk is not None),
            _figure(_("90 % within"), whole, before, 0.9, compared=before_desk is not None),
            Figure(said, count, before=sum(n for _bin, n in before) if before_desk else None),
        ),
        tables=(_spread(whole, said, measure), _by(desk, cut, by, said, EVENTS[measure])),
        chart=charts.histogram(_points(whole, measure), _("Time"), said),
        chart_title=_("How long it took"),
        notes=notes,
        is_empty=not count,
    )


def _figure(label: str, now: Histogram, before: Histogram, share: float, *, compared: bool) -> Figure:
    earlier = quantile(before, share) if compared else None
    return Figure(label, quantile(now, share), "duration", earlier, good="down", plus_minus="±2 %")


def _classes(histogram: Histogram) -> list[tuple[str, int]]:
    """Counts between the edges; a duration at an edge belongs to the class above it, to 2 %."""
    counts = [0] * (len(EDGES) + 1)
    for bin_, n in histogram:
        middle = bin_middle(bin_)
        counts[sum(middle >= edge for edge in EDGES)] += n
    return list(zip(_class_names(), counts, strict=True))


def _class_names() -> list[str]:
    return [
        _("under 1 h"),
        _("1–4 h"),
        _("4–8 h"),
        _("8–24 h"),
        _("1–2 days"),
        _("2–3 days"),
        _("3–5 days"),
        _("5–7 days"),
        _("1–2 weeks"),
        _("2–4 weeks"),
        _("1–2 months"),
        _("2–3 months"),
        _("longer"),
    ]


def _behind(measure: str, place: int) -> Behind:
    """The cases of a class, by the bins that fall into it."""
    first = 0 if place == 0 else first_bin(EDGES[place - 1])
    last = "" if place == len(EDGES) else first_bin(EDGES[place]) - 1
    return Behind(EVENTS[measure], {measure: f"{first}..{last}"})


def _points(histogram: Histogram, measure: str) -> list[dict[str, object]]:
    return [
        {"name": name, "order": order, "n": n, "behind": _behind(measure, order)}
        for order, (name, n) in enumerate(_classes(histogram))
    ]


def _spread(histogram: Histogram, said: str, measure: str) -> Table:
    columns = (
        Column("class", _("Time"), "text"),
        Column("n", said),
        Column("share", _("Share"), "percent"),
        Column("within", _("Within"), "percent"),
    )
    whole, seen, rows = sum(n for _bin, n in histogram), 0, []
    for place, (name, n) in enumerate(_classes(histogram)):
        seen += n
        line = (name, n, parts.share(n, whole), parts.share(seen, whole))
        rows.append(Row(line, {"n": _behind(measure, place)}))
    return Table(_("Distribution"), columns, tuple(rows))


def _by(desk: Desk, cut: dict[str, Histogram], by: str, said: str, event: str) -> Table:
    columns = (
        Column(by, dimension_label(by), "text"),
        Column("n", said),
        Column("median", _("Median"), "duration"),
        Column("p90", _("90 % within"), "duration"),
    )
    sized = sorted(cut.items(), key=lambda item: -sum(n for _bin, n in item[1]))
    rows = tuple(
        Row(
            (desk.names.of(by, value), sum(n for _bin, n in h), quantile(h, 0.5), quantile(h, 0.9)),
            {"n": Behind(event, {by: value})},
        )
        for value, h in sized
    )
    return Table(dimension_label(by), columns, rows, note=_("Median and 90th percentile are known to ±2 %."))
