"""Signs people in by the company's own OpenID Connect provider: the code flow with PKCE. Knows no page and no session.

OpenID Connect Core 1.0 (3.1), Discovery 1.0, RFC 7636, RFC 9700. What the provider says is believed once its signature, issuer,
audience, time and nonce are right; which role somebody has is said by its groups and our table, and by nothing else.
"""

import json
import re
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote_plus, urlencode

import jwt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.calling import Answer, Caller
from console.api.grants import NAME
from console.web.oidc_settings import OidcSettings, is_safe
from lineage.errors import Refused

LONGEST_SIGN_IN = 10 * 60 * 1_000_000
"""Microseconds from the first page to the last."""
MOST_PENDING = 1_000
KEPT = 60 * 60 * 1_000_000
"""Microseconds for which what the provider says of itself is believed."""
ANEW = 60 * 1_000_000
"""Microseconds before its keys are asked for again because of a key that is not among them."""
LARGEST = 256 * 1024
SECONDS = 10.0
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_LEEWAY = 60
_Url = Annotated[str, Field(min_length=8, max_length=2_000)]


class _Discovery(BaseModel):
    """What a provider says of itself (Discovery 1.0, 3); of it what is used."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
    issuer: _Url
    authorization_endpoint: _Url
    token_endpoint: _Url
    jwks_uri: _Url
    userinfo_endpoint: _Url | None = None


class _Tokens(BaseModel):
    """The answer to a code (Core 1.0, 3.1.3.3); of it what is used."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
    id_token: Annotated[str, Field(max_length=64 * 1024)]
    access_token: Annotated[str, Field(max_length=64 * 1024)] | None = None


class Begun(NamedTuple):
    """A sign-in that has begun: where the browser goes, and what it must bring back."""

    address: str
    state: str


