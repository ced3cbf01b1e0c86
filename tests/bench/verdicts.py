"""`python -m tests.bench.verdicts`: CPU of a whole case's verdict, complete and with facts missing, materialised.

The two cases of the design's mock-ups, for a refund and for a cancellation, with up to `--gaps` of their facts taken
away at random (seeded): what the live verdict beside New case does while somebody types.
"""

import argparse
import random
from datetime import date
from time import process_time

from casedesk.policy.evaluate import judge_case
from casedesk.policy.facts import Facts
from casedesk.policy.pack import shipped
from tests.unit.policy.test_case import ONLINE, RENEWED

KEPT = {"timezone", "jurisdiction"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=400)
    parser.add_argument("--gaps", type=int, default=5)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    rng, packs = random.Random(options.seed), shipped()
    for gaps in range(options.gaps + 1):
        taken, matter = [], 0
        for n in range(options.n):
            written = dict((ONLINE, RENEWED)[n % 2])
            for name in rng.sample(sorted(written.keys() - KEPT), gaps):
                written.pop(name)
            facts, subject = Facts.of(written), ("refund", "cancellation")[n // 2 % 2]
            began = process_time()
            body = judge_case(packs, facts, subject, on=date(2026, 11, 24)).body
            taken.append(1000 * (process_time() - began))
            matter += body.may_matter
        taken.sort()
        p50, p95, p99 = (taken[int(share * (len(taken) - 1))] for share in (0.5, 0.95, 0.99))
        print(
            f"{gaps} missing: p50 {p50:6.1f}  p95 {p95:6.1f}  p99 {p99:6.1f}  max {taken[-1]:6.1f} ms;"
            f" not tried exactly: {matter} of {options.n}"
        )


if __name__ == "__main__":
    main()
