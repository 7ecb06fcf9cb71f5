"""Parties that speak OpenDSR: how each is reached, what it takes, and the certificate its signatures are believed by.

What a party says of itself is kept in memory only, and asked anew when a signature does not fit: it may have a new
certificate. That is bounded, or whoever sends us forged callbacks would make us call the party each time.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connectors.calling import Answer, Caller, checked_url, host_of
from connectors.opendsr.messages import LARGEST, Discovery, read
from connectors.opendsr.results import LARGEST as LARGEST_RESULTS
from connectors.opendsr.results import ResultField
from connectors.opendsr.signatures import DOMAIN_HEADER, SIGNATURE_HEADER, Authorities, Vouched, vouched
from connectors.secretfile import read_secret
from lineage.errors import Misconfigured, Refused

IDENTITIES: Mapping[str, str] = {"email": "email", "customer_id": "controller_customer_id"}
"""OpenDSR's identity type (§5.1) of our kinds. It has none for telephones, nor for the devices of a web shop."""
ASK_ANEW = 60_000_000
"""Microseconds that pass at least between two looks at a party's certificate because of a signature that does not fit."""


@dataclass(frozen=True, slots=True)
class Peer:
    """How a party is spoken to. `url` has the major version in it (§3.4); `domain` is what its certificate is for.

    `identities` are identity types of further kinds; `extension` says that it runs Jalki too and takes our extension.
    """

    party: str
    url: str
    domain: str
    authorities: Authorities
    token_file: Path | None = None
    ca_file: Path | None = None
    pins: frozenset[str] = frozenset()
    identities: Mapping[str, str] = field(default_factory=dict)
    extension: bool = False
    seconds: float = 30.0
    fields: Mapping[str, ResultField] = field(default_factory=dict)
    """What the fields of its results are, by path."""
    categories: Collection[str] = ()
    """The words for categories."""


class Known:
    """One peer, with what it has said of itself."""

    def __init__(self, peer: Peer, clock: Callable[[], int]) -> None:
        """Connects to nothing yet. Raises: Misconfigured: an address or CA file that cannot be used."""
        self.peer, self._clock = peer, clock
        self._url = checked_url(peer.party, peer.url)
        self._caller = self._calling(LARGEST)
        self._results: Caller | None = None
        self._said: tuple[Discovery, Vouched] | None = None
        self._looked = 0
        self._looking = asyncio.Lock()

    async def call(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Call the party, logged in. Raises: as `Caller.call`; Misconfigured: it refuses our token."""
        return await self._logged_in(self._caller, method, f"{self._url}/{path}", body)

    async def results(self, url: str) -> Answer:
        """Return what stands at the address of results that the party gave.

        Raises: as `call`; Refused: it is on another host than the party, too large, or signed by somebody else.
        """
        # The same rule as for its certificate (§6.3): an answer must not make us call into our own network, or give
        # our token away.
        if host_of(url) != host_of(self._url):
            raise Refused(f"{self.peer.party} has its results on another host: a person must get them from the party")
        if self._results is None:
            self._results = self._calling(LARGEST_RESULTS)
        answer = await self._logged_in(self._results, "GET", url)
        if SIGNATURE_HEADER.lower() in answer.headers and await self.signer(answer.headers, answer.body) is None:
            raise Refused(
                f"{self.peer.party} does not sign its results rightly: believe nothing of them, ask the party"
            )
        return answer

    async def discovery(self) -> Discovery:
        """Return what the party takes. Raises: as `call`; Refused: it says what cannot be so."""
        return (await self._known())[0]

    async def signer(self, headers: Mapping[str, str], body: bytes) -> Vouched | None:
        """Return the certificate that a message's signature is by, None for one that is not signed by this party.

        `headers` are by lower-case name. Raises: as `discovery`.
        """
        signature = headers.get(SIGNATURE_HEADER.lower(), "")
        if not signature or headers.get(DOMAIN_HEADER.lower(), "").lower() != self.peer.domain.lower():
            return None
        used = (await self._known())[1]
        if used.signed(signature, body):
            return used
        if self._clock() < self._looked + ASK_ANEW:
            return None
        newer = (await self._known(but=used))[1]
        return newer if newer.signed(signature, body) else None

    async def close(self) -> None:
        """Let connections go."""
        await self._caller.close()
        if self._results is not None:
            await self._results.close()

    def _calling(self, largest: int) -> Caller:
        peer = self.peer
        return Caller(peer.party, self._clock, ca_file=peer.ca_file, seconds=peer.seconds, largest=largest)

    async def _logged_in(self, caller: Caller, method: str, url: str, body: bytes | None = None) -> Answer:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self.peer.token_file is not None:
            headers["Authorization"] = f"Bearer {read_secret(self.peer.token_file, f'the token for {self.peer.party}')}"
        answer = await caller.call(method, url, body, headers)
        if answer.status in (401, 403):
            raise Misconfigured(f"{self.peer.party} refuses our token ({answer.status}): check its token file")
        return answer

    async def _known(self, but: Vouched | None = None) -> tuple[Discovery, Vouched]:
        """Return what the party said, asked anew where that is not known, has ended, or is what `but` came from."""
        async with self._looking:
            if self._said is None or self._said[1].ends <= self._clock() or self._said[1] is but:
                self._looked = self._clock()
                self._said = await self._asked()
            return self._said

    async def _asked(self) -> tuple[Discovery, Vouched]:
        party = self.peer.party
        answer = await self.call("GET", "discovery")
        found = read(Discovery, answer.body) if answer.status == 200 else None
        if found is None:
            raise Misconfigured(
                f"there is no OpenDSR at the address of {party} ({answer.status}): check its path and version"
            )
        # §6.3: on the domain it was discovered at. Anything else could make us call whom we should not.
        if host_of(found.processor_certificate) != host_of(self._url):
            raise Refused(f"{party} publishes its OpenDSR certificate on another host: ask the party")
        certificate = await self._caller.call("GET", found.processor_certificate)
        if certificate.status != 200:
            raise Refused(f"{party} does not publish its OpenDSR certificate ({certificate.status}): ask the party")
        peer = self.peer
        return found, vouched(certificate.body, peer.domain, peer.authorities, peer.pins, self._clock())


def by_domain(known: Iterable[Known]) -> Mapping[str, Known]:
    """Return peers by the domain they sign with. Raises: Misconfigured: two have the same."""
    found: dict[str, Known] = {}
    for each in known:
        if found.setdefault(each.peer.domain.lower(), each) is not each:
            raise Misconfigured(
                f"two parties have the OpenDSR domain of {each.peer.party}: a callback could be of either"
            )
    return found
