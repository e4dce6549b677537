"""The client of the identity provider: OpenID Connect, authorization code flow with PKCE, through Authlib.

Nothing the provider or the browser sends is trusted before it is validated (OpenID Connect Core, section 3.1.3.7;
Discovery, section 4.3), and only the kind of a fault is logged, never the data itself.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
from authlib.oidc.core import CodeIDToken
from flask import request
from flask import session as cookie_session
from joserfc.errors import ClaimError, JoseError
from requests import JSONDecodeError, RequestException

from visalookup.config import SingleSignOn
from visalookup.domain.accounts.identities import Claims, says_enough
from visalookup.domain.errors import InvalidValue, quoted

log = logging.getLogger(__name__)

MAX_SIGN_IN_TIME = timedelta(minutes=10)
"""How long a sign-in at the provider may take before it must be started again."""

_NAME = "provider"
_STATE = f"_state_{_NAME}_"  # prefix under which Authlib stores an attempt in the cookie
_MAX_ATTEMPTS = 2  # the size of a cookie is limited
_TIMEOUT_SECONDS = 5
_LEEWAY_SECONDS = 60  # by which the provider's clock may differ from ours
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_WELL_FORMED_CODE = re.compile(r"[a-z_]{1,60}")
_MALFORMED = (ValueError, TypeError, KeyError, AttributeError)
"""Exceptions raised by reading a malformed response."""


class SignInFailed(Exception):
    """A sign-in through the provider failed; the message says why and what to do."""

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        super().__init__(detail)


class ProtocolViolation(Exception):
    """The provider's response is well formed but violates OpenID Connect; the message is our own."""


@dataclass(frozen=True, slots=True)
class VerifiedLogin:
    """The verified claims of a person, and the console page they wanted."""

    claims: Claims
    next_path: str | None


class IdentityProvider:
    """The configured identity provider."""

    def __init__(self, settings: SingleSignOn) -> None:
        if not _is_safe(settings.issuer):
            raise InvalidValue(f"OIDC_ISSUER is {quoted(settings.issuer)}; it must begin with https://.")
        self.settings = settings
        self._client = self._new_client()

    def begin(self, redirect_uri: str, next_path: str | None, now: datetime) -> str:
        """The provider's URL to redirect the browser to; the provider then sends it back to `redirect_uri`.

        The values that the response must match (state, nonce, code verifier) are stored in the cookie.
        Raise SignInFailed.
        """
        with self._checked_client() as client:
            started = client.create_authorization_url(redirect_uri)
        _forget_old_attempts()
        client.save_authorize_data(redirect_uri=redirect_uri, next_path=next_path, began_at=now.timestamp(), **started)
        return str(started["url"])

    def finish(self, now: datetime) -> VerifiedLogin:
        """Validate the current request, the provider's redirect back to us. Raise SignInFailed."""
        refusal = request.args.get("error")
        if refusal is not None:
            raise _failure(OAuthError(error=refusal))
        attempt = _attempt(request.args.get("state", ""), now)
        with self._checked_client() as client:
            claims = self._claims(client, attempt, now)
        return VerifiedLogin(claims, attempt.get("next_path"))

    def _claims(self, client: Any, attempt: dict[str, Any], now: datetime) -> Claims:
        """The claims of the ID token, completed from userinfo if the role or the name is missing."""
        token = client.fetch_access_token(
            code=request.args.get("code", ""),
            redirect_uri=attempt["redirect_uri"],
            code_verifier=attempt["code_verifier"],
        )
        claims: Claims | None = client.parse_id_token(
            token,
            nonce=attempt["nonce"],
            claims_options=self._claims_options(client),
            claims_cls=_checked_claims_class(now, token["access_token"]),
            leeway=_LEEWAY_SECONDS,
        )
        if claims is None:
            raise ProtocolViolation("there is no ID token")
        if says_enough(claims, self.settings.role_claim) or "userinfo_endpoint" not in client.server_metadata:
            return claims
        userinfo = client.userinfo(token=token)
        if userinfo.get("sub") != claims["sub"]:
            raise ProtocolViolation("the userinfo is about another person")
        return {**userinfo, **claims}

    def _claims_options(self, client: Any) -> dict[str, Any]:
        """What the ID token must contain: this provider as the issuer, and us as the audience."""
        issuer, audience = client.server_metadata["issuer"], self.settings.client_id
        return {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": audience}}

    @contextmanager
    def _checked_client(self) -> Iterator[Any]:
        """A client with the provider's checked metadata; every fault in the block is raised as SignInFailed.

        After a fault the provider's endpoints and keys are fetched again.
        """
        client = self._client
        try:
            _check_metadata(client.load_server_metadata(), client, self.settings)
            yield client
        except (OAuthError, RequestException, JoseError, ProtocolViolation, *_MALFORMED) as error:
            self._client = self._new_client()
            log.warning("single sign-on failed: %s", _fault_kind(error))
            raise _failure(error) from None

    def _new_client(self) -> Any:
        return FlaskOAuth2App(
            FlaskIntegration(_NAME),
            _NAME,
            client_id=self.settings.client_id,
            client_secret=self.settings.client_secret,
            server_metadata_url=f"{self.settings.issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid profile email",
                "code_challenge_method": "S256",
                "default_timeout": _TIMEOUT_SECONDS,
            },
        )


