"""The sentences of findings, notes and refusals, in the reader's language: by code and plain values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from babel import dates, numbers
from markupsafe import Markup

from casedesk.kernel.errors import CasedeskError
from casedesk.reports.findings import UNSTATED, CellFound, ClusterFound, Found, Note, RiseFound
from casedesk.web.locale import money, translations


def _(message: str) -> str:
    """Marks a sentence for the catalogue; it is looked up when the reader is known."""
    return message


def _n(one: str, several: str) -> tuple[str, str]:
    """Marks a sentence with its plural form."""
    return one, several


@dataclass(frozen=True)
class Names:
    """How causes are called where they have labels; `year`: the reader's, left out of its own dates."""

    causes: Mapping[str, str] = field(default_factory=dict)
    year: int | None = None

    def cause(self, code: str) -> str:
        return self.causes.get(code) or label(code)


NOBODY = Names()


SMALL = 3
"""Expected cases below this are told with a decimal."""
_TAGS = re.compile("</?b>")

RISE = _(
    "%(what)s: <b>%(cases)s since %(since)s %(expected)s</b> (usual range %(low)s to %(high)s)%(at_risk)s: "
    "<b>%(ratio)s times the usual</b> (95 %%: %(ratio_low)s to %(ratio_high)s). %(excess)s more than usual. %(others)s"
)
ENDED = _("The last high week began on %(last)s.")
NO_CAUSE = _("No cause given")
NO_SOURCE = _("unknown source")
FROM_SOURCE = _("%(cause)s from %(source)s")
CASES = _n("%(count)s case", "%(count)s cases")
WERE_EXPECTED = _n("where %(count)s was expected", "where %(count)s were expected")
AT_RISK = {
    "active_subscriptions": _n(" for %(count)s active subscription", " for %(count)s active subscriptions"),
    "purchases": _n(" for %(count)s purchase", " for %(count)s purchases"),
}
OTHERS_USUAL = _("Other sources: as usual.")
OTHERS_RISE = _("It rises also at: %(sources)s.")
SOURCES_UNDER = _("Sources above their usual: %(sources)s.")
SOURCES_NONE = _("No single source stands out.")
RENAMED = _("%(causes)s fell by about as much in the same weeks: re-labelling?")
EXCESS_MONEY = _("%(cases)s and %(money)s")
CELL = _(
    "%(what)s: <b>%(cases)s over the whole period where %(expected)s would come at the rate of the other "
    "sources</b> for the same products: <b>%(ratio)s times as many</b> (95 %%: %(ratio_low)s to %(ratio_high)s). "
    "%(excess)s more."
)
CRUDE = _("Without regard to products it would look like %(crude)s times.")
CLUSTER = _(
    "%(cause)s comes more often %(when)s: <b>%(cases)s where %(expected)s would come "
    "if it followed the other causes</b> (%(ratio)s times)."
)
WHEN = {
    "day_of_week": (_("on %(low)s"), _("from %(low)s to %(high)s")),
    "day_of_month": (_("on day %(low)s of the month"), _("on days %(low)s to %(high)s of the month")),
    "days_since_purchase": (_("%(low)s days after purchase"), _("%(low)s to %(high)s days after purchase")),
    "hour": (_("in the hour from %(low)s"), _("between the hours %(low)s and %(high)s")),
    "billing_day": (
        _("%(low)s days after the billing day"),
        _("%(low)s to %(high)s days after the billing day"),
    ),
}

WHEN_NEAR = {
    ("days_since_purchase", 0): _("on the day of purchase"),
    ("days_since_purchase", 1): _("the day after purchase"),
    ("billing_day", 0): _("on the billing day"),
    ("billing_day", 1): _("the day after the billing day"),
}

