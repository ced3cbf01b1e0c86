"""100,000 cases, 5 exchanges each on average, 20 on every 500th, 640 bytes each, Zipf words; 13 % open.

`zyxquartz` stands in 20 exchanges, `refund` in 30 % of them. Rows go in by bulk insert, but with true digests:
`casedesk audit verify` passes on a database made here.
"""

import itertools
import random
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from casedesk.accounts.models import Person, Team
from casedesk.accounts.passwords import hashed
from casedesk.cases.facts import ActFact, CaseFile, DisclosureLine, facts_of
from casedesk.cases.models import Case, Cause
from casedesk.customers.folding import key as folded
from casedesk.customers.models import ContactPoint, Customer, Disclosure, Entity, Plan, Subscription, Terms
from casedesk.deadlines.models import Clock
from casedesk.kernel.refs import case_number
from casedesk.ledger.models import Charge, ChargeBalance, LedgerEntry
from casedesk.policy.facts import Facts
from casedesk.policy.verdict import Verdict
from casedesk.rulebook.actions import judge
from casedesk.rulebook.models import Judgement
from casedesk.rulebook.packs import newest
from casedesk.store import record
from casedesk.store.bulk import insert_rows
from casedesk.store.keyring import audit_key
from casedesk.store.models import Entry, EntryText, Head

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
AGENTS, TEAMS, EXCHANGES, BYTES = 25, 8, 5, 640
DISCLOSED = ("withdrawal_information", "express_request")
RARE, COMMON = "zyxquartz", "refund"
PASSWORD = "bench-desk-2026"
_BATCH = 5_000

_Judged = tuple[dict[str, Any], Verdict]
"""Facts as they are stored, and the verdict on them."""


