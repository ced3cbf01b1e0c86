"""The reports: a plain dictionary, one line each. To add one, write its file here and name it below."""

from casedesk.reports.catalog import (
    by_clause,
    cancellations,
    causes_by_source,
    clocks_kept,
    cohorts,
    consistency,
    dispute_ratio,
    exceptions,
    first_reply,
    mediation_year,
    outcomes,
    refunds,
    reopened,
    repeat_contacts,
    resolution,
    timing,
    volume,
    workload,
)
from casedesk.reports.catalog.base import Report

REPORTS: dict[str, Report] = {
    one.code: one
    for one in (
        volume.REPORT,
        outcomes.REPORT,
        first_reply.REPORT,
        resolution.REPORT,
        clocks_kept.REPORT,
        workload.REPORT,
        repeat_contacts.REPORT,
        reopened.REPORT,
        refunds.REPORT,
        by_clause.REPORT,
        exceptions.REPORT,
        dispute_ratio.REPORT,
        consistency.REPORT,
        causes_by_source.REPORT,
        timing.REPORT,
        cohorts.REPORT,
        cancellations.REPORT,
        mediation_year.REPORT,
    )
}
