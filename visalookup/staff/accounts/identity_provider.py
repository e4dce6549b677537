"""The identity provider, spoken to by OpenID Connect: authorization code flow with PKCE, through Authlib.

Nothing the provider or the browser sends is believed before it is checked (OpenID Connect Core, section 3.1.3.7;
Discovery, section 4.3), and none of it is written to the log but the kind of the fault.
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
from flask import session as browser
from joserfc.errors import ClaimError, JoseError
from requests import JSONDecodeError, RequestException

from visalookup.config import SingleSignOn
from visalookup.domain.accounts.identities import Claims, says_enough
from visalookup.domain.errors import InvalidValue, quoted

log = logging.getLogger(__name__)

LONGEST_SIGN_IN = timedelta(minutes=10)
"""How long somebody may take at the provider before they must begin again."""

_NAME = "provider"
_STATE = f"_state_{_NAME}_"  # where Authlib keeps, in the browser, what belongs to one attempt
_ATTEMPTS_KEPT = 2  # a cookie holds only so much
_SECONDS_TO_ANSWER = 5
_LEEWAY = 60  # seconds that the provider's clock may differ from ours
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_WELL_FORMED_CODE = re.compile(r"[a-z_]{1,60}")
_GARBLED = (ValueError, TypeError, KeyError, AttributeError)
"""What comes of reading an answer that is not of the form it should have."""


class SignInFailed(Exception):
    """Somebody did not come in through the provider; the message says why and what to do."""

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        super().__init__(detail)


class ProtocolViolation(Exception):
    """The provider's answer is well formed, and not what OpenID Connect says it must be; the message is ours."""


@dataclass(frozen=True, slots=True)
class VerifiedLogin:
    """Whom the provider vouches for, and where in the console they wanted to go."""

    claims: Claims
    going_to: str | None


class IdentityProvider:
    """The one provider of this service."""

    def __init__(self, settings: SingleSignOn) -> None:
        if not _is_safe(settings.issuer):
            raise InvalidValue(f"OIDC_ISSUER is {quoted(settings.issuer)}; it must begin with https://.")
        self.settings = settings
        self._client = self._new_client()

    def begin(self, back_to: str, going_to: str | None, now: datetime) -> str:
        """The address at the provider to send the browser to; `back_to` is where it then comes back to.

        What the answer must match (state, nonce, code verifier) is kept in the browser. Raise SignInFailed.
        """
        with self._watched() as client:
            started = client.create_authorization_url(back_to)
        _forget_old_attempts()
        client.save_authorize_data(redirect_uri=back_to, going_to=going_to, began_at=now.timestamp(), **started)
        return str(started["url"])

    def finish(self, now: datetime) -> VerifiedLogin:
        """Whom the request at hand, which comes back from the provider, vouches for. Raise SignInFailed."""
        refusal = request.args.get("error")
        if refusal is not None:
            raise _failure(OAuthError(error=refusal))
        attempt = _attempt(request.args.get("state", ""), now)
        with self._watched() as client:
            claims = self._claims(client, attempt, now)
        return VerifiedLogin(claims, attempt.get("going_to"))

    def _claims(self, client: Any, attempt: dict[str, Any], now: datetime) -> Claims:
        """What the ID token says, and the userinfo where the ID token leaves the role or the name open."""
        token = client.fetch_access_token(
            code=request.args.get("code", ""),
            redirect_uri=attempt["redirect_uri"],
            code_verifier=attempt["code_verifier"],
        )
        claims: Claims | None = client.parse_id_token(
            token,
            nonce=attempt["nonce"],
            claims_options=self._expected(client),
            claims_cls=_claims_checked(now, token["access_token"]),
            leeway=_LEEWAY,
        )
        if claims is None:
            raise ProtocolViolation("there is no ID token")
        if says_enough(claims, self.settings.role_claim) or "userinfo_endpoint" not in client.server_metadata:
            return claims
        more = client.userinfo(token=token)
        if more.get("sub") != claims["sub"]:
            raise ProtocolViolation("the userinfo is about somebody else")
        return {**more, **claims}

    def _expected(self, client: Any) -> dict[str, Any]:
        """What the ID token must name: this provider as the issuer, and us as the audience."""
        issuer, audience = client.server_metadata["issuer"], self.settings.client_id
        return {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": audience}}

    @contextmanager
    def _watched(self) -> Iterator[Any]:
        """A client that knows the provider; whatever goes wrong between them comes out as SignInFailed.

        After a fault the provider is asked for its endpoints and keys anew.
        """
        client = self._client
        try:
            _check_metadata(client.load_server_metadata(), client, self.settings)
            yield client
        except (OAuthError, RequestException, JoseError, ProtocolViolation, *_GARBLED) as error:
            self._client = self._new_client()
            log.warning("single sign-on failed: %s", _kind(error))
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
                "default_timeout": _SECONDS_TO_ANSWER,
            },
        )


