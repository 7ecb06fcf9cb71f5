"""The channel of OpenDSR 2.0: its settings in descriptors, and the making of its connectors."""

from collections.abc import Callable, Collection
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from connectors.channel import Channel, Ways
from connectors.descriptor import Descriptor, Meaning
from connectors.opendsr.controller import OpenDsr
from connectors.opendsr.peers import Known, Peer
from connectors.opendsr.results import ResultField
from connectors.opendsr.signatures import Authorities
from connectors.protocol import Connector
from lineage.cases.words import Right
from schemas.vocabulary import vocabulary

_FILE = Annotated[str, Field(min_length=1)]


class OpenDsrSettings(BaseModel):
    """What it takes to speak OpenDSR with a party; files are relative to the descriptor's folder."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    domain: Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$")]
    authorities_file: _FILE
    token_file: _FILE | None = None
    ca_file: _FILE | None = None
    pins: list[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = []
    identities: dict[str, Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]] = {}
    extension: bool = False
    portability: bool = False
    results: dict[str, ResultField] = {}


def known_peer(descriptor: Descriptor, clock: Callable[[], int]) -> Known | None:
    """Return the peer of a descriptor, for a connector and for `Callbacks` alike; None where it is not told over OpenDSR.

    Raises: Misconfigured: its address or a file of it cannot be used.
    """
    said, folder = descriptor.settings, descriptor.folder
    if not descriptor.address or not isinstance(said, OpenDsrSettings):
        return None
    peer = Peer(
        party=descriptor.party,
        url=descriptor.address,
        domain=said.domain,
        authorities=Authorities.of(folder / said.authorities_file),
        token_file=folder / said.token_file if said.token_file else None,
        ca_file=folder / said.ca_file if said.ca_file else None,
        pins=frozenset(said.pins),
        identities=dict(said.identities),
        extension=said.extension,
        seconds=descriptor.limits.timeout,
        fields=dict(said.results),
        categories=frozenset(vocabulary().categories),
    )
    return Known(peer, clock)


def _connect(descriptor: Descriptor, _name: str, ways: Ways) -> Connector | None:
    known = known_peer(descriptor, ways.clock)
    return None if known is None else OpenDsr(known, ways.clock, ways.callback_url, descriptor.limits)


def _gives(descriptor: Descriptor) -> Collection[Right]:
    """Return the rights for which a party can be asked for a copy: what it says itself is looked at when it is asked."""
    said, rights = descriptor.settings, frozenset[Right]({"access"})
    return rights | {"transfer"} if isinstance(said, OpenDsrSettings) and said.portability else rights


_NONE = Meaning("OpenDSR has no request for it: a person tells the company", "none")
OPENDSR = Channel(
    _connect,
    OpenDsrSettings,
    means={
        "erase": Meaning("A request of type erasure; its signed `completed` shows that it is done", "verified"),
        "access": Meaning("A request of type access; the copy at its `results_url` goes into the answer", "verified"),
        "rectify": _NONE,
        "restrict": _NONE,
        "stop": _NONE,
    },
    gives=_gives,
)
