"""The figures of the yearly report in words: what each is, and how it was counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.cases import words as case_words
from casedesk.mediation import words
from casedesk.mediation.rules.figures import Figure, YearReport


@dataclass(frozen=True)
class FigureRow:
    """One figure as it is read; `files` are the files that it counts."""

    key: str
    group: str
    label: str
    count: int
    of: int | None
    share: float | None
    mean_days: float | None
    how: str
    files: tuple[int, ...]


def rows(report: YearReport, causes: Mapping[str, str]) -> list[FigureRow]:
    """Every figure of the report, in the order of the law. `causes`: labels of questions by code."""
    return [_row(figure, causes) for figure in report.figures]


def grouped(rows: list[FigureRow]) -> list[tuple[str, list[FigureRow]]]:
    """The rows under the heading that the law gives them."""
    return [(group, list(members)) for group, members in groupby(rows, key=lambda row: row.group)]


def _row(figure: Figure, causes: Mapping[str, str]) -> FigureRow:
    told = _TOLD[figure.code]
    return FigureRow(
        f"{figure.code}-{figure.sub}" if figure.sub else figure.code,
        str(told.group),
        _label(told, figure, causes),
        figure.count,
        figure.of,
        figure.share,
        figure.mean_days,
        str(told.how),
        figure.files,
    )


def _label(told: "Told", figure: Figure, causes: Mapping[str, str]) -> str:
    if told.label is not None:
        return str(told.label)
    if figure.code == "question":
        return causes.get(figure.sub) or figure.sub or _("not named")
    return words.said(_NAMES[figure.code], figure.sub) or _("not named")


@dataclass(frozen=True)
class Told:
    """How a figure is read: its heading, its name (None: that of what it counts), how it was counted."""

    group: LazyString
    label: LazyString | None
    how: LazyString


_NAMES = {
    "filed_kind": case_words.KIND,
    "declined_ground": words.GROUND,
    "interrupted_cause": words.INTERRUPTION,
    "favours": words.FAVOURS,
}

_FILED = _l("Requests and their subject")
_DECLINED = _l("Declined, by ground")
_STOPPED = _l("Interrupted, and why")
_OUTCOME = _l("Outcome")

_TOLD = {
    "filed": Told(
        _FILED, _l("Requests"), _l("files that came in during the year, by the day of the request")
    ),
    "filed_kind": Told(_FILED, None, _l("of these, by the kind of their case")),
    "question": Told(
        _l("Questions met most"),
        None,
        _l("requests of the year by the question named at the end, else by the cause stated"),
    ),
    "declined": Told(
        _DECLINED,
        _l("Requests declined"),
        _l("files declined during the year, of all that ended in it"),
    ),
    "declined_ground": Told(_DECLINED, None, _l("of these, by the ground given")),
    "interrupted": Told(
        _STOPPED,
        _l("Interrupted"),
        _l("files that a party left or that lapsed during the year, of all that ended in it"),
    ),
    "interrupted_cause": Told(_STOPPED, None, _l("of these, by the reason")),
    "duration": Told(
        _l("Duration"),
        _l("Mean duration"),
        _l(
            "days from the notification to the agreement or opinion, of the files that ended so during the year"
        ),
    ),
    "amicable": Told(
        _OUTCOME,
        _l("Amicable agreement"),
        _l("agreements of the year, of all files that ended with an agreement or an opinion"),
    ),
    "opinion": Told(_OUTCOME, _l("Closed with opinion"), _l("opinions of the year, of the same")),
    "favours": Told(
        _OUTCOME,
        None,
        _l("agreements and opinions by whom they favour: the whole claim, none of it, or a part"),
    ),
    "carried_out": Told(
        _l("Execution"),
        _l("Agreements carried out"),
        _l("agreements of the year whose every part was done, of those whose every part is known"),
    ),
    "cross_border": Told(
        _l("Cross-border"),
        _l("Cross-border requests"),
        _l("requests of customers who live in another country than the company"),
    ),
}
