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
    SEE_MEDICAL = "see_medical"
    SEE_IDENTITY = "see_identity"
    IMPORT = "import"
    SEE_PEOPLE = "see_people"
    CHANGE_PEOPLE = "change_people"
    SEE_RECORD = "see_record"
    ERASE = "erase"
    MEDIATE = "mediate"


P = Permission

_EVERYONE = frozenset({P.SIGN_OUT, P.SEE_HOME})
_DESK = _EVERYONE | {P.SEE_CASES, P.LOG_CASE, P.WORK_CASE, P.DECIDE, P.SEE_CUSTOMERS, P.CHANGE_CUSTOMERS}

ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    "agent": _DESK,
    "manager": _DESK
    | {P.APPROVE, P.PAY_REFUNDS, P.SEE_MEDICAL, P.SEE_IDENTITY, P.IMPORT, P.SEE_PEOPLE, P.SEE_RECORD},
    "mediator": _EVERYONE | {P.MEDIATE},
    # Finds a customer to erase them; their cases stay closed to it.
    "administrator": _EVERYONE
    | {P.SEE_PEOPLE, P.CHANGE_PEOPLE, P.IMPORT, P.SEE_RECORD, P.SEE_CUSTOMERS, P.ERASE},
}
