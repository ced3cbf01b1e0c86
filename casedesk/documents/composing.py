"""Put a decision into words: the sum, how it is reckoned, why, when and how it is paid, what one can do next.

The words are the customer's language, whatever the desk speaks. No date, article or amount of the law stands
here: what the packs say is quoted with its source.
"""

import tomllib
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from casedesk.documents.content import CalcRow, LetterContent, Part
from casedesk.documents.facts import Kept, LetterFacts, PaidLine, Sender
from casedesk.documents.tongue import Tongue

DIGEST_SHOWN = 32
"""Characters of the digest that a letter prints: 128 bits of it."""

_MINUS = "−\u00a0"
_PLUS = "+\u00a0"


def composed(facts: LetterFacts) -> LetterContent:
    """The letter of `facts` in the addressee's language."""
    tongue = Tongue(facts.addressee.locale, facts.sender.time_zone)
    parts = (
        _reckoning(facts, tongue),
        _reasons(facts, tongue),
        _payment(facts, tongue),
        _next(facts, tongue),
    )
    return LetterContent(
        locale=tongue.locale,
        brand=facts.sender.name,
        sender=(tongue.gettext("Customer service"), *facts.sender.address.splitlines()),
        recipient=_recipient(facts),
        dated=tongue.day(facts.dated_at),
        reference=_reference(facts, tongue),
        subject=_subject(facts, tongue),
        salutation=_salutation(facts, tongue),
        opening=_opening(facts, tongue),
        gist=_gist(facts, tongue),
        parts=tuple(part for part in parts if part is not None),
        signed=facts.signed_by,
        signed_as=_signed_as(facts, tongue),
        company=facts.sender.legal_name,
        record=tongue.gettext("Record of the case: entry %(seq)s", seq=facts.record_seq),
        digest=" ".join(facts.record_digest[at : at + 8] for at in range(0, DIGEST_SHOWN, 8)),
        page_word=tongue.gettext("Page"),
        page_of=tongue.gettext("of"),
    )


def mail_text(content: LetterContent, number: str) -> str:
    """The words of the mail that carries the letter."""
    tongue = Tongue(content.locale)
    blocks = (
        content.salutation,
        content.gist,
        tongue.gettext(
            "Our decision with its reasons is attached as a PDF (case %(number)s).", number=number
        ),
        tongue.gettext("You can simply reply to this mail."),
        f"{content.signed}\n{content.brand}",
    )
    return "\n\n".join(blocks)


def _recipient(facts: LetterFacts) -> tuple[str, ...]:
    to = facts.addressee
    return (" ".join(word for word in (to.salutation, to.name) if word), *to.address.splitlines())


def _reference(facts: LetterFacts, tongue: Tongue) -> str:
    case = tongue.gettext("Case %(number)s", number=facts.number)
    if not facts.subscription_reference:
        return case
    contract = tongue.gettext("Contract %(reference)s", reference=facts.subscription_reference)
    return f"{case} · {contract}"


def _subject(facts: LetterFacts, tongue: Tongue) -> str:
    if facts.total_minor and facts.plan:
        return tongue.gettext("Refund of your subscription %(plan)s", plan=facts.plan)
    if facts.total_minor:
        return tongue.gettext("Your refund")
    return tongue.gettext("Our decision on your request of %(day)s", day=tongue.day(facts.asked_at))


def _salutation(facts: LetterFacts, tongue: Tongue) -> str:
    to = facts.addressee
    words = to.name.split()
    if tongue.locale == "fr":
        name = to.salutation
    else:
        name = f"{to.salutation} {words[-1]}" if to.salutation and words else to.name
    return tongue.gettext("Dear %(name)s,", name=name or tongue.gettext("Sir or Madam"))


def _opening(facts: LetterFacts, tongue: Tongue) -> str:
    asked = {
        "refund": tongue.gettext("You asked us on %(day)s for a refund.", day=tongue.day(facts.asked_at)),
        "cancellation": tongue.gettext(
            "You asked us on %(day)s to end your contract.", day=tongue.day(facts.asked_at)
        ),
    }.get(facts.kind) or tongue.gettext("You wrote to us on %(day)s.", day=tongue.day(facts.asked_at))
    ends = ""
    if facts.effect == "end_now":
        ends = tongue.gettext(
            "Your contract ended on %(day)s.", day=tongue.day(facts.effect_on or facts.dated_at)
        )
    elif facts.effect == "end_at_period_end" and facts.effect_on:
        ends = tongue.gettext(
            "Your contract runs until %(day)s and is not renewed.", day=tongue.day(facts.effect_on)
        )
    elif facts.effect == "end_at_period_end":
        ends = tongue.gettext("Your contract ends with the paid period and is not renewed.")
    return " ".join(sentence for sentence in (asked, ends) if sentence)


