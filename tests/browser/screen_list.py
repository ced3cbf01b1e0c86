"""Every screen there is, for `make screens`: where it lies, who sees it, what is pressed before the picture."""

from dataclasses import dataclass

MANAGER, ENGLISH_MANAGER, AGENT, MEDIATOR, ADMINISTRATOR, NOBODY = (
    "solene",
    "fiona",
    "ines",
    "agnes",
    "margaux",
    "",
)


@dataclass(frozen=True)
class Screen:
    """A screen by its address, or by the first link that `link` selects on the screen `of`, which the same person sees.

    `press` is clicked before each picture: it must not change data (an empty form, a fold). `party` names a customer's
    page by what its link opens (`case open`, `mediation proposal`), and `path` is then what follows the link's address.
    """

    name: str
    path: str = ""
    of: str = ""
    link: str = ""
    who: str = MANAGER
    press: str = ""
    party: str = ""


def _case(status: str, kind: str = "") -> str:
    return f"/cases?view=all&status={status}" + (f"&kind={kind}" if kind else "")


def _lists(who: str, *names: tuple[str, str]) -> tuple[Screen, ...]:
    return tuple(Screen(name, path, who=who) for name, path in names)


ENTRANCE = (
    Screen("sign-in", "/sign-in", who=NOBODY),
    Screen("sign-in-error", "/sign-in", who=NOBODY, press="main button.btn-primary"),
    Screen("check", "/check", who=NOBODY),
    Screen("check-unknown", "/check?code=AAAA-BBBB-CCCC", who=NOBODY),
    Screen("nothing-here-signed-out", "/no-such-page", who=NOBODY),
    Screen("password-link-ended", "/password/none", who=NOBODY),
)

PORTAL = (
    *(Screen(f"portal-{s}", who=NOBODY, party=f"case {s}") for s in ("open", "waiting-customer", "decided")),
    Screen("portal-offer", who=NOBODY, party="case offer"),
    Screen(
        "portal-message-error",
        who=NOBODY,
        party="case open",
        press="#write > summary, #write button.btn-primary",
    ),
    Screen("portal-ask-mediation", of="portal-decided", link="a[href$='/mediation']", who=NOBODY),
    *(
        Screen(f"portal-mediation-{s}", who=NOBODY, party=f"mediation {s}")
        for s in ("requested", "notified", "exchange", "proposal", "agreed", "closed", "declined")
    ),
    Screen("portal-leave-mediation", "/leaving", who=NOBODY, party="mediation exchange"),
    Screen(
        "portal-leave-error", "/leaving", who=NOBODY, party="mediation exchange", press="main form button"
    ),
    Screen("portal-link-ended", "/my/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", who=NOBODY),
)

QUEUE = (
    *_lists(AGENT, ("home-agent", "/"), ("queue", "/cases"), ("search-none", "/search?q=zzzzzz")),
    *_lists(
        MANAGER,
        ("home", "/"),
        ("queue-filters", "/cases?view=open&filters=1"),
        ("queue-all", "/cases?view=all"),
    ),
    *_lists(
        MANAGER, ("queue-empty", "/cases?view=all&country=ZZ"), ("queue-fault", "/cases?view=all&from=many")
    ),
    *_lists(MANAGER, ("queue-late", "/cases?view=late"), ("queue-closed", "/cases?view=closed")),
    *_lists(MANAGER, ("search", "/search?q=Martin"), ("search-blank", "/search")),
    Screen("home-mediator", "/", who=MEDIATOR),
    Screen("home-administrator", "/", who=ADMINISTRATOR),
)

