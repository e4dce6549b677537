"""The flow of every change in the console: a form, a preview of its effect, then a proposal."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.roles import Right
from visalookup.domain.changes.proposals import ProposalKind
from visalookup.domain.errors import DomainError
from visalookup.domain.wording.amendments import describe_differences
from visalookup.domain.wording.changes import change_sentence
from visalookup.extensions import now, rulebook_store, session, settings
from visalookup.formats.faults import FaultyData
from visalookup.services.changes.current_regime import read_current_regime
from visalookup.services.changes.proposals.decide import publish
from visalookup.services.changes.proposals.listing import find_proposal
from visalookup.services.changes.proposals.preview import Amendment, Preview, preview_change
from visalookup.services.changes.proposals.propose import ProposalOrder, propose
from visalookup.staff.access import is_resumed, member
from visalookup.staff.changes.forms.form_input import WHOLE_FORM, FormInput
from visalookup.staff.interrupted_form import FLOW_FIELDS
from visalookup.storage.ledger import Conflict


@dataclass(frozen=True, slots=True)
class ChangeForm:
    """A form: what it changes, how its fields become a payload, and how it is rendered.

    `regime_id` may depend on the input. `field_of` gives the form field for a fault's path. `fields` turns the
    payload of a proposal back into form fields. `context` is passed on to the template.
    """

    kind: ProposalKind
    heading: str
    template: str
    regime_id: Callable[[FormInput], str]
    payload: Callable[[FormInput], dict[str, Any]]
    field_of: Callable[[str, Mapping[str, Any]], str]
    fields: Callable[[Mapping[str, Any]], dict[str, str]]
    initial: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)


def handle_change_form(form: ChangeForm) -> AnyResponse:
    """Show the form or the preview of its effect, or redirect to the proposal it became."""
    if request.method != "POST":
        return _initial_page(form)
    form_input = FormInput({name: value for name, value in request.form.items() if name not in FLOW_FIELDS})
    if is_resumed() or request.form.get("action") == "change":
        return _page(form, form_input)
    payload = form.payload(form_input)
    preview = None if form_input.faults else _preview(form, form_input, payload)
    if preview is None:
        return _page(form, form_input, 422)
    if preview.version != _base_version(form, form_input):
        form_input.fault(WHOLE_FORM, _CONFLICT)
        return _page(form, form_input, 409, preview.version)
    if request.form.get("action") not in ("propose", "publish"):
        return _preview_page(form, form_input, preview)
    return _propose(form, form_input, preview)


_CONFLICT = (
    "Someone else changed this record since you opened the form. What you typed is kept: look at the record as it"
    " stands now, and continue if it is still right."
)


def _initial_page(form: ChangeForm) -> Response:
    renewed_id = request.args.get("renews", type=int)
    if renewed_id is None:
        return _page(form, FormInput(dict(form.initial)))
    proposal = find_proposal(session(), renewed_id)
    return _page(form, FormInput({**form.fields(proposal.payload), "reason": proposal.reason}))


def _preview(form: ChangeForm, form_input: FormInput, payload: dict[str, Any]) -> Preview | None:
    amendment = Amendment(form.kind, form.regime_id(form_input), payload)
    try:
        return preview_change(session(), rulebook_store(), amendment, now())
    except FaultyData as error:
        form_input.add_payload_faults(error, lambda path: form.field_of(path, payload))
    except DomainError as error:
        form_input.fault(WHOLE_FORM, str(error))
    return None


def _base_version(form: ChangeForm, form_input: FormInput) -> int:
    """The version the form was opened on; without that field, the current version."""
    given = request.form.get("based_on", type=int)
    return read_current_regime(session(), form.regime_id(form_input)).version if given is None else given


def _propose(form: ChangeForm, form_input: FormInput, preview: Preview) -> AnyResponse:
    order = ProposalOrder(
        form_key=request.form.get("form_key") or uuid.uuid4().hex,
        based_on=preview.version,
        reason=form_input.text("reason") or "",
        renews=request.form.get("renews", type=int),
    )
    try:
        proposal = propose(session(), rulebook_store(), preview.amendment, order, member(), now())
        if request.form["action"] == "publish" and proposal.is_open:
            publish(session(), rulebook_store(), proposal.id, member(), review=settings().staff.review, now=now())
    except FaultyData as error:
        session().rollback()
        form_input.add_payload_faults(error, lambda path: form.field_of(path, preview.amendment.payload))
        return _page(form, form_input, 422)
    except (Conflict, DomainError) as error:
        session().rollback()
        form_input.fault(WHOLE_FORM, str(error))
        return _page(form, form_input, 409, read_current_regime(session(), preview.amendment.regime_id).version)
    session().commit()
    return redirect(f"/staff/proposals/{proposal.id}", 303)


def _hidden_fields(form: ChangeForm, form_input: FormInput, version: int | None) -> dict[str, str]:
    """The hidden fields that connect the steps of the flow."""
    if version is None:
        given = request.form.get("based_on")
        version = (
            int(given)
            if given and given.isdigit()
            else read_current_regime(session(), form.regime_id(form_input)).version
        )
    renews = request.values.get("renews", type=int)
    return {
        "based_on": str(version),
        "form_key": request.form.get("form_key") or uuid.uuid4().hex,
        **({"renews": str(renews)} if renews else {}),
    }


def _page(form: ChangeForm, form_input: FormInput, status: int = 200, version: int | None = None) -> Response:
    page = render_template(
        form.template,
        heading=form.heading,
        given=form_input.fields,
        faults=form_input.faults,
        hidden=_hidden_fields(form, form_input, version),
        **form.context,
    )
    return Response(page, status, mimetype="text/html")


def _preview_page(form: ChangeForm, form_input: FormInput, preview: Preview) -> Response:
    page = render_template(
        "staff/preview.html",
        heading=form.heading,
        summary=preview.summary,
        given={name: value for name, value in form_input.fields.items() if value},
        hidden=_hidden_fields(form, form_input, preview.version),
        **preview_context(preview),
        may_publish=not settings().staff.review and member().may(Right.PUBLISH),
    )
    return Response(page, 200, mimetype="text/html")


def preview_context(preview: Preview) -> dict[str, Any]:
    """The answers that change and the differences in the record, as sentences for a page."""
    return {
        "answers": [change_sentence(change, now()) for change in preview.impact if change.kind == "answer"],
        "announced": [change_sentence(change, now()) for change in preview.impact if change.kind != "answer"],
        "differences": describe_differences(preview.before, preview.after),
    }
