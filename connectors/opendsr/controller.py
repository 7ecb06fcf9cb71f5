"""Tells a party over OpenDSR 2.0, as its controller: request, status, results, cancellation (specification §7-9).

A signed `completed` is `verified`, of a request for a copy once the copy is here; a 201 is `accepted`, whatever the party
promises in it.
"""

import asyncio
import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from connectors.calling import Answer
from connectors.opendsr.messages import Accepted, Cancelled, Discovery, Told, Type, read
from connectors.opendsr.peers import IDENTITIES, Known
from connectors.opendsr.results import fits, read_results
from connectors.opendsr.signatures import Vouched
from connectors.opendsr.standing import again, evidence, outcome_of
from connectors.protocol import Limits
from lineage.cases.orders import Order, Outcome
from lineage.cases.rows import COPY
from lineage.cases.words import Action
from lineage.errors import Misconfigured, Refused
from lineage.identifiers import WHO
from lineage.times import rfc3339

API_VERSION = "2.0"
UNKNOWN = "http-404"
"""How we know that the party does not know a request."""
S = TypeVar("S", Accepted, Told, Cancelled)
_TYPES: dict[tuple[Action, bool], Type] = {
    ("erase", False): "erasure",
    (COPY, False): "access",
    (COPY, True): "portability",
}
"""By what is asked, and whether only what is portable is meant."""
_GONE = (404, 410)
_KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


