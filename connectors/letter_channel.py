"""The channel of letters: parties that are told by mail, and answer by the link in it. The wiring; says nothing."""

from dataclasses import replace

from connectors.channel import ByHand, Channel, Ways
from connectors.descriptor import Descriptor, Meaning
from connectors.letters import Addressee
from connectors.manual import Letters


def letters_of(descriptor: Descriptor, name: str, ways: Ways) -> Letters | ByHand:
    """Return what writes letters to a party, called `name`, at its mailbox; a person where there is no mail server."""
    if ways.mail is None or ways.links is None:
        return ByHand(descriptor.limits, "no-mail-server")
    addressee = Addressee(
        name, descriptor.mailbox, descriptor.language, descriptor.agreement, descriptor.their_reference
    )
    return Letters(addressee, ways.senders, ways.mail, ways.links, ways.clock, descriptor.limits)


def _connect(descriptor: Descriptor, name: str, ways: Ways) -> Letters | ByHand:
    return letters_of(replace(descriptor, mailbox=descriptor.address), name, ways)


_BY_LINK = "somebody there answers by the link in it"
LETTERS = Channel(
    _connect,
    reached_by="mailbox",
    means={
        "erase": Meaning(f"A letter: an instruction (Art. 28) or a notice (Art. 19); {_BY_LINK}", "promised"),
        "access": Meaning(f"A letter asks for a copy of all it has; {_BY_LINK}", "promised"),
        "rectify": Meaning(f"A letter with the new value of what it was sent; {_BY_LINK}", "promised"),
        "restrict": Meaning(f"A letter: use nothing but to store it (Art. 18); {_BY_LINK}", "promised"),
        "stop": Meaning(f"A letter: she has objected, or withdrawn her consent; {_BY_LINK}", "promised"),
    },
)