def _is_safe(address: str) -> bool:
    """Whether what is sent there cannot be read on its way: over TLS, or within this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")


def _check_metadata(metadata: dict[str, Any], client: Any, settings: SingleSignOn) -> None:
    """Raise ProtocolViolation where the discovery document is another provider's, or lacks what we need."""
    if str(metadata["issuer"]).rstrip("/") != settings.issuer:
        raise ProtocolViolation("the discovery document names another issuer")
    if not all(_is_safe(metadata[each]) for each in _ENDPOINTS):
        raise ProtocolViolation("an endpoint is not reached over TLS")
    offered = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
    metadata["id_token_signing_alg_values_supported"] = [each for each in _ALGORITHMS if each in offered]
    if "client_secret_basic" not in metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
        client.client_kwargs["token_endpoint_auth_method"] = "client_secret_post"  # noqa: S105 - a method's name


def _claims_checked(now: datetime, access_token: str) -> Any:
    """Claims of an ID token whose times are checked by our clock, and whose `at_hash` by the access token.

    Authlib takes the clock of the machine, and passes the access token on to no class of claims but its own.
    """

    class CheckedClaims(CodeIDToken):  # type: ignore[misc]  # Authlib carries no types
        def validate(self, now: int = int(now.timestamp()), leeway: int = 0) -> None:
            self.params["access_token"] = access_token
            super().validate(now, leeway)

    return CheckedClaims


def _attempt(state: str, now: datetime) -> dict[str, Any]:
    """What was kept in the browser when this attempt began; it is good once."""
    kept = browser.pop(f"{_STATE}{state}", None)
    if kept is None:
        raise SignInFailed(
            400,
            "This sign-in was not begun in this browser, or it was finished already. Begin again; if it happens"
            " again, let your browser keep this site's cookies.",
        )
    attempt: dict[str, Any] = kept["data"]
    if now.timestamp() > attempt["began_at"] + LONGEST_SIGN_IN.total_seconds():
        raise SignInFailed(400, "This sign-in took too long, so it is no longer good. Begin again.")
    return attempt


def _forget_old_attempts() -> None:
    begun = sorted(
        (each for each in browser if each.startswith(_STATE)), key=lambda each: browser[each]["data"]["began_at"]
    )
    for each in begun[: -(_ATTEMPTS_KEPT - 1)]:
        browser.pop(each)


def _failure(error: Exception) -> SignInFailed:
    match error:
        case OAuthError() if error.error == "access_denied":
            return SignInFailed(
                403,
                "Your identity provider did not let you in, or you declined. Begin again; if you did not decline,"
                " ask whoever looks after accounts there.",
            )
        case OAuthError():
            return SignInFailed(
                502,
                "Your identity provider refused this sign-in. Begin again; if it happens again, tell an"
                " administrator of this service.",
            )
        case RequestException() if not isinstance(error, JSONDecodeError):
            return SignInFailed(503, "Your identity provider does not answer. Try again in a little while.")
        case _:
            return SignInFailed(
                502,
                "What your identity provider answered cannot be trusted, so nobody was signed in. Begin again; if"
                " it happens again, tell an administrator of this service.",
            )


def _kind(error: Exception) -> str:
    """What went wrong, in words that hold nothing anybody sent."""
    code = str(error.error) if isinstance(error, OAuthError) else ""
    if _WELL_FORMED_CODE.fullmatch(code):
        return code
    if isinstance(error, JoseError):
        return str(error) if isinstance(error, ClaimError) else error.error
    return str(error) if isinstance(error, ProtocolViolation) else type(error).__name__