CASES = (
    Screen("new-case", "/cases/new", who=AGENT),
    Screen("new-case-error", "/cases/new", who=AGENT, press="main form button.btn-primary"),
    Screen("case", of="queue", link="[data-open]", who=AGENT),
    Screen("decide", of="case", link="a[href$='/decision']", who=AGENT),
    Screen(
        "decide-error",
        of="case",
        link="a[href$='/decision']",
        who=AGENT,
        press="main form button.btn-primary",
    ),
    Screen("note", of="case", link="a[href*='write=note']", who=AGENT),
    Screen("call", of="case", link="a[href*='write=call']", who=AGENT),
    Screen("letter", of="case", link="a[href*='write=letter']", who=AGENT),
    Screen("change", of="case", link="a[href*='change=1']", who=AGENT),
    Screen("escalation", of="case", link="a[href$='/escalation']", who=AGENT),
    Screen("case-clocks", of="case", link="a[href$='/clocks']", who=AGENT),
    Screen("verdict-paper", of="case", link="a[href*='/verdict']", who=AGENT),
    Screen("customers-page", of="case", link="a[href$='/links']", who=AGENT),
    Screen("mediation-new", of="case", link="a[href*='/mediation/new']", who=AGENT),
    *(
        screen
        for status in (
            "open",
            "waiting-customer",
            "waiting-third-party",
            "waiting-approval",
            "decided",
            "closed",
        )
        for screen in (
            Screen(f"list-{status}", _case(status)),
            Screen(f"case-{status}", of=f"list-{status}", link="[data-open]"),
        )
    ),
    Screen("list-chargeback", _case("open", "chargeback")),
    Screen("case-chargeback", of="list-chargeback", link="[data-open]"),
    Screen("approvals", "/approvals"),
    Screen("answer", of="approvals", link="a[href^='/decisions/']"),
    Screen("refunds", "/refunds"),
    Screen("absences", "/absences"),
)

CUSTOMERS = (
    Screen("customer-find", "/customers", who=AGENT),
    Screen("customer-found", "/customers?q=martin", who=AGENT),
    Screen("customer-new", "/customers/new", who=AGENT),
    Screen("customer", of="case", link="a[href^='/customers/']", who=AGENT),
    Screen("customer-edit", of="customer", link="a[href$='/edit']", who=AGENT),
    Screen("subscription", of="customer", link="a[href^='/subscriptions/']", who=AGENT),
    Screen("subscription-new", of="customer", link="a[href$='/subscriptions/new']", who=AGENT),
    Screen("plans", "/plans"),
    Screen("plan", of="plans", link="main a[href^='/plans/']:not([href$='new'])"),
    Screen("plan-new", "/plans/new"),
    Screen("terms", of="plan", link="main a[href^='/terms/']:not([href$='new'])"),
    Screen("terms-new", "/terms/new"),
    Screen("business-new", "/businesses/new"),
    Screen("administrator-customers", "/customers?q=martin", who=ADMINISTRATOR),
    Screen(
        "administrator-customer",
        of="administrator-customers",
        link="main a[href^='/customers/']",
        who=ADMINISTRATOR,
    ),
    Screen("erasure", of="administrator-customer", link="a[href$='/erasure']", who=ADMINISTRATOR),
)

MEDIATION = (
    *_lists(MEDIATOR, ("mediation-list", "/mediation"), ("mediation-offered", "/mediation?view=offered")),
    *_lists(
        MEDIATOR, ("mediation-agreed", "/mediation?view=agreed"), ("mediation-ended", "/mediation?view=ended")
    ),
    Screen("mediation-file", of="mediation-list", link="[data-open]", who=MEDIATOR),
    *(
        Screen(f"mediation-{act}", of="mediation-file", link=f"a[href*='do={act}']", who=MEDIATOR)
        for act in (
            "propose",
            "ask_document",
            "extend",
            "close",
            "restate",
            "state",
            "message",
            "answer",
            "add_point",
            "recuse",
            "open_offers",
        )
    ),
    Screen("mediation-file-agreed", of="mediation-agreed", link="[data-open]", who=MEDIATOR),
    Screen("mediation-file-ended", of="mediation-ended", link="[data-open]", who=MEDIATOR),
    Screen("sealed-notes", "/mediation/notes", who=MEDIATOR),
    Screen("mediation-report", "/mediation/report", who=MEDIATOR),
    Screen("mediation-manager", "/mediation"),
    Screen("mediation-file-manager", of="mediation-manager", link="[data-open]"),
    Screen("mediation-panel", "/mediation/panel", who=ADMINISTRATOR),
)

