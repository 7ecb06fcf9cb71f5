"""Posts findings of drift to one address of the company's own, signed. Knows no drift, and keeps no position.

`POST` of `{"findings": […]}`, each as the topic `drift` has it, with `Jalki-Timestamp` (seconds since 1970) and
`Jalki-Signature`: `v1=` and HMAC-SHA256 (RFC 2104), hexadecimal, of the timestamp, a full stop and the body. Any answer of
2xx means that it is taken; nothing else does. How a receiver checks it: `docs/how-to/drift.md`.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.calling import Caller, checked_url
from lineage.errors import Misconfigured, Refused

MOST = 100
"""Findings of one call."""
MOST_BYTES = 256 * 1024
"""Of its body, unless a single finding is larger."""
SHORTEST_SECRET = 32
"""Bytes: as many as the hash has (RFC 2104 §3)."""
SECONDS = 10.0
_LARGEST_ANSWER = 64 * 1024
_WHO = "the webhook of drift"
_MILLION = 1_000_000


class DriftWebhook:
    """One receiver. `clock` is microseconds UTC."""

    def __init__(
        self,
        url: str,
        secret: bytes,
        clock: Callable[[], int],
        *,
        ca_file: Path | None = None,
        seconds: float = SECONDS,
    ) -> None:
        """Connects to nothing yet; `seconds` bound a call. Raises: Misconfigured: address, secret or CA file cannot be used."""
        if len(secret) < SHORTEST_SECRET:
            raise Misconfigured(f"the secret of {_WHO} is shorter than {SHORTEST_SECRET} bytes: make one at random")
        self._url, self._secret, self._clock = checked_url(_WHO, url), secret, clock
        self._caller = Caller(_WHO, clock, ca_file=ca_file, seconds=seconds, largest=_LARGEST_ANSWER)

    @property
    def lane(self) -> str:
        """The name that its position is kept under: another address begins at the beginning."""
        return "webhook:" + hashlib.sha256(self._url.encode()).hexdigest()[:16]

    def fits(self, records: Sequence[str]) -> int:
        """Return how many of these, from the first on, go in one call."""
        size = 0
        for count, each in enumerate(records[:MOST]):
            size += len(each.encode()) + 1
            if count and size > MOST_BYTES:
                return count
        return min(len(records), MOST)

    async def deliver(self, records: Sequence[str]) -> None:
        """Return when these findings, given as JSON, were taken.

        Raises: Retryable: it is away. Refused: it does not take them. Misconfigured: its certificate does not verify.
        """
        body = f'{{"findings":[{",".join(records)}]}}'.encode()
        timestamp = str(self._clock() // _MILLION)
        headers = {
            "Content-Type": "application/json",
            "Jalki-Timestamp": timestamp,
            "Jalki-Signature": signature_of(self._secret, timestamp, body),
        }
        answer = await self._caller.call("POST", self._url, body, headers)
        if not 200 <= answer.status < 300:
            raise Refused(f"{_WHO} does not take what is sent ({answer.status}): look at the receiver, nothing is lost")

    async def close(self) -> None:
        """Let connections go."""
        await self._caller.close()


def signature_of(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return what stands in `Jalki-Signature`."""
    return "v1=" + hmac.digest(secret, timestamp.encode() + b"." + body, "sha256").hex()
