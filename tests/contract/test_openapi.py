"""The OpenAPI document: it is published, whole and true, as machine-made requests find."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance

from tests.conftest import MORNING, MakeDatabase
from tests.contract.conftest import PROBLEM, Api, Json, build_app, close_app
from visalookup.api.response_schemas import component_schemas
from visalookup.api.v1 import blueprints
from visalookup.config import ROOT
from visalookup.domain.requirements import Requirement
from visalookup.extensions import db, state_of
from visalookup.services.agencies.agencies import add_agency, issue_key

COMMITTED = ROOT / "openapi.json"

ROUTES = """
/ GET HEAD OPTIONS
/.well-known/jwks.json GET HEAD OPTIONS
/about GET HEAD OPTIONS
/api/v1/changes GET HEAD OPTIONS
/api/v1/destinations/<code>/requirements GET HEAD OPTIONS
/api/v1/destinations/<code>/verifications OPTIONS POST
/api/v1/passports/<code>/requirements GET HEAD OPTIONS
/api/v1/places GET HEAD OPTIONS
/api/v1/proposals GET HEAD OPTIONS
/api/v1/proposals/<int:number> GET HEAD OPTIONS
/api/v1/proposals/<int:number>/publication OPTIONS POST
/api/v1/proposals/<int:number>/return OPTIONS POST
/api/v1/proposals/<int:number>/withdrawal OPTIONS POST
/api/v1/receipts/verify OPTIONS POST
/api/v1/regimes GET HEAD OPTIONS
/api/v1/regimes OPTIONS POST
/api/v1/regimes/<regime_id> GET HEAD OPTIONS
/api/v1/regimes/<regime_id>/events OPTIONS POST
/api/v1/regimes/<regime_id>/events/<key> DELETE OPTIONS
/api/v1/regimes/<regime_id>/events/<key> OPTIONS PUT
/api/v1/regimes/<regime_id>/rules OPTIONS POST
/api/v1/regimes/<regime_id>/rules/<key> DELETE OPTIONS
/api/v1/regimes/<regime_id>/rules/<key> OPTIONS PUT
/api/v1/regimes/<regime_id>/verifications OPTIONS POST
/api/v1/requirements GET HEAD OPTIONS
/api/v1/requirements/batch OPTIONS POST
/api/v1/trips OPTIONS POST
/api/v1/webhooks GET HEAD OPTIONS
/api/v1/webhooks OPTIONS POST
/api/v1/webhooks/<int:number> DELETE OPTIONS
/api/v1/webhooks/<int:number> GET HEAD OPTIONS
/api/v1/webhooks/<int:number>/deliveries GET HEAD OPTIONS
/api/v1/webhooks/<int:number>/deliveries/<int:delivery>/replay OPTIONS POST
/api/v1/webhooks/<int:number>/ping OPTIONS POST
/api/v1/webhooks/<int:number>/resumption OPTIONS POST
/api/v1/webhooks/<int:number>/secret OPTIONS POST
/ask GET HEAD OPTIONS
/changes.atom GET HEAD OPTIONS
/coverage GET HEAD OPTIONS
/destinations/<code> GET HEAD OPTIONS
/docs GET HEAD OPTIONS
/docs/agencies GET HEAD OPTIONS
/docs/errors GET HEAD OPTIONS
/healthz GET HEAD OPTIONS
/metrics GET HEAD OPTIONS
/openapi.json GET HEAD OPTIONS
/passports/<code> GET HEAD OPTIONS
/places GET HEAD OPTIONS
/readyz GET HEAD OPTIONS
/regimes GET HEAD OPTIONS
/regimes/<regime_id> GET HEAD OPTIONS
/staff GET HEAD OPTIONS
/staff/account GET HEAD OPTIONS
/staff/account/password OPTIONS POST
/staff/account/sessions/end OPTIONS POST
/staff/account/tokens GET HEAD OPTIONS
/staff/account/tokens OPTIONS POST
/staff/account/tokens/<int:number>/revocation OPTIONS POST
/staff/account/two-factor GET HEAD OPTIONS
/staff/account/two-factor OPTIONS POST
/staff/account/two-factor/off OPTIONS POST
/staff/accounts GET HEAD OPTIONS
/staff/accounts/<name>/disable OPTIONS POST
/staff/accounts/<name>/enable OPTIONS POST
/staff/accounts/<name>/role OPTIONS POST
/staff/accounts/tokens GET HEAD OPTIONS
/staff/accounts/tokens/<int:number>/revocation OPTIONS POST
/staff/agencies GET HEAD OPTIONS
/staff/agencies OPTIONS POST
/staff/agencies/<name> GET HEAD OPTIONS
/staff/agencies/<name>/disable OPTIONS POST
/staff/agencies/<name>/enable OPTIONS POST
/staff/agencies/<name>/keys OPTIONS POST
/staff/agencies/<name>/keys/<int:number>/revocation OPTIONS POST
/staff/agencies/<name>/limits OPTIONS POST
/staff/agencies/usage.csv GET HEAD OPTIONS
/staff/as-of/<int:number> GET HEAD OPTIONS
/staff/destinations GET HEAD OPTIONS
/staff/differences GET HEAD OPTIONS
/staff/differences/<int:number> OPTIONS POST
/staff/history GET HEAD OPTIONS
/staff/history.csv GET HEAD OPTIONS
/staff/history/<int:number> GET HEAD OPTIONS
/staff/proposals GET HEAD OPTIONS
/staff/proposals/<int:number> GET HEAD OPTIONS
/staff/proposals/<int:number>/publication OPTIONS POST
/staff/proposals/<int:number>/return OPTIONS POST
/staff/proposals/<int:number>/withdrawal OPTIONS POST
/staff/regimes GET HEAD OPTIONS
/staff/regimes/<regime_id> GET HEAD OPTIONS
/staff/regimes/<regime_id>/rules/<key> GET HEAD OPTIONS POST
/staff/regimes/<regime_id>/steps GET HEAD OPTIONS POST
/staff/regimes/<regime_id>/timeline/<key> GET HEAD OPTIONS POST
/staff/regimes/<regime_id>/verification GET HEAD OPTIONS POST
/staff/regimes/new GET HEAD OPTIONS POST
/staff/sign-in GET HEAD OPTIONS
/staff/sign-in OPTIONS POST
/staff/sign-in/single GET HEAD OPTIONS
/staff/sign-in/single/back GET HEAD OPTIONS
/staff/sign-out OPTIONS POST
/staff/upload GET HEAD OPTIONS POST
/staff/webhooks GET HEAD OPTIONS
/staff/webhooks/deliveries/<int:number>/replay OPTIONS POST
/static/<path:filename> GET HEAD OPTIONS
/visa/<passport>/<destination> GET HEAD OPTIONS
"""
"""What is published. Programs and links depend on it: add to it, and take nothing away."""


@pytest.fixture
def document(api: Api) -> Json:
    """The document as it is served."""
    served: Json = api.get("/openapi.json")
    return served


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Each operation with its name."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield f"{method.upper()} {path}", operation


def test_the_published_routes_are_these(app: Flask) -> None:
    found = sorted(f"{rule.rule} {' '.join(sorted(rule.methods or ()))}" for rule in app.url_map.iter_rules())
    assert found == sorted(ROUTES.strip().splitlines())


def test_the_committed_document_is_the_one_served(document: Json) -> None:
    committed = json.loads(COMMITTED.read_bytes())
    assert committed == document, "run `make openapi` and commit openapi.json"


def test_the_document_is_valid_openapi(document: Json) -> None:
    validate(document)


def test_every_route_for_programs_is_described(app: Flask, document: Json) -> None:
    routes = {
        f"{method} {rule.rule.replace('<int:', '<').replace('<', '{').replace('>', '}')}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }
    assert {name for name, _ in operations(document)} == routes


def test_every_operation_describes_its_errors_as_problems(document: Json) -> None:
    for name, operation in operations(document):
        errors = {status: response for status, response in operation["responses"].items() if not status.startswith("2")}
        assert {"422", "503"} <= errors.keys(), name
        for status, response in errors.items():
            schema = response["content"][PROBLEM]["schema"]
            assert list(response["content"]) == [PROBLEM], (name, status)
            assert schema == {"$ref": "#/components/schemas/Problem"}, (name, status)


def test_every_operation_and_parameter_says_what_it_is_for(document: Json) -> None:
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["tags"], name
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (name, parameter["name"])


def test_every_address_with_a_regime_in_it_may_answer_404(document: Json) -> None:
    assert "404" in dict(operations(document))["GET /api/v1/regimes/{regime_id}"]["responses"]


def test_the_batch_describes_its_questions_its_answers_and_ndjson(document: Json) -> None:
    batch = dict(operations(document))["POST /api/v1/requirements/batch"]
    body = batch["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/BatchBody"}
    queries = document["components"]["schemas"]["BatchBody"]["properties"]["queries"]
    assert queries["items"] == {"$ref": "#/components/schemas/BatchQuestion"}
    assert "BatchQuestion" in document["components"]["schemas"]
    answers = document["components"]["schemas"]["BatchResult"]["properties"]["answers"]
    assert "$ref" in json.dumps(answers), "what an answer of a batch looks like is not described"
    assert "application/x-ndjson" in batch["responses"]["200"]["content"]


def test_every_response_is_described_and_open_to_new_members(document: Json) -> None:
    declared = component_schemas(declaration for blueprint in blueprints for declaration in blueprint.declared)
    assert {"LookupResult", "Answer", "Stay", "Regime", "TripResult", "Verified", "Proposal"} <= declared.keys()
    for name in declared:
        schema = document["components"]["schemas"][name]
        assert schema["description"], name
        assert "additionalProperties" not in schema, name


def test_the_values_of_an_enumeration_keep_their_order(document: Json) -> None:
    described = document["components"]["schemas"]["Requirement"]
    assert described["enum"] == [str(requirement) for requirement in Requirement]


def test_every_reference_leads_somewhere(document: Json) -> None:
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
        found: Any = document
        for step in reference.split("/"):
            found = found[step]
        assert found


def test_no_schema_says_a_nullable_member_is_never_null(api: Api, document: Json) -> None:
    schemas = document["components"]["schemas"]
    for name in ("regime", "verification", "stay", "authority", "next_change"):
        described = json.dumps(schemas["LookupResult"]["properties"][name])
        assert "null" in described, f"{name} may be null, and the document does not say so"


def described() -> Json:
    """The document, without any database behind it."""
    app = build_app("sqlite://")
    document: Json = state_of(app).describe_api()
    close_app(app)
    return document


UNPACKED = {"Accept-Encoding": "identity"}
"""The machine asks for compressed answers and cannot unpack them where no network lies between."""
machine = schemathesis.openapi.from_dict(described(), config=schemathesis.Config())
quick = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""The same requests on every run, and few enough to wait for."""


