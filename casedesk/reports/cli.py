"""The commands of signals: scan, backtest, bench. Results on standard output; refusals on standard error, status 1."""

import functools
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any, ParamSpec
from zoneinfo import ZoneInfo

import click

from casedesk.detection.causes import DEFAULT as CELLS
from casedesk.detection.changes import DEFAULT as RISES
from casedesk.detection.timing import DEFAULT as TIMING
from casedesk.kernel.errors import CasedeskError, InvalidInput
from casedesk.reports import bench as benches
from casedesk.reports import signals as room
from casedesk.reports import wording
from casedesk.reports.findings import Note, Scan
from casedesk.reports.signal_files import (
    day_number,
    read_cases,
    read_exposure,
    read_exposure_rows,
    read_matrix,
    write_flags,
)
from casedesk.reports.signal_panel import LONGEST_WEEKS, Loaded, load
from casedesk.store import clock

MOST_CELLS = 1_000_000
LEAST_WEEKS = RISES.least_history + RISES.left_out
P = ParamSpec("P")
Desk = Callable[[], AbstractContextManager[Any]]
LOCALES = click.Choice(["en", "fr"])


@click.group("signals")
def signals() -> None:
    """Which cause comes back, from where, since when: in the desk's own cases, or in files of cases and exposure."""


