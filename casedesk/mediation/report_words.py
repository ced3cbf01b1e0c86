"""The figures of the yearly report in words: what each is, and how it was counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from flask_babel import gettext as _

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
    group, label, how = _words(figure, causes)
    return FigureRow(
        f"{figure.code}-{figure.sub}" if figure.sub else figure.code,
        group,
        label,
        figure.count,
        figure.of,
        figure.share,
        figure.mean_days,
        how,
        figure.files,
    )


def _words(figure: Figure, causes: Mapping[str, str]) -> tuple[str, str, str]:
    """(heading, figure, how it was counted)."""
    sub = figure.sub
    filed = _("Requests and their subject")
    questions = _("Questions met most")
    declined = _("Declined, by ground")
    stopped = _("Interrupted, and why")
    outcome = _("Outcome")
    return {
        "filed": (filed, _("Requests"), _("files that came in during the year, by the day of the request")),
        "filed_kind": (
            filed,
            case_words.said(case_words.KIND, sub),
            _("of these, by the kind of their case"),
        ),
        "question": (
            questions,
            causes.get(sub) or sub or _("not named"),
            _("requests of the year by the question named at the end, else by the cause stated"),
        ),
        "declined": (
            declined,
            _("Requests declined"),
            _("files declined during the year, of all that ended in it"),
        ),
        "declined_ground": (declined, words.said(words.GROUND, sub), _("of these, by the ground given")),
        "interrupted": (
            stopped,
            _("Interrupted"),
            _("files that a party left or that lapsed during the year, of all that ended in it"),
        ),
        "interrupted_cause": (stopped, words.said(words.INTERRUPTION, sub), _("of these, by the reason")),
        "duration": (
            _("Duration"),
            _("Mean duration"),
            _(
                "days from the notification to the agreement or opinion, of the files that ended so during the year"
            ),
        ),
        "amicable": (
            outcome,
            _("Amicable agreement"),
            _("agreements of the year, of all files that ended with an agreement or an opinion"),
        ),
        "opinion": (outcome, _("Closed with opinion"), _("opinions of the year, of the same")),
        "favours": (
            outcome,
            words.said(words.FAVOURS, sub) or _("not named"),
            _("agreements and opinions by whom they favour: the whole claim, none of it, or a part"),
        ),
        "carried_out": (
            _("Execution"),
            _("Agreements carried out"),
            _("agreements of the year whose every part was done, of those whose every part is known"),
        ),
        "cross_border": (
            _("Cross-border"),
            _("Cross-border requests"),
            _("requests of customers who live in another country than the company"),
        ),
    }[figure.code]
