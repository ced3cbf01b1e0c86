"""The family of refusals: a code and its parameters; `web/errors.py` alone turns them into status and sentence."""


class CasedeskError(Exception):
    """Something was refused or failed in a way that a person can act on.

    `code` names the sentence in `web/errors.py` (``window.closed``); `params` fill it.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code = code
        self.params = params


class NotFound(CasedeskError):
    """The thing does not exist, or the actor may not see it: the two are never told apart."""


class NotAllowed(CasedeskError):
    """The actor's role does not allow the act."""


class RuleBroken(CasedeskError):
    """The act would break a rule of the field (money, status, approval, statute)."""


class InvalidInput(CasedeskError):
    """What was given is not well-formed; `params['field']` names where, if it is one field."""


class Conflict(CasedeskError):
    """Somebody or something else changed the same thing first; nothing of this act was stored."""


class Unavailable(CasedeskError):
    """A part that the act needs is out of reach for now; the same act may be tried again."""