def _refusing(command: Callable[P, None]) -> Callable[P, None]:
    """A refusal becomes one sentence and status 1, never a traceback."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except CasedeskError as problem:
            click.echo(wording.refusal(problem, str(kwargs.get("locale", "en"))), err=True)
            sys.exit(1)

    return run


def _from_files(cases: Path, exposure: Path | None, zone: str, on: str | None) -> Loaded:
    _known_zone(zone)
    read = read_exposure(exposure) if exposure else None
    tomorrow = day_number(clock.now().astimezone(ZoneInfo(zone)).date().isoformat()) + 1
    if on is not None and _day(on) > tomorrow:
        raise InvalidInput("signals.future", day=on)
    of_file = read_cases(cases, zone)
    ahead = of_file.day >= tomorrow  # a mistyped year would stretch the data over weeks that nobody knows yet
    data = load(of_file.only(~ahead), read, None if on is None else _day(on))
    if not ahead.any():
        return data
    return replace(data, notes=(Note("signals.ahead", {"cases": int(ahead.sum())}), *data.notes))


def _day(text: str) -> int:
    try:
        return day_number(text)
    except ValueError as problem:
        raise InvalidInput("signals.bad_day", text=text) from problem


_FILE = click.Path(path_type=Path, dir_okay=False)


@signals.command()
@click.option("--cases", type=_FILE, help="CSV of cases, plain or gzip; without it the database is read.")
@click.option("--exposure", type=_FILE, help="CSV of active subscriptions or purchases.")
@click.option("--on", metavar="DATE", help="Judge as of the start of this day; else as of the last case.")
@click.option(
    "--zone", help="Days and weeks are those of this zone; else UTC for files, the desk's own for its data."
)
@click.option("--keep", is_flag=True, help="Store what is found in the database, as the nightly scan does.")
@click.option("--locale", type=LOCALES, default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Findings and notes as JSON.")
@click.option("--out", type=_FILE, help="Write the flags as CSV (.csv, .csv.gz) or JSON (.json).")
@click.pass_obj
@_refusing
def scan(
    desk: Desk | None,
    cases: Path | None,
    exposure: Path | None,
    on: str | None,
    zone: str | None,
    keep: bool,
    locale: str,
    as_json: bool,
    out: Path | None,
) -> None:
    """All kinds of findings as of a day; sources that dispute more and timing over the whole period."""
    if cases is None:
        if exposure is not None or desk is None:
            raise InvalidInput("signals.which_files")
        result = _of_the_desk(desk, on, zone, keep=keep)
    else:
        if keep:
            raise InvalidInput("signals.keep_needs_the_desk")
        result = room.scan(_from_files(cases, exposure, zone or "UTC", on))
    if out is not None:
        write_flags(out, room.flags_of(result))
    click.echo(_as_json(result, locale) if as_json else _as_text(result, locale))


def _of_the_desk(desk: Desk, on: str | None, zone: str | None, *, keep: bool) -> Scan:
    """The scan of the database as of a day (today by default); kept as the worker keeps it where asked."""
    from casedesk.reports import signal_desk

    with desk() as app:
        own = app.extensions["settings"].time_zone
        if zone is not None:
            _known_zone(zone)
        return signal_desk.scan_now(zone or own, None if on is None else _date(on), keep=keep)


def _date(text: str) -> date:
    _day(text)
    return date.fromisoformat(text)


def _known_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError) as problem:
        raise InvalidInput("signals.unknown_zone", zone=zone) from problem


def _as_text(result: Scan, locale: str) -> str:
    lines = [wording.sentence(found, locale) for found in result.found]
    lines = lines or [wording.say(wording.NOTHING, locale)]
    lines += ["", *(wording.note(one, locale) for one in result.notes), _rates(locale)]
    return "\n".join(lines)


def _rates(locale: str) -> str:
    return wording.rates_held(RISES.cause_rate, RISES.cell_rate, CELLS.rate, TIMING.rate, locale)


def _as_json(result: Scan, locale: str) -> str:
    return json.dumps(
        {
            "on": result.on,
            "cases": result.cases,
            "complete_weeks": result.weeks,
            "findings": [asdict(one) | {"sentence": wording.sentence(one, locale)} for one in result.found],
            "notes": [asdict(one) | {"sentence": wording.note(one, locale)} for one in result.notes],
            "false_discovery_rates": {
                "rises_of_causes": RISES.cause_rate,
                "rises_at_sources": RISES.cell_rate,
                "cells": CELLS.rate,
                "timing": TIMING.rate,
            },
        },
        ensure_ascii=False,
        indent=2,
    )


@signals.command()
@click.option("--cases", type=_FILE, help="CSV of cases, plain or gzip.")
@click.option("--exposure", type=_FILE, help="CSV of active subscriptions or purchases.")
@click.option("--counts", type=_FILE, help="CSV of counts: period, then one column a series.")
@click.option("--from", "first", metavar="DATE", required=True, help="First week to judge.")
@click.option("--to", "last", metavar="DATE", required=True, help="Last week to judge, included.")
@click.option("--zone", default="UTC", show_default=True, help="Days and weeks are those of this time zone.")
@click.option("--locale", type=LOCALES, default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The number of flags as JSON.")
@click.option(
    "--out", type=_FILE, required=True, help="Write the flags as CSV (.csv, .csv.gz) or JSON (.json)."
)
@_refusing
def backtest(
    cases: Path | None,
    exposure: Path | None,
    counts: Path | None,
    first: str,
    last: str,
    zone: str,
    locale: str,
    as_json: bool,
    out: Path,
) -> None:
    """The rises that each week would have flagged, from the data up to that week's end only."""
    if (cases is None) == (counts is None):
        raise InvalidInput("signals.which_files")
    begins, ends = _day(first), _day(last)
    if counts is not None:
        matrix = read_matrix(counts)
        flags = room.backtest_series(matrix, (begins - matrix.monday) // 7, (ends - matrix.monday) // 7)
    elif cases is not None:
        data = _from_files(cases, exposure, zone, None)
        monday = data.panel.monday
        flags = room.backtest(data, (begins - monday) // 7, (ends - monday) // 7)
    write_flags(out, flags)
    click.echo(json.dumps({"flags": len(flags)}) if as_json else f"{len(flags)} flags: {out.name}")


@signals.command("exposure")
@click.argument("file", type=_FILE)
@click.option("--locale", type=LOCALES, default="en", show_default=True)
@click.pass_obj
@_refusing
def exposure_file(desk: Desk | None, file: Path, locale: str) -> None:
    """Import exposure (period, traffic_source, product, active_subscriptions, purchases) into the desk."""
    from casedesk.reports import signal_desk

    if desk is None:
        raise InvalidInput("signals.which_files")
    with desk():
        stored = signal_desk.import_exposure(read_exposure_rows(file))
    click.echo(wording.many(wording.EXPOSURE_STORED, stored, locale))


@signals.command()
@click.option(
    "--cells",
    type=click.IntRange(1, MOST_CELLS),
    default=10_000,
    show_default=True,
    help="Causes by sources.",
)
@click.option("--weeks", type=click.IntRange(LEAST_WEEKS, LONGEST_WEEKS), default=156, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def bench(cells: int, weeks: int, as_json: bool) -> None:
    """How long this week's scan and a 52-week backtest take on made-up counts, and the memory they need."""
    timings = benches.measure(cells, weeks)
    click.echo(
        json.dumps(timings) if as_json else "\n".join(f"{name}: {value:g}" for name, value in timings.items())
    )


if __name__ == "__main__":
    signals()
