"""Who sells what, under which terms, and who works at the desk."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actions import add_person, add_team
from casedesk.accounts.actor import Actor
from casedesk.accounts.commands import PersonData
from casedesk.accounts.models import Person
from casedesk.accounts.sign_ins import PERSON_COLUMNS
from casedesk.cases.taxonomy import enter_shipped
from casedesk.customers.models import ContractFact, Entity, Plan, Terms
from casedesk.store.record import SYSTEM

# code, name, contract kind, category, months of a period (0: bought once), minor units, commitment in months
_FR_PLANS = (
    ("integrale", "Intégrale, 12 mois", "service", "other", 12, 47_880, 12),
    ("mensuelle", "Mensuelle", "service", "gym_membership", 1, 4_490, 0),
    ("etudiante", "Étudiante, 12 mois", "service", "other", 1, 3_190, 12),
    ("en-ligne-12", "Cimes en ligne, 12 mois", "digital_service", "other", 12, 35_880, 12),
    ("en-ligne-1", "Cimes en ligne, au mois", "digital_service", "other", 1, 2_990, 0),
    ("decouverte", "Pass découverte, 5 séances", "service", "other", 0, 4_900, 0),
    ("ecole", "École d’escalade, un trimestre", "service", "other", 3, 15_600, 0),
)
_UK_PLANS = (
    ("all-in", "All-in, 12 months", "service", "other", 12, 43_200, 12),
    ("monthly", "Monthly", "service", "gym_membership", 1, 4_200, 0),
    ("student", "Student, 12 months", "service", "other", 1, 2_900, 12),
    ("online-12", "Cimes online, 12 months", "digital_service", "other", 12, 31_200, 12),
    ("online-1", "Cimes online, monthly", "digital_service", "other", 1, 2_600, 0),
    ("taster", "Taster pass, 5 sessions", "service", "other", 0, 4_500, 0),
    ("school", "Climbing school, one term", "service", "other", 3, 13_800, 0),
)
ROLES_OF_PLANS = ("annual", "monthly", "committed", "online_annual", "online_monthly", "taster", "school")
"""What the plans of either list are for, in their order."""

HALLS = {
    "FR": (
        "Cimes Lille-Fives",
        "Cimes Roubaix",
        "Cimes Paris-Bercy",
        "Cimes Lyon-Gerland",
        "Cimes Toulouse-Purpan",
        "Cimes Nantes",
    ),
    "GB": ("Cimes Leeds", "Cimes Bristol", "Cimes Manchester", "Cimes Sheffield"),
}


@dataclass(frozen=True)
class House:
    """Ids of what the generator points at. `plans` by country and role of the plan; `terms` by country, newest last."""

    entities: dict[str, Entity]
    plans: dict[tuple[str, str], Plan]
    terms: dict[str, list[Terms]]
    agents: dict[str, list[Actor]]
    managers: dict[str, Actor]

    def terms_at(self, country: str, day: date) -> Terms:
        """The version that a contract of `day` accepted."""
        return [one for one in self.terms[country] if one.valid_from <= day][-1]


def months_before(day: date, months: int) -> date:
    """The first of the month so many months earlier."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def furnish(session: Session, password_hash: str, *, now: datetime) -> House:
    """Entities, plans, terms, causes, teams and people."""
    since = now - timedelta(days=900)
    entities = {"FR": _entity(**_FRANCE), "GB": _entity(**_BRITAIN)}
    session.add_all(entities.values())
    enter_shipped(session)
    session.flush()
    plans = {}
    for country, listed in (("FR", _FR_PLANS), ("GB", _UK_PLANS)):
        for role, (code, name, kind, category, months, price, _) in zip(ROLES_OF_PLANS, listed, strict=True):
            plans[country, role] = Plan(
                entity_id=entities[country].id,
                code=f"{country.lower()}-{code}",
                name=name,
                contract_kind=kind,
                category=category,
                interval_months=months,
                price_minor=price,
                currency=entities[country].currency,
            )
    session.add_all(plans.values())
    terms = {country: _terms(entity, now.date()) for country, entity in entities.items()}
    session.add_all(one for versions in terms.values() for one in versions)
    session.flush()
    session.add_all(_facts(plans, terms, since))
    agents, managers = _people(session, password_hash, since)
    return House(entities, plans, terms, agents, managers)


def _facts(
    plans: dict[tuple[str, str], Plan], terms: dict[str, list[Terms]], since: datetime
) -> list[ContractFact]:
    """What the price list and the contracts say of plans and terms beyond their columns."""
    rows = []
    for (_, role), plan in plans.items():
        committed = 12 if role in ("annual", "committed", "online_annual") else None
        stated: dict[str, object] = {
            "leisure_specific_date": None,
            "separately_priced_parts": None,
            "sector": "gym" if plan.category == "gym_membership" else None,
            "trader_sells_online": True,
            "commitment_months": committed,
            "supplied_over_period": role != "taster",
        }
        if (
            committed is None
        ):  # runs by the month or the term until somebody ends it; the taster pass just ends
            stated["renewal_clause"] = None if role == "taster" else "indefinite"
        rows += [_fact("plan", plan.id, name, value, since) for name, value in stated.items()]
    for version in (one for versions in terms.values() for one in versions):
        if version.refund_window_days is None:
            rows.append(_fact("terms", version.id, "contract_refund_window_days", None, since))
    return rows


def _fact(kind: str, subject_id: int, name: str, value: object, at: datetime) -> ContractFact:
    """None says that there is none."""
    return ContractFact(
        subject_kind=kind,
        subject_id=subject_id,
        name=name,
        state="never" if value is None else "known",
        value=None if value is None else {"v": value},
        source="price list" if kind == "plan" else "contract",
        recorded_at=at,
    )