def runs() -> Iterator[Any]:
    """Each operation with requests that fit the document, and with ones that do not where there can be any."""
    for label, operation in operations(machine.raw_schema):
        yield pytest.param(label, GenerationMode.POSITIVE, id=f"{label}, as described")
        if "requestBody" in operation or any(each["in"] == "query" for each in operation.get("parameters", ())):
            yield pytest.param(label, GenerationMode.NEGATIVE, id=f"{label}, otherwise than described")


def unfit_checks(label: str) -> list[Any]:
    """Checks that do not fit: a batch answers a bad question in its own place, and so with 200."""
    return [positive_data_acceptance, *([negative_data_rejection] if label.endswith("/batch") else [])]


# No schema can say which text is a place or whether a day is in the calendar: so what fits the document may be
# refused, but only in the way the document says.
@pytest.mark.parametrize(("label", "mode"), list(runs()))
def test_requests_made_by_machine_are_answered_as_described(app: Flask, label: str, mode: GenerationMode) -> None:
    method, path = label.split()

    @quick
    @given(case=machine[path][method].as_strategy(generation_mode=mode))
    def request_(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(app=app, headers=UNPACKED, excluded_checks=unfit_checks(label))

    request_()


@pytest.fixture(scope="module")
def agency(make_sqlite: MakeDatabase, loaded_sqlite_template: str) -> Iterator[tuple[Flask, str]]:
    """The application on a database that may be written to, and an agency's key."""
    app = build_app(make_sqlite(loaded_sqlite_template))
    with app.app_context():
        add_agency(db.session, "silk-road-travel", "Silk Road Travel", "tests", MORNING)
        key = issue_key(db.session, "silk-road-travel", None, "tests", MORNING).secret
        db.session.commit()
    yield app, key
    close_app(app)


def runs_of_agencies() -> Iterator[Any]:
    """Each operation that an agency may use."""
    staff = {label for label, each in operations(machine.raw_schema) if {"staffToken": []} in each["security"]}
    return (each for each in runs() if each.values[0] not in staff)


@pytest.mark.parametrize(("label", "mode"), list(runs_of_agencies()))
def test_requests_with_a_key_are_answered_as_described(
    agency: tuple[Flask, str], label: str, mode: GenerationMode
) -> None:
    app, key = agency
    method, path = label.split()
    seen = set()

    @settings(quick, max_examples=30)
    @given(case=machine[path][method].as_strategy(generation_mode=mode))
    def request_(case: schemathesis.Case[Any]) -> None:
        response = case.call_and_validate(
            app=app,
            headers={**UNPACKED, "Authorization": f"Bearer {key}"},
            excluded_checks=[*unfit_checks(label), ignored_auth],
        )
        seen.add(response.status_code)

    request_()
    if mode is GenerationMode.POSITIVE:  # otherwise than described may be without the key
        assert 401 not in seen, "the key was not taken"
