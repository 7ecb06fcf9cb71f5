"""Hands a package directly to the controller the person chose (GDPR Art. 20(2)): in pieces, signed, its checksum confirmed.

`PUT {target}/{key}` with `Content-Range` (RFC 9110 §14.4), 308 and `Upload-Offset` while pieces are missing, 200 or 201 at the
end; `Repr-Digest` (RFC 9530) says what the whole must be, and an HTTP message signature (RFC 9421, Ed25519) who says so.
`HEAD` tells how far an upload came. The whole protocol: `docs/how-to/answer-access.md`.
"""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from connectors.calling import Answer, Caller
from connectors.protocol import Limits
from connectors.targets import Target
from lineage.cases.orders import Order, Outcome
from lineage.errors import Misconfigured, Refused, Retryable

PIECE = 4 << 20
"""Bytes of one piece."""
_LARGEST_ANSWER = 1 << 16
_MILLION = 1_000_000
_COVERED = ("@method", "@target-uri", "repr-digest", "content-range")
_DONE = (200, 201, 204)
_MORE = 308
_NOTHING = (404, 410)
_NO_SUCH_QUESTION = 405
_NOT_LET = (401, 403)
_OFFSET = re.compile(r"\d{1,15}", re.ASCII)
_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]{44}):")


@dataclass(frozen=True, slots=True)
class Signer:
    """The company's signature. `sign` returns the Ed25519 signature (64 bytes) of a message; `key_id` names the public key."""

    key_id: str
    sign: Callable[[bytes], bytes]