NOTES = {
    "signals.after_day": _("Cases opened on or after that day, not read: %(cases)s."),
    "signals.ahead": _("Cases that are dated after today, not read: %(cases)s. Look for a mistyped date."),
    "signals.totals": _(
        "Rows of exposure for all sources together, beside rows of single sources, not read: %(rows)s. They would count twice."
    ),
    "signals.stamped": _(
        "Cases that share one instant with many others, as after an import that stamps its own date: %(cases)s. "
        "They raise no finding; import them with the date on which they were opened."
    ),
    "signals.unknown_age": _(
        "Cases whose purchase date is unknown or later than the case, not counted since purchase: %(cases)s."
    ),
    "signals.incomplete_week": _("The week of %(week)s is not over and is not judged."),
    "signals.no_exposure": _(
        "No exposure is known: counts alone are judged, and a growing source looks like a rise."
    ),
    "signals.delay": _(
        "Cases come after the charge that they are about: half within %(half)s days, nine in ten within %(most)s. "
        "Each week is held against what was charged then, so young charges are not taken for innocent."
    ),
    "signals.held_back": _(
        "Weeks of %(source)s that are held back, because what most of their cases are about is not known: %(weeks)s."
    ),
    "signals.gap": _(
        "Weeks in which the exposure of %(source)s is missing and it is not judged: %(weeks)s. Missing is not zero."
    ),
    "signals.zero_exposure": _(
        "Cases of %(source)s where its exposure says zero: %(cases)s (weeks: %(weeks)s). Check the exposure."
    ),
    "signals.unknown_exposure": _(
        "Cases of %(source)s where its exposure is missing: %(cases)s (weeks: %(weeks)s). They enter no rate."
    ),
    "signals.exposure_stops": _(
        "The exposure of %(source)s stops after the week of %(week)s; it is no longer judged."
    ),
    "signals.cases_stop": _(
        "%(source)s has had no case since the week of %(week)s, though many are usual. Is its feed still connected?"
    ),
    "signals.no_rate": _(
        "No rate of exchange is known for %(currencies)s: amounts in it are shown, and do not count in the order."
    ),
    "signals.nothing_yet": _("No case has been opened yet: there is nothing to look at."),
    "signals.short_history": _(
        "Too few to judge rises: a baseline needs %(needed)s weeks of history, there are %(weeks)s."
    ),
    "signals.few_causes": _(
        "Too few to judge this week: %(count)s of %(of)s causes; four times their usual cases could be chance."
    ),
    "signals.few_rows": _(
        "Too few to judge this week: %(count)s of %(of)s causes by source; four times their usual cases could be chance."
    ),
    "signals.few_cells": _("Too few to judge over the period: %(count)s of %(of)s causes by source."),
    "signals.cells_not_judged": _(
        "Too few to judge which source disputes more: the exposure by source is not known."
    ),
    "signals.timing_short": _(
        "Too few to judge timing: it needs %(needed)s weeks with cases, there are %(weeks)s."
    ),
    "signals.timing_not_judged": _(
        "Too few to judge timing: at least two causes with some cases each are needed."
    ),
}

RATES_HELD = _(
    "At most %(cause)s of the causes and %(cell)s of the causes by source that a week raises are chance, "
    "%(cells)s of the sources that dispute more, and %(timing)s of the clusters in time."
)
EXPOSURE_STORED = _n("%(count)s row of exposure stored.", "%(count)s rows of exposure stored.")
NOTHING = _("Nothing beyond the usual.")

ERRORS = {
    "signals.no_file": _("The file %(file)s cannot be opened. Check its name and place."),
    "signals.columns": _("The file %(file)s lacks the columns %(columns)s. Add them to its first line."),
    "signals.column_twice": _("The file %(file)s has the column %(column)s twice. Keep one of the two."),
    "signals.no_figures": _(
        "The file %(file)s has neither of the columns %(columns)s. Add the one that you know."
    ),
    "signals.not_written": _("The file %(file)s cannot be written. Check the folder and your rights in it."),
    "signals.backwards": _("The first week lies after the last one. Swap --from and --to."),
    "signals.outside": _("None of these weeks is in the data, which run from %(first)s to %(last)s."),
    "signals.not_csv": _("The file %(file)s cannot be read as CSV in UTF-8 (near row %(row)s)."),
    "signals.bad_row": _(
        "Row %(row)s of %(file)s cannot be read: a date, number or column is not well-formed. Correct that row."
    ),
    "signals.negative_exposure": _(
        "Row %(row)s of %(file)s has an exposure below zero or without end. Correct it."
    ),
    "signals.overlap": _(
        "Row %(row)s of %(file)s repeats a period, source and product that another row has. Keep one of the two."
    ),
    "signals.empty": _("The file %(file)s has no row."),
    "signals.no_cases": _("There is no case to judge before that day."),
    "signals.span": _(
        "The data run from %(first)s to %(last)s: more than fifty years. Look for a mistyped date."
    ),
    "signals.too_large": _(
        "%(sources)s sources by %(causes)s causes by %(products)s products are more than one scan can hold. "
        "Put small sources together."
    ),
    "signals.unknown_zone": _("The time zone %(zone)s is not known. Use a name such as Europe/Paris."),
    "signals.bad_day": _("%(text)s is not a date. Write it as 2026-03-02."),
    "signals.which_files": _("Give --cases and --exposure, or --counts."),
    "signals.keep_needs_the_desk": _(
        "What is found in files is not kept. Leave out --cases to scan the database."
    ),
    "signals.future": _("%(day)s lies ahead. A scan looks back from today at the latest."),
    "signals.whole_numbers": _(
        "Row %(row)s of %(file)s: exposure is counted in whole subscriptions and purchases."
    ),
}


