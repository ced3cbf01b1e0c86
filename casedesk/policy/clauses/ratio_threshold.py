"""Does a ratio of events reach its threshold, and their number too?

    events = [...], base = "...", month = "month", region = "region"
    thresholds = [{from = "2025-06", bps = 220}, {from = "2026-04", bps = 150, regions = [...]}]
    more_than = 1500                 exactly so many events: open
By the exact ratio, in ten-thousandths.
"""

from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.reading import NO, YES, Answer, Open, Reading, review
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of a `ratio_threshold` table."""
    events, base = [str(name) for name in params.need("events")], str(params.need("base"))
    month, region = str(params.need("month")), str(params.need("region"))
    thresholds, more_than = list(params.need("thresholds")), int(params.need("more_than"))

    def counted(reading: Reading) -> tuple[int, int]:
        count, settled = sum(int(reading.get(name)) for name in events), int(reading.get(base))
        if settled == 0:
            raise Open("ratio.nothing_settled")
        return count, settled

    def extras(reading: Reading) -> dict[str, object]:
        if any(reading.optional(name) is None for name in (*events, base)):
            return {}
        count, settled = counted(reading)
        return {"ratio_bps_floor": count * 10_000 // settled}

    def judge(reading: Reading) -> Answer:
        count, settled = counted(reading)
        when, where = reading.get(month), None
        limit = 0
        for threshold in thresholds:
            if when.isoformat()[:7] < threshold["from"]:
                break
            if "regions" in threshold:
                where = reading.word(region)
                if where not in threshold["regions"]:
                    continue
            limit = int(threshold["bps"])
        reached = count * 10_000 >= limit * settled
        if reached and count == more_than:
            return review("ratio.exactly_the_number", count=count)
        over = reached and count > more_than
        answer = Answer(YES if over else NO, "ratio.reached" if over else "ratio.below")
        answer.params = {"count": count, "base": settled, "threshold_bps": limit}
        answer.steps = [Step("ratio", answer.params)]
        return answer

    return Clause(judge, extras, extras_always=True)
