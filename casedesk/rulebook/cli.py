"""`casedesk policy`: judge scenarios, explain one, measure, lint."""

import json
import reprlib
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeVar

import click
from babel.numbers import format_decimal

from casedesk.kernel.errors import CasedeskError
from casedesk.policy import bench as measuring
from casedesk.policy.compare import differences
from casedesk.policy.lint import lint_all
from casedesk.policy.pack import load, shipped
from casedesk.policy.scenarios import Judgement, ScenarioError, answer_of, asked_in, judge_all
from casedesk.policy.verdict import Verdict
from casedesk.rulebook import files
from casedesk.rulebook.peers import peers
from casedesk.rulebook.wording import describe, error_sentence, word

MALFORMED, UNMET = 2, 1
_Read = TypeVar("_Read")
_LOCALE = click.option(
    "--locale",
    "--lang",
    "locale",
    type=click.Choice(["en", "fr"]),
    default="en",
    help="Language of the text.",
)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

policy = click.Group("policy", help="Judge facts by the packs in force, and look at the working.")
main = policy


@policy.command()
@click.argument("scenarios", type=_FILE)
@click.option(
    "--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write one JSON object a line."
)
@_LOCALE
def judge(scenarios: Path, out: Path | None, locale: str) -> None:
    """Judge every case of SCENARIOS.yaml; exit 0 where all expected answers are met, 1 or 2 otherwise."""
    lines = _opened(out, locale) if out else None
    count = met = unmet = errors = 0
    try:
        for judgement in _judgements(scenarios, locale):
            count += 1
            errors += judgement.error is not None
            unmet += bool(judgement.differences)
            met += judgement.error is None and judgement.expected is not None and not judgement.differences
            click.echo(_line(judgement, locale))
            if lines is not None:
                lines.write(json.dumps(_record(judgement, locale), ensure_ascii=False, sort_keys=True) + "\n")
    finally:
        if lines is not None:
            lines.close()
    click.echo(said("summary", locale, count=count, met=met, unmet=unmet, errors=errors))
    sys.exit(MALFORMED if errors else UNMET if unmet else 0)


@policy.command()
@click.argument("what")
@click.option("--json", "as_json", is_flag=True, help="The whole verdict as JSON.")
@_LOCALE
def explain(what: str, as_json: bool, locale: str) -> None:
    """Show the working of one scenario, SCENARIOS.yaml#ID, clause by clause."""
    path, _, wanted = what.rpartition("#")
    if not path or "\0" in path or not Path(path).is_file():
        raise click.ClickException(said("write_file_and_id", locale))
    for judgement in _judgements(Path(path), locale):
        if judgement.id == wanted:
            _explain(judgement, as_json, locale)
            return
    raise click.ClickException(said("no_such_case", locale, path=path, id=wanted))


@policy.command()
@click.argument("file", type=_FILE, required=False)
@click.option(
    "--n",
    "count",
    default=100_000,
    show_default=True,
    type=click.IntRange(1, 10_000_000),
    help="Judgements to make.",
)
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
@_LOCALE
def bench(file: Path | None, count: int, as_json: bool, locale: str) -> None:
    """Measure judgements a second on one thread, on scenarios or on decisions (DECISIONS.jsonl.gz)."""
    if file is not None and ".jsonl" in file.name:
        rows = _told(locale, lambda: files.decisions(file))
        if not rows:
            raise click.UsageError(said("nothing_to_measure", locale))
        figures = [*measuring.decisions(rows, count), *peers(rows, count)]
    else:
        cases = _told(locale, lambda: asked_in(shipped(), files.document(file))) if file is not None else []
        figures = measuring.statutes(cases, count)
        if not figures:
            raise click.UsageError(said("nothing_to_measure", locale))
    if as_json:
        click.echo(json.dumps([{"what": one.what, "a_second": one.rate, "n": one.n} for one in figures]))
        return
    for one in figures:
        what = word("bench", one.what, locale)
        rate = format_decimal(round(one.rate), locale=locale)
        click.echo(f"{what:44} {rate:>12} {said('rate', locale)}  (n = {one.n})")


