"""What a change brought: the weeks of a rise before it against the weeks after it. Worker only (numpy)."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from casedesk.detection.changes import DEFAULT, expected_cases
from casedesk.detection.effect import Effect, step_effect
from casedesk.reports.signal_files import day_number
from casedesk.reports.signal_panel import Loaded
from casedesk.reports.signal_rules import EFFECT_WEEKS


@dataclass(frozen=True)
class Watch:
    """A change that was made because of a signal: its effect is measured anew at each scan."""

    action_id: int
    cause: str
    source: str
    since: date
    done_on: date


def effects_of(data: Loaded, watched: tuple[Watch, ...]) -> dict[int, Effect]:
    """The effect of each change that enough weeks have passed since."""
    found = {}
    for watch in watched:
        effect = _effect(data, watch)
        if effect is not None:
            found[watch.action_id] = effect
    return found


def _effect(data: Loaded, watch: Watch) -> Effect | None:
    """Weeks of the episode before the change against the weeks after it, both in times the usual of before the episode."""
    if watch.cause not in data.causes or (watch.source and watch.source not in data.sources):
        return None
    since = (day_number(watch.since.isoformat()) - data.panel.monday) // 7
    done = (day_number(watch.done_on.isoformat()) - data.panel.monday) // 7
    last = data.panel.complete - 1
    history = max(since + 1 - DEFAULT.left_out, 0)
    if since < 0 or done > last or data.panel.covered[:, :history].any(0).sum() < DEFAULT.least_history:
        return None
    cause = data.causes.index(watch.cause)
    fit = expected_cases(data.panel, since)
    cases, at_risk = data.panel.comparable[cause].sum(1), data.panel.at_risk.sum(1)
    if watch.source:
        source = data.sources.index(watch.source)
        usual, observed, risk = fit.cell[cause, source, since], cases[source], at_risk[source]
    else:
        usual, observed, risk = fit.cause[cause, since], cases.sum(0), at_risk.sum(0)
    if risk[since] <= 0:
        return None
    weeks = np.array([week for week in range(since, min(done + EFFECT_WEEKS, last) + 1) if week != done])
    weeks = weeks[weeks >= done - EFFECT_WEEKS]
    expected = usual * risk[weeks] / risk[since]
    return step_effect(observed[weeks], expected, weeks > done)