RULES = (
    Screen("rulebook", "/rulebook"),
    Screen("rulebook-exceptions", "/rulebook/exceptions"),
    Screen("pack-house", "/rulebook/packs/house"),
    Screen("pack-law", "/rulebook/packs/consumer-fr"),
    Screen("rule", "/rulebook/rules/FR-CHATEL"),
    Screen("rule-boundaries", "/rulebook/rules/FR-CHATEL/boundaries"),
    Screen("rulebook-terms", of="rulebook", link="a[href^='/rulebook/terms/']"),
    Screen("draft", of="rulebook", link="main a[href^='/rulebook/drafts/']"),
    Screen("draft-rule", of="draft", link="main a[href*='/rules/HOUSE-RENEWAL']"),
    Screen("draft-rule-edit", of="draft-rule", link="a[href$='/edit']"),
    Screen("draft-rule-example", of="draft-rule", link="a[href$='/examples']"),
    Screen("draft-rule-boundaries", of="draft-rule", link="a[href$='/boundaries']"),
    Screen("draft-new-rule", of="draft", link="a[href$='/new-rule']"),
    Screen("replay-new", of="draft", link="a[href$='/replays/new']"),
    Screen("replay", of="draft", link="a[href^='/rulebook/replays/']"),
)

REPORT_CODES = (
    "volume",
    "outcomes",
    "first_reply",
    "resolution",
    "clocks_kept",
    "workload",
    "repeat_contacts",
    "reopened",
    "refunds",
    "by_clause",
    "exceptions",
    "dispute_ratio",
    "consistency",
    "causes_by_source",
    "timing",
    "cohorts",
    "cancellations",
    "mediation_year",
)

TRENDS = (
    *_lists(MANAGER, ("signals", "/signals"), ("signals-past", "/signals?view=past")),
    *_lists(MANAGER, ("signals-closed", "/signals?view=closed"), ("signal-lessons", "/signals/lessons")),
    Screen("signal", of="signals", link="main a[href^='/signals/']:not([href*='lessons'])"),
    Screen("reports", "/reports"),
    *(Screen(f"report-{code.replace('_', '-')}", f"/reports/{code}") for code in REPORT_CODES),
    Screen("report-saved", of="reports", link="a[href^='/reports/saved/']"),
    Screen("report-cases", of="report-volume", link="main a[href*='/reports/volume/cases']"),
    Screen("report-rates", "/reports/rates"),
)

HOUSE = (
    *_lists(ADMINISTRATOR, ("people", "/people"), ("person-new", "/people/new"), ("rights", "/people/audit")),
    Screen(
        "person",
        of="people",
        link="main a[href^='/people/']:not([href$='new']):not([href$='audit'])",
        who=ADMINISTRATOR,
    ),
    *_lists(ADMINISTRATOR, ("teams", "/teams"), ("causes", "/causes"), ("imports", "/imports")),
    Screen("team", of="teams", link="main a[href^='/teams/']", who=ADMINISTRATOR),
    Screen("cause", of="causes", link="main a[href^='/causes/']", who=ADMINISTRATOR),
    *_lists(ADMINISTRATOR, ("import-new", "/imports/new"), ("me", "/me"), ("reminders", "/reminders")),
    Screen("import", of="imports", link="main a[href^='/imports/']:not([href$='new'])", who=ADMINISTRATOR),
    *_lists(ADMINISTRATOR, ("calendars", "/service-calendars"), ("calendar-new", "/service-calendars/new")),
    Screen(
        "calendar",
        of="calendars",
        link="main a[href^='/service-calendars/']:not([href$='new'])",
        who=ADMINISTRATOR,
    ),
    Screen("service-times", "/service-times", who=ADMINISTRATOR),
    Screen("service-time", of="service-times", link="main a[href^='/service-times/']", who=ADMINISTRATOR),
    *_lists(
        ADMINISTRATOR,
        ("escalation-rules", "/escalation-rules"),
        ("escalation-rule-new", "/escalation-rules/new"),
    ),
    Screen(
        "escalation-rule",
        of="escalation-rules",
        link="main a[href^='/escalation-rules/']:not([href$='new'])",
        who=ADMINISTRATOR,
    ),
    *_lists(AGENT, ("nothing-here", "/cases/999999999"), ("not-allowed", "/people/new"), ("me-agent", "/me")),
)

SCREENS = ENTRANCE + PORTAL + QUEUE + CASES + CUSTOMERS + MEDIATION + RULES + TRENDS + HOUSE
PORTIONS = {
    "entrance": ENTRANCE,
    "portal": PORTAL,
    "queue": QUEUE,
    "cases": CASES,
    "customers": CUSTOMERS,
    "mediation": MEDIATION,
    "rules": RULES,
    "trends": TRENDS,
    "house": HOUSE,
}