@policy.command()
@click.argument("packs", nargs=-1, type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="The problems as JSON.")
@_LOCALE
def lint(packs: tuple[Path, ...], as_json: bool, locale: str) -> None:
    """Look for slips in packs: those given, or all that are shipped. Exit 1 where there is one."""
    texts = _told(locale, lambda: [(str(file), files.text_of(file)) for file in packs]) or None
    problems = lint_all(texts)
    for problem in problems:
        if as_json:
            click.echo(json.dumps({"code": problem.code, **problem.params}, default=str, ensure_ascii=False))
        else:
            click.echo(error_sentence(problem, locale))
    if not problems and not as_json:
        click.echo(said("lint_clean", locale))
    sys.exit(1 if problems else 0)


@policy.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="The differences as JSON, one a line.")
@_LOCALE
def diff(old: Path, new: Path, as_json: bool, locale: str) -> None:
    """Show what differs between two versions of a pack. Exit 1 where anything does."""
    before, after = _told(locale, lambda: [load(files.text_of(file), file.name) for file in (old, new)])
    found = differences(before, after)
    for one in found:
        if as_json:
            click.echo(json.dumps(one._asdict(), ensure_ascii=False, default=str))
        else:
            where = f"{one.rule}  {one.key}" if one.key else one.rule
            click.echo(f"{where}: {_short(one.before)} -> {_short(one.after)}")
    sys.exit(1 if found else 0)


# --- reading and printing ----------------------------------------------------------------------


def _judgements(path: Path, locale: str) -> Iterator[Judgement]:
    try:
        yield from judge_all(shipped(), _document(path, locale), on=datetime.now(UTC).date())
    except ScenarioError as error:
        raise click.UsageError(error_sentence(error, locale)) from error


def _document(path: Path, locale: str) -> Any:
    return _told(locale, lambda: files.document(path))


def _told(locale: str, read: Callable[[], _Read]) -> _Read:
    """What `read` gives; what is wrong with a file is told in the reader's language."""
    try:
        return read()
    except CasedeskError as error:
        raise click.UsageError(error_sentence(error, locale)) from error


def _opened(path: Path, locale: str) -> IO[str]:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        told = said("cannot_write", locale, path=path, reason=error.strerror)
        raise click.UsageError(told) from error


def _line(judgement: Judgement, locale: str) -> str:
    """One line of `policy judge`: id, rule, answer, and how it stands against what was expected."""
    if judgement.error is not None:
        wrong = error_sentence(judgement.error, locale)
        return f"{judgement.id}  {judgement.rule}  {said('error', locale)}: {wrong}"
    assert judgement.verdict is not None
    told = f"{judgement.id}  {judgement.rule}  {judgement.verdict.answer['eligible']}"
    if judgement.expected is None:
        return told
    wrong = "; ".join(
        said("differs", locale, key=one.key, expected=_short(one.expected), got=_short(one.got))
        for one in judgement.differences
    )
    return f"{told}  {wrong or said('ok', locale)}"


def said(line: str, locale: str, /, **params: object) -> str:
    """A line of these commands in the reader's language."""
    return word("cli", line, locale).format(**params)


def _short(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)[:400]
    except (ValueError, TypeError, RecursionError):  # a number beyond all figures, keys of any kind
        return reprlib.repr(type(value).__name__)


def _record(judgement: Judgement, locale: str) -> dict[str, object]:
    if judgement.verdict is None:
        error: CasedeskError = judgement.error or ScenarioError("scenario.no_cases")
        told = {"code": error.code, "message": error_sentence(error, locale)}
        return {"id": judgement.id, "rule": judgement.rule, "error": told}
    return {
        "id": judgement.id,
        "rule": judgement.rule,
        "answer": answer_of(judgement.verdict),
        "verdict": _whole(judgement.verdict),
    }


def _whole(verdict: Verdict) -> dict[str, object]:
    plain: dict[str, object] = json.loads(verdict.to_canonical())
    return {**plain, "digest": verdict.digest()}


def _explain(judgement: Judgement, as_json: bool, locale: str) -> None:
    if judgement.verdict is None:
        raise click.ClickException(_line(judgement, locale))
    if as_json:
        click.echo(json.dumps(_record(judgement, locale), ensure_ascii=False, sort_keys=True, indent=2))
        return
    click.echo("\n".join(describe(judgement.verdict, locale)))


if __name__ == "__main__":
    policy()
