"""Answers group companies that ask us over OpenDSR, as their processor: discovery, request, status, cancellation.

Every answer is signed. Who asks is known by a token; a company sees its own requests and no others. Knows no HTTP server
and carries nothing out: `Requests` does.
"""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from connectors.opendsr.messages import Extension, Request, Status, Type, read
from connectors.opendsr.peers import IDENTITIES
from connectors.opendsr.results import results_json
from connectors.opendsr.signatures import Signer
from connectors.secretfile import read_secret
from lineage.answers.records import unpacked
from lineage.errors import Misconfigured, Refused, Retryable
from lineage.identifiers import NEVER

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS: Mapping[str, str] = {theirs: ours for ours, theirs in IDENTITIES.items()}
_TYPES: tuple[Type, ...] = ("erasure", "access")
SHORTEST_TOKEN = 16
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Company:
    """A group company that may ask us. `callback_urls` are all that we call for it: one it only names could be anywhere."""

    party: str
    token_file: Path
    callback_urls: frozenset[str] = frozenset()
    ca_file: Path | None = None
    """The authority that vouches for the TLS of those addresses. None: the system's."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request of a company. `identifiers` are (kind, value) by our kinds, in clear, sorted."""

    id: str
    company: str
    type: Type
    identifiers: tuple[tuple[str, str], ...]
    submitted: int
    callback_urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a request stands. Times are microseconds UTC."""

    status: Status
    received: int
    expected: int
    results: int | None = None
    """How many records can be fetched; None where none can."""


class Requests(Protocol):
    """Carries out what companies ask. Raises: Retryable: the store is away; nothing was kept."""

    async def opened(self, incoming: Incoming) -> Standing:
        """Open a request durably, once for its company and id; the same one again only tells how it stands.

        Raises: Refused: the company has used the id for another request.
        """
        ...

    async def standing(self, company: str, request: str) -> Standing | None:
        """Return how a company's request stands, None where it has none of that id."""
        ...

    async def results(self, company: str, request: str) -> bytes | None:
        """Return the records of a company's completed request, packed; None where there are none, or none any more."""
        ...

    async def cancelled(self, company: str, request: str) -> bool:
        """Take a request back while it is pending; False where it is too late, or there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status, headers, raw body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Answering:
    """Answers as a processor. `url` is where we are reached, with the major version: `https://opendsr.example/opendsr/v2`."""

    def __init__(
        self, signer: Signer, companies: Iterable[Company], requests: Requests, url: str, clock: Callable[[], int]
    ) -> None:
        """Raises: Misconfigured: a token that cannot be read, is too short, or that two companies share."""
        self._signer, self._requests, self._url, self._clock = signer, requests, url.rstrip("/"), clock
        self._companies: dict[bytes, Company] = {}
        for company in companies:
            secret = read_secret(company.token_file, f"the token of {company.party}")
            if len(secret) < SHORTEST_TOKEN:
                raise Misconfigured(f"the token of {company.party} can be guessed: draw {SHORTEST_TOKEN} signs or more")
            token = _digest(secret)
            if self._companies.setdefault(token, company) is not company:
                raise Misconfigured(f"{company.party} has the token of another company: give each its own")

    def discovery(self) -> Reply:
        """Say what we take (§6.3)."""
        identities = [{"identity_type": each, "identity_format": "raw"} for each in sorted(_KINDS)]
        return self._said(
            200,
            {
                "api_version": "2.0",
                "supported_identities": identities,
                "supported_subject_request_types": list(_TYPES),
                "processor_certificate": f"{self._url}/certificate",
            },
        )

    def certificate(self) -> Reply:
        """Publish the certificate we sign with."""
        return Reply(200, {"Content-Type": "application/x-pem-file"}, self._signer.certificate)

    async def create(self, authorization: str, body: bytes) -> Reply:
        """Take a request (§7)."""
        company = self._company(authorization)
        if company is None:
            return self._unknown()
        asked = read(Request, body)
        if asked is None:
            return self._fault(400, "the request is not one of OpenDSR 2.0 for the gdpr")
        if asked.subject_request_type not in _TYPES:
            return self._fault(400, "this subject_request_type is not supported")
        if not company.callback_urls.issuperset(asked.status_callback_urls):
            return self._fault(400, "status_callback_urls names an address that was not agreed")
        identifiers = _identifiers(asked, self._signer.domain)
        if not identifiers:
            return self._fault(400, "no identity, or none of a supported type and format")
        try:
            standing = await self._requests.opened(_incoming(asked, company, identifiers))
        except Retryable:
            return self._fault(503, "not now")
        except Refused:
            return self._fault(400, "this subject_request_id is in use for another request")
        _log.info("a request over OpenDSR of %s: %s", company.party, asked.subject_request_type)
        return self._said(
            201,
            {
                "controller_id": company.party,
                "subject_request_id": asked.subject_request_id,
                "received_time": _time(standing.received),
                "expected_completion_time": _time(standing.expected),
                "encoded_request": base64.b64encode(body).decode("ascii"),
                "api_version": "2.0",
            },
        )

    async def status(self, authorization: str, request: str) -> Reply:
        """Say how a request stands (§8)."""
        company = self._company(authorization)
        if company is None:
            return self._unknown()
        try:
            standing = await self._requests.standing(company.party, request)
        except Retryable:
            return self._fault(503, "not now")
        if standing is None:
            return self._fault(404, "no such request")
        return self._said(200, said_of(company.party, request, standing, self._url))

    async def results(self, authorization: str, request: str) -> Reply:
        """Give what a request for a copy found, to the company that made it: as JSON, a list of rows for each table."""
        company = self._company(authorization)
        if company is None:
            return self._unknown()
        try:
            kept = await self._requests.results(company.party, request)
        except Retryable:
            return self._fault(503, "not now")
        return self._fault(404, "no results") if kept is None else self._signed(200, results_json(unpacked(kept)))

    async def cancel(self, authorization: str, request: str) -> Reply:
        """Take a request back (§9)."""
        company = self._company(authorization)
        if company is None:
            return self._unknown()
        try:
            if await self._requests.standing(company.party, request) is None:
                return self._fault(404, "no such request")
            if not await self._requests.cancelled(company.party, request):
                return self._fault(400, "the request is not pending any more")
        except Retryable:
            return self._fault(503, "not now")
        said = {"controller_id": company.party, "subject_request_id": request, "received_time": _time(self._clock())}
        return self._said(202, said | {"api_version": "2.0"})

    def _company(self, authorization: str) -> Company | None:
        scheme, _, token = authorization.partition(" ")
        given = _digest(token.strip()) if scheme.lower() == "bearer" else b""
        found = [company for kept, company in self._companies.items() if hmac.compare_digest(kept, given)]
        return found[0] if found else None

    def _unknown(self) -> Reply:
        _log.warning("a request over OpenDSR was refused: no token of a company we know")
        return self._fault(401, "no valid token")

    def _fault(self, status: int, message: str) -> Reply:
        return self._said(status, {"error": {"code": status, "message": message}})

    def _said(self, status: int, said: Mapping[str, object]) -> Reply:
        return self._signed(status, json.dumps(said, ensure_ascii=False).encode())

    def _signed(self, status: int, body: bytes) -> Reply:
        headers = {"Content-Type": "application/json", **self._signer.headers(body)}
        return Reply(status, headers | ({"Retry-After": "60"} if status == 503 else {}), body)


def said_of(company: str, request: str, standing: Standing, url: str) -> dict[str, object]:
    """Return what is said of a request that stands so: to whoever asks, and in callbacks. `url` is where we are reached."""
    said: dict[str, object] = {
        "controller_id": company,
        "subject_request_id": request,
        "request_status": standing.status,
        "expected_completion_time": _time(standing.expected),
        "api_version": "2.0",
    }
    if standing.results is not None:
        said |= {"results_url": f"{url}/requests/{request}/results", "results_count": standing.results}
    return said


def _incoming(asked: Request, company: Company, identifiers: tuple[tuple[str, str], ...]) -> Incoming:
    return Incoming(
        id=asked.subject_request_id,
        company=company.party,
        type=asked.subject_request_type,
        identifiers=identifiers,
        submitted=(asked.submitted_time - _EPOCH) // timedelta(microseconds=1),
        callback_urls=asked.status_callback_urls,
    )


def _identifiers(asked: Request, domain: str) -> tuple[tuple[str, str], ...]:
    """Return whom a request names; empty where any identity is of no type and format that we take: a part is not enough."""
    if not all(each.identity_type in _KINDS and each.identity_format == "raw" for each in asked.subject_identities):
        return ()
    named = {(_KINDS[each.identity_type], each.identity_value) for each in asked.subject_identities}
    if domain in asked.extensions:
        ours = read(Extension, json.dumps(asked.extensions[domain]).encode())
        if ours is None:
            return ()
        named |= {(each.kind, each.value) for each in ours.identifiers}
    return tuple(sorted(named)) if all(_names_somebody(*each) for each in named) else ()


def _names_somebody(kind: str, value: str) -> bool:
    """Tell whether we could find anybody by it. We know identifiers by our own keyed hashes: by a plain one nobody is found.

    To take it would be to answer, truly and wrongly, that we hold nothing.
    """
    return kind not in NEVER and bool(value.strip()) and (kind != "email" or "@" in value)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _time(microseconds: int) -> str:
    return (_EPOCH + timedelta(seconds=microseconds // 1_000_000)).strftime("%Y-%m-%dT%H:%M:%SZ")
