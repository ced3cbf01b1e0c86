"""What a file's chain tells: points with both sides' words, documents, what was understood, messages, the history."""

from datetime import date, datetime

from casedesk.mediation.queries.chain import Chain, Row, Said
from casedesk.mediation.queries.views import (
    Deed,
    DocumentView,
    MessageView,
    PointView,
    RequestView,
    RestatementView,
    StatementView,
)

TOLD = ("mail", "phone", "letter", "meeting")
"""How words reached the mediator, who then wrote them down: the record's actor did not say them."""


def points(chain: Chain, files: list[DocumentView]) -> list[PointView]:
    """Each point with the newest words of each side, in their order; the request stands on the first."""
    ids = {n: row.id for n, row in _numbered(chain, "point")}
    said: dict[int, dict[str, StatementView]] = {}
    for one in chain.said:
        if one.kind == "requested":
            said.setdefault(1, {})["customer"] = _statement(one, None)
        elif one.kind == "statement":
            mine = said.setdefault(one.body["point"], {})
            mine[one.body["side"]] = _statement(one, mine.get(one.body["side"]))
    return [
        PointView(
            id=ids.get(n, 0),
            n=n,
            title=one.text.get("title", ""),
            code=one.body.get("code", ""),
            agreed=bool(one.body.get("agreed")),
            said=one.text.get("said", ""),
            statements=said.get(n, {}),
            documents=[file for file in files if file.point_id == ids.get(n)],
        )
        for n, one in sorted((one.body["n"], one) for one in chain.of("point"))
    ]


def _numbered(chain: Chain, what: str) -> list[tuple[int, Row]]:
    """The rows by the number that their entry gave them."""
    entries = chain.by_id()
    return [(entries[row.entry_id].body["n"], row) for row in chain.made(what)]


def _statement(one: Said, before: StatementView | None) -> StatementView:
    received = one.body.get("received_at")
    return StatementView(
        said=one.text.get("said", ""),
        amount_minor=one.body.get("amount_minor"),
        at=datetime.fromisoformat(received) if received else one.at,
        by=one.actor if one.body.get("how") not in TOLD else "",
        how=one.body.get("how", ""),
        earlier=before.earlier + 1 if before else 0,
    )


def documents(chain: Chain) -> list[DocumentView]:
    entries = chain.by_id()
    return [_document(row, entries[row.entry_id]) for row in chain.made("document")]


def _document(row: Row, one: Said) -> DocumentView:
    return DocumentView(
        id=row.id,
        side=one.body.get("side", ""),
        name=one.text.get("name", ""),
        size=one.body.get("size", 0),
        at=one.at,
        point_id=row.n,
        readable=row.state == "kept",
    )


def requests(chain: Chain) -> list[RequestView]:
    """What the mediator asked for, met or not."""
    entries = chain.by_id()
    return [_request(row, entries[row.entry_id]) for row in chain.made("request")]


def _request(row: Row, one: Said) -> RequestView:
    return RequestView(
        id=row.id,
        side=one.body["asked"],
        said=one.text.get("said", ""),
        asked_at=one.at,
        due_on=date.fromisoformat(one.body["due_on"]),
        met=row.state == "met",
    )


def restatement(chain: Chain) -> RestatementView | None:
    """What the mediator understood last, with each side's answer to it."""
    newest = max(_numbered(chain, "restatement"), key=lambda one: one[0], default=None)
    if newest is None:
        return None
    n, row = newest
    told = chain.by_id()[row.entry_id]
    answers = {
        one.body["side"]: (one.body["answer"], one.text.get("said", ""), one.at)
        for one in chain.of("restatement_answer")
        if one.body["n"] == n
    }
    return RestatementView(row.id, n, told.at, told.text, answers)


def messages(chain: Chain) -> list[MessageView]:
    return [
        MessageView(one.body["side"], one.actor, one.text.get("said", ""), one.at)
        for one in chain.of("message")
    ]


def opinion(chain: Chain) -> str:
    """What the mediator closed with; empty while the file runs."""
    closed = chain.of("closed")
    return str(closed[-1].text.get("opinion", "")) if closed else ""


_PRIVATE = ("fact", "notice", "notice_unsent", "clock_breached", "admitted")
"""Lines of the history that the mediator alone sees: working notes of the procedure."""

_WORDS_SHOWN = ("recused", "extended", "declined", "withdrawn", "admitted", "appointed")


def deeds(chain: Chain, role: str) -> list[Deed]:
    """The file's history, newest first: a party reads of answers and offers only its own."""
    shown = [one for one in chain.said if role == "mediator" or one.kind not in _PRIVATE]
    if role != "mediator":
        own = ("answer", "offer_made")
        shown = [one for one in shown if one.kind not in own or one.body["side"] == role]
    return [
        Deed(one.seq, one.kind, one.at, one.actor, one.body.get("side", ""), one.body, _words(one))
        for one in reversed(shown)
    ]


def _words(one: Said) -> str:
    if one.kind not in _WORDS_SHOWN:
        return ""
    return str(one.text.get("said") or one.text.get("declaration") or "")
