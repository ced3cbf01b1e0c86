"""What a file's chain tells of proposals, blind offers and what the agreement is to bring."""

from casedesk.mediation.queries.chain import Chain, Row, Said
from casedesk.mediation.queries.views import AnswerView, PartView, ProposalView, RoundView, TaskView
from casedesk.mediation.rules.proposals import answer_shown, given_up


def proposals(chain: Chain, role: str) -> list[ProposalView]:
    """Every proposal in its order, with the answers that `role` may know."""
    entries = chain.by_id()
    given: dict[int, dict[str, Said]] = {}
    for one in chain.of("answer"):
        given.setdefault(one.body["n"], {})[one.body["side"]] = one
    return [
        _proposal(row, entries[row.entry_id], given.get(entries[row.entry_id].body["n"], {}), role)
        for row in chain.made("proposal")
    ]


def _proposal(row: Row, one: Said, given: dict[str, Said], role: str) -> ProposalView:
    body, plain = one.body, {side: answer.body["answer"] for side, answer in given.items()}
    over = row.state in ("expired", "superseded")
    assert row.n is not None
    assert row.until is not None
    return ProposalView(
        id=row.id,
        n=body["n"],
        side=body["side"],
        state=row.state or "",
        amount_minor=body["amount_minor"],
        currency=body["currency"],
        parts=_parts(one),
        said=one.text.get("said", ""),
        made_at=one.at,
        expires_at=row.until,
        version=row.n,
        by_rule_minor=body["by_rule_minor"],
        given_up_minor=given_up(body["by_rule_minor"], body["amount_minor"]),
        counters=body["counters"],
        blind=row.kind == "blind",
        answers={
            side: _answer(answer, shown=answer_shown(body["side"], plain, of=side, to=role, over=over))
            for side, answer in given.items()
        },
    )


def _parts(one: Said) -> list[PartView]:
    return [
        PartView(kind, minor, months, effect, days, one.text.get(f"part-{k}", ""))
        for k, (kind, minor, months, effect, days) in enumerate(one.body["parts"], 1)
    ]


def _answer(one: Said, *, shown: bool) -> AnswerView:
    """What is not shown is not there: neither the answer nor that one was given."""
    if not shown:
        return AnswerView("", None, hidden=True)
    return AnswerView(one.body["answer"], one.at, one.body.get("how", ""))


def rounds(chain: Chain) -> list[RoundView]:
    """The rounds; to a side the count of its own offers, to the mediator none."""
    entries = chain.by_id()
    return [_round(row, entries[row.entry_id]) for row in chain.made("round")]


def _round(row: Row, one: Said) -> RoundView:
    assert row.until is not None
    return RoundView(
        id=row.id,
        n=one.body["n"],
        state=row.state or "",
        distance_minor=one.body["distance_minor"],
        currency=one.body["currency"],
        expires_at=row.until,
        settled_minor=row.minor,
        mine=row.n or 0,
    )


def tasks(rows: list[Row], words: dict[int, Said]) -> list[TaskView]:
    """What is to be carried out, by its day; `words`: the file's entries by id, empty for who may not read them."""
    return [_task(row, words.get(row.entry_id)) for row in rows]


def _task(row: Row, proposal: Said | None) -> TaskView:
    assert row.on is not None
    return TaskView(
        id=row.id,
        kind=row.kind or "",
        side=row.side or "",
        amount_minor=row.minor,
        due_on=row.on,
        state=row.state or "",
        done_at=row.until,
        said=proposal.text.get(f"part-{row.n}", "") if proposal else "",
        paid_by_desk=bool(row.ordered),
    )
