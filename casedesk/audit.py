"""`casedesk audit`: the whole record against itself, against the rows that hang on it, against an exported checkpoint."""

import json
from pathlib import Path
from typing import Any

import click
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from casedesk.cases.models import Case
from casedesk.kernel.errors import InvalidInput
from casedesk.ledger.queries import compare_balances
from casedesk.store import checkpoints, verify
from casedesk.store.checkpoints import digest_checkpoint
from casedesk.store.keyring import audit_key
from casedesk.store.models import Checkpoint, Head
from casedesk.store.record import instant
from casedesk.store.verify import Fault, Progress, Report

SHOWN = 20
FORMAT = "casedesk checkpoint 1"

_FIELDS = ("n", "cases", "entries", "merkle_root", "prev", "key_id", "mac")


def check(session: Session, progress: Progress, against: dict[str, Any] | None = None) -> Report:
    """Everything that `casedesk audit verify` looks at."""
    report = verify.verify(session, progress)
    report.faults += case_faults(session) + ledger_faults(session)
    if against is not None:
        report.faults += exported_faults(session, against)
    return report


def case_faults(session: Session) -> list[Fault]:
    """Cases without a record, and records of cases without a case."""
    of_case = and_(Head.subject_kind == "case", Head.subject_id == Case.id)
    bare = session.scalars(
        select(Case.id).outerjoin(Head, of_case).where(Head.seq.is_(None)).order_by(Case.id)
    )
    orphans = session.scalars(
        select(Head.subject_id)
        .outerjoin(Case, Case.id == Head.subject_id)
        .where(Head.subject_kind == "case", Case.id.is_(None))
        .order_by(Head.subject_id)
    )
    return [Fault("the case has no record", ("case", one)) for one in bare] + [
        Fault("the row of the case is gone", ("case", one)) for one in orphans
    ]


def ledger_faults(session: Session) -> list[Fault]:
    """Charges whose balance is not what the ledger adds up to."""
    return [
        Fault(
            f"charge {one.reference}: the balance differs from the ledger",
            detail=f"{one.stored}, not {one.summed}",
        )
        for one in compare_balances(session)
    ]


def export(session: Session) -> dict[str, Any]:
    """The latest checkpoint as it is exported. Raises InvalidInput where there is none yet."""
    newest = checkpoints.newest(session)
    if newest is None:
        raise InvalidInput("audit.no_checkpoint")
    return {"format": FORMAT, "at": instant(newest.at), **{name: getattr(newest, name) for name in _FIELDS}}


def exported_faults(session: Session, exported: dict[str, Any]) -> list[Fault]:
    """Is the exported checkpoint still one of ours?"""
    ours = session.get(Checkpoint, exported["n"])
    if ours is None:
        newest = checkpoints.newest(session)
        known = newest.n if newest else 0
        return [
            Fault(
                f"checkpoint {exported['n']} was exported and is gone", detail=f"the latest here is {known}"
            )
        ]
    differs = [name for name in _FIELDS if getattr(ours, name) != exported[name]]
    if instant(ours.at) != exported["at"]:
        differs.append("at")
    if differs:
        return [Fault(f"checkpoint {ours.n} is not the one that was exported", detail=", ".join(differs))]
    if digest_checkpoint(audit_key(), ours) != ours.mac:
        return [Fault(f"checkpoint {ours.n} was not made with this AUDIT_KEY")]
    return []


def read_export(path: Path) -> dict[str, Any]:
    """An exported checkpoint. Raises click.BadParameter where the file is none."""
    try:
        exported = json.loads(path.read_text(encoding="utf-8"))
        if exported.get("format") != FORMAT or {*_FIELDS, "at"} - exported.keys():
            raise ValueError("not an exported checkpoint")
    except (ValueError, AttributeError, OSError) as error:
        raise click.BadParameter(f"{path}: {error}") from error
    return dict(exported)


def show(report: Report) -> None:
    """Print what was read and the first faults."""
    click.echo(
        f"read {report.entries:,} entries of {report.subjects:,} chains and {report.checkpoints:,} checkpoints; "
        f"{report.erased:,} texts erased with leave; {report.unsealed:,} entries not yet under a checkpoint"
    )
    for fault in report.faults[:SHOWN]:
        click.secho(f"- {fault}", fg="red")
    if len(report.faults) > SHOWN:
        click.echo(f"... and {len(report.faults) - SHOWN:,} more")
    click.echo("the record is whole" if not report.faults else f"{len(report.faults):,} faults")