def _gist(facts: LetterFacts, tongue: Tongue) -> str:
    total = tongue.money(facts.total_minor, facts.currency)
    if not facts.total_minor:
        if facts.kind == "cancellation" and facts.effect != "keep":
            return tongue.gettext("There is nothing to refund.")
        return tongue.gettext("We cannot refund what you asked for.")
    if facts.claimed_minor and facts.total_minor < facts.claimed_minor:
        claimed = tongue.money(facts.claimed_minor, facts.currency)
        return tongue.gettext(
            "We refund %(total)s of the %(claimed)s that you asked for.", total=total, claimed=claimed
        )
    if facts.lines and facts.total_minor == sum(line.charged_minor for line in facts.lines):
        return tongue.gettext("We refund the whole amount, %(total)s.", total=total)
    return tongue.gettext("We refund %(total)s.", total=total)


def _reckoning(facts: LetterFacts, tongue: Tongue) -> Part | None:
    if not facts.lines:
        return None
    rows = _working(facts, tongue) or tuple(
        CalcRow(_charge_label(line, tongue), tongue.money(line.amount_minor, facts.currency))
        for line in facts.lines
    )
    total = CalcRow(
        tongue.gettext("Total refunded"), tongue.money(facts.total_minor, facts.currency), total=True
    )
    return Part(tongue.gettext("How this amount is reckoned"), rows=(*rows, total))


def _working(facts: LetterFacts, tongue: Tongue) -> tuple[CalcRow, ...]:
    """What was paid less what is kept, then what we add; empty where the figures are not one such sum."""
    basis = facts.basis
    if basis is None or basis.by_rule_minor is None or basis.paid_minor is None or len(facts.lines) != 1:
        return ()
    if basis.paid_minor - sum(kept.minor for kept in basis.kept) != basis.by_rule_minor:
        return ()
    line = facts.lines[0]

    def money(minor: int) -> str:
        return tongue.money(minor, facts.currency)

    rows = [CalcRow(_paid_label(line, tongue), money(basis.paid_minor))]
    rows += [CalcRow(_kept_label(kept, tongue), _MINUS + money(kept.minor)) for kept in basis.kept]
    if basis.kept or facts.total_minor != basis.by_rule_minor:
        due = (
            tongue.gettext("Refund due by law")
            if basis.by_statute
            else tongue.gettext("Refund due by the contract")
        )
        rows.append(CalcRow(due, money(basis.by_rule_minor)))
    more = facts.total_minor - basis.by_rule_minor
    if more > 0:
        rows.append(CalcRow(tongue.gettext("What we add as a gesture"), _PLUS + money(more)))
    elif more < 0:
        rows.append(CalcRow(tongue.gettext("What we do not refund"), _MINUS + money(-more)))
    return tuple(rows)


def _paid_label(line: PaidLine, tongue: Tongue) -> str:
    period = _period(line, tongue)
    if period:
        return tongue.gettext("Paid for %(first)s to %(last)s", first=period[0], last=period[1])
    return tongue.gettext("Paid (%(reference)s)", reference=line.charge_reference)


def _charge_label(line: PaidLine, tongue: Tongue) -> str:
    period = _period(line, tongue)
    if period:
        return tongue.gettext("On the payment for %(first)s to %(last)s", first=period[0], last=period[1])
    return tongue.gettext("On the payment %(reference)s", reference=line.charge_reference)


def _period(line: PaidLine, tongue: Tongue) -> tuple[str, str] | None:
    """First and last day that the charge paid for."""
    if line.period_starts_on is None or line.period_ends_on is None:
        return None
    return tongue.day(line.period_starts_on), tongue.day(line.period_ends_on - timedelta(days=1))