def _is_safe(address: str) -> bool:
    """Whether nobody can read the connection: it uses TLS, or stays on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")


def _check_metadata(metadata: dict[str, Any], client: Any, settings: SingleSignOn) -> None:
    """Raise ProtocolViolation if the discovery document is another provider's, or an endpoint is not secure."""
    if str(metadata["issuer"]).rstrip("/") != settings.issuer:
        raise ProtocolViolation("the discovery document names another issuer")
    if not all(_is_safe(metadata[name]) for name in _ENDPOINTS):
        raise ProtocolViolation("an endpoint is not reached over TLS")
    offered = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
    metadata["id_token_signing_alg_values_supported"] = [name for name in _ALGORITHMS if name in offered]
    if "client_secret_basic" not in metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
        client.client_kwargs["token_endpoint_auth_method"] = "client_secret_post"  # noqa: S105 - a method's name


def _checked_claims_class(now: datetime, access_token: str) -> Any:
    """A class of ID token claims that checks times by our clock, and `at_hash` against the access token.

    Authlib uses the machine's clock, and passes the access token only to its own class of claims.
    """

    class CheckedClaims(CodeIDToken):  # type: ignore[misc]  # Authlib is untyped
        def validate(self, now: int = int(now.timestamp()), leeway: int = 0) -> None:
            self.params["access_token"] = access_token
            super().validate(now, leeway)

    return CheckedClaims


def _attempt(state: str, now: datetime) -> dict[str, Any]:
    """The attempt that was stored in the cookie when it began; it is valid once."""
    stored = cookie_session.pop(f"{_STATE}{state}", None)
    if stored is None:
        raise SignInFailed(
            400,
            "This sign-in was not started in this browser, or it is already finished. Start again; if it happens"
            " again, let your browser keep this site's cookies.",
        )
    attempt: dict[str, Any] = stored["data"]
    if now.timestamp() > attempt["began_at"] + MAX_SIGN_IN_TIME.total_seconds():
        raise SignInFailed(400, "This sign-in took too long and is no longer valid. Start again.")
    return attempt


def _forget_old_attempts() -> None:
    attempts = sorted(
        (name for name in cookie_session if name.startswith(_STATE)),
        key=lambda name: cookie_session[name]["data"]["began_at"],
    )
    for name in attempts[: -(_MAX_ATTEMPTS - 1)]:
        cookie_session.pop(name)


def _failure(error: Exception) -> SignInFailed:
    match error:
        case OAuthError() if error.error == "access_denied":
            return SignInFailed(
                403,
                "Your identity provider did not let you in, or you declined. Start again; if you did not decline,"
                " ask the person who manages accounts there.",
            )
        case OAuthError():
            return SignInFailed(
                502,
                "Your identity provider refused this sign-in. Start again; if it happens again, contact an"
                " administrator of this service.",
            )
        case RequestException() if not isinstance(error, JSONDecodeError):
            return SignInFailed(503, "Your identity provider does not answer. Try again in a few minutes.")
        case _:
            return SignInFailed(
                502,
                "The response of your identity provider cannot be trusted, so nobody was signed in. Start again; if"
                " it happens again, contact an administrator of this service.",
            )


def _fault_kind(error: Exception) -> str:
    """What went wrong, without any data that was received."""
    code = str(error.error) if isinstance(error, OAuthError) else ""
    if _WELL_FORMED_CODE.fullmatch(code):
        return code
    if isinstance(error, JoseError):
        return str(error) if isinstance(error, ClaimError) else error.error
    return str(error) if isinstance(error, ProtocolViolation) else type(error).__name__
