"""The channel of Meta's custom audiences: its settings in descriptors, and the making of its connectors."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from connectors.calling import checked_url
from connectors.channel import Channel, SecretSettings, Ways
from connectors.descriptor import Descriptor, Meaning
from connectors.protocol import Connector, Rate
from connectors.vendors.meta.audiences import CustomAudiences
from connectors.vendors.meta.graph import RATE, Graph
from connectors.vendors.meta.rows import Key, Manner

LARGEST = 4 << 20
"""Bytes of an answer to a batch: 50 parts, each with its headers and samples of what was no good."""
TOGETHER = 100


class MetaSettings(BaseModel):
    """What it takes to call Meta. Where there are `keys`, audiences are uploaded by these together, in this order."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    token: SecretSettings
    app_secret: SecretSettings | None = None
    version: Annotated[str, Field(pattern=r"^v[0-9]{1,3}\.[0-9]$")] = "v26.0"
    keys: list[Key] = []
    audiences: dict[str, Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]] = {}
    ca_file: Annotated[str, Field(min_length=1)] | None = None


def _connect(descriptor: Descriptor, _name: str, ways: Ways) -> Connector | None:
    said, party = descriptor.settings, descriptor.party
    if not isinstance(said, MetaSettings):
        return None
    graph = Graph(
        party,
        f"{checked_url(party, descriptor.address)}/{said.version}/",
        said.token.secret(descriptor),
        said.app_secret.secret(descriptor) if said.app_secret else None,
        ways.caller(descriptor, ca_file=descriptor.beside(said.ca_file), largest=LARGEST),
        ways.budget(descriptor),
        ways.clock,
    )
    manner = Manner(tuple(said.keys), dict(said.audiences), dict(descriptor.identifiers))
    return CustomAudiences(descriptor.limits, manner, graph, ways.clock)


_REMOVED = Meaning(
    "She is taken out of every audience that she was put in; Meta does so within a day", "promised", within=1
)
_NONE = Meaning("Meta has no call for it: a person must", "none")
META = Channel(
    _connect,
    MetaSettings,
    rates={RATE: Rate(60, 60.0)},
    together=TOGETHER,
    means={"erase": _REMOVED, "access": _NONE, "rectify": _NONE, "restrict": _REMOVED, "stop": _REMOVED},
    dry=True,
)