def say(message: str, locale: str, **params: object) -> str:
    """`message` in the language of `locale`, filled."""
    return translations(locale).gettext(message) % params


def count(forms: tuple[str, str], many: float, locale: str) -> str:
    """The singular or plural of `forms` for `many`, rounded, by the rules of the language."""
    whole = round(many)
    return translations(locale).ngettext(*forms, whole) % {"count": number(whole, locale)}


def expected(cases: float, locale: str) -> str:
    """How many were expected; below three with a decimal, so that it agrees with the ratio beside it."""
    if cases >= SMALL:
        return count(WERE_EXPECTED, cases, locale)
    fractions = 2 if cases >= 2 else 0  # 0.5 is plural in English and singular in French, as none is
    return translations(locale).ngettext(*WERE_EXPECTED, fractions) % {"count": tenths(cases, locale)}


def many(forms: tuple[str, str], how_many: int, locale: str, **params: object) -> str:
    """As `count`, with further parameters."""
    spelled = {"count": number(how_many, locale), **params}
    return translations(locale).ngettext(*forms, how_many) % spelled


def label(name: str) -> str:
    """A code as a person reads it: unexpected_charge becomes Unexpected charge; other names stay."""
    words = name.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def number(value: float, locale: str) -> str:
    """A count, rounded to whole cases, with the thousands mark of the language."""
    return str(numbers.format_decimal(round(value), "#,##0", locale=locale))


def tenths(value: float, locale: str) -> str:
    """A figure with one decimal."""
    return str(numbers.format_decimal(value, "#,##0.0", locale=locale))


def times(value: float, locale: str) -> str:
    """A ratio with one decimal, none from ten."""
    return str(numbers.format_decimal(value, "#,##0.0" if value < 10 else "#,##0", locale=locale))


def share(value: float, locale: str) -> str:
    """A share of one as a percentage."""
    return str(numbers.format_percent(value, "0\u00a0%", locale=locale))


def day(text: str, locale: str, names: Names = NOBODY) -> str:
    """An ISO date as 3 March 2025; 3 March in the reader's own year."""
    of = date.fromisoformat(text)
    return str(dates.format_date(of, "d MMMM" if of.year == names.year else "d MMMM y", locale=locale))


def listed(of: tuple[str, ...], locale: str) -> str:
    """Several sources in a row."""
    return ", ".join(source_name(name, locale) for name in of)


def sentence(found: Found, locale: str = "en", names: Names = NOBODY) -> str:
    """The finding as a manager reads it."""
    return _TAGS.sub("", _sentence(found, locale, names))


def marked(found: Found, locale: str, names: Names = NOBODY) -> Markup:
    """The same for a page: what counts most is bold, and names of causes and sources are escaped."""
    pieces = re.split("(</?b>)", _sentence(found, locale, names))
    return Markup("").join(Markup(piece) if _TAGS.fullmatch(piece) else piece for piece in pieces)  # noqa: S704


def _sentence(found: Found, locale: str, names: Names) -> str:
    if isinstance(found, RiseFound):
        return _rise(found, locale, names)
    if isinstance(found, CellFound):
        return _cell(found, locale, names)
    return _cluster(found, locale, names)


def what(cause: str, source: str | None, locale: str, names: Names = NOBODY) -> str:
    """Unexpected charge from Facebook ads; the cause alone where it rises as a whole."""
    called = say(NO_CAUSE, locale) if cause == UNSTATED else names.cause(cause)
    if not source:
        return called
    return say(FROM_SOURCE, locale, cause=called, source=source_name(source, locale))


def source_name(source: str, locale: str) -> str:
    """A source as a person reads it; what came from none is said to be unknown."""
    return say(NO_SOURCE, locale) if source == UNSTATED else label(source)


def sums(amounts: Mapping[str, int], locale: str) -> str:
    """Amounts by currency, side by side: never summed over currencies."""
    return " + ".join(money(minor, currency, locale) for currency, minor in sorted(amounts.items()))


def _excess(cases: float, amounts: Mapping[str, int], locale: str) -> str:
    spelled = count(CASES, cases, locale)
    if not amounts:
        return spelled
    return say(EXCESS_MONEY, locale, cases=spelled, money=sums(amounts, locale))


