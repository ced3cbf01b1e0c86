"""When things happen: instants of the desk's working time around the instant at which the demo is made."""

import random
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
OPENS, CLOSES = time(9), time(18)


def local(year_day: datetime, hour: int, minute: int = 0) -> datetime:
    """The instant of that day in Paris at that hour."""
    day = year_day.astimezone(PARIS).date()
    return datetime.combine(day, time(hour, minute), PARIS).astimezone(UTC)


def working(moment: datetime) -> datetime:
    """`moment` where the desk works then, else the next time it opens, some minutes later."""
    here = moment.astimezone(PARIS)
    if here.time() >= CLOSES:
        here = datetime.combine(here.date() + timedelta(days=1), OPENS, PARIS) + timedelta(
            minutes=here.minute
        )
    elif here.time() < OPENS:
        here = datetime.combine(here.date(), OPENS, PARIS) + timedelta(minutes=here.minute)
    while here.weekday() > 4:
        here += timedelta(days=1)
    return here.astimezone(UTC)


def before(now: datetime, hours: float) -> datetime:
    """The instant so many working hours before `now`."""
    here = now.astimezone(PARIS)
    left = timedelta(hours=hours)
    while True:
        if here.weekday() > 4 or here.time() <= OPENS:
            here = datetime.combine(here.date() - timedelta(days=1), CLOSES, PARIS)
            continue
        if here.time() > CLOSES:
            here = datetime.combine(here.date(), CLOSES, PARIS)
        begins = datetime.combine(here.date(), OPENS, PARIS)
        if here - begins >= left:
            return (here - left).astimezone(UTC)
        left -= here - begins
        here = begins


class Steps:
    """Instants that follow each other in a case, never beyond the end that it has."""

    def __init__(self, start: datetime, end: datetime, rng: random.Random) -> None:
        self.at, self.end, self.rng = start, end, rng

    def desk(self, low: float, high: float) -> datetime:
        """The desk acts so many hours later, in its working time."""
        wanted = working(self.at + timedelta(hours=self.rng.uniform(low, high)))
        if wanted >= self.end:  # the last hours of work before the end, or at least within minutes
            wanted = before(self.end, self.rng.uniform(0.1, 2))
            if wanted <= self.at:
                wanted = min(self.at + timedelta(minutes=self.rng.uniform(2, 15)), self.end)
        return self._go(wanted)

    def customer(self, low: float, high: float) -> datetime:
        """The customer acts so many hours later, at any time of day or evening."""
        return self._go(self.at + timedelta(hours=self.rng.uniform(low, high)))

    def _go(self, wanted: datetime) -> datetime:
        if wanted > self.end:
            wanted = self.at + (self.end - self.at) * self.rng.uniform(0.3, 0.6)
        self.at = wanted.replace(microsecond=0) if wanted.replace(microsecond=0) > self.at else wanted
        return self.at
