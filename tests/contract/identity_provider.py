"""An identity provider: a real server program in a process of its own, and somebody in between who alters it."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import requests
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.conftest import FixedClock
from tests.staff_app import StaffSite
from visalookup import create_app
from visalookup.config import Settings, SingleSignOn, StaffSettings
from visalookup.domain.accounts.roles import Role

Json = Any
Alter = Callable[[Json], Json]

DISCOVERY = "/.well-known/openid-configuration"
TOKEN = "/oauth2/token"  # noqa: S105 - an address
KEYS = "/jwks"
USERINFO = "/userinfo"


SECRET = "the secret of this client"  # noqa: S105 - for tests
ROLES = {"visa-editors": Role.EDITOR, "visa-publishers": Role.PUBLISHER}
EDITOR = {
    "roles": ["visa-editors"],
    "preferred_username": "boris",
    "name": "Boris B.",
    "email": "b@id.example",
}
"""The secret of our service at the provider, what its claim stands for, and what it says of an editor."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The server program `oidc-provider-mock`, as the people who sign in there and its administrators use it."""

    address: str

    def knows(self, subject: str, **claims: Json) -> str:
        """Set what it says of somebody, and return their subject."""
        path = f"{self.address}/users/{quote(subject, safe='')}"
        assert requests.put(path, json=claims, timeout=5).status_code == 204
        return subject

    def sign_in(self, at: str, subject: str) -> str:
        """Sign in on its page, and return the address it sends the browser to."""
        assert "Authorize Client" in requests.get(at, timeout=5).text
        return self._sent_on(at, {"sub": subject})

    def decline(self, at: str) -> str:
        """Press Deny on its page instead."""
        return self._sent_on(at, {"action": "deny"})

    def _sent_on(self, at: str, form: dict[str, str]) -> str:
        response = requests.post(at, data=form, allow_redirects=False, timeout=5)
        assert response.status_code == 302, response.text
        return response.headers["Location"]


@contextmanager
def running_provider() -> Iterator[Provider]:
    """The server program, in a process of its own on a port of its own choice."""
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", "0", "--require-nonce"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own words
        try:
            yield Provider(_announced_address(process))
        finally:
            process.terminate()


def _announced_address(process: subprocess.Popen[str]) -> str:
    """The address that it says it listens on; what it says later is read too, or it would stop when unheard."""
    assert process.stderr is not None
    for line in process.stderr:
        found = re.search(r"running on (http://[\w.]+:\d+)", line)
        if found:
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return found[1]
    raise AssertionError("the provider ended before it listened")


@dataclass(slots=True)
class Between:
    """Somebody between us and the provider, who passes everything on, and alters the answers that a test names."""

    provider: Provider
    address: str = ""
    altered: dict[str, Alter] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "of-a-stranger", "use": "sig"}))

    def alter(self, path: str, alter: Alter) -> None:
        """Alter what is answered at a path from now on; an alteration may also return a Response."""
        self.altered[path] = alter

    def say(self, path: str, answer: Json) -> None:
        """Answer this at a path, whatever the provider says."""
        self.alter(path, always(answer))

    def sign_anew(self, change: Callable[[dict[str, Json]], Json], key: Json = None, **header: str) -> None:
        """Give ID tokens with other claims, signed by our own key; `change` changes the claims in place."""

        def alter(answer: Json) -> Json:
            claims = claims_of(answer["id_token"])
            change(claims)
            whole = {"alg": "RS256", "kid": "of-a-stranger", **header}
            signed = jwt.encode(whole, claims, key or self.key, algorithms=[whole["alg"]])
            return {**answer, "id_token": signed}

        self.alter(TOKEN, alter)

    def pose_as_the_provider(self) -> None:
        """Publish our own key as the provider's, so that only what a token says is wrong with it."""
        self.say(KEYS, KeySet([self.key]).as_dict(private=False))

    def answer(self, request: Request) -> Response:
        """Pass on a request, and alter the answer."""
        found = requests.request(
            request.method,
            f"{self.provider.address}{request.full_path}",
            headers=dict(request.headers),
            data=request.get_data(),
            allow_redirects=False,
            timeout=5,
        )
        alter = self.altered.get(request.path)
        if alter is None:
            kept = {name: found.headers[name] for name in ("Location", "Content-Type") if name in found.headers}
            return Response(found.content, found.status_code, kept)
        answer = alter(found.json())
        if isinstance(answer, Response):
            return answer
        return Response(json.dumps(answer), found.status_code, content_type="application/json")


class Silent(WSGIRequestHandler):
    """Writes no line for a request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: what stands in the addresses is looked for in our own log."""


@contextmanager
def in_between(provider: Provider) -> Iterator[Between]:
    """Somebody between us and the provider, listening on a port of its own."""
    between = Between(provider)
    server = make_server("127.0.0.1", 0, Request.application(between.answer), threaded=True, request_handler=Silent)
    between.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield between
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def unchanged(claims: dict[str, Json]) -> None:
    """Changes nothing of what a token says."""


def always(answer: Json) -> Alter:
    """Says this whatever the provider says."""

    def alter(_answer: Json) -> Json:
        return answer

    return alter


def claims_of(token: str) -> dict[str, Json]:
    """What a signed token says, its signature not looked at."""
    payload = token.split(".")[1]
    claims: dict[str, Json] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def build_site(url: str, issuer: str | None, role_claim: str = "roles") -> StaffSite:
    """The service with this provider, at the time that the provider's own clock shows."""
    known = SingleSignOn(issuer, "visa-lookup", SECRET, role_claim, ROLES) if issuer else None
    staff = StaffSettings(secure_cookies=False, single_sign_on=known)
    clock = FixedClock(datetime.now(UTC))
    settings = Settings(database_url=url, log_level="ERROR", secret_key=uuid.uuid4().hex, staff=staff)
    return StaffSite(create_app(settings, clock), clock)
