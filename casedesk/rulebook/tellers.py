"""What each kind of clause says, in the phrases of saying.toml: one small function a kind."""

from collections.abc import Callable, Mapping
from typing import Any

from babel.numbers import format_decimal

from casedesk.rulebook import wording
from casedesk.rulebook.voice import Voice


def _window(voice: Voice, clause: Mapping[str, Any]) -> str:
    act = str(clause.get("act", "action_at"))
    key = (
        "window_other"
        if act != "action_at"
        else "window_duty"
        if clause.get("clock") in _DUTIES
        else "window"
    )
    return voice.clause_text(
        key,
        span=voice.span(clause["path"]),
        start=voice.start(clause["start"]),
        act=voice.fact(act),
        more=_more(voice, clause),
    )


_DUTIES = ("refund_by", "evidence", "answer", "bank_answer")
"""Clocks under which the business, a bank or a provider must act, not the customer."""


def _more(voice: Voice, clause: Mapping[str, Any]) -> str:
    """What a window says beside its length: cap, condition, move to a working day, extension, open end."""
    told = ""
    if cap := clause.get("cap"):
        key = "cap" if cap.get("path") else "cap_day"
        told += voice.part(key, span=voice.span(cap.get("path", [])), start=voice.start(cap["start"]))
    if first := clause.get("condition"):
        told += voice.part(
            "provided",
            fact=voice.fact(first["fact"]),
            span=voice.span(first["path"]),
            start=voice.start(first["of"]),
        )
    if clause.get("gap"):
        told += voice.part("roll_open")
    elif "roll" in steps(clause):
        told += voice.part("roll")
    if longer := clause.get("extension"):
        told += voice.part("extension", never=voice.span(longer["never"]), late=voice.span(longer["late"]))
    return told + (voice.part("open_end") if clause.get("open_end") else "")


def _amount(voice: Voice, clause: Mapping[str, Any]) -> str:
    named = {key: voice.fact(str(clause.get(key, ""))) for key in ("price", "used", "period")}
    return voice.clause_text(str(clause["method"]), **named)


def _duty(voice: Voice, clause: Mapping[str, Any]) -> str:
    code = wording.sentence(str(clause["code"]), {}, voice.locale).rstrip(".")
    return voice.clause_text(f"duty_{clause['answer']}", code=code[:1].lower() + code[1:])


def _notice(voice: Voice, clause: Mapping[str, Any]) -> str:
    limit = voice.part("at_most_months", n=str(clause["at_most"])) if "at_most" in clause else ""
    return voice.clause_text(
        "notice", start=voice.fact(clause["start"]), months=voice.fact(clause["months"]), limit=limit
    )


def _reminder(voice: Voice, clause: Mapping[str, Any]) -> str:
    return voice.clause_text(
        "reminder",
        first=str(clause["first_months"]),
        last=str(clause["last_months"]),
        limit=voice.fact(clause["limit"]),
        form=f"**{voice.value(str(clause['form']), clause['right_form'])}**",
    ).replace("**1 months**", "**1 month**")


def _precedence(voice: Voice, clause: Mapping[str, Any]) -> str:
    return voice.clause_text(
        "precedence",
        statute=voice.span(clause["statute"]["path"]),
        start=voice.start(clause["statute"]["start"]),
        contract=voice.span(clause["contract"]["path"]),
    )


def _advance(voice: Voice, clause: Mapping[str, Any]) -> str:
    inner = clause["window"]
    return voice.clause_text(
        "advance",
        paid=voice.fact(clause["paid"]),
        span=voice.span(inner["path"]),
        start=voice.start(inner["start"]),
    )


def _penalty(voice: Voice, clause: Mapping[str, Any]) -> str:
    told = []
    for bracket in clause["brackets"]:
        key = "bracket_share" if "share" in bracket else "bracket_interest"
        told.append(voice.part(key, share=str(bracket.get("share", "")), below=str(bracket["below"])))
    return voice.clause_text("penalty_scale", brackets=", ".join(told))


def _answer_deadline(voice: Voice, clause: Mapping[str, Any]) -> str:
    more = (voice.part("extended") if clause.get("extension") else "") + (
        voice.part("second_clock") if clause.get("parts") else ""
    )
    return voice.clause_text(
        "answer_deadline", span=voice.span(clause["path"]), start=voice.start(clause["start"]), more=more
    )


def _ratio(voice: Voice, clause: Mapping[str, Any]) -> str:
    told = [
        voice.part(
            "threshold",
            share=format_decimal(step["bps"] / 100, "0.##", locale=voice.locale),
            **{"from": str(step["from"])},
        )
        for step in clause["thresholds"]
    ]
    return voice.clause_text(
        "ratio_threshold",
        events=voice.word("condition", "and").join(voice.fact(name) for name in clause["events"]),
        base=voice.fact(clause["base"]),
        thresholds=", ".join(told),
        more=voice.number(clause["more_than"]),
    )


def _capped(voice: Voice, clause: Mapping[str, Any]) -> str:
    cap = format_decimal(int(clause.get("cap_minor", 0)) / 100, "#,##0.00", locale=voice.locale)
    return voice.clause_text(str(clause["rule"]), part=str(clause["part"]), cap=cap)


def _named(key: str, *names: str) -> Callable[[Voice, Mapping[str, Any]], str]:
    """A phrase whose placeholders are facts under those keys of the clause."""
    return lambda voice, clause: voice.clause_text(
        key, **{name: voice.fact(str(clause.get(name, ""))) for name in names}
    )


def _backward(voice: Voice, clause: Mapping[str, Any]) -> str:
    return voice.clause_text(
        "backward_window",
        sent=voice.fact(clause["sent"]),
        before=voice.fact(clause["before"]),
        least=str(clause["at_least"]),
        most=str(clause["at_most"]),
    )


TELLERS: dict[str, Callable[[Voice, Mapping[str, Any]], str]] = {
    "admissibility": lambda voice, clause: voice.clause_text(
        "admissibility", span=voice.span(clause["path"]), complaint=voice.fact(clause["complaint"])
    ),
    "advance": _advance,
    "allocation": _named("allocation"),
    "amount": _amount,
    "answer_deadline": _answer_deadline,
    "backward_window": _backward,
    "billing_end": lambda voice, clause: voice.clause_text(
        f"billing_{clause['rule']}",
        cancelled=voice.fact(str(clause.get("cancelled", ""))),
        month=voice.fact(str(clause.get("month", ""))),
    ),
    "capped_retention": _capped,
    "cash_rounding": _named("cash_rounding"),
    "change_of_terms": _named("change_of_terms", "current"),
    "commitment": _named("commitment", "months", "start"),
    "dispute_guard": _named("dispute_guard", "status"),
    "duty": _duty,
    "minor_units": _named("minor_units"),
    "notice": _notice,
    "penalty_scale": _penalty,
    "precedence": _precedence,
    "proration": lambda voice, clause: voice.clause_text(f"proration_{clause['by']}"),
    "provider_deadline": _named("provider_deadline"),
    "ratio_threshold": _ratio,
    "reminder": _reminder,
    "requirements": lambda voice, clause: voice.clause_text("requirements", count=str(len(clause["all"]))),
    "void_invoice": _named("void_invoice"),
    "window": _window,
}


def steps(written: object, key: str = "") -> list[str]:
    """Every step of every path in a clause."""
    if isinstance(written, Mapping):
        return [step for name, inner in written.items() for step in steps(inner, str(name))]
    if isinstance(written, list) and key in ("path", "never", "late"):
        return [
            step for one in written for step in (steps(one, key) if isinstance(one, list) else [str(one)])
        ]
    return []
