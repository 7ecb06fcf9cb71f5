"""What the Data Manager is sent: closed shapes, names in either spelling. Judges no limits and holds nothing."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field

from connectors.sandbox.google.saying import CLOSED, enum

ACCOUNTS = {
    "ACCOUNT_TYPE_UNSPECIFIED": 0,
    "GOOGLE_ADS": 1,
    "DISPLAY_VIDEO_PARTNER": 2,
    "DISPLAY_VIDEO_ADVERTISER": 3,
    "DATA_PARTNER": 4,
    "GOOGLE_ANALYTICS_PROPERTY": 5,
    "GOOGLE_AD_MANAGER_AUDIENCE_LINK": 6,
    "FLOODLIGHT_CONFIG": 7,
    "GOOGLE_AD_MANAGER": 8,
}
ENCODINGS = {"HEX": 1, "BASE64": 2}
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_Text = Annotated[str, Field(max_length=1_000)]


class Account(BaseModel):
    """An account at a product of Google's."""

    model_config = CLOSED
    account_type: Any = None
    product: Any = None
    account_id: _Text = ""

    @property
    def is_ads(self) -> bool:
        """Whether it is one of Google Ads."""
        return enum(ACCOUNTS, self.account_type) == "GOOGLE_ADS" and bool(self.account_id)


class Destination(BaseModel):
    """A user list of an account."""

    model_config = CLOSED
    reference: _Text = ""
    operating_account: Account = Account()
    login_account: Account | None = None
    linked_account: Account | None = None
    product_destination_id: _Text = ""


class Identifier(BaseModel):
    """One of two kinds of hash."""

    model_config = CLOSED
    email_address: _Text | None = None
    phone_number: _Text | None = None

    def hashed(self, encoding: str) -> tuple[str, str] | None:
        """Return the kind and the hash in hex; None: it is not exactly one, or no SHA-256 in that encoding."""
        told = [(kind, text) for kind, text in (("email", self.email_address), ("phone", self.phone_number)) if text]
        if len(told) != 1:
            return None
        ((kind, text),) = told
        digest = text if encoding == "HEX" else _from_base64(text)
        return (kind, digest.lower()) if _HEX.fullmatch(digest) else None


class Hashes(BaseModel):
    """Identifiers of one person."""

    model_config = CLOSED
    user_identifiers: Sequence[Identifier] = ()


class Member(BaseModel):
    """A person. Of the kinds of members there are, the sandbox knows this one."""

    model_config = CLOSED
    user_data: Hashes = Hashes()
    destination_references: Annotated[Sequence[_Text], Field(max_length=10)] = ()
    consent: Any = None


class Remove(BaseModel):
    """A removal of members."""

    model_config = CLOSED
    destinations: Sequence[Destination] = ()
    audience_members: Sequence[Member] = ()
    validate_only: bool = False
    encoding: Any = None


class RemoveAll(BaseModel):
    """A removal of everybody."""

    model_config = CLOSED
    destinations: Sequence[Destination] = ()
    remove_as_of_time: _Text | None = None
    validate_only: bool = False


class Seed(BaseModel):
    """What a sandbox is seeded with: hashes in hex by user list, `email:…` or `phone:…`."""

    model_config = CLOSED
    account: Annotated[str, Field(pattern=r"^[0-9]{10}$")] | None = None
    lists: dict[
        Annotated[str, Field(pattern=r"^[0-9]{1,19}$")],
        Annotated[list[Annotated[str, Field(pattern=r"^(?:email|phone):[0-9a-f]{64}$")]], Field(max_length=200_000)],
    ] = {}


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).hex()
    except binascii.Error:
        return ""
