"""Logs in at a party: a key, a user with a password, or a token that is fetched and kept until it ends. Keeps no secret."""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated
from urllib.parse import quote_plus, urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.calling import Answer
from connectors.channel import SecretSettings
from connectors.descriptor import Descriptor
from connectors.vendors.rest.shapes import LoginSettings, OAuthLogin
from lineage.errors import Misconfigured, Refused

Post = Callable[[str | None, str, bytes, Mapping[str, str]], Awaitable[Answer]]
"""Posts to a path of one of the party's addresses."""
_SECOND = 1_000_000
_EARLY = 30
"""Seconds before its end that a token is used no more."""
_UNSAID = 300
"""Seconds that a token is used whose end is not said."""


class _Token(BaseModel):
    """What a token's server answers (RFC 6749 §5.1); some write the seconds as a text."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    access_token: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,8192}$")]
    expires_in: Annotated[int, Field(ge=0, le=10**9)] = _UNSAID


class Login:
    """Gives the headers that log in. A token is asked for when there is none, and once more where it is refused."""

    def __init__(self, said: LoginSettings, descriptor: Descriptor, post: Post, clock: Callable[[], int]) -> None:
        """`post` asks for tokens; `clock` is microseconds UTC. Reads no secret yet."""
        self._said, self._descriptor, self._post, self._clock = said, descriptor, post, clock
        self._token: tuple[str, int] | None = None

    async def headers(self) -> Mapping[str, str]:
        """Return them. Raises: Misconfigured: a secret is missing, or refused. Refused, Retryable: no token comes."""
        said = self._said
        if said.header is not None:
            return {said.header.name: self._secret(said.header.secret)}
        if said.basic is not None:
            return {"Authorization": _basic(self._secret(said.basic.user), self._secret(said.basic.password))}
        if said.oauth2 is not None:
            return {"Authorization": f"Bearer {await self._current(said.oauth2)}"}
        assert said.bearer is not None, "one of them is there: the shape says so"  # noqa: S101 - for the type checker
        return {"Authorization": f"Bearer {self._secret(said.bearer)}"}

    def renews(self) -> bool:
        """Forget a token that was refused; tell whether another can be had."""
        had, self._token = self._token, None
        return had is not None

    async def _current(self, said: OAuthLogin) -> str:
        now = self._clock()
        if self._token is not None and now < self._token[1]:
            return self._token[0]
        form = {"grant_type": "client_credentials"} | ({"scope": said.scope} if said.scope else {})
        # RFC 6749 §2.3.1: both are encoded as in a form before they are put together.
        client, secret = (quote_plus(self._secret(each)) for each in (said.client, said.secret))
        headers = {"Authorization": _basic(client, secret), "Content-Type": "application/x-www-form-urlencoded"}
        answer = await self._post(said.at, said.path, urlencode(form).encode(), headers)
        token = self._read(answer)
        self._token = token.access_token, now + max(token.expires_in - _EARLY, 1) * _SECOND
        return token.access_token

    def _read(self, answer: Answer) -> _Token:
        party = self._descriptor.party
        if answer.status in (400, 401, 403):
            raise Misconfigured(
                f"{party} gives us no token ({answer.status}): check the client and secret of its login"
            )
        try:
            if answer.status == 200:
                return _Token.model_validate(json.loads(answer.body))
        except (ValidationError, ValueError, RecursionError):
            pass  # told below: what it holds may be a secret
        raise Refused(f"{party} answers a login with what is no token ({answer.status}): check the path of its login")

    def _secret(self, said: SecretSettings) -> str:
        secret = said.secret(self._descriptor).read()
        if not (secret.isascii() and secret.isprintable()):
            raise Misconfigured(f"the secret for {self._descriptor.party} holds what no header can: write it anew")
        return secret


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
