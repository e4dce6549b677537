"""Upload of a data file or a table, with a preview of every change and every fault before anything is proposed."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from visalookup.domain.accounts.roles import Right
from visalookup.domain.changes.proposals import ProposalKind
from visalookup.domain.regimes import policy_id
from visalookup.domain.slugs import slug_of
from visalookup.formats.rule_table import COLUMNS
from visalookup.staff.access import requires, resumable
from visalookup.staff.changes.change_flow import ChangeForm, handle_change_form
from visalookup.staff.changes.forms.form_input import WHOLE_FORM, FormInput, filled

upload = Blueprint("staff_upload", __name__, url_prefix="/staff")

_DESTINATION = re.compile(r"^destination:\s*(\S+)", re.MULTILINE)
_ID = re.compile(r"^id:\s*(\S+)", re.MULTILINE)


@upload.route("/upload", methods=["GET", "POST"])
@requires(Right.PROPOSE)
@resumable
def file() -> AnyResponse:
    """Propose a whole regime from its file, or many of its rules from a table."""
    form = ChangeForm(
        ProposalKind.FILE,
        "Upload a file",
        "staff/upload.html",
        regime_id=lambda form_input: _regime_id(form_input, _text(form_input)),
        payload=_payload,
        field_of=lambda _path, _payload: WHOLE_FORM,
        fields=lambda payload: {"text": payload["text"]},
        initial={"regime": request.args.get("regime", "")},
        context={"columns": ",".join(COLUMNS)},
    )
    return handle_change_form(form)


def _payload(form_input: FormInput) -> dict[str, Any]:
    text = _text(form_input)
    if not text:
        form_input.fault("text", "Choose a file, or paste its text.")
    return filled(name=_name(form_input, text), text=text)


def _text(form_input: FormInput) -> str:
    """The pasted text, or else the uploaded file, which is then shown as if it had been pasted."""
    uploaded = request.files.get("file")
    if uploaded is None or not uploaded.filename:
        return form_input.fields.get("text", "")
    try:
        text: str = uploaded.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        form_input.fault("file", "The file is not UTF-8; save it as UTF-8 and choose it again.")
        return ""
    uploaded.seek(0)
    form_input.fields = {**form_input.fields, "text": text}
    return text


def _name(form_input: FormInput, text: str) -> str:
    """The file's name in the data folder, derived from its content; a table has no file of its own there."""
    if form_input.text("regime"):
        return "table.csv"
    destination, regime_id = _DESTINATION.search(text), _ID.search(text)
    if destination:
        return f"destinations/{destination[1]}.yaml"
    return f"regimes/{regime_id[1]}.yaml" if regime_id else "regimes/unnamed.yaml"


def _regime_id(form_input: FormInput, text: str) -> str:
    destination, regime_id = _DESTINATION.search(text), _ID.search(text)
    if given := form_input.text("regime"):
        return given
    if destination:
        return slug_of(policy_id(destination[1]), "unnamed")
    return slug_of(regime_id[1], "unnamed") if regime_id else "unnamed"