def _kept_label(kept: Kept, tongue: Tongue) -> str:
    if kept.code == "kept_share" and kept.used is not None:
        return tongue.ngettext(
            "Share for the %(num)d day used (%(num)d of %(period)s)",
            "Share for the %(num)d days used (%(num)d of %(period)s)",
            kept.used,
            period=kept.period,
        )
    if kept.code == "already_refunded":
        return tongue.gettext("Already refunded")
    if kept.code == "separate_parts":
        return tongue.gettext("Parts with a price of their own, supplied in full")
    return tongue.gettext("What may be kept for what was used")


def _reasons(facts: LetterFacts, tongue: Tongue) -> Part | None:
    basis = facts.basis
    paragraphs = [facts.own_words] if facts.own_words else []
    if basis is not None:
        for clause in basis.clauses:
            source = f" ({clause.citation})" if clause.citation else ""
            paragraphs.append(f"{clause.text.rstrip().rstrip('.')}{source}.")
        if basis.set_aside:
            paragraphs.append(tongue.gettext("What our terms give is less and does not apply here."))
    return Part(tongue.gettext("Why"), tuple(paragraphs)) if paragraphs else None


def _payment(facts: LetterFacts, tongue: Tongue) -> Part | None:
    if not facts.lines:
        return None
    said = []
    for line in facts.lines:
        amount = tongue.money(line.amount_minor, facts.currency)
        said.append(_way(line, amount, tongue))
    basis = facts.basis
    if basis is not None and basis.pay_by is not None:
        said.append(tongue.gettext("You have it by %(day)s at the latest.", day=tongue.weekday(basis.pay_by)))
    return Part(tongue.gettext("When and how"), (" ".join(said),))


def _way(line: PaidLine, amount: str, tongue: Tongue) -> str:
    if line.method == "credit" or line.means == "balance":
        return tongue.gettext(
            "%(amount)s is credited to your balance and reduces your next invoice.", amount=amount
        )
    if line.means == "transfer":
        return tongue.gettext(
            "%(amount)s goes to your bank account. If we do not have your IBAN, we ask you for it.",
            amount=amount,
        )
    if line.card_digits:
        return tongue.gettext(
            "%(amount)s leaves now to your card %(brand)s ending in %(digits)s. If your bank refuses it because the card has changed, we ask you for an IBAN.",
            amount=amount,
            brand=line.card_brand,
            digits=line.card_digits,
        ).replace("  ", " ")
    return tongue.gettext("%(amount)s leaves now by the means with which you paid.", amount=amount)


def _next(facts: LetterFacts, tongue: Tongue) -> Part:
    sender = facts.sender
    said = [
        tongue.gettext(
            "Reply to this letter or write to %(mail)s: another person takes your case up.", mail=sender.mail
        )
    ]
    said += _outside(sender, tongue)
    said.append(tongue.gettext("The courts remain open to you at any time."))
    return Part(tongue.gettext("If you do not agree"), (" ".join(said),))


def _outside(sender: Sender, tongue: Tongue) -> list[str]:
    """The body for consumer disputes, how to reach it, and whether the house takes part, where that is known."""
    kept = bodies().get(sender.country, {})
    body = sender.mediator if sender.mediator.get("name") else kept
    if not body.get("name"):
        return []
    where = ", ".join(str(body[key]) for key in ("website", "address") if body.get(key))
    named = f"{body['name']} ({where})" if where else str(body["name"])
    if not kept.get("free"):
        said = [tongue.gettext("You can also turn to this body for consumer disputes: %(body)s.", body=named)]
    elif body is kept:
        said = [tongue.gettext("You can also turn, free of charge, to this body: %(body)s.", body=named)]
    else:
        said = [tongue.gettext("You can also turn to our mediator, free of charge: %(body)s.", body=named)]
    if sender.mediator.get("takes_part") is True:
        said.append(tongue.gettext("We take part in its procedure."))
    elif sender.mediator.get("takes_part") is False:
        said.append(tongue.gettext("We are neither obliged nor willing to take part in its procedure."))
    return said


@cache
def bodies() -> dict[str, dict[str, Any]]:
    """What is known of such bodies by country (bodies.toml)."""
    return tomllib.loads(files("casedesk.documents").joinpath("bodies.toml").read_text(encoding="utf-8"))


def _signed_as(facts: LetterFacts, tongue: Tongue) -> str:
    service = tongue.gettext("Customer service.")
    if not facts.approved_by:
        return service
    approved = tongue.gettext("Decision approved by %(name)s.", name=facts.approved_by)
    return f"{service} {approved}"