def _rise(found: RiseFound, locale: str, names: Names) -> str:
    at_risk = ""
    if found.at_risk is not None and found.measure in AT_RISK:
        at_risk = count(AT_RISK[found.measure], found.at_risk, locale)
    parts = [
        say(
            RISE,
            locale,
            what=what(found.cause, found.source, locale, names),
            cases=count(CASES, found.observed, locale),
            since=day(found.since, locale, names),
            expected=expected(found.expected, locale),
            low=number(found.usual_low, locale),
            high=number(found.usual_high, locale),
            at_risk=at_risk,
            ratio=times(found.ratio, locale),
            ratio_low=times(found.ratio_low, locale),
            ratio_high=times(found.ratio_high, locale),
            excess=_excess(found.excess, found.excess_money, locale),
            others=_others(found, locale),
        )
    ]
    if found.renamed_from:
        causes = ", ".join(names.cause(code) for code in found.renamed_from)
        parts.append(say(RENAMED, locale, causes=causes))
    if found.ended:
        parts.append(say(ENDED, locale, last=day(found.last, locale, names)))
    return " ".join(part.strip() for part in parts)


def _others(found: RiseFound, locale: str) -> str:
    if found.others is None:
        return ""
    sources = listed(tuple(found.others), locale)
    if not found.source:
        return say(SOURCES_UNDER, locale, sources=sources) if sources else say(SOURCES_NONE, locale)
    return say(OTHERS_RISE, locale, sources=sources) if sources else say(OTHERS_USUAL, locale)


def _cell(found: CellFound, locale: str, names: Names) -> str:
    text = say(
        CELL,
        locale,
        what=what(found.cause, found.source, locale, names),
        cases=count(CASES, found.observed, locale),
        expected=number(found.expected, locale),
        ratio=times(found.ratio, locale),
        ratio_low=times(found.ratio_low, locale),
        ratio_high=times(found.ratio_high, locale),
        excess=_excess(found.excess, found.excess_money, locale),
    )
    if differs(found.crude, found.ratio):
        text += " " + say(CRUDE, locale, crude=times(found.crude, locale))
    return text


def differs(crude: float | None, adjusted: float | None) -> bool:
    """Is the ratio without regard to products another story (a quarter more or less)?"""
    return bool(crude and adjusted and crude > 0 and not 0.8 <= crude / adjusted <= 1.25)


def _cluster(found: ClusterFound, locale: str, names: Names) -> str:
    return say(
        CLUSTER,
        locale,
        cause=what(found.cause, None, locale, names),
        when=when(found.dimension, found.low, found.high, locale),
        cases=count(CASES, found.observed, locale),
        expected=number(found.expected, locale),
        ratio=times(found.ratio, locale),
    )


def when(dimension: str, low: int, high: int, locale: str) -> str:
    """On Monday; 30 to 33 days after purchase."""
    one, several = WHEN[dimension]
    one = WHEN_NEAR.get((dimension, low), one)
    return say(
        one if low == high else several,
        locale,
        low=bin_word(dimension, low, locale),
        high=bin_word(dimension, high, locale),
    )


def bin_word(dimension: str, at: int, locale: str) -> str:
    """A bin of a clock: a weekday by its name, others by their number."""
    if dimension != "day_of_week":
        return str(at)
    return str(dates.get_day_names("wide", locale=locale)[at])


def note(one: Note, locale: str = "en") -> str:
    """The note as a person reads it."""
    params = {name: _param(name, value, locale) for name, value in one.params.items()}
    return say(NOTES[one.code], locale, **params)


def refusal(problem: CasedeskError, locale: str = "en") -> str:
    """What was wrong with the input, and what to do."""
    params = {name: _spelled(name, value, locale) for name, value in problem.params.items()}
    return say(ERRORS[problem.code], locale, **params)


def _spelled(name: str, value: object, locale: str) -> object:
    return day(str(value), locale) if name in ("first", "last") else value


def _param(name: str, value: int | str, locale: str) -> str:
    if isinstance(value, int):
        return number(value, locale)
    if name == "week":
        return day(value, locale)
    return value if name == "currencies" else source_name(value, locale)


def known_note(code: str) -> bool:
    """Is it a note of this catalogue? A stored scan may be older than the release."""
    return code in NOTES


def rates_held(cause: float, cell: float, cells: float, timing: float, locale: str = "en") -> str:
    """The false-alarm rates that the page keeps."""
    return say(
        RATES_HELD,
        locale,
        cause=share(cause, locale),
        cell=share(cell, locale),
        cells=share(cells, locale),
        timing=share(timing, locale),
    )
