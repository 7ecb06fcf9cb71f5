"""Signs in at Google as a service account (RFC 7523), and calls Google with the token it gets. Knows none of its interfaces.

The key never leaves this machine: an assertion is signed with it, and traded for a token that lasts about an hour.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal
from urllib.parse import urlencode

from google.auth import jwt
from google.auth.crypt import RSASigner
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.calling import Answer, Caller, checked_url, host_of
from connectors.secretfile import Secret
from lineage.errors import Misconfigured, Refused

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_HOSTS = frozenset({"oauth2.googleapis.com", "accounts.google.com", "www.googleapis.com"})
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
ASSERTED_SECONDS = 3_600
"""How long an assertion is good for: the most that Google takes."""
EARLY_SECONDS = 60
"""So long before its end a token is renewed."""
_SECOND = 1_000_000
_Text = Annotated[str, Field(min_length=1, max_length=16_384)]


class _KeyFile(BaseModel):
    """What we need of the key file that Google makes."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
    type: Literal["service_account"]
    client_email: _Text
    private_key: _Text
    private_key_id: _Text
    token_uri: _Text


class _Token(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
    access_token: Annotated[str, Field(pattern=r"^[!-~]{1,8192}$")]
    expires_in: Annotated[int, Field(ge=1, le=86_400)]
    token_type: Literal["Bearer"]


class Login:
    """Calls Google for one party. The token is kept in memory until shortly before it ends."""

    def __init__(
        self,
        party: str,
        secret: Secret,
        scope: str,
        caller: Caller,
        clock: Callable[[], int],
        *,
        dry: bool = False,
        own: str = "",
    ) -> None:
        """With `dry` nobody signs in: the dry run shows the calls themselves, and no assertion.

        `own` is a host at which tokens may be fetched besides: one that an authority of our own vouches for.
        """
        self._party, self._secret, self._scope, self._caller, self._clock = party, secret, scope, caller, clock
        self._dry, self._own = dry, own
        self._token, self._until = "", 0

    async def call(self, method: str, url: str, body: bytes | None = None) -> Answer:
        """Return the answer to one call; a token that Google takes no more is renewed once.

        Raises: Misconfigured: the key or its file is of no use, or Google refuses the login. Others: as `calling.Caller`.
        """
        answer = await self._caller.call(method, url, body, await self._headers(body))
        if answer.status == 401:
            self._until = 0
            answer = await self._caller.call(method, url, body, await self._headers(body))
        if answer.status == 401:
            raise Misconfigured(f"Google takes no token for {self._party} (401): check the service account and its key")
        return answer

    async def close(self) -> None:
        """Let connections go."""
        await self._caller.close()

    async def _headers(self, body: bytes | None) -> Mapping[str, str]:
        kind = {} if body is None else {"Content-Type": "application/json"}
        return kind if self._dry else {**kind, "Authorization": f"Bearer {await self._good_token()}"}

    async def _good_token(self) -> str:
        if self._clock() >= self._until:
            asked = self._clock()
            token = await self._fetched(asked // _SECOND)
            self._token, self._until = token.access_token, asked + (token.expires_in - EARLY_SECONDS) * _SECOND
        return self._token

    async def _fetched(self, now: int) -> _Token:
        key = self._key()
        url = token_url(self._party, key.token_uri, self._own)
        form = urlencode({"grant_type": GRANT, "assertion": self._assertion(key, now)}).encode()
        answer = await self._caller.call("POST", url, form, {"Content-Type": "application/x-www-form-urlencoded"})
        if answer.status != 200:
            raise Misconfigured(
                f"Google refuses the login for {self._party} ({answer.status}): the key may be revoked, or the clock wrong"
            )
        try:
            return _Token.model_validate_json(answer.body)
        except ValidationError:
            raise Refused(f"Google answers the login for {self._party} with no token: a person must look") from None

    def _assertion(self, key: _KeyFile, now: int) -> str:
        claims = {
            "iss": key.client_email,
            "scope": self._scope,
            "aud": key.token_uri,
            "iat": now,
            "exp": now + ASSERTED_SECONDS,
        }
        try:
            signer = RSASigner.from_string(  # type: ignore[no-untyped-call]  # google-auth says no types there
                key.private_key, key.private_key_id
            )
        except Exception:  # noqa: BLE001 - whatever is wrong with a key is said in many ways, some of which quote it
            raise Misconfigured(
                f"the key file for {self._party} holds no RSA key that can be read: make a new one at Google"
            ) from None
        signed: bytes = jwt.encode(signer, claims)  # type: ignore[no-untyped-call]  # the same
        return signed.decode("ascii")

    def _key(self) -> _KeyFile:
        try:
            return _KeyFile.model_validate_json(self._secret.document())
        except ValidationError:
            raise Misconfigured(
                f"{self._secret.what} is not the key file of a service account: give the JSON file as Google made it"
            ) from None


def token_url(party: str, url: str, own: str = "") -> str:
    """Return where tokens are fetched. Raises: Misconfigured: it is neither Google, nor this machine, nor the host `own`."""
    _, host, _ = host_of(checked_url(party, url))
    if host not in TOKEN_HOSTS | LOOPBACK | ({own} - {""}):
        raise Misconfigured(f"the key file for {party} names a token_uri that is not Google's: do not use this file")
    return url


def api_url(party: str, url: str, *, elsewhere: bool = False) -> str:
    """Return an address at Google without the slash at its end; `elsewhere`, over TLS, where our own authority vouches for it.

    Raises: Misconfigured: it is neither Google nor this machine.
    """
    checked = checked_url(party, url)
    _, host, _ = host_of(checked)
    if not elsewhere and not host.endswith(".googleapis.com") and host not in LOOPBACK:
        raise Misconfigured(f"the address of {party} is not at googleapis.com: a token is sent to Google alone")
    return checked