class UploadConnector:
    """Sends the package of an order to one target. Satisfies `connectors.protocol.Connector`; keeps no state.

    `packages` makes the package of an order anew, the same bytes each time. `clock` is microseconds UTC.
    """

    def __init__(
        self,
        target: Target,
        packages: Callable[[Order], Awaitable[bytes]],
        signer: Signer,
        clock: Callable[[], int],
        *,
        seconds: float = 60.0,
        piece: int = PIECE,
    ) -> None:
        """Connects to nothing yet; `seconds` bound one piece. Raises: Misconfigured: a CA file that cannot be used."""
        self._target, self._packages, self._signer, self._clock = target, packages, signer, clock
        self._piece = piece
        self._caller = Caller(
            target.party, clock, ca_file=target.ca_file, seconds=seconds, largest=_LARGEST_ANSWER
        )  # fmt: skip
        # One attempt hands over all pieces that are missing.
        self._limits = Limits(calls=10, seconds=60.0, tries=8, first_wait=5.0, timeout=seconds * 20)

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self._limits

    async def send(self, order: Order) -> Outcome:
        """Hand over what the target does not have yet. `verified` when it confirms the checksum of the whole, else `accepted`.

        Raises:
            Retryable: it is away or busy, or lost pieces: the next attempt goes on where it stands.
            Refused: another action than `send`; it will not take this, or says it has something else.
            Misconfigured: it does not let us in.
        """
        if order.action != "send":
            raise Refused(
                f"{self._target.party} only takes packages: {order.action} is nothing that can be asked of it"
            )
        package = await self._packages(order)
        digest = _digest(package)
        at = await self._begun(order, digest, len(package))
        while at < len(package):
            answer = await self._put(order, package, at, digest)
            if answer.status in _DONE:
                return self._ended(answer, digest)
            at = self._next(answer, at, len(package))
        return await self.ask(order)

    async def ask(self, order: Order) -> Outcome:
        """Ask for the checksum of what the target has. `failed` where it has nothing, or something else."""
        digest = _digest(await self._packages(order))
        answer = await self._head(order, digest)
        if answer.status in _NOTHING:
            return Outcome("failed", how=f"http-{answer.status}")
        if answer.status == _MORE:
            return Outcome("failed", how="incomplete")
        return self._ended(answer, digest)

    async def close(self) -> None:
        """Let connections go."""
        await self._caller.close()

    async def _begun(self, order: Order, digest: str, size: int) -> int:
        """Return from which byte on the target misses the package."""
        answer = await self._head(order, digest)
        if answer.status in (*_NOTHING, _NO_SUCH_QUESTION):
            return 0
        if answer.status in _DONE:
            return size if _confirmed(answer) == digest else 0
        offset = self._offset(answer)
        return offset if offset is not None and offset < size else 0

    async def _head(self, order: Order, digest: str) -> Answer:
        answer = await self._call("HEAD", order, digest, None, b"")
        if answer.status not in (*_DONE, *_NOTHING, _MORE, _NO_SUCH_QUESTION):
            raise self._refusal(answer)
        return answer

    async def _put(self, order: Order, package: bytes, at: int, digest: str) -> Answer:
        part = package[at : at + self._piece]
        span = f"bytes {at}-{at + len(part) - 1}/{len(package)}"
        answer = await self._call("PUT", order, digest, span, part)
        if answer.status not in (*_DONE, _MORE):
            raise self._refusal(answer)
        return answer

    async def _call(self, method: str, order: Order, digest: str, span: str | None, part: bytes) -> Answer:
        # The key is a random UUID: the address says nothing of whose package it is.
        url = f"{self._target.url}/{order.key}"
        headers = {"Repr-Digest": digest} | ({"Content-Range": span, "Content-Type": "application/zip"} if span else {})
        told = {"@method": method, "@target-uri": url, "repr-digest": digest} | (
            {"content-range": span} if span else {}
        )
        headers |= signature_of(told, self._signer, self._clock() // _MILLION)
        return await self._caller.call(method, url, part or None, headers)

    def _next(self, answer: Answer, at: int, size: int) -> int:
        offset = self._offset(answer)
        # No step forward: whoever goes on asking would ask for ever.
        if offset is None or not at < offset <= size:
            raise Retryable(
                f"{self._target.party} did not keep a piece of the package: it is sent again from where it stands"
            )
        return offset

    def _offset(self, answer: Answer) -> int | None:
        told = answer.headers.get("upload-offset", "")
        return int(told) if _OFFSET.fullmatch(told) else None

    def _ended(self, answer: Answer, digest: str) -> Outcome:
        confirmed = _confirmed(answer)
        if confirmed is None:
            return Outcome("accepted", how=f"http-{answer.status}")
        if confirmed != digest:
            raise Refused(
                f"{self._target.party} has other bytes than were sent: ask the receiver to take the package away"
            )
        return Outcome("verified", how="checksum-confirmed", evidence=confirmed.encode())

    def _refusal(self, answer: Answer) -> Refused | Misconfigured:
        if answer.status in _NOT_LET:
            return Misconfigured(f"{self._target.party} does not let us in ({answer.status}): give it our public key")
        return Refused(f"{self._target.party} does not take the package ({answer.status}): ask the receiver why")


def signature_of(told: dict[str, str], signer: Signer, created: int) -> dict[str, str]:
    """Return the two headers of an HTTP message signature (RFC 9421 §2.5, §3.1). `created` is seconds since the epoch.

    `told` maps each covered component to its value; header names in lower case.
    """
    covered = [name for name in _COVERED if name in told]
    names = " ".join(f'"{name}"' for name in covered)
    parameters = f'({names});created={created};keyid="{signer.key_id}";alg="ed25519"'
    base = "\n".join([*(f'"{name}": {told[name]}' for name in covered), f'"@signature-params": {parameters}'])
    signed = base64.b64encode(signer.sign(base.encode())).decode()
    return {"Signature-Input": f"jalki={parameters}", "Signature": f"jalki=:{signed}:"}


def _digest(package: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(package).digest()).decode()}:"


def _confirmed(answer: Answer) -> str | None:
    """Return the SHA-256 that an answer says the whole has, None where it says none."""
    found = _DIGEST.search(answer.headers.get("repr-digest", ""))
    return f"sha-256=:{found[1]}:" if found else None