class OpenDsr:
    """The connector of one party that speaks OpenDSR. `subject_request_id` is the order's key: twice is once."""

    def __init__(
        self,
        known: Known,
        clock: Callable[[], int],
        callback_url: str | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> None:
        """`callback_url` is where this party tells us what changes; without it, it is asked."""
        self._known, self._clock, self._callback_url, self._limits = known, clock, callback_url, limits

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self._limits

    async def send(self, order: Order) -> Outcome:
        """Make the request, or find that the party has it already.

        Raises: Refused: OpenDSR or the party has no such request, no type for what must be named, or answers what is not
        signed. Retryable, Misconfigured: as `connectors.calling`.
        """
        if order.accepted:  # it is asked how it goes, and told again only where it knows nothing of it
            standing = await self.ask(order)
            if standing.how != UNKNOWN:
                return standing
        body = self._request(order, await self._known.discovery())
        answer = await self._known.call("POST", "requests", body)
        if answer.status == 409 or (answer.status == 400 and order.attempt > 1):
            standing = await self.ask(order)  # it may have the request from an attempt whose answer was lost
            if standing.how != UNKNOWN:
                return standing
        said, by = await self._signed(answer, 201, Accepted, order)
        if not _echoes(said.encoded_request, body):
            raise Refused(f"{self._party} confirms another request than we made: a person must ask the party")
        kept = said.model_dump_json(exclude={"encoded_request"})  # §7.3: not to be stored
        return Outcome(
            "accepted",
            how="http-201",
            by=said.expected_completion_time.date().isoformat(),
            handle=order.key,
            ask_again_in=again(said.expected_completion_time, self._clock()),
            evidence=evidence(by, answer.headers, answer.body, kept),
        )

    async def ask(self, order: Order) -> Outcome:
        """Ask how a request stands (§8.1). The copy of one that is completed is fetched: `Outcome.copy`. Raises: as `send`."""
        answer = await self._known.call("GET", f"requests/{_key(order)}")
        if answer.status == 404:
            return Outcome("failed", how=UNKNOWN, ground="unknown-request")
        said, by = await self._signed(answer, 200, Told, order)
        kept = evidence(by, answer.headers, answer.body, answer.body.decode("utf-8", "replace"))
        outcome = outcome_of(said, kept, self._clock(), handle=order.key)
        return await self._with_copy(order, said, outcome) if order.action == COPY else outcome

    async def cancel(self, order: Order) -> bool:
        """Take a request back (§9); False where the party has begun with it, or does not know it. Raises: as `send`."""
        answer = await self._known.call("DELETE", f"requests/{_key(order)}")
        if answer.status in (400, 404, 409):
            return False
        await self._signed(answer, 202, Cancelled, order)
        return True

    async def close(self) -> None:
        """Let connections go."""
        await self._known.close()

    @property
    def _party(self) -> str:
        return self._known.peer.party

    async def _with_copy(self, order: Order, said: Told, outcome: Outcome) -> Outcome:
        """Return what a signed status comes to where a copy is asked for: it is done when the copy is here, not before."""
        if outcome.state != "verified":
            return outcome
        if said.results_url is None:
            # That it found nothing is signed as well. That it is done, and no word of where, is no copy.
            return replace(outcome, state="not_held") if said.results_count == 0 else _by_hand(outcome, "no-results")
        try:
            answer = await self._known.results(said.results_url)
        except Refused as fault:
            return replace(_by_hand(outcome, "results-refused"), ground=str(fault))
        if answer.status != 200:
            return _by_hand(outcome, "results-gone" if answer.status in _GONE else "results-refused")
        peer, media = self._known.peer, answer.headers.get("content-type", "")
        given = media, answer.body, peer.party, order.purposes, peer.fields, peer.categories
        records = await asyncio.to_thread(read_results, *given)
        if not records:
            return _by_hand(outcome, "results-unreadable" if records is None else "results-empty")
        copy = await asyncio.to_thread(fits, records)
        return _by_hand(outcome, "results-too-large") if copy is None else replace(outcome, copy=copy)

    def _request(self, order: Order, offered: Discovery) -> bytes:
        kind = _TYPES.get((order.action, order.portable))
        if kind is None:
            raise Refused(f"OpenDSR has no request to {order.action}: tell {self._party} by hand")
        if kind not in offered.supported_subject_request_types:
            raise Refused(f"{self._party} takes no OpenDSR request of type {kind}: tell it by hand")
        said: dict[str, object] = {
            "api_version": API_VERSION,
            "regulation": "gdpr",
            "subject_request_id": _key(order),
            "subject_request_type": kind,
            "submitted_time": rfc3339(self._clock()),
            "subject_identities": self._identities(order, offered),
        }
        if self._callback_url is not None:
            said["status_callback_urls"] = [self._callback_url]
        if self._known.peer.extension:
            ours = [{"kind": kind, "value": value} for kind, value in order.identifiers]
            said["extensions"] = {self._known.peer.domain: {"identifiers": ours}}
        return json.dumps(said, ensure_ascii=False).encode()

    def _identities(self, order: Order, offered: Discovery) -> list[dict[str, str]]:
        """Return what can be said of the person. What singles her out must be said whole, references may be left out."""
        peer, taken = (
            self._known.peer,
            {(each.identity_type, each.identity_format) for each in offered.supported_identities},
        )
        types, said, unsaid = {**IDENTITIES, **peer.identities}, [], set()
        for kind, value in order.identifiers:
            form = "sha256" if kind == "email" and _SHA256.fullmatch(value) else "raw"
            if (types.get(kind), form) in taken:
                said.append({"identity_type": types[kind], "identity_value": value, "identity_format": form})
            else:
                unsaid.add(kind)
        if not peer.extension and (not said or unsaid & set(WHO)):
            raise Refused(
                f"{self._party} takes no OpenDSR identity of kind {', '.join(sorted(unsaid))}: tell it by hand"
            )
        return said

    async def _signed(self, answer: Answer, status: int, shape: type[S], order: Order) -> tuple[S, Vouched]:
        """Return what the party said, and by which certificate; nothing is read before its signature was found right."""
        if answer.status == 404:
            raise Misconfigured(
                f"there is no OpenDSR at the address of {self._party} (404): check its path and version"
            )
        if answer.status != status:
            raise Refused(
                f"{self._party} refuses the OpenDSR request ({answer.status}): a person must ask the party why"
            )
        by = await self._known.signer(answer.headers, answer.body)
        if by is None:
            raise Refused(f"{self._party} does not sign its answer rightly: believe nothing of it, and ask the party")
        said = read(shape, answer.body)
        if said is None or said.subject_request_id != order.key:
            raise Refused(f"{self._party} answers another request than was made: a person must ask the party")
        return said, by


def _by_hand(outcome: Outcome, how: str) -> Outcome:
    """Return that the party has done its part, and a person must see to the copy; its signed word is kept."""
    return replace(outcome, state="manual", how=how)


def _key(order: Order) -> str:
    if not _KEY.fullmatch(order.key):
        raise Refused("the key of this task is no UUID v4 in lower case, which OpenDSR wants: plan the case again")
    return order.key


def _echoes(encoded: str, body: bytes) -> bool:
    """Tell whether a party confirms what we asked. It may repeat an earlier attempt, which bears another time."""
    try:
        theirs = json.loads(base64.b64decode("".join(encoded.split()), validate=True))
    except (ValueError, RecursionError):  # no Base64, or no JSON
        return False
    ours = json.loads(body)
    return isinstance(theirs, dict) and {**theirs, "submitted_time": ""} == {**ours, "submitted_time": ""}
