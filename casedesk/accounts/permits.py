"""The one table of permissions: what each role may do. Routes name a permission, never a role."""

from enum import StrEnum


class Permission(StrEnum):
    SIGN_OUT = "sign_out"
    SEE_HOME = "see_home"
    SEE_CASES = "see_cases"
    LOG_CASE = "log_case"
    WORK_CASE = "work_case"
    DECIDE = "decide"
    APPROVE = "approve"
    PAY_REFUNDS = "pay_refunds"
    SEE_CUSTOMERS = "see_customers"
    CHANGE_CUSTOMERS = "change_customers"
    CHANGE_PLANS = "change_plans"
    RECORD_CHARGES = "record_charges"
    CHANGE_CAUSES = "change_causes"
    SEE_MEDICAL = "see_medical"
    SEE_IDENTITY = "see_identity"
    IMPORT = "import"
    SEE_PEOPLE = "see_people"
    CHANGE_PEOPLE = "change_people"
    SEE_RECORD = "see_record"
    ERASE = "erase"
    MEDIATE = "mediate"
    SEE_REPORTS = "see_reports"
    SEE_SIGNALS = "see_signals"
    WORK_SIGNALS = "work_signals"
    SEE_MEDIATION = "see_mediation"
    REQUEST_MEDIATION = "request_mediation"
    REPRESENT_COMPANY = "represent_company"
    ADMINISTER_PANEL = "administer_panel"
    SEE_MEDIATION_REPORT = "see_mediation_report"
    SEE_RULES = "see_rules"
    EDIT_RULES = "edit_rules"
    PUBLISH_RULES = "publish_rules"
    SEE_SERVICE = "see_service"
    CHANGE_SERVICE = "change_service"


P = Permission

_EVERYONE = frozenset({P.SIGN_OUT, P.SEE_HOME, P.SEE_RULES})
_DESK = _EVERYONE | {
    P.SEE_REPORTS,
    P.SEE_CASES,
    P.LOG_CASE,
    P.WORK_CASE,
    P.DECIDE,
    P.SEE_CUSTOMERS,
    P.CHANGE_CUSTOMERS,
}
_PARTY = frozenset({P.SEE_MEDIATION, P.REQUEST_MEDIATION, P.REPRESENT_COMPANY})

ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    "agent": _DESK | _PARTY,
    "manager": _DESK
    | _PARTY
    | {P.SEE_MEDIATION_REPORT}
    | {P.APPROVE, P.PAY_REFUNDS, P.SEE_MEDICAL, P.SEE_IDENTITY, P.IMPORT, P.SEE_PEOPLE, P.SEE_RECORD}
    | {P.SEE_SIGNALS, P.WORK_SIGNALS}
    | {P.EDIT_RULES, P.PUBLISH_RULES, P.CHANGE_PLANS, P.RECORD_CHARGES, P.SEE_SERVICE},
    "mediator": _EVERYONE | {P.SEE_REPORTS, P.MEDIATE, P.SEE_MEDIATION, P.SEE_MEDIATION_REPORT},
    # Finds a customer to erase them; their cases stay closed to it.
    "administrator": _EVERYONE
    | {
        P.SEE_PEOPLE,
        P.CHANGE_PEOPLE,
        P.IMPORT,
        P.SEE_RECORD,
        P.SEE_CUSTOMERS,
        P.CHANGE_PLANS,
        P.RECORD_CHARGES,
        P.CHANGE_CAUSES,
        P.ERASE,
    }
    | {P.ADMINISTER_PANEL, P.SEE_SERVICE, P.CHANGE_SERVICE},
}
