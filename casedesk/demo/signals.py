"""The year's recurrences, found by the scan itself, and what the managers made of them."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.demo.calendar import PARIS
from casedesk.demo.house import House
from casedesk.reports import signal_actions as actions
from casedesk.reports.exposure import monday
from casedesk.reports.signal_actions import Assigned, Happened, Lesson
from casedesk.reports.signal_desk import keep_scan
from casedesk.reports.signal_models import Signal, SignalAction
from casedesk.reports.signal_rules import may_become

SCANS = (15, 12, 6, 2, 0)
"""The scans that are made, in weeks before this one: enough to see episodes open, grow and end."""


class Year:
    """The scans one after another, and between them what people did."""

    def __init__(self, session: Session, house: House, now: datetime) -> None:
        self.session, self.now = session, now
        self.solene, self.fiona = house.managers["FR"], house.managers["GB"]
        self.agents = house.agents["FR"]
        self.today = now.astimezone(PARIS).date()

    def play(self) -> None:
        self._happened()
        for ago in SCANS:
            as_of = self.today if not ago else monday(self.today) - timedelta(weeks=ago)
            keep_scan(self.session, str(PARIS), as_of, now=min(self._at(as_of, 1), self.now))
            if ago == 15:
                self._fee_assigned(as_of)
            if ago == 12:
                self._fee_changed()
            if ago == 2:
                self._works_explained(as_of)
        self._fee_closed()
        self._commitment_watched()
        self._voted()

    def _at(self, day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour, 12), PARIS)

    def _moment(self, day: date, hour: int = 10) -> datetime:
        return min(self._at(day, hour), self.now)

    def _found(self, cause: str, source: str | None = None) -> Signal | None:
        """The signal of a cause (at a source) that weighs most, a rise before what holds over the whole period."""
        query = select(Signal).where(Signal.cause == cause, Signal.kind != "timing")
        if source is not None:
            query = query.where(Signal.source == source)
        rises_first = case((Signal.kind == "spike", 0), else_=1)
        return self.session.scalars(
            query.order_by(rises_first, Signal.weight.desc(), Signal.id).limit(1)
        ).first()

    def _happened(self) -> None:
        """What the managers noted on the time axis."""
        this_week = monday(self.today)
        for ago, days, kind, said, detail, cause, who in (
            (7, -7, "other", "Renewal notices moved to a new sender", "Many land in the promotions folder", "unexpected_renewal", self.solene),
            (3, -3, "other", "New name on bank statements", "CIMES*ADHESION instead of CIMES SAS", "not_recognised", self.fiona),
            (6, 0, "outage", "Works in the Lyon hall begin", "Until the end of the year", "service_not_rendered", self.solene),
            (19, 1, "price_change", "Joining fee shown after the card is entered", "", "unexpected_fee", self.solene),
            (11, 2, "campaign", "Back-to-school campaign", "", "", self.solene),
        ):  # fmt: skip
            on = this_week - timedelta(weeks=ago) + timedelta(days=days)
            actions.annotate(
                self.session,
                Happened(on, kind, said, detail, cause),
                actor=who,
                now=self._moment(on, 9),
            )

    def _fee_assigned(self, as_of: date) -> None:
        signal = self._found("unexpected_fee", "google-search")
        if signal is None:
            return
        self._acknowledged(signal, as_of, self.solene)
        actions.assign(
            self.session,
            signal.id,
            Assigned(
                "Show the joining fee before the card is asked for",
                self.agents[0].id,
                as_of + timedelta(days=14),
            ),
            actor=self.solene,
            now=self._moment(as_of, 11),
        )

    def _fee_changed(self) -> None:
        signal = self._found("unexpected_fee", "google-search")
        action = self._action(signal)
        if action is not None:
            done = monday(self.today) - timedelta(weeks=13) + timedelta(days=1)
            actions.finish_action(
                self.session, action, done, actor=self.agents[0], now=self._moment(done, 17)
            )

    def _fee_closed(self) -> None:
        signal = self._found("unexpected_fee", "google-search")
        if signal is None or not may_become(signal.state, "closed") or signal.state == "new":
            return
        day = self.today - timedelta(days=6)
        actions.close(
            self.session,
            signal.id,
            Lesson(
                "The joining fee was shown only after the card had been entered; who came from search had seen a price without it.",
                "The fee stands beside the price on the first page.",
                "yes",
            ),
            actor=self.solene,
            now=self._moment(day, 15),
        )

    def _works_explained(self, as_of: date) -> None:
        signal = self._found("service_not_rendered")
        if signal is not None and may_become(signal.state, "explained"):
            why = "Works in the Lyon hall until the end of the year; members there get a month."
            actions.explain(self.session, signal.id, why, actor=self.solene, now=self._moment(as_of, 9))

    def _commitment_watched(self) -> None:
        signal = self._found("commitment_misunderstood", "affiliate")
        if signal is None or not may_become(signal.state, "assigned"):
            return
        asked = self.today - timedelta(days=8)
        actions.assign(
            self.session,
            signal.id,
            Assigned(
                "Have the partners write “12 months” beside the monthly price",
                self.fiona.id,
                self.today + timedelta(days=12),
            ),
            actor=self.solene,
            now=self._moment(asked, 14),
        )

    def _voted(self) -> None:
        """Most findings were of use, and some were not."""
        rows = self.session.scalars(select(Signal).order_by(Signal.weight.desc()).limit(9)).all()
        for n, signal in enumerate(rows):
            who = (self.solene, self.fiona)[n % 2]
            if signal.state != "new" or n % 3 == 2:
                day = self.today - timedelta(days=5)
                actions.vote(self.session, signal.id, useful=n % 5 != 4, actor=who, now=self._moment(day, 16))

    def _acknowledged(self, signal: Signal, day: date, who: Actor) -> None:
        if may_become(signal.state, "acknowledged"):
            actions.acknowledge(self.session, signal.id, actor=who, now=self._moment(day, 9))

    def _action(self, signal: Signal | None) -> int | None:
        if signal is None:
            return None
        return self.session.scalar(
            select(SignalAction.id).where(SignalAction.signal_id == signal.id, SignalAction.done_on.is_(None))
        )


def play(session: Session, house: House, now: datetime) -> None:
    """Scan the year as it went by, with what people did in between."""
    Year(session, house, now).play()
