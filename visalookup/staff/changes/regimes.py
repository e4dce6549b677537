"""Pages of regimes: the list, one with its history, and the forms that change it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.roles import Right
from visalookup.domain.changes.proposals import ProposalKind
from visalookup.domain.conditions import ConditionKind
from visalookup.domain.documents import DocumentType
from visalookup.domain.errors import NotFound, quoted
from visalookup.domain.lifecycle import ALLOWED_STEPS, Status
from visalookup.domain.places import Place, Places
from visalookup.domain.regimes import Regime, RegimeKind, Rule
from visalookup.domain.requirements import Requirement
from visalookup.domain.sources import SourceKind
from visalookup.domain.timelines import entries_in_order
from visalookup.extensions import now, rulebook_store, session
from visalookup.formats.converter import payload_of
from visalookup.services.audit.history import history_of_regime
from visalookup.services.changes.proposals.listing import list_proposals
from visalookup.services.lookup.questions import BadQuestion
from visalookup.services.lookup.regimes import RegimeDetail, list_regimes, policy_at, show_regime
from visalookup.staff.access import member, requires, resumable
from visalookup.staff.changes.change_flow import ChangeForm, handle_change_form
from visalookup.staff.changes.forms.confirmations import (
    confirmation_field,
    confirmation_fields,
    confirmation_payload,
)
from visalookup.staff.changes.forms.form_input import FormInput
from visalookup.staff.changes.forms.regimes import regime_field, regime_fields, regime_id_of, regime_payload
from visalookup.staff.changes.forms.rules import TEXT_FIELDS, rule_field, rule_fields, rule_payload
from visalookup.staff.changes.forms.steps import (
    correction_payload,
    entry_fields,
    step_field,
    step_fields,
    step_payload,
)

regimes = Blueprint("staff_regimes", __name__, url_prefix="/staff")

_REGIMES_PER_PAGE = 50
_MAX_RULES_SHOWN = 300
_GET_AND_POST = ["GET", "POST"]


@regimes.get("/regimes")
@requires(Right.READ)
def index() -> AnyResponse:
    """All regimes, to choose one to work on."""
    party, status = request.args.get("party", ""), request.args.get("status", "")
    try:
        found, fault = list_regimes(session(), rulebook_store(), party, status, now()).summaries, None
    except BadQuestion as error:
        found, fault = (), " ".join(fault.detail for fault in error.faults)
    first = max(request.args.get("first", 0, type=int), 0)
    page = render_template(
        "staff/regimes.html",
        summaries=found[first : first + _REGIMES_PER_PAGE],
        total=len(found),
        first=first,
        page_size=_REGIMES_PER_PAGE,
        fault=fault,
        party=party,
        status=status,
        statuses=list(Status),
        destinations=_places_by_name(),
    )
    return AnyResponse(page, 422 if fault else 200, mimetype="text/html")


@regimes.get("/destinations")
@requires(Right.READ)
def destination() -> AnyResponse:
    """Redirect to the standing policy of a destination."""
    policy = policy_at(rulebook_store().current(session()), request.args.get("code", ""))
    return redirect(f"/staff/regimes/{policy.id}", 303)


@regimes.get("/regimes/<regime_id>")
@requires(Right.READ)
def show(regime_id: str) -> AnyResponse:
    """One regime, with every change that can be made to it."""
    detail = _detail(regime_id)
    page = render_template(
        "staff/regime.html",
        detail=detail,
        timeline=entries_in_order(detail.regime),
        next_steps=_next_steps(detail.regime),
        rules=detail.rules[:_MAX_RULES_SHOWN],
        proposals=list_proposals(session(), regime_id=regime_id),
        history=history_of_regime(session(), regime_id),
        may_propose=member().may(Right.PROPOSE),
    )
    return AnyResponse(page, mimetype="text/html")


@regimes.route("/regimes/new", methods=_GET_AND_POST)
@requires(Right.PROPOSE)
@resumable
def new() -> AnyResponse:
    """A new regime, with its rules for both directions."""
    loaded = rulebook_store().current(session())
    places, gazetteer = loaded.rulebook.places, loaded.gazetteer
    form = ChangeForm(
        ProposalKind.REGIME,
        "New regime",
        "staff/new_regime.html",
        regime_id=lambda form_input: regime_id_of(form_input, gazetteer),
        payload=lambda form_input: regime_payload(form_input, _typed_clocks(form_input, places), gazetteer),
        field_of=regime_field,
        fields=lambda payload: regime_fields(payload, _clocks_of(payload.get("parties", ()), places)),
        initial={"source-accessed_on": _today(), "out-document-ordinary": "yes", "back-document-ordinary": "yes"},
        context={
            **_choices(),
            "kinds": list(RegimeKind),
            "steps": ALLOWED_STEPS[None],
            "places": _places_by_name(),
            "documents": list(DocumentType),
        },
    )
    return handle_change_form(form)


@regimes.route("/regimes/<regime_id>/steps", methods=_GET_AND_POST)
@requires(Right.PROPOSE)
@resumable
def step(regime_id: str) -> AnyResponse:
    """Add a step or a milestone."""
    detail = _detail(regime_id)
    clocks, gazetteer = _clocks_of(detail.regime.parties, detail.places), rulebook_store().current(session()).gazetteer
    form = ChangeForm(
        ProposalKind.STEP,
        "Record a step",
        "staff/step.html",
        regime_id=lambda _: regime_id,
        payload=lambda form_input: step_payload(form_input, clocks, gazetteer),
        field_of=lambda path, _: step_field(path),
        fields=lambda payload: step_fields(payload, clocks),
        initial={"step": request.args.get("step", ""), "source-accessed_on": _today()},
        context={**_choices(), "detail": detail, "steps": list(Status), "clocks": clocks},
    )
    return handle_change_form(form)


@regimes.route("/regimes/<regime_id>/timeline/<key>", methods=_GET_AND_POST)
@requires(Right.PROPOSE)
@resumable
def correction(regime_id: str, key: str) -> AnyResponse:
    """Correct or remove an entry of the timeline."""
    detail = _detail(regime_id)
    entry = next((entry for entry in entries_in_order(detail.regime) if entry.key == key), None)
    if entry is None:
        raise NotFound("entry", key, f"{regime_id} has no such entry on its timeline", "its page names them all")
    clocks, gazetteer = _clocks_of(detail.regime.parties, detail.places), rulebook_store().current(session()).gazetteer
    form = ChangeForm(
        ProposalKind.CORRECTION,
        "Correct the timeline",
        "staff/step.html",
        regime_id=lambda _: regime_id,
        payload=lambda form_input: correction_payload(key, form_input, clocks, gazetteer),
        field_of=lambda path, _: step_field(path),
        fields=lambda payload: step_fields(payload.get("entry") or {}, clocks),
        initial=entry_fields(entry, clocks),
        context={**_choices(), "detail": detail, "steps": list(Status), "clocks": clocks, "corrects": entry},
    )
    return handle_change_form(form)


@regimes.route("/regimes/<regime_id>/rules/<key>", methods=_GET_AND_POST)
@requires(Right.PROPOSE)
@resumable
def rule(regime_id: str, key: str) -> AnyResponse:
    """Change the terms of a rule, or add a rule if the key is `new`."""
    detail = _detail(regime_id)
    known = None if key == "new" else _rule(detail, key)
    kept = payload_of(known.terms) if known else {}
    gazetteer = rulebook_store().current(session()).gazetteer
    form = ChangeForm(
        ProposalKind.RULE,
        "Change a rule" if known else "Add a rule",
        "staff/rule.html",
        regime_id=lambda _: regime_id,
        payload=lambda form_input: rule_payload(form_input, known.key if known else None, gazetteer, kept),
        field_of=lambda path, _: rule_field(path),
        fields=rule_fields,
        initial=rule_fields({"terms": kept}) if known else {"document-ordinary": "yes"},
        context={
            **_choices(),
            "detail": detail,
            "rule": known,
            "places": _places_by_name(),
            "documents": list(DocumentType),
            "condition_kinds": list(ConditionKind),
        },
    )
    return handle_change_form(form)


@regimes.route("/regimes/<regime_id>/verification", methods=_GET_AND_POST)
@requires(Right.PROPOSE)
@resumable
def verification(regime_id: str) -> AnyResponse:
    """Confirm that all rules, or one, were checked against their source and are still true."""
    detail = _detail(regime_id)
    form = ChangeForm(
        ProposalKind.VERIFICATION,
        "Checked, and still true",
        "staff/verification.html",
        regime_id=lambda _: regime_id,
        payload=confirmation_payload,
        field_of=lambda path, _: confirmation_field(path),
        fields=confirmation_fields,
        initial={"rule": request.args.get("rule", ""), "checked_on": _today(), "source-accessed_on": _today()},
        context={**_choices(), "detail": detail},
    )
    return handle_change_form(form)


def _detail(regime_id: str) -> RegimeDetail:
    return show_regime(session(), rulebook_store(), regime_id, now())


def _rule(detail: RegimeDetail, key: str) -> Rule:
    found = next((rule for rule in detail.rules if rule.key == key), None)
    if found is None:
        raise NotFound("rule", key, f"{detail.regime.id} has no rule {quoted(key)}", "its page lists them")
    return found


def _next_steps(regime: Regime) -> tuple[Status, ...]:
    if regime.policy_of is not None:
        return ()
    return ALLOWED_STEPS[regime.timeline.events[-1].status if regime.timeline.events else None]


def _clocks_of(parties: tuple[str, ...] | list[str], places: Places) -> dict[str, Place]:
    """The places whose clock may be used for a time: the parties."""
    codes = [members[0] for party in parties if (members := places.members(party))]
    return {code: places.by_code[code] for code in codes if places.by_code[code].can_be_entered}


def _typed_clocks(form_input: FormInput, places: Places) -> dict[str, Place]:
    gazetteer = rulebook_store().current(session()).gazetteer
    codes = [form_input.place(side, gazetteer) or "" for side in ("first", "second")]
    return _clocks_of(codes, places) or {"": places.destinations[0]}


def _choices() -> dict[str, object]:
    return {"source_kinds": list(SourceKind), "requirements": list(Requirement), "text_fields": TEXT_FIELDS}


def _places_by_name() -> list[Place]:
    return sorted(rulebook_store().current(session()).rulebook.places.by_code.values(), key=lambda place: place.name)


def _today() -> str:
    return now().date().isoformat()
