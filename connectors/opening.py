"""Makes the connector of a party from its descriptor. The one place that knows every protocol."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.descriptors import Descriptor
from connectors.letters import Addressee, Sender
from connectors.links import Links
from connectors.mail import Mail
from connectors.manual import Letters
from connectors.opendsr.controller import OpenDsr
from connectors.opendsr.peers import Known, Peer
from connectors.opendsr.signatures import Authorities
from connectors.protocol import Connector, Limits
from lineage.cases.orders import Order, Outcome


@dataclass(frozen=True, slots=True)
class Ways:
    """What connectors need besides a descriptor. `mail` and `links` are None where no mail server is set."""

    clock: Callable[[], int]
    senders: Mapping[str, Sender]
    mail: Mail | None = None
    links: Links | None = None
    callback_url: str | None = None


class ByHand:
    """The connector of a party that no program can tell as things stand: each task goes to the data protection officer."""

    def __init__(self, descriptor: Descriptor, why: str) -> None:
        self._limits, self._why = descriptor.limits, why

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self._limits

    async def send(self, order: Order) -> Outcome:
        """A person must tell the party."""
        return Outcome("manual", how=self._why, handle=order.handle)

    async def ask(self, order: Order) -> Outcome:
        """A person must ask the party."""
        return Outcome("manual", how=self._why, handle=order.handle)

    async def close(self) -> None:
        """Nothing is kept open."""


def known_peer(descriptor: Descriptor, clock: Callable[[], int]) -> Known | None:
    """Return the peer of a descriptor, for a connector and for `Callbacks` alike; None where it is not told over OpenDSR.

    Raises: Misconfigured: its address or a file of it cannot be used.
    """
    access = descriptor.opendsr
    if descriptor.protocol != "opendsr" or not descriptor.address or access is None:
        return None
    peer = Peer(
        party=descriptor.party,
        url=descriptor.address,
        domain=access.domain,
        authorities=Authorities.of(access.authorities_file),
        token_file=access.token_file,
        ca_file=access.ca_file,
        pins=access.pins,
        identities=access.identities,
        extension=access.extension,
        seconds=descriptor.limits.timeout,
    )
    return Known(peer, clock)


def open_connector(descriptor: Descriptor, name: str, ways: Ways, known: Known | None = None) -> Connector | None:
    """Return the connector of a party, `name`d as in the register; None for a system of our own, which is not told from here.

    `known` is its peer, where it has one. A party without an address, or a letter without a mail server, is told by hand.
    """
    if descriptor.protocol == "internal":
        return None
    if descriptor.protocol == "none":
        return ByHand(descriptor, "no-protocol")
    if not descriptor.address:
        return ByHand(descriptor, "no-address")
    if descriptor.protocol == "opendsr":
        opened = known if known is not None else known_peer(descriptor, ways.clock)
        return None if opened is None else OpenDsr(opened, ways.clock, ways.callback_url, descriptor.limits)
    if ways.mail is None or ways.links is None:
        return ByHand(descriptor, "no-mail-server")
    addressee = Addressee(
        name, descriptor.address, descriptor.language, descriptor.agreement, descriptor.their_reference
    )
    return Letters(addressee, ways.senders, ways.mail, ways.links, ways.clock, descriptor.limits)