class Known(NamedTuple):
    """Who has signed in, and as what."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class _Pending:
    nonce: str
    verifier: str
    begun: int


class _About(NamedTuple):
    """What is known of the provider, since when."""

    discovery: _Discovery
    keys: Mapping[str, jwt.PyJWK]
    since: int


class Provider:
    """One provider. Used from one loop."""

    def __init__(self, settings: OidcSettings, back: str, clock: Callable[[], int]) -> None:
        """`back` is the address of ours to which browsers come back. Connects to nothing yet. Raises: Misconfigured."""
        self._settings, self._back, self._clock = settings, back, clock
        self._caller = Caller(
            "the OpenID provider", clock, ca_file=settings.ca_file, seconds=SECONDS, largest=LARGEST
        )  # fmt: skip
        self._pending: OrderedDict[str, _Pending] = OrderedDict()
        self._about: _About | None = None

    async def begin(self) -> Begun:
        """Begin a sign-in. Raises: Retryable, Refused: the provider is away, or says nothing that can be used."""
        about = await self._known()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        self._pending[_hash(state)] = _Pending(nonce, verifier, self._clock())
        while len(self._pending) > MOST_PENDING:
            self._pending.popitem(last=False)
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": self._settings.client_id, "redirect_uri": self._back,
            "scope": " ".join(self._settings.scopes), "state": state, "nonce": nonce, "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        joint = "&" if "?" in about.discovery.authorization_endpoint else "?"
        return Begun(about.discovery.authorization_endpoint + joint + urlencode(asked), state)

    async def finish(self, given: Mapping[str, str], state: str) -> Known:
        """Return who has signed in, of what the browser brings back; `state` is what it was given when it began.

        Raises: Refused: it is no sign-in of this browser, too old, used, or what the provider says does not hold; or nobody
        of these groups may sign in. Retryable: the provider is away.
        """
        brought = given.get("state", "")
        pending = self._pending.pop(_hash(brought), None) if state and _same(brought, state) else None
        if pending is None or self._clock() - pending.begun > LONGEST_SIGN_IN:
            raise Refused("this sign-in was not begun here, or too long ago")
        issuer = given.get("iss", self._settings.issuer)
        if "error" in given or "code" not in given or issuer != self._settings.issuer:
            raise Refused("the OpenID provider signed nobody in")
        claims = await self._claims(given["code"], pending)
        return self._known_as(claims)

    async def close(self) -> None:
        """Let connections go."""
        await self._caller.close()

    async def _claims(self, code: str, pending: _Pending) -> Mapping[str, Any]:
        about = await self._known()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._back,
            "code_verifier": pending.verifier,
        }  # fmt: skip
        user = f"{quote_plus(self._settings.client_id)}:{quote_plus(self._settings.secret())}"
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Authorization": f"Basic {b64encode(user.encode()).decode()}",
        }
        tokens = _read(
            _Tokens, await self._caller.call("POST", about.discovery.token_endpoint, urlencode(form).encode(), headers)
        )  # fmt: skip
        claims = self._verified(tokens.id_token, await self._key_of(tokens.id_token))
        if not _same(str(claims.get("nonce", "")), pending.nonce):
            raise Refused("what the OpenID provider says is of another sign-in")
        return {**await self._more(about.discovery, tokens, claims), **claims}

    async def _more(self, discovery: _Discovery, tokens: _Tokens, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the provider says besides of who has signed in, where it has not said it all (Core 1.0, 5.3)."""
        if {self._settings.name_claim, self._settings.groups_claim} <= claims.keys():
            return {}
        if discovery.userinfo_endpoint is None or tokens.access_token is None:
            return {}
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        answer = await self._caller.call("GET", discovery.userinfo_endpoint, None, headers)
        _check(answer)
        try:
            told = json.loads(answer.body)
        except ValueError:
            raise Refused("the OpenID provider's answer is none") from None
        if not isinstance(told, dict) or told.get("sub") != claims["sub"]:
            raise Refused("the OpenID provider tells of another person than signed in")
        return told

    def _verified(self, token: str, key: jwt.PyJWK) -> Mapping[str, Any]:
        """Return what a token says (Core 1.0, 3.1.3.7). Raises: Refused."""
        settings = self._settings
        try:
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=list(_ALGORITHMS), audience=settings.client_id, issuer=settings.issuer,
                leeway=_LEEWAY, options={"require": ["exp", "iat", "sub", "nonce"]},
            )  # fmt: skip
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Refused("what the OpenID provider says of who signed in does not hold") from None
        if claims.get("azp", settings.client_id) != settings.client_id:
            raise Refused("what the OpenID provider says is for another program")
        return claims

    async def _key_of(self, token: str) -> jwt.PyJWK:
        try:
            name = str(jwt.get_unverified_header(token).get("kid", ""))
        except jwt.PyJWTError:
            raise Refused("what the OpenID provider says of who signed in does not hold") from None
        about = await self._known()
        if name not in about.keys and self._clock() - about.since > ANEW:
            self._about = None  # its keys may have changed
            about = await self._known()
        if name not in about.keys:
            raise Refused("what the OpenID provider says is signed by a key that it does not have")
        return about.keys[name]

    async def _known(self) -> _About:
        """Return what the provider says of itself. Raises: Retryable, Refused."""
        if self._about is None or self._clock() - self._about.since > KEPT:
            issuer = self._settings.issuer
            found = _read(
                _Discovery, await self._caller.call("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            )
            if found.issuer != issuer or not all(map(is_safe, found.model_dump(exclude_none=True).values())):
                raise Refused("the OpenID provider says that it is another, or names addresses without TLS")
            keys = _keys(await self._caller.call("GET", found.jwks_uri))
            self._about = _About(found, keys, self._clock())
        return self._about

    def _known_as(self, claims: Mapping[str, Any]) -> Known:
        """Return who it is by our table. Raises: Refused: her groups have no role here, or her name cannot be written down."""
        settings = self._settings
        name, groups = claims.get(settings.name_claim), claims.get(settings.groups_claim, [])
        held = {each for each in (groups if isinstance(groups, list) else [groups]) if isinstance(each, str)}
        role = next((role for group, role in settings.roles.items() if group in held), None)
        if role is None:
            raise Refused("none of your groups has a role in this console")
        if not isinstance(name, str) or not re.fullmatch(NAME, name):
            raise Refused("the OpenID provider says no name that can be written down with what you look at")
        return Known(name, role)


def _keys(answer: Answer) -> Mapping[str, jwt.PyJWK]:
    """Return a provider's keys by name; those that cannot be used are passed over. Raises: Refused, Retryable."""
    _check(answer)
    try:
        listed = json.loads(answer.body)["keys"]
        found: dict[str, jwt.PyJWK] = {}
        for each in listed[:100]:
            if each.get("use", "sig") == "sig" and each.get("kty") in ("RSA", "EC", "OKP"):
                key = jwt.PyJWK.from_dict(each)
                found[str(key.key_id or "")] = key
    except (ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError):
        raise Refused("the OpenID provider has no keys that can be used") from None
    return found


def _read(shape: type[Any], answer: Answer) -> Any:  # noqa: ANN401 - the shape given is what comes
    _check(answer)
    try:
        return shape.model_validate_json(answer.body)
    except ValidationError:
        raise Refused("the OpenID provider's answer is none") from None


def _check(answer: Answer) -> None:
    """Make sure that it is an answer. Raises: Refused."""
    if answer.status != 200:
        raise Refused(f"the OpenID provider answers {answer.status}")


def _hash(state: str) -> str:
    return sha256(state.encode("utf-8", "surrogatepass")).hexdigest()


def _same(given: str, known: str) -> bool:
    return compare_digest(given.encode("utf-8", "surrogatepass"), known.encode("utf-8", "surrogatepass"))
