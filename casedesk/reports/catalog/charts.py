"""Chart specifications in Vega-Lite, without colours of their own: the page and the paper give them theirs.

Each is drawn from the rows of the table beside it. A point's `behind` (base.Behind) names the cases behind its mark:
the page makes its address of it (`href`), the paper leaves it out.
"""

from collections.abc import Sequence
from typing import Any

Spec = dict[str, Any]
Point = dict[str, Any]

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
HEIGHT = 220


def _spec(points: Sequence[Point], **rest: Any) -> Spec:
    return {
        "$schema": _SCHEMA,
        "width": "container",
        "height": HEIGHT,
        "data": {"values": list(points)},
        **rest,
    }


def steps(points: Sequence[Point], y: str, *, series: str = "", stacked: bool = True) -> Spec:
    """Bars by step of time: points with `at` (text), `order`, `n` and perhaps `series`."""
    encoding: dict[str, Any] = {
        "x": {
            "field": "at",
            "type": "nominal",
            "sort": {"field": "order"},
            "title": None,
            "axis": {"labelOverlap": True, "labelAngle": 0},
        },
        "y": {"field": "n", "type": "quantitative", "title": y, "stack": "zero" if stacked else None},
        "tooltip": _tips(("at", ""), ("series", ""), ("n", y)) if series else _tips(("at", ""), ("n", y)),
    }
    if series:
        encoding["color"] = {"field": "series", "type": "nominal", "title": None, "sort": None}
        encoding["order"] = {"field": "rank", "type": "quantitative"}
    return _spec(points, mark={"type": "bar"}, encoding=encoding | _link(points))


def lines(points: Sequence[Point], y: str, *, x: str = "", percent: bool = False, zero: bool = True) -> Spec:
    """Lines by step of time: points with `at`, `order`, `n` and `series`; the dash tells series apart too."""
    axis: dict[str, Any] = {"format": ".1~%"} if percent else {}
    return _spec(
        points,
        layer=[
            {"mark": {"type": "line", "strokeWidth": 2}},
            # A mark of its own: a line leads nowhere, each of its points to its cases.
            {"mark": {"type": "point", "filled": True, "size": 50, "opacity": 1}, "encoding": _link(points)},
        ],
        encoding={
            "x": {
                "field": "at",
                "type": "nominal",
                "sort": {"field": "order"},
                "title": x or None,
                "axis": {"labelOverlap": True, "labelAngle": 0},
            },
            "y": {"field": "n", "type": "quantitative", "title": y, "axis": axis, "scale": {"zero": zero}},
            "color": {"field": "series", "type": "nominal", "title": None, "sort": None},
            "strokeDash": {"field": "series", "type": "nominal", "title": None, "sort": None},
            "tooltip": _tips(("at", ""), ("series", ""), ("n", y)),
        },
    )


def ranked(points: Sequence[Point], x: str, *, series: str = "", percent: bool = False) -> Spec:
    """Lying bars, the longest first: points with `name`, `n` and perhaps `series`."""
    names = len({point["name"] for point in points})
    encoding: dict[str, Any] = {
        "y": {
            "field": "name",
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"labelLimit": 220, "ticks": False, "domain": False},
        },
        "x": {
            "field": "n",
            "type": "quantitative",
            "title": x,
            "axis": {"format": ".1~%"} if percent else {},
        },
        "tooltip": _tips(("name", ""), ("series", ""), ("n", x)) if series else _tips(("name", ""), ("n", x)),
    }
    if series:
        encoding["color"] = {"field": "series", "type": "nominal", "title": None, "sort": None}
        encoding["yOffset"] = {"field": "series", "type": "nominal", "sort": None}
        names *= len({point.get("series") for point in points})
    return _spec(points, mark={"type": "bar"}, encoding=encoding | _link(points)) | {
        "height": max(24 * names, 48)
    }