@dataclass(frozen=True)
class Shape:
    """How much; `cases` is the size that every other figure follows."""

    cases: int = 100_000
    seed: int = 20261120

    @property
    def customers(self) -> int:
        return max(200, self.cases * 2 // 5)


def fill(session: Session, shape: Shape) -> None:
    """Fill an empty, migrated database. The session's door must be open."""
    rng = random.Random(shape.seed)
    _people(session)
    _business(session, shape, rng)
    _cases(session, shape, rng)


def agent_mail(n: int) -> str:
    return f"agent{n}@bench.example"


def _people(session: Session) -> None:
    session.add_all(Team(id=n, name=f"Team {n}") for n in range(1, TEAMS + 1))
    session.flush()
    password = hashed(PASSWORD)
    for n in range(1, AGENTS + 1):
        session.add(
            Person(
                id=n,
                mail=agent_mail(n),
                name=f"Agent {n}",
                role="manager" if n <= 2 else "agent",
                team_id=(n - 1) % TEAMS + 1,
                created_at=NOW,
                password_hash=password,
                goodwill_ceiling_minor=3000,
                approval_ceiling_minor=50_000,
            )
        )
    session.add_all(
        Cause(id=n, code=f"cause_{n}", label_en=f"Cause {n}", label_fr=f"Motif {n}", position=n)
        for n in range(1, 13)
    )
    session.flush()


def _business(session: Session, shape: Shape, rng: random.Random) -> None:
    session.add(
        Entity(
            id=1,
            code="bench",
            name="Cimes",
            legal_name="Cimes SAS",
            address="1 rue de la Roquette, 75011 Paris",
            country="FR",
            locale="fr",
            time_zone="Europe/Paris",
            currency="EUR",
            sender_mail="desk@bench.example",
            mediator_body={},
        )
    )
    session.flush()
    session.add(
        Plan(
            id=1,
            entity_id=1,
            code="year",
            name="Year",
            contract_kind="service",
            category="gym_membership",
            interval_months=12,
            price_minor=47880,
            currency="EUR",
        )
    )
    session.add(
        Terms(
            id=1,
            entity_id=1,
            code="2025-01",
            valid_from=datetime(2025, 1, 1, tzinfo=UTC).date(),
            refund_window_days=30,
            proration="days",
            commitment_months=12,
            notice_months=1,
            renewal="tacit",
            renewal_months=12,
            billing_day_rule="purchase_day",
            fees={},
            clauses={},
        )
    )
    session.flush()
    ids = range(1, shape.customers + 1)
    since = [NOW - timedelta(minutes=rng.randrange(5, 500_000)) for _ in ids]
    _bulk(session, Customer, (_customer(n, since[n - 1], rng) for n in ids))
    _bulk(
        session,
        ContactPoint,
        (
            {
                "customer_id": n,
                "kind": "mail",
                "value": f"customer{n}@mail.example",
                "value_key": f"customer{n}@mail.example",
                "preferred": True,
            }
            for n in ids
        ),
    )
    _bulk(session, Subscription, (_subscription(n, since[n - 1], rng) for n in ids))
    _bulk(
        session,
        Disclosure,
        (
            {
                "subscription_id": n,
                "kind": kind,
                "given_at": since[n - 1],
                "never": False,
                "medium": "",
                "source": "web shop",
                "recorded_at": since[n - 1],
            }
            for n in ids
            for kind in DISCLOSED
        ),
    )
    _bulk(session, Charge, (_charge(n, since[n - 1]) for n in ids))
    _bulk(
        session,
        LedgerEntry,
        (
            {
                "charge_id": n,
                "kind": "capture",
                "amount_minor": 47880,
                "currency": "EUR",
                "at": since[n - 1],
                "key": f"capture-{n}",
                "case_id": None,
                "note": "",
            }
            for n in ids
        ),
    )
    _bulk(
        session,
        ChargeBalance,
        ({"charge_id": n, "captured": 47880, "reserved": 0, "refunded": 0, "disputed": 0} for n in ids),
    )


_FIRST = (
    "Éléonore",
    "Théo",
    "Siobhán",
    "Łukasz",
    "Anne-Sophie",
    "Zoë",
    "Kévin",
    "Fatoumata",
    "Ingrid",
    "Grégoire",
)
_LAST = (
    "Vandenbroucke",
    "Nguyên",
    "O’Sullivan",
    "Wiśniewski",
    "Le Goff",
    "Peeters",
    "Thibaudeau",
    "Diallo",
    "Sørensen",
    "Vasseur",
)


def _customer(n: int, since: datetime, rng: random.Random) -> dict[str, Any]:
    name = f"{rng.choice(_FIRST)} {rng.choice(_LAST)}-{n}"
    return {
        "id": n, "reference": f"C-{n:07d}", "kind": "consumer", "name": name, "name_key": folded(name), "salutation": "",
        "locale": "fr" if n % 2 else "en", "country": "FR", "region": "", "city": "Lille", "address": "",
        "time_zone": "Europe/Paris", "vulnerable": False, "legal_hold": False, "created_at": since, "version": 1,
    }  # fmt: skip


def _subscription(n: int, since: datetime, rng: random.Random) -> dict[str, Any]:
    return {
        "id": n, "reference": f"S-{n:07d}", "customer_id": n, "entity_id": 1, "plan_id": 1, "terms_id": 1,
        "state": "active", "channel": "online", "concluded_at": since, "accepted_at": since,
        "started_on": since.date(), "billing_day": since.day, "price_minor": 47880, "currency": "EUR",
        "payment_brand": "Visa", "payment_last4": f"{n % 10000:04d}", "payment_expiry": "11/28",
        "source": rng.choice(("facebook", "google-search", "referral", "email", "direct")), "medium": "", "campaign": "",
        "version": 1,
    }  # fmt: skip


def _charge(n: int, since: datetime) -> dict[str, Any]:
    return {
        "id": n, "reference": f"CH-{n:07d}", "entity_id": 1, "customer_id": n, "subscription_id": n,
        "amount_minor": 47880, "tax_minor": 7980, "currency": "EUR", "captured_at": since,
        "period_starts_on": since.date(), "period_ends_on": since.date() + timedelta(days=365),
        "description": "", "network": "visa", "provider": "", "provider_reference": "",
    }  # fmt: skip


class Words:
    """Text of about `BYTES` bytes from 5,000 words, the n-th of them 1/n as frequent as the first."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        letters = "abcdefghijklmnopqrstuvwxyz"
        self._words = ["".join(rng.choices(letters, k=rng.randint(3, 9))) for _ in range(5_000)]
        self._weights = list(itertools.accumulate(1 / n for n in range(1, 5_001)))

    def text(self, extra: str = "") -> str:
        words = self._rng.choices(self._words, cum_weights=self._weights, k=BYTES // 7)
        return (f"{extra} " + " ".join(words))[:BYTES]


def _cases(session: Session, shape: Shape, rng: random.Random) -> None:
    words, entry_ids, judgement_ids = Words(rng), itertools.count(1), itertools.count(1)
    judged, until = _judgements(session), newest(session)
    rare = {shape.cases * k // 21 for k in range(1, 21)}
    for start in range(1, shape.cases + 1, _BATCH):
        cases, entries, texts, heads, clocks, verdicts = [], [], [], [], [], []
        for n in range(start, min(start + _BATCH, shape.cases + 1)):
            case = _case(n, shape, rng)
            cases.append(case)
            count = 20 if n % 500 == 0 else rng.choice((3, 4, 5, 5, 6, 7))
            head = _chain(case, count, words, n in rare, rng, entry_ids, entries, texts)
            heads.append(head)
            if case["next_due_at"] is not None:
                clocks.append(_clock(case))
            if case["status"] == "open" or count == 20:
                verdicts.append(_judged(case, next(judgement_ids), judged) | {"packs_until": until})
        insert_rows(session, Judgement, verdicts)
        for model, rows in (
            (Case, cases),
            (Entry, entries),
            (EntryText, texts),
            (Head, heads),
            (Clock, clocks),
        ):
            insert_rows(session, model, rows)
    session.flush()


def _case(n: int, shape: Shape, rng: random.Random) -> dict[str, Any]:
    opened = NOW - timedelta(minutes=(shape.cases - n) * 5 + 60)
    is_open = rng.random() < 0.13
    due = NOW + timedelta(minutes=rng.randrange(-3_000, 20_000)) if is_open else None
    customer = rng.randrange(1, shape.customers + 1)
    owner = rng.randrange(1, AGENTS + 1)
    return {
        "id": n, "number": case_number("CD", opened.year, n), "entity_id": 1, "kind": rng.choice(("refund", "refund", "cancellation", "dispute")),
        "status": "open" if is_open else "closed", "stage": "desk", "outcome": None if is_open else "granted", "priority": 3,
        "owner_id": owner, "team_id": (owner - 1) % TEAMS + 1, "customer_id": customer, "claimed_name": None, "claimed_contact": None,
        "subscription_id": customer, "charge_id": customer, "stated_cause_id": rng.randrange(1, 13), "established_cause_id": None,
        "channel": "mail", "claimed_minor": 47880, "currency": "EUR", "source": "facebook", "medium": "", "campaign": "",
        "occurred_at": opened, "opened_at": opened, "first_reply_at": opened, "decided_at": None if is_open else opened,
        "closed_at": None if is_open else opened, "last_contact_at": opened, "last_contact_channel": "mail", "last_contact_inbound": True,
        "unread": False, "next_clock": "decide" if is_open else None, "next_started_at": opened if is_open else None, "next_due_at": due,
        "next_paused": False, "judgement_id": None, "verdict_outcome": "allowed", "verdict_minor": 42764, "verdict_missing": 0,
        "merged_into_id": None, "legal_hold": False, "vulnerable": False, "imported": False, "version": 1,
    }  # fmt: skip


def _judged(
    case: dict[str, Any], judgement_id: int, judged: Callable[[str, date], _Judged]
) -> dict[str, Any]:
    """The judgement of the case; the case points at it."""
    facts, verdict = judged(case["kind"], case["opened_at"].date())
    case |= {
        "judgement_id": judgement_id, "verdict_outcome": verdict.outcome.value,
        "verdict_minor": verdict.amount.minor if verdict.amount else None, "verdict_missing": len(verdict.missing),
    }  # fmt: skip
    return {
        "id": judgement_id, "subject_kind": "case", "subject_id": case["id"], "judged_at": case["opened_at"],
        "judged_for": verdict.judged_for, "outcome": verdict.outcome.value, "amount_minor": case["verdict_minor"],
        "currency": "EUR", "facts": facts, "pack_digests": [stamp.digest for stamp in verdict.packs],
        "verdict": verdict.to_canonical().decode(), "digest": verdict.digest(),
        "cause": None, "source": "facebook", "plan": "year",
    }  # fmt: skip


def _judgements(session: Session) -> Callable[[str, date], _Judged]:
    """True judgements by the shipped packs, one for all cases of a kind and day: where facts are missing, every
    answer is tried, and 13,000 times that would take longer than everything else here."""

    @cache
    def judged(kind: str, day: date) -> _Judged:
        opened = datetime.combine(day, time(10), UTC)
        facts = _facts(kind, opened)
        verdict = judge(session, "refund", facts, now=opened).verdict
        return {"subject": "refund", "facts": facts.to_plain()}, verdict

    return judged


def _facts(kind: str, opened: datetime) -> Facts:
    return facts_of(
        CaseFile(
            kind=kind,
            asked_at=opened,
            time_zone="Europe/Paris",
            country="FR",
            customer_kind="consumer",
            subscription={
                "channel": "online", "concluded_at": opened - timedelta(days=9), "concluded_known": True, "started_on": opened.date(),
                "price_minor": 47880, "renewed_at": None, "commitment_until": None, "currency": "EUR",
            },
            plan={"code": "year", "contract_kind": "service", "category": "other"},
            terms={
                "code": "2025-01", "refund_window_days": 30, "proration": "days", "commitment_months": 12,
                "notice_months": 1, "renewal": "tacit", "renewal_months": 12,
            },
            charge={
                "reference": "CH-0000001", "amount_minor": 47880, "currency": "EUR",
                "captured_at": opened - timedelta(days=9), "refunded": 0,
                "period_starts_on": opened.date() - timedelta(days=9), "period_ends_on": opened.date() + timedelta(days=356),
            },
            claimed_minor=47880,
            disclosures=tuple(
                DisclosureLine(kind, opened - timedelta(days=9), False, "", "web shop") for kind in DISCLOSED
            ),
            acts=(ActFact("refund_request", opened, opened, None),),
        ),
        now=opened,
    )  # fmt: skip


def _clock(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "subject_kind": "case", "subject_id": case["id"], "name": "decide", "round": 1, "state": "running", "by_law": False,
        "started_at": case["opened_at"], "due_at": case["next_due_at"], "working": {}, "version": 1,
    }  # fmt: skip


def _chain(
    case: dict[str, Any],
    count: int,
    words: Words,
    rare: bool,
    rng: random.Random,
    ids: Iterator[int],
    entries: list[dict[str, Any]],
    texts: list[dict[str, Any]],
) -> dict[str, Any]:
    key, previous, at = audit_key(), record.ZERO, case["opened_at"]
    for seq in range(1, count + 1):
        at += timedelta(minutes=rng.randrange(1, 300))
        extra = RARE if rare and seq == 1 else COMMON if rng.random() < 0.3 else ""
        text, salt = {"said": words.text(extra)}, secrets.token_hex(8)
        entry = {
            "id": next(ids), "subject_kind": "case", "subject_id": case["id"], "seq": seq, "kind": "exchange",
            "happened_at": at, "recorded_at": at, "actor_kind": "person", "actor_id": case["owner_id"], "on_behalf_of": None,
            "corrects_id": None, "body": {"channel": "mail", "inbound": bool(seq % 2), "acts": [], "attachments": 0},
            "text_digest": record.digest_text(salt, text), "key_id": key.key_id, "digest": "",
        }  # fmt: skip
        previous = entry["digest"] = record.digest_entry(key, Entry(**entry), previous)
        entries.append(entry)
        texts.append({"entry_id": entry["id"], "salt": salt, "text": text})
    head = Head(subject_kind="case", subject_id=case["id"], seq=count, digest=previous, mac="", sealed_seq=0)
    return {
        "subject_kind": "case", "subject_id": case["id"], "seq": count, "digest": previous,
        "mac": record.digest_head(key, head), "sealed_seq": 0,
    }  # fmt: skip


def _bulk(session: Session, model: type, rows: Iterator[dict[str, Any]]) -> None:
    while batch := list(itertools.islice(rows, _BATCH)):
        insert_rows(session, model, batch)
