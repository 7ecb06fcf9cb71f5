"""The channel `rest`: its settings in descriptors, what must fit in them, and the making of its connectors."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.calling import checked_url
from connectors.channel import Channel, Ways
from connectors.descriptor import Descriptor, Proof
from connectors.protocol import Connector
from connectors.vendors.rest.connector import Rest
from connectors.vendors.rest.shapes import CallSettings, RequestSettings, RestSettings, State
from lineage.errors import Misconfigured

LARGEST = 256 * 1024
"""Bytes of an answer: they are kept, sealed, as evidence."""
_STRONG: Mapping[State, int] = {"accepted": 1, "promised": 2, "verified": 3}
_ALLOWED: Mapping[Proof, int] = {"none": 0, "accepted": 1, "promised": 2, "verified": 3, "answered": 3}


def _connect(descriptor: Descriptor, _name: str, ways: Ways) -> Connector | None:
    said = descriptor.settings
    if not isinstance(said, RestSettings):
        return None
    _check(descriptor, said)
    named = {name: checked_url(descriptor.party, url) for name, url in said.addresses.items()}
    addresses = {None: checked_url(descriptor.party, descriptor.address)} | named
    caller = ways.caller(descriptor, ca_file=descriptor.beside(said.ca_file), largest=LARGEST)
    budget = ways.budget(descriptor)
    return Rest(descriptor, said, addresses, caller, budget, ways.clock, dry=ways.dry is not None)


def _check(descriptor: Descriptor, said: RestSettings) -> None:
    """Make sure that a descriptor is filled in and claims no more than it says. Raises: Misconfigured."""
    party = descriptor.party
    if empty := sorted(name for name, value in (said.constants | said.addresses).items() if not value):
        raise Misconfigured(f"the descriptor of {party} leaves {', '.join(empty)} empty: fill it in")
    for request in _requests(said):
        if request.rate is not None and request.rate not in descriptor.limits.rates:
            raise Misconfigured(f"the descriptor of {party} has no rate {request.rate}: put it under limits.rates")
    for right, calls in said.calls.items():
        meaning = descriptor.means.get(right)
        if meaning is None or meaning.by == "letter":
            raise Misconfigured(f"the descriptor of {party} has calls to {right}, which its means do not tell by calls")
        most = max(_STRONG.get(each, 0) for each in _states(calls))
        if meaning.by == "channel" and most > _ALLOWED[meaning.proof]:
            raise Misconfigured(
                f"calls to {right} of {party} claim more than the proof of its means: lower one of them"
            )


def _requests(said: RestSettings) -> Iterator[RequestSettings]:
    for calls in said.calls.values():
        for each in calls:
            yield each.request
            if each.read_back:
                yield each.read_back.request


def _states(calls: Sequence[CallSettings]) -> Iterator[State]:
    for each in calls:
        if not each.optional:
            yield from (answer.state for answer in each.answers)
            yield from (answer.state for answer in (each.read_back.answers if each.read_back else ()))


REST = Channel(_connect, RestSettings, own_rates=True, dry=True)
