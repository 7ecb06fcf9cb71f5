"""The channel of Stripe: its settings in descriptors, and the making of its connectors."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.calling import checked_url
from connectors.channel import Channel, SecretSettings, Ways
from connectors.descriptor import Descriptor, Meaning
from connectors.protocol import Connector, Rate
from connectors.vendors.stripe.calls import RATE, Calls
from connectors.vendors.stripe.deletion import Deletion
from connectors.vendors.stripe.redaction import Redaction


class StripeSettings(BaseModel):
    """What it takes to call Stripe. Redaction jobs are a preview: their version is dated, and pinned here."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    key: SecretSettings
    version: Annotated[str, Field(pattern=r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}\.preview$")] = "2026-09-30.preview"
    by: Literal["redaction", "deletion"] = "redaction"
    fix: bool = False
    ca_file: Annotated[str, Field(min_length=1)] | None = None


def _connect(descriptor: Descriptor, _name: str, ways: Ways) -> Connector | None:
    said, party = descriptor.settings, descriptor.party
    if not isinstance(said, StripeSettings):
        return None
    calls = Calls(
        party,
        checked_url(party, descriptor.address),
        said.key.secret(descriptor),
        said.version if said.by == "redaction" else None,
        ways.caller(descriptor, ca_file=descriptor.beside(said.ca_file)),
        ways.budget(descriptor),
    )
    if said.by == "deletion":
        return Deletion(descriptor.limits, calls)
    return Redaction(descriptor.limits, calls, ways.clock, fixes=said.fix)


_NONE = Meaning("Stripe has no call for it here: a person must", "none")
STRIPE = Channel(
    _connect,
    StripeSettings,
    rates={RATE: Rate(1_000, 60.0)},
    means={
        "erase": Meaning("The objects she paid by are redacted, and each is read back", "verified", within=90),
        "access": _NONE,
        "rectify": _NONE,
        "restrict": _NONE,
        "stop": _NONE,
    },
    dry=True,
)
