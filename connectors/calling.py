"""Calls a party over HTTPS, within bounds of time and size, and says what a fault means for us. Knows no party's protocol.

Neither addresses, bodies nor what the party wrote stand in messages: any of them may hold personal data.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import httpx2

from connectors.everybody import hits_everybody
from connectors.waiting import busy
from lineage.errors import JalkiError, Misconfigured, Refused, Retryable

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PUT_OFF = (408, 425, 429)
_SERVER_FAULT = 500
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status below 500, headers by lower-case name, the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Call(NamedTuple):
    """A call as it would be made, for a dry run. Its body and its address may hold personal data."""

    party: str
    method: str
    url: str
    body: bytes


class NotSent(Refused):
    """It was a dry run: the call was shown and not made."""


class Caller:
    """Calls one party. `seconds` bounds a whole call, `largest` the bytes of an answer.

    With `dry` nothing is sent: it hears of each call, and `NotSent` is raised.
    """

    def __init__(
        self,
        party: str,
        clock: Callable[[], int],
        *,
        ca_file: Path | None,
        seconds: float,
        largest: int,
        dry: Callable[[Call], None] | None = None,
    ) -> None:
        """Connects to nothing yet. Raises: Misconfigured: a CA file that cannot be used."""
        self._party, self._clock, self._seconds, self._largest, self._dry = party, clock, seconds, largest, dry
        self._client = httpx2.AsyncClient(
            # A packed answer could be larger than its bytes.
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Jalki"},
            verify=_trust(party, ca_file),
            # No proxy and no .netrc, and never to where an answer points: we call whom the settings say.
            trust_env=False,
            follow_redirects=False,
            timeout=seconds,
        )

    async def call(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Return the answer to one call.

        Raises:
            Retryable: the party is away, slow, over its limit (`Later`, where it says how long) or has a fault of its own.
            Refused: the call could be about everybody there, or its answer is too large to be one. NotSent: it was a dry run.
            Misconfigured: its certificate does not verify.
        """
        # The last thing that every call passes: one that forgot whom it is about erases all customers there.
        if hits_everybody(method, url, body or b"", (headers or {}).get("Content-Type", "")):
            raise Refused(
                f"a call to {self._party} could be about everybody it knows of, and was not made: tell it by hand, "
                "and look at its descriptor"
            )
        if self._dry is not None:
            self._dry(Call(self._party, method, url, body or b""))
            raise NotSent(f"dry run: nothing was sent to {self._party}")
        begun = monotonic()
        try:
            async with asyncio.timeout(self._seconds):
                async with self._client.stream(method, url, content=body, headers=headers) as response:
                    content = await self._content(response)
        except TimeoutError as cause:
            raise Retryable(f"{self._party} did not answer within {self._seconds:g} s") from cause
        except httpx2.HTTPError as cause:
            raise _passing(self._party, cause) from cause
        status = response.status_code
        # No address: it may hold an identifier.
        _log.debug("%s %s: %d in %.0f ms", method, self._party, status, 1_000 * (monotonic() - begun))
        if status in _PUT_OFF or status >= _SERVER_FAULT:
            wait = response.headers.get("retry-after") or response.headers.get("x-ratelimit-reset")
            raise busy(f"{self._party} cannot answer now ({status})", wait, self._clock())
        return Answer(status, {name.lower(): value for name, value in response.headers.items()}, content)

    async def close(self) -> None:
        """Let connections go."""
        await self._client.aclose()

    async def _content(self, response: httpx2.Response) -> bytes:
        body = bytearray()
        async for part in response.aiter_raw():
            body += part
            if len(body) > self._largest:
                raise Refused(
                    f"{self._party} answers more than {self._largest} bytes: no answer is that long, ask the party"
                )
        return bytes(body)


def checked_url(party: str, url: str) -> str:
    """Return a party's address without the slash at its end; plain HTTP goes only to this machine.

    Raises: Misconfigured: it cannot be used as one.
    """
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError) as cause:
        raise Misconfigured(f"the address of {party} is not a URL: give https://host/path") from cause
    if parsed.scheme != "https" and not (parsed.scheme == "http" and parsed.host in _LOOPBACK):
        raise Misconfigured(f"the address of {party} is not https: personal data goes over TLS alone")
    if not parsed.host or parsed.userinfo or parsed.query or parsed.fragment:
        raise Misconfigured(f"the address of {party} holds more than a host and a path: take the rest out")
    return url.rstrip("/")


def host_of(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port; empty for what is no URL."""
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        return "", "", None
    return parsed.scheme, parsed.host, parsed.port


@cache
def _system_trust() -> ssl.SSLContext:
    """Return the system's own authorities, read once: that takes as long as many calls."""
    return ssl.create_default_context()


def _trust(party: str, ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is None:
        return _system_trust()
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as cause:
        raise Misconfigured(f"the CA file of {party} is missing or holds no certificates in PEM") from cause


def _passing(party: str, cause: Exception) -> JalkiError:
    """Tell a certificate that will not do from a party that is away."""
    inside: BaseException | None = cause
    while inside is not None:
        if isinstance(inside, ssl.SSLCertVerificationError):
            return Misconfigured(f"the TLS certificate of {party} does not verify: check its address and CA file")
        inside = inside.__cause__ or inside.__context__
    return Retryable(f"{party} does not answer ({type(cause).__name__})")
