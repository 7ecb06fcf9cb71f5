"""Which connector tells which party, made of descriptors and settings. The wiring of connectors; knows no case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connectors.calling import Call
from connectors.channel import ByHand, Channel, Ways
from connectors.channels import channels, open_connector
from connectors.descriptor import Descriptor
from connectors.descriptors import load_descriptors
from connectors.letters import Sender
from connectors.links import Links
from connectors.mail import Mail
from connectors.opendsr.channel import known_peer
from connectors.opendsr.peers import Known
from connectors.protocol import Connector, Limits
from connectors.statements import Statement
from connectors.web import CALLBACKS
from console.opening import Folder

LINK_KEY = b"company:links"


@dataclass(frozen=True, slots=True)
class Parties:
    """Connectors by party, made when they are first needed. Satisfies `streams.dispatch.Directory`."""

    descriptors: Mapping[str, Descriptor]
    names: Mapping[str, str]
    ways: Ways
    known: Mapping[str, Channel] = field(default_factory=channels)
    """The channels, looked for once and not for each party."""
    _open: dict[str, Connector] = field(default_factory=dict)

    def connector(self, party: str) -> Connector:
        """Return the connector of a party; one that no program can tell is told by a person."""
        if party not in self._open:
            descriptor = self.descriptors.get(party)
            name = self.names.get(party, party)
            found = open_connector(descriptor, name, self.ways, self.known) if descriptor else None
            why = "own-system" if descriptor and descriptor.channel == "internal" else "no-descriptor"
            self._open[party] = found or ByHand(descriptor.limits if descriptor else Limits(), why)
        return self._open[party]

    def peers(self) -> list[Known]:
        """Return the parties that are told over OpenDSR, for their callbacks. Raises: Misconfigured."""
        found = (known_peer(each, self.ways.clock) for each in self.descriptors.values())
        return [each for each in found if each is not None]

    async def close(self) -> None:
        """Let all connections go."""
        for each in self._open.values():
            await each.close()


def parties_of(
    folder: Folder, clock: Callable[[], int], dry: Callable[[Call | Statement], None] | None = None
) -> Parties:
    """Return the parties' connectors; with `dry` no call and no statement is made, and it hears of each.

    Raises: Misconfigured: a descriptor or a setting of mail cannot be used.
    """
    outward, register = folder.settings.outward, folder.register
    links = links_of(folder)
    mailbox = outward.sender or ""
    senders = (
        {each.id: Sender(_name(folder, each.id), mailbox) for each in register.declared.controllers} if mailbox else {}
    )
    ways = Ways(
        clock=clock,
        senders=senders,
        counts=folder.journal,
        # A dry run writes no letter: whoever has no mail server is told by hand.
        mail=Mail(outward.mail) if outward.mail and dry is None else None,
        dry=dry,
        links=links,
        callback_url=f"{outward.web_url.rstrip('/')}{CALLBACKS}" if outward.web_url else None,
        purposes=frozenset(each.id for each in register.declared.purposes),
    )
    names = {each.id: each.name for each in register.parties()}
    return Parties(load_descriptors(outward.parties, names), names, ways)


def links_of(folder: Folder) -> Links | None:
    """Return what makes and reads the links in letters; None where the outside cannot reach us."""
    url = folder.settings.outward.web_url
    return Links(url, [folder.keyring.keys((LINK_KEY,))[LINK_KEY]]) if url else None


def _name(folder: Folder, party: str) -> str:
    known = folder.register.party(party)
    return known.name if known else party
