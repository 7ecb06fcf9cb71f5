"""The channel `sendgrid`: its settings in descriptors, what each right comes to, and the making of its connector."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.channel import Channel, SecretSettings, Ways
from connectors.descriptor import Descriptor, Meaning
from connectors.protocol import Connector, Rate
from connectors.vendors.sendgrid.accounts import Account
from connectors.vendors.sendgrid.calls import ERASE_RATE, Calls
from connectors.vendors.sendgrid.collecting import Collecting
from connectors.vendors.sendgrid.connector import SendGrid
from connectors.vendors.sendgrid.erasing import Erasing
from connectors.vendors.sendgrid.rectifying import FIELDS, Rectifying
from connectors.vendors.sendgrid.saying import ADDRESSES_AT_MOST
from connectors.vendors.sendgrid.stopping import Stopping

_CLOSED = ConfigDict(extra="forbid", frozen=True, strict=True)
_LARGEST = 8 << 20
"""Bytes of an answer: a hundred contacts with all their fields."""
_ERASURE_API = "Twilio's documentation: Recipients' Data Erasure API; Data Retention and Deletion in Twilio Products"
_Groups = dict[str, Annotated[int, Field(ge=1, le=1 << 53)]]


class SubuserSettings(BaseModel):
    """A sub-user: its unsubscribe groups, by purpose of the register."""

    model_config = _CLOSED
    groups: _Groups = {}


class SendGridSettings(BaseModel):
    """What it takes to call SendGrid. Mail data of a sub-user that is not named here is not erased."""

    model_config = _CLOSED
    key: SecretSettings
    groups: _Groups = {}
    subusers: Annotated[
        dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9._@+-]{1,64}( [A-Za-z0-9._@+-]{1,64})?$")], SubuserSettings],
        Field(max_length=500),
    ] = {}
    fields: dict[str, str] = {}
    ca_file: Annotated[str, Field(min_length=1)] | None = None

    @field_validator("fields")
    @classmethod
    def _known(cls, fields: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(set(fields.values()) - FIELDS.keys()):
            raise ValueError(f"{len(unknown)} of them no field of a contact: there are {', '.join(sorted(FIELDS))}")
        return fields


def _connect(descriptor: Descriptor, _name: str, ways: Ways) -> Connector | None:
    said = descriptor.settings
    if not isinstance(said, SendGridSettings):
        return None
    calls = Calls(
        descriptor.party,
        descriptor.address,
        said.key.secret(descriptor),
        ways.caller(descriptor, ca_file=descriptor.beside(said.ca_file), largest=_LARGEST),
        ways.budget(descriptor),
    )
    accounts = (Account("", said.groups), *(Account(name, each.groups) for name, each in said.subusers.items()))
    return SendGrid(
        descriptor,
        calls,
        Erasing(calls, accounts, descriptor, ways.clock),
        Stopping(calls, accounts),
        Rectifying(calls, accounts, said.fields),
        Collecting(calls, accounts, descriptor.party),
    )


SENDGRID = Channel(
    _connect,
    SendGridSettings,
    rates={ERASE_RATE: Rate(100, 60.0)},
    together=ADDRESSES_AT_MOST,
    dry=True,
    means={
        "erase": Meaning(
            "Mail data of each account is erased by a job that cannot be asked after: gone after 37 days at most. "
            "Contacts are deleted, and read back as gone. Bounces, blocks and invalid addresses are cleared. Her own "
            "unsubscriptions and spam reports stay. Pseudonymous event data stays up to a year",
            "promised",
            within=37,
            source=_ERASURE_API,
        ),
        "access": Meaning(
            "The contact, lists and suppressions are read. Which messages went to her cannot be read", "verified"
        ),
        "rectify": Meaning(
            "The contact is changed and read back; another address is added, then the old deleted", "verified"
        ),
        "restrict": Meaning(
            "Her addresses are suppressed globally, and read back: nothing is sent to her. There is no other restriction; "
            "a person takes it out again, for it may be her own",
            "verified",
        ),
        "stop": Meaning("Suppressed for the group of the purpose, or globally, and read back", "verified"),
    },
)
