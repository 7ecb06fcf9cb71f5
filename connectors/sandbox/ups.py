"""UPS Delivery Intercept, version 2: a parcel on its way is redirected. A 200 may say that it was not."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.sandbox.calls import Answer, Call, Operation, said
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.sandbox.limits import Limit, Standing
from connectors.sandbox.tokens import Tokens, asks_for_token

TOKEN = "/security/v1/oauth/token"  # noqa: S105 - a path
REDIRECT = "/api/deliveryintercept/v2/redirect/address/{tracking_number}"
LIMIT = Limit("calls", 600, 60)
"""Assumed: no specification says how often it may be called."""
_HEADERS = {"transid": r"[a-zA-Z0-9.-]{3,14}", "platformtype": "XOLT", "inquirytype": "U"}
_NUMBER = re.compile(r"1Z[A-Z0-9]{16}")
_LOCALE = re.compile(r"[a-z]+_+[A-Z]+")
_OPEN = ConfigDict(extra="allow", frozen=True, strict=True)
_CLOSED = ConfigDict(extra="forbid", frozen=True, strict=True)
Phone = Annotated[str, Field(pattern=r"^\+[0-9]{1,13}$")]
Extension = Annotated[str, Field(pattern=r"^\+[0-9]{1,3}$")]
Mail = Annotated[str, Field(pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Z|a-z]{2,}$")]
Line = Annotated[str, Field(min_length=1, max_length=35)]


class _Requester(BaseModel):
    model_config = _OPEN
    name: Annotated[str, Field(min_length=1, max_length=30)]
    telephone: Phone
    phoneExt: Extension | None = None  # noqa: N815 - the vendor's name
    emailAddress: Annotated[Mail, Field(max_length=50)] | None = None  # noqa: N815 - the vendor's name
    altTelephone: Phone | None = None  # noqa: N815 - the vendor's name
    altPhoneExt: Extension | None = None  # noqa: N815 - the vendor's name
    displayPhoneNumber: bool = False  # noqa: N815 - the vendor's name


class _Place(BaseModel):
    model_config = _OPEN
    addressLine1: Annotated[str, Field(min_length=1, max_length=50)]  # noqa: N815 - the vendor's name
    addressLine2: Line | None = None  # noqa: N815 - the vendor's name
    addressLine3: Line | None = None  # noqa: N815 - the vendor's name
    city: Annotated[str, Field(min_length=1, max_length=30)]
    state: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    postalCode: Annotated[str, Field(pattern=r"^[0-9]{5}([-\s][0-9]{4})?$")]  # noqa: N815 - the vendor's name
    countryCode: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]  # noqa: N815 - the vendor's name


class _Address(BaseModel):
    model_config = _OPEN
    addressNickName: Annotated[str, Field(min_length=2, max_length=20)] | None = None  # noqa: N815 - the vendor's name
    addressInfo: _Place | None = None  # noqa: N815 - the vendor's name
    nameOrCompanyName: str | None = None  # noqa: N815 - the vendor's name
    contactName: str | None = None  # noqa: N815 - the vendor's name
    phoneNumber: Phone | None = None  # noqa: N815 - the vendor's name
    phoneExt: Extension | None = None  # noqa: N815 - the vendor's name
    emailAddress: Mail | None = None  # noqa: N815 - the vendor's name


class _Redirect(BaseModel):
    model_config = _CLOSED
    requestType: Literal["WC", "SC", "FD", "AA", "RS"] = "AA"  # noqa: N815 - the vendor's name
    requesterContactInfo: _Requester  # noqa: N815 - the vendor's name
    reasonForReturn: Literal["AM", "AN", "AQ", "AR", "AS", "FA", "KR", "KS", "KV"] | None = None  # noqa: N815 - the vendor's name
    deliveryDate: Annotated[str, Field(pattern=r"^[0-9]{4}(0[1-9]|1[012])(0[1-9]|[12][0-9]|3[01])$")] | None = None  # noqa: N815 - the vendor's name
    specialInstructions: Annotated[str, Field(min_length=1, max_length=254)] | None  # noqa: N815 - the vendor's name
    newDeliveryAddress: _Address | None = None  # noqa: N815 - the vendor's name


class Seed(BaseModel):
    """What a sandbox is seeded with: tracking numbers of parcels on their way, and of those that were delivered."""

    model_config = _CLOSED
    in_transit: list[Annotated[str, Field(pattern=r"^1Z[A-Z0-9]{16}$")]] = []
    delivered: list[Annotated[str, Field(pattern=r"^1Z[A-Z0-9]{16}$")]] = []


@dataclass
class State:
    """Parcels by tracking number, with the address that they were redirected to; the tokens that are logged in with."""

    tokens: Tokens
    in_transit: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    delivered: set[str] = field(default_factory=set)


class Ups:
    """UPS. What logs in ends after `token_seconds`."""

    name = "ups"

    def __init__(self, clock: Clock, *, token_seconds: int = 14_399) -> None:
        self.state: Any = State(Tokens(secrets.token_urlsafe(24), secrets.token_urlsafe(32), token_seconds))
        takes = frozenset({Kind.ERROR_INSIDE})
        self.operations = (
            Operation("POST", TOKEN, self._token, open=True, limits=(LIMIT,), largest=64 * 1024),
            Operation("POST", REDIRECT, self._redirect, limits=(LIMIT,), takes=takes),
        )
        self._clock = clock

    def admits(self, call: Call) -> Answer | None:
        """Want a token that has not ended."""
        return None if self.state.tokens.good(call) else self.trouble(401, None)

    def trouble(self, status: int, wait: int | None) -> Answer:
        """Say what is wrong."""
        code = "605" if status == 401 else "710"
        told = {"transactionId": "sandbox", "statusCode": str(status), "success": False}
        errors = [{"code": code, "message": "the sandbox has it so"}]
        headers = {"Retry-After": str(wait)} if wait is not None else {}
        return said(status, {"response": {**told, "errors": errors}}, headers)

    def shown(self, standing: Standing, now: int) -> Mapping[str, str]:  # noqa: ARG002 - no header tells of limits
        """Tell nothing."""
        return {}

    def settle(self, now: int) -> None:
        """Nothing takes time here."""

    def held(self) -> Mapping[str, Any]:
        """Return parcels, with where they go now."""
        return {"in_transit": dict(self.state.in_transit), "delivered": sorted(self.state.delivered)}

    def seed(self, given: Mapping[str, Any]) -> None:
        """Let it hold this too. Raises: ValueError: it is not of the shape of `Seed`."""
        seed = Seed.model_validate(given)
        self.state.in_transit |= dict.fromkeys(seed.in_transit)
        self.state.delivered |= set(seed.delivered)

    def credentials(self, url: str) -> Mapping[str, str]:  # noqa: ARG002 - they are the same everywhere
        """Return client and secret."""
        return {"ups.client": self.state.tokens.client, "ups.secret": self.state.tokens.secret}

    def _token(self, call: Call) -> Answer:
        token = self.state.tokens.give(call) if asks_for_token(call) else None
        if token is None:
            errors = [{"code": "10401", "message": "ClientId is Invalid"}]
            return said(401, {"response": {"errors": errors}})
        seconds = str(self.state.tokens.seconds)  # a text, as UPS has it
        return said(200, {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "status": "approved"})

    def _redirect(self, call: Call) -> Answer:
        number, locale = call.path["tracking_number"], call.asked("loc")
        sound = all(re.fullmatch(shape, call.headers.get(name, "")) for name, shape in _HEADERS.items())
        sound = sound and (locale is None or (len(locale) <= 5 and _LOCALE.fullmatch(locale) is not None))
        try:
            asked = _Redirect.model_validate(call.json())
        except ValueError:
            return self.trouble(400, None)
        if not sound or not _NUMBER.fullmatch(number):
            return self.trouble(400, None)
        if call.fault is Kind.ERROR_INSIDE or number not in self.state.in_transit:
            return _told(call, "500", "System Error")
        address = asked.newDeliveryAddress
        if address is None or address.addressInfo is None:
            return _told(call, "500", "no new address")
        self.state.in_transit[number] = address.addressInfo.model_dump(exclude_none=True)
        return _told(call, "000", "")


def _told(call: Call, code: str, error: str) -> Answer:
    told = {
        "transactionId": call.headers["transid"],
        "statusCode": code,
        "statusMsg": error or "Success",
        "success": not error,
        "errors": [{"errorCode": code, "errorMessage": error}] if error else None,
        "subStatusCode": "",
    }
    return said(200, told, {"transId": call.headers["transid"]})