def histogram(points: Sequence[Point], x: str, y: str, *, marks: Sequence[Point] = ()) -> Spec:
    """Bars side by side over a number: points with `name`, `order`, `n`; `marks` are rules with a label."""
    bars: Spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "x": {
                "field": "name",
                "type": "nominal",
                "sort": {"field": "order"},
                "title": x,
                "axis": {"labelAngle": 0, "labelOverlap": True},
            },
            "y": {"field": "n", "type": "quantitative", "title": y},
            "tooltip": _tips(("name", x), ("n", y)),
            **_link(points),
        },
    }
    if not marks:
        return _spec(points, **bars)
    rules: Spec = {
        "data": {"values": list(marks)},
        "encoding": {"x": {"field": "name", "type": "nominal", "sort": {"field": "order"}}},
        "layer": [
            {"mark": {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 1.5}},
            {
                "mark": {"type": "text", "align": "left", "dx": 4, "baseline": "top"},
                "encoding": {"y": {"value": 2}, "text": {"field": "label"}},
            },
        ],
    }
    return _spec(points, layer=[bars, rules])


def heat(points: Sequence[Point], *, ratio: bool, x_sort: bool = True) -> Spec:
    """A heat map with its figures written in: points with `x`, `y`, `n`, `text`, `strength` and perhaps `href`.

    Strength is the place on the one-hue scale; where `ratio`, cells too small to judge have none and stay blank.
    """
    rows = len({point["y"] for point in points})
    encoding: dict[str, Any] = {
        "x": {
            "field": "x",
            "type": "nominal",
            "sort": None if x_sort else {"field": "xorder"},
            "title": None,
            # Slanted: upright, the names of neighbours run into each other on a phone.
            "axis": {"orient": "top", "labelAngle": -40, "labelLimit": 90, "ticks": False, "domain": False},
        },
        "y": {
            "field": "y",
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"labelLimit": 200, "ticks": False, "domain": False},
        },
    }
    rectangle: dict[str, Any] = {
        "mark": {"type": "rect", "cornerRadius": 2},
        "encoding": {
            "color": {
                "field": "strength",
                "type": "quantitative",
                "legend": None,
                "scale": {"domain": [0, 1], "clamp": True},
            },
            "tooltip": _tips(("y", ""), ("x", ""), ("text", "")),
            **_link(points),
        },
    }
    words: dict[str, Any] = {
        "mark": {"type": "text", "fontSize": 11},
        # no opacity here: WeasyPrint cuts the first letters of text that has one
        # the figure lies over its cell, so it leads where the cell leads
        "encoding": {"text": {"field": "text"}, **_link(points)},
    }
    shown = [rectangle, words] if ratio else [rectangle]
    return _spec(points, encoding=encoding, layer=shown) | {"height": max(26 * rows, 60)}


def intervals(points: Sequence[Point], x: str, *, reference: float | None = None) -> Spec:
    """A dot with its interval for each name: points with `name`, `low`, `n`, `high`."""
    layers: list[Spec] = []
    if reference is not None:
        layers.append(
            {"mark": {"type": "rule", "strokeDash": [2, 3]}, "encoding": {"x": {"datum": reference}}}
        )
    y = {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 220}}
    layers += [
        {
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {
                "y": y,
                "x": {"field": "low", "type": "quantitative", "title": x},
                "x2": {"field": "high"},
            },
        },
        {
            "mark": {"type": "point", "filled": True, "size": 60},
            "encoding": {
                "y": y,
                "x": {"field": "n", "type": "quantitative"},
                "tooltip": _tips(("name", ""), ("n", x)),
                **_link(points),
            },
        },
    ]
    return _spec(points, layer=layers) | {"height": max(26 * len(points), 60)}


def _link(points: Sequence[Point]) -> Spec:
    """The channel by which marks lead to their cases."""
    return (
        {"href": {"field": "href", "type": "nominal"}} if any("behind" in point for point in points) else {}
    )


def _tips(*fields: tuple[str, str]) -> list[Spec]:
    return [
        {"field": name, "type": "nominal", **({"title": title} if title else {"title": " "})}
        for name, title in fields
    ]
