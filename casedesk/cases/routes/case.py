"""The case page: three zones, the clock strip, the composer. Every failed deed comes back to it with what was typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, flash, g, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from casedesk.accounts import queries as accounts
from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases import words
from casedesk.cases.event_words import NO_NAMES, Names, clock_name, event_line
from casedesk.cases.forms.changing import ChangeForm, ClosingForm, FactForm
from casedesk.cases.forms.writing import CorrectionForm, ExchangeForm, NoteForm, OnCase
from casedesk.cases.ladder_faces import OnCaseFace, on_case
from casedesk.cases.queries.causes import causes
from casedesk.cases.queries.sheet import CaseSheet, sheet
from casedesk.cases.queries.timeline import Timeline, decisions, entries_after, timeline
from casedesk.cases.queries.views import SOON
from casedesk.cases.routes.blueprint import bp
from casedesk.cases.routes.case_facts import case_rows, contract_rows, customer_rows, money_rows
from casedesk.cases.routes.change_choices import fill, offer
from casedesk.cases.routes.clock_strip import strip
from casedesk.cases.routes.composer import folded
from casedesk.cases.routes.timeline_faces import TABS, Faces, days
from casedesk.cases.routes.verdict import view_of_stored
from casedesk.channels.queries import deliveries_of_case
from casedesk.customers.fact_fields import fact_field
from casedesk.deadlines.queries import clocks_of
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, RuleBroken
from casedesk.ledger.queries import charges_of_customer
from casedesk.policy.facts import vocabulary
from casedesk.store.db import db
from casedesk.web import locale
from casedesk.web.clockface import ClockFace, clock_face
from casedesk.web.deed import once
from casedesk.web.paging import read_cursor, write_cursor

WRITES = ("reply", "note", "call", "letter")


@dataclass
class Shown:
    """What the page shows beside the case: the form that came back, and which parts are open."""

    write: str = "reply"
    tab: str = "all"
    form: OnCase | None = None
    change: ChangeForm | None = None
    closing: ClosingForm | None = None
    fact: FactForm | None = None
    conflict: bool = False
    before: int | None = None
    ask: str = ""
    missed: list[str] = field(default_factory=list)


@bp.get("/cases/<int:case_id>")
@guard(Permission.SEE_CASES)
def show(case_id: int) -> Response:
    args = request.args
    shown = Shown(
        write=args.get("write", "") if args.get("write") in WRITES else "reply",
        tab=args.get("tab", "") if args.get("tab") in TABS else "all",
        ask=args.get("ask", "")[:80],
    )
    if args.get("before"):
        shown.before = _seq(args["before"])
    if args.get("correct"):
        shown.write = "correct"
    if args.get("change"):
        shown.change = ChangeForm(formdata=None)
    if args.get("close"):
        shown.closing = ClosingForm(formdata=None)
    if args.get("fact"):
        shown.fact = FactForm(formdata=None, name=args["fact"][:80])
    return page(case_id, shown)


def page(case_id: int, shown: Shown, status: int = 200) -> Response:
    """The page of the case with `shown`. Raises NotFound, also where the actor may not see the case."""
    session = db.session()
    place = place_of(case_id, shown.write)
    head = sheet(session, g.actor, case_id, place, now=g.now)
    lines = timeline(session, case_id, before=shown.before)
    verdict = view_of_stored(session, head)
    clocks = clocks_of(session, ("case", case_id), now=g.now)
    charges = charges_of_customer(session, head.case.customer_id) if head.case.customer_id else []
    form = _composer(head, lines, shown)
    upload_limit = current_app.extensions["settings"].max_upload_mb
    _prepare(session, head, lines, shown)
    html = render_template(
        "cases/case.html",
        sheet=head,
        case=head.case,
        name=head.name or _("Unknown customer"),
        act=words.next_act(head.case.kind, head.case.status, head.case.stage, head.case.outcome),
        about=_about(head),
        clock_face=clock_of(head),
        strip=strip(head, clocks, verdict.clocks if verdict else (), g.now),
        verdict=verdict,
        rows={
            "case": case_rows(head),
            "customer": customer_rows(head),
            "contract": contract_rows(head.contract) if head.contract else [],
            "money": money_rows(charges, head.case.charge_id, head.contract.payment if head.contract else ""),
        },
        currency=charges[0].currency if charges else head.case.currency,
        shown=shown,
        form=form,
        draft_url=f"/drafts/{place}",
        draft_at=locale.hour(head.draft.saved_at) if head.draft and shown.form is None else "",
        waiting=_waiting(session, head),
        ladder=_ladder(session, head),
        permission=Permission,
        languages={code: str(word) for code, word in words.LANGUAGE.items()},
        upload_limit=upload_limit,
        folded=folded(form, shown.write, upload_limit),
        fact_field=fact_field,
        **_timeline(session, head, lines, shown),
    )
    response = make_response(html)
    response.status_code = status
    return response


def attempt(
    case_id: int,
    form: OnCase,
    deed: Callable[[Session], str],
    shown: Shown,
    *,
    said: str,
    told: Sequence[tuple[str, str]] = (),
) -> Response:
    """Do the deed of a form of this page and say so; what is refused comes back with its sentence and what was typed.

    `told` are refusals (field, sentence) that were found before the form itself was looked at.
    """
    if form.validate_on_submit() and not told:
        try:
            done = once(form, deed)
        except Conflict as conflict:
            return _conflicted(case_id, form, conflict, shown)
        except (InvalidInput, RuleBroken, NotAllowed) as refusal:
            form.refuse(refusal)
        else:
            flash(said)
            return done
    for name, refusal_said in told:
        form[name].errors = [*form[name].errors, refusal_said]
    return page(case_id, shown, 422)


def _conflicted(case_id: int, form: OnCase, conflict: Conflict, shown: Shown) -> Response:
    """Show what the colleague did meanwhile; the same form, sent again, is then meant."""
    session = db.session()
    head = sheet(session, g.actor, case_id, now=g.now)
    missed = entries_after(session, case_id, form.seen_seq)
    seq = missed[-1].seq if missed else form.seen_seq
    form.renew(head.case.version, seq)
    shown.conflict = True
    shown.missed = [missed_line(line) for line in missed]
    form.refuse(conflict)
    return page(case_id, shown, 409)


def missed_line(line: Any) -> str:
    who = line.actor_name or "casedesk"
    what = {"exchange": _("an exchange"), "note": _("a note")}.get(line.kind) or event_line(
        line.kind, line.body
    )
    return _("%(time)s %(who)s: %(what)s", time=locale.hour(line.recorded_at), who=who, what=what)


def place_of(case_id: int, write: str) -> str:
    """Where a draft of this composer is kept."""
    return f"case-{case_id}-{write}"


def _composer(head: CaseSheet, lines: Timeline, shown: Shown) -> OnCase:
    """The form of the open tab: as it came back, else the draft, else empty with what is usual."""
    if shown.form is not None:
        return shown.form
    made = {"note": NoteForm, "correct": CorrectionForm}.get(shown.write, ExchangeForm)
    body = MultiDict(head.draft.body) if head.draft else None
    form: OnCase = made(formdata=body)
    form.renew(head.case.version, lines.last_seq)
    form.write.data = shown.write
    if isinstance(form, CorrectionForm):
        form.entry.data = request.args.get("correct", "")
        _prefill_correction(form, lines)
    if isinstance(form, ExchangeForm) and body is None:
        _prefill(form, head, shown)
    return form


def _prepare(session: Session, head: CaseSheet, lines: Timeline, shown: Shown) -> None:
    """Give the side forms that are open what stands now, unless they came back from a deed."""
    if shown.change is not None and not shown.change.is_submitted():
        offer(session, shown.change, head, g.actor)
        fill(shown.change, head)
    for form in (shown.change, shown.closing, shown.fact):
        if form is not None and not (form.is_submitted() and form.version.data):
            form.renew(head.case.version, lines.last_seq)


def _prefill(form: ExchangeForm, head: CaseSheet, shown: Shown) -> None:
    if shown.write == "reply":
        form.recipient.data = head.customer.mail if head.customer else head.case.claimed_contact
    else:
        form.channel.data = {"call": "phone"}.get(shown.write, "letter")
        form.happened_at.data = g.now
        form.inbound.data = "1" if shown.write == "letter" else "0"
    spec = vocabulary().get(shown.ask)
    if spec is not None:
        form.said.data = spec.you["fr" if head.locale == "fr" else "en"]


def _prefill_correction(form: CorrectionForm, lines: Timeline) -> None:
    if not form.said.data:
        wrong = next((line for line in lines.entries if line.id == form.entry_id), None)
        form.said.data = str(wrong.text.get("said", "")) if wrong else ""


def _timeline(session: Session, head: CaseSheet, lines: Timeline, shown: Shown) -> dict[str, Any]:
    """The entries of the open tab under their days, with counts by family and the way to older ones."""
    sent = any(line.kind == "exchange" and not line.body.get("inbound") for line in lines.entries)
    deliveries = deliveries_of_case(session, head.case.id) if sent else {}
    faces = Faces(head, lines.files, deliveries, g.now, may_open=may_open, names=_names(session, lines))
    made = faces.faces(lines.entries)
    wanted = TABS[shown.tab]
    kept = [(face, line) for face, line in zip(made, lines.entries, strict=True) if face.family in wanted]
    counts = {tab: sum(face.family in families for face in made) for tab, families in TABS.items()}
    return {
        "days": days([face for face, _line in kept], [line for _face, line in kept], g.now),
        "counts": counts,
        "older": write_cursor(min(line.seq for line in lines.entries)) if lines.older else "",
    }


def may_open(grade: str) -> bool:
    """May the reader open files of this grade?"""
    wanted = {"medical": Permission.SEE_MEDICAL, "identity": Permission.SEE_IDENTITY}.get(grade)
    return wanted is None or g.actor.may(wanted)


def _names(session: Session, lines: Timeline) -> Names:
    """Names for changes of owner, team and cause; read only where such a change is shown."""
    fields = {
        name for line in lines.entries if line.kind == "event.changed" for name in line.body.get("fields", {})
    }
    if not fields & {"owner_id", "team_id", "stated_cause_id", "established_cause_id"}:
        return NO_NAMES
    return Names(
        {p.id: p.name for p in accounts.people_by_id(session).values()} if "owner_id" in fields else {},
        {t.id: t.name for t in accounts.teams(session)} if "team_id" in fields else {},
        {c.id: words.cause_label(c.label_en, c.label_fr) for c in causes(session)}
        if fields & {"stated_cause_id", "established_cause_id"}
        else {},
    )


def _waiting(session: Session, head: CaseSheet) -> Any:
    """The decision that waits for approval, if one does."""
    if head.case.status != "waiting-approval":
        return None
    return next((d for d in reversed(decisions(session, head.case.id)) if d.state == "proposed"), None)


def _ladder(session: Session, head: CaseSheet) -> OnCaseFace | None:
    """The rise of the case and the words that wait for an answer; read only where there are any."""
    if head.case.escalation_id is None and not head.case.words_found:
        return None
    return on_case(session, head, g.actor)


def _about(head: CaseSheet) -> list[str]:
    case = head.case
    kind = words.said(words.KIND, case.kind)
    if case.claimed_minor is not None:
        kind = _("%(kind)s of %(amount)s", kind=kind, amount=locale.money(case.claimed_minor, case.currency))
    cause = words.cause_label(
        case.established_en or case.stated_en or "", case.established_fr or case.stated_fr or ""
    )
    by = _(
        "by %(channel)s, %(moment)s",
        channel=words.said(words.CHANNEL, case.channel),
        moment=locale.moment(case.occurred_at),
    )
    owner = _("owner %(name)s", name=case.owner_name) if case.owner_name else _("no owner")
    return [part for part in (case.number, kind, cause, by, owner) if part]


def clock_of(head: CaseSheet) -> ClockFace | None:
    case = head.case
    if case.next_due_at is None or case.next_clock is None:
        return None
    name = clock_name(case.next_clock)
    return clock_face(
        _("%(clock)s, %(moment)s", clock=name, moment=locale.moment(case.next_due_at)),
        case.next_due_at,
        g.now,
        started_at=case.next_started_at,
        state="paused" if case.next_paused else None,
        risk_from=case.next_due_at - SOON,
    )


def _seq(text: str) -> int:
    (seq,) = read_cursor(text, 1)
    if type(seq) is not int or not 0 < seq < 2**62:
        raise InvalidInput("page.cursor")
    return seq