def _entity(**values: Any) -> Entity:
    return Entity(**values)


_FRANCE = {
    "code": "cimes-fr",
    "name": "Cimes",
    "legal_name": "Cimes SAS, capital 120 000 €, RCS Lille Métropole 900 000 017",
    "address": "14, rue des Tanneurs\n59000 Lille",
    "country": "FR",
    "locale": "fr",
    "time_zone": "Europe/Paris",
    "currency": "EUR",
    "case_prefix": "CD",
    "sender_mail": "serviceclients@cimes.example",
    "mediator_body": {
        "name": "Médiation des loisirs sportifs",
        "website": "mediation-loisirs.example",
        "address": "9, quai Voltaire, 75007 Paris",
    },
}
_BRITAIN = {
    "code": "cimes-uk",
    "name": "Cimes Climbing",
    "legal_name": "Cimes Climbing Ltd, company no. 09000017",
    "address": "8 Foundry Yard\nLeeds LS11 5QP",
    "country": "GB",
    "locale": "en",
    "time_zone": "Europe/London",
    "currency": "GBP",
    "case_prefix": "CL",
    "sender_mail": "help@cimes-climbing.example",
    "mediator_body": {
        "name": "Leisure Ombudsman",
        "website": "leisure-ombudsman.example",
        "address": "22 Canal Street, Manchester M1 3HN",
    },
}


def _terms(entity: Entity, today: date) -> list[Terms]:
    """Three versions: the oldest promised no refund at all, the newest fourteen days and a share by the day."""
    versions = []
    for months, window, proration in ((45, None, "none"), (15, 14, "none"), (3, 14, "days")):
        start = months_before(today, months)
        versions.append(
            Terms(
                entity_id=entity.id,
                code=f"{start:%Y-%m}",
                valid_from=start,
                refund_window_days=window,
                proration=proration,
                commitment_months=12,
                notice_months=1,
                renewal="tacit",
                renewal_months=12,
                billing_day_rule="same_day",
                fees={"joining": 3_500},
                clauses={},
            )
        )
    return versions


# name, mail, role, team, lead, goodwill and approval ceilings, language
PEOPLE: tuple[tuple[str, str, str, str | None, bool, int, int, str], ...] = (
    ("Inès Belkacem", "ines@cimes.example", "agent", "Lille", True, 3_000, 0, "en"),
    ("Chloé Dürrenmatt", "chloe@cimes.example", "agent", "Lille", False, 2_000, 0, "fr"),
    ("Moussa Ouédraogo", "moussa@cimes.example", "agent", "Lille", False, 2_000, 0, "fr"),
    ("Hugo Castagnède", "hugo@cimes.example", "agent", "Lille", False, 1_000, 0, "fr"),
    ("Gwendoline Ashworth", "gwen@cimes.example", "agent", "Leeds", True, 3_000, 0, "en"),
    ("Tariq Mahmood-Ellis", "tariq@cimes.example", "agent", "Leeds", False, 2_000, 0, "en"),
    ("Solène Kerbiriou-Maréchal", "solene@cimes.example", "manager", "Lille", False, 20_000, 200_000, "fr"),
    ("Fiona MacAllister", "fiona@cimes.example", "manager", "Leeds", False, 20_000, 200_000, "en"),
    ("Bérengère Aubignac", "berengere@cimes.example", "mediator", None, False, 0, 0, "fr"),
    ("Aurélien Tchibozo", "aurelien@cimes.example", "mediator", None, False, 0, 0, "en"),
    ("Agnès Thiollier", "agnes@cimes.example", "mediator", None, False, 0, 0, "fr"),
    ("Margaux Delacroix-Lin", "margaux@cimes.example", "administrator", None, False, 0, 0, "en"),
)

TEAMS = {"Lille": "FR", "Leeds": "GB"}


def _people(
    session: Session, password_hash: str, since: datetime
) -> tuple[dict[str, list[Actor]], dict[str, Actor]]:
    teams = {name: add_team(session, name, actor=SYSTEM, now=since).id for name in TEAMS}
    agents: dict[str, list[Actor]] = {country: [] for country in TEAMS.values()}
    managers: dict[str, Actor] = {}
    for name, mail, role, team, is_lead, goodwill, approval, locale in PEOPLE:
        zone = "Europe/London" if team == "Leeds" else "Europe/Paris"
        data = PersonData(
            mail=mail,
            name=name,
            role=role,
            team_id=teams.get(team or ""),
            is_lead=is_lead,
            goodwill_ceiling_minor=goodwill,
            approval_ceiling_minor=approval,
            locale=locale,
            time_zone=zone,
        )
        person = add_person(session, data, actor=SYSTEM, now=since)
        person.password_hash = password_hash
        session.flush()
        actor = Actor(*(getattr(person, column.key) for column in PERSON_COLUMNS))
        if role == "agent" and team:
            agents[TEAMS[team]].append(actor)
        if role == "manager" and team:
            managers[TEAMS[team]] = actor
    return agents, managers


def is_empty(session: Session) -> bool:
    """Does nobody sign in here yet?"""
    return session.scalar(select(Person.id).limit(1)) is None


def source_of(rng: random.Random) -> tuple[str, str, str]:
    """Where a customer came from: source, medium, campaign."""
    return rng.choices(SOURCES, weights=_WEIGHTS)[0]


SOURCES = (
    ("facebook", "paid_social", "rentree"),
    ("google-search", "cpc", "salles"),
    ("google-search", "organic", ""),
    ("referral", "friend", "parrainage"),
    ("affiliate", "partner", "bons-plans"),
    ("email", "newsletter", "printemps"),
    ("direct", "", ""),
    ("instagram", "paid_social", "grimpe-toi"),
)
_WEIGHTS = (20, 18, 20, 9, 8, 7, 14, 8)
