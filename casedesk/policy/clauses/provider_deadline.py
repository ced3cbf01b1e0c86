"""May an answer still be given by the instant that a provider itself shows? That second is in time.

    details = "evidence_details", act = "submitted_at"
An instant of zero: no answer is possible. An answer given before: open.
"""

from datetime import UTC, datetime

from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.reading import NO, YES, Answer, Open, Reading, review
from casedesk.policy.verdict import Step

KEY = "deadline_utc_inclusive"


def read(params: Params) -> Clause:
    """The clause of a `provider_deadline` table."""
    details, act = str(params.need("details")), str(params.need("act"))

    def extras(reading: Reading) -> dict[str, object]:
        """The instant that the provider shows, whatever the answer is."""
        due = (reading.optional(details) or {}).get("due_by")
        if due is None:
            return {}
        return {KEY: datetime.fromtimestamp(due, UTC) if due else None}

    def judge(reading: Reading) -> Answer:
        shown = reading.get(details)
        due = shown.get("due_by")
        if due is None:
            raise Open("provider.no_date_shown")
        if due == 0:
            return Answer(NO, "provider.no_answer_possible")
        last = datetime.fromtimestamp(due, UTC)
        submissions = shown.get("submission_count")
        if submissions is None:
            raise Open("provider.submissions_unknown")
        if submissions > 0:
            return review("provider.answered_before", count=submissions)
        moment = reading.happened(act)
        in_time = moment <= last
        answer = Answer(YES if in_time else NO, "window.inside" if in_time else "window.closed")
        answer.params = {"first": last, "act": moment}
        answer.steps = [Step("provider_date", {"instant": last})]
        return answer

    return Clause(judge, extras, extras_always=True)
