"""x"""

from casedesk.policy.clauses.base import Clause, Params


def read(params: Params) -> Clause:
    raise NotImplementedError
