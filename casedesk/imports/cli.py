"""`casedesk import KIND FILE --map MAP.toml`: a file into the desk, with control totals and an error file."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import click
from flask import Flask

from casedesk.imports.faults import FileFault, MappingFault
from casedesk.imports.kinds import KINDS
from casedesk.imports.mapping import Mapping, parse, shipped
from casedesk.imports.running import STATES, Tally, open_run, store_all
from casedesk.imports.sentences import sentence, sentences
from casedesk.kernel.errors import CasedeskError
from casedesk.store import clock
from casedesk.web.errors import sentence as refusal


@click.command("import")
@click.pass_obj
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map", "map_name", required=True, metavar="MAP", help="A mapping file, or the name of an example."
)
@click.option("--dry-run", is_flag=True, help="Do everything, then take it back; nothing is stored.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Where refused rows go.")
def main(
    desk: Callable[[], AbstractContextManager[Flask]],
    kind: str,
    file: Path,
    map_name: str,
    dry_run: bool,
    errors: Path | None,
) -> None:
    """Import customers, subscriptions, charges, cases or exchanges from CSV, JSON lines or Excel."""
    with desk():
        mapping = _mapping(map_name, kind)
        tally, error_file = _run(file, mapping, dry_run)
        _print_totals(mapping, tally, dry_run)
        if error_file is not None:
            target = errors or file.with_name(_error_name(file))
            target.write_bytes(error_file)
            click.echo(f"Refused rows, each with what to change: {target}")


def _mapping(name: str, kind: str) -> Mapping:
    path = shipped().get(name, Path(name))
    if not path.is_file():
        raise click.ClickException(f"No mapping “{name}”. Examples: {', '.join(shipped())}.")
    try:
        mapping = parse(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise click.ClickException(f"The mapping {name} is not in UTF-8. Save it as UTF-8.") from error
    except MappingFault as fault:
        raise click.ClickException("\n".join(sentences(fault))) from fault
    if mapping.kind != kind:
        raise click.ClickException(sentence(FileFault("import.other_kind", kind=mapping.kind, wanted=kind)))
    return mapping


def _run(file: Path, mapping: Mapping, dry_run: bool) -> tuple[Tally, bytes | None]:
    def beside(name: str) -> bytes:
        path = file.parent / name
        if not path.is_file():
            raise FileFault("import.file_missing", file=name)
        return path.read_bytes()

    try:
        run = open_run(file.read_bytes(), mapping, beside)
        store_all(run, dry_run=dry_run, clock=clock.now, progress=_Progress(run.tally.rows_in))
    except FileFault as fault:
        raise click.ClickException(sentence(fault)) from fault
    except CasedeskError as error:
        raise click.ClickException(f"{refusal(error)} What was imported so far is kept.") from error
    return run.tally, run.error_file()


class _Progress:
    """A line a second on a long run."""

    def __init__(self, rows: int) -> None:
        self.rows, self.began, self.last = rows, time.monotonic(), time.monotonic()

    def __call__(self, tally: Tally) -> None:
        now = time.monotonic()
        if now - self.last < 1 and tally.done < self.rows:
            return
        self.last = now
        pace = tally.done / max(now - self.began, 0.001)
        click.echo(f"{tally.done:,} of {self.rows:,} rows, {pace:,.0f} rows/s", err=True)


def _error_name(file: Path) -> str:
    name = file.name.removesuffix(".gz")
    stem, dot, ending = name.rpartition(".")
    return f"{stem or name}.errors{dot}{ending}" if dot else f"{name}.errors"


def _print_totals(mapping: Mapping, tally: Tally, dry_run: bool) -> None:
    plain = tally.plain()
    click.echo(f"{mapping.kind} from {mapping.source}{', dry run: nothing was stored' if dry_run else ''}")
    click.echo(f"  rows in {tally.rows_in:,} = " + " + ".join(f"{s} {tally.rows[s]:,}" for s in STATES))
    if tally.rows_in != sum(tally.things.values()):
        click.echo(f"  {mapping.kind}: " + ", ".join(f"{s} {tally.things[s]:,}" for s in STATES))
    for why, count in plain["left_out"].items():
        click.echo(f"  left out by the mapping, {why}: {count:,}")
    for currency, sums in plain["money"].items():
        parts = " + ".join(f"{state} {sums[state]}" for state in STATES)
        click.echo(f"  {currency} {sums['in']} = {parts}")
    for name, values in plain["counted"].items():
        for value, (count, total) in values.items():
            click.echo(f"  {name} {value or '(empty)'}: {count:,}, {total}")
