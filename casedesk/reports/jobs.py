"""The worker's part of reports: follow the record into the cube, draw and send reports. (Scans are in signal_jobs.py.)"""

from casedesk.reports import cube_jobs, report_jobs

HANDLERS = {**cube_jobs.HANDLERS, **report_jobs.HANDLERS}

CALLS = report_jobs.CALLS

SCHEDULE = (*cube_jobs.SCHEDULE, *report_jobs.SCHEDULE)
