"""Which calls an order comes to: each call of its right, once for each identifier that this party got. Pure; makes none."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from connectors.normalisers import variants
from connectors.vendors.rest.addresses import address_of
from connectors.vendors.rest.shapes import CallSettings, RequestSettings
from connectors.vendors.rest.templates import body_of, headers_of, is_sound, path_of, query_of
from lineage.cases.orders import Order
from lineage.errors import Refused

MOST_UNITS = 200
"""Calls that one order may come to."""
_ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Request:
    """A request without its address: `path` has its query."""

    method: str
    path: str
    at: str | None
    headers: Mapping[str, str]
    body: bytes | None = field(repr=False)
    rate: str | None


@dataclass(frozen=True, slots=True)
class Unit:
    """One call for one identifier, `which` it is among the calls of its right."""

    call: CallSettings
    which: int
    request: Request
    reading: Request | None


@dataclass(frozen=True, slots=True)
class Work:
    """All of them in order. `reason`: what the party is told of cannot, or not all, be told by calls; a short word."""

    units: Sequence[Unit]
    reason: str | None = None
    """Why no call is made, or, with units, why they are not all there is to do."""


def work_of(
    calls: Sequence[CallSettings], order: Order, constants: Mapping[str, str], forms: Mapping[str, Sequence[str]]
) -> Work:
    """Return what an order comes to. `forms` are normalisers by kind: a party may have kept a value in any of them.

    Raises: Refused: more calls than one order may come to.
    """
    units: list[Unit] = []
    for which, call in enumerate(calls):
        made = list(_units(call, which, order, constants, forms))
        found = [each for each in made if isinstance(each, Unit)]
        if not call.optional:
            reasons = [each for each in made if isinstance(each, str)]
            # A wish that this call is not about is none of its business; it is looked for below in all of them.
            if reasons and not (order.changes and reasons == [_NO_CHANGE]):
                return Work((), reasons[0])
        units += found
        if len(units) > MOST_UNITS:
            raise Refused(f"{order.party} would be called more than {MOST_UNITS} times for one task: tell it by hand")
    if all(each.call.optional for each in units):
        return Work((), "no-call-for-it" if order.changes else "no-identifier")
    told = {name.split(".")[1] for each in units for name in each.call.request.names if name.startswith("change.")}
    return Work(tuple(units), "other-categories" if order.changes.keys() - told else None)


_NO_CHANGE = "no-change"


def _units(
    call: CallSettings,
    which: int,
    order: Order,
    constants: Mapping[str, str],
    forms: Mapping[str, Sequence[str]],
) -> Iterator[Unit | str]:
    """Yield the units of a call, or reasons why there are not all of them."""
    changes, reason = _changes(call, order)
    if reason is not None:
        yield reason
        return
    sent = _sent(call, order)
    if not sent:
        yield "no-identifier"
    for value in sent:
        beside = _beside(call, order, value)
        if beside is None:
            yield "no-identifier-beside"
            continue
        for form in dict.fromkeys((value, *variants(forms.get(call.for_each, ()), value))):
            values = {**constants, **changes, **beside, "identifier": form, **_keys(call, order, form)}
            yield _unit(call, which, values) or "not-for-a-call"


def _sent(call: CallSettings, order: Order) -> list[str]:
    found = dict.fromkeys(value for kind, value in order.identifiers if kind == call.for_each)
    return [value for value in found if call.pattern is None or re.fullmatch(call.pattern, value)]


def _unit(call: CallSettings, which: int, values: Mapping[str, str]) -> Unit | None:
    if any(not re.fullmatch(shape, values[name]) for name, shape in call.needs.items()):
        return None
    request = _request(call.request, values)
    reading = _request(call.read_back.request, values) if call.read_back else None
    if request is None or (call.read_back and reading is None):
        return None
    if call.idempotency:
        request = Request(
            request.method,
            request.path,
            request.at,
            {**request.headers, call.idempotency: values["call.key"]},
            request.body,
            request.rate,
        )
    return Unit(call, which, request, reading)


def _request(said: RequestSettings, values: Mapping[str, str]) -> Request | None:
    if not all(is_sound(values[name]) for name in said.names):
        return None
    path = path_of(said.path, values)
    body = None if said.body is None else body_of(said.body, values, said.encoding)
    if path is None or (said.body is not None and body is None):
        return None
    kind = {"json": "application/json", "form": "application/x-www-form-urlencoded"}[said.encoding]
    headers = headers_of(said.headers, values) | ({"Content-Type": kind} if body is not None else {})
    return Request(said.method, path + query_of(said.query, values), said.at, headers, body, said.rate)


def _changes(call: CallSettings, order: Order) -> tuple[Mapping[str, str], str | None]:
    """Return the new values a call uses, by placeholder, or why it cannot be made."""
    values: dict[str, str] = {}
    for name in sorted(each for each in call.request.names if each.startswith("change.")):
        _, category, *part = name.split(".")
        given = order.changes.get(category)
        if given is None:
            return {}, _NO_CHANGE
        if not part:
            values[name] = given
            continue
        read = address_of(given) if category == _ADDRESS else None
        if read is None or part[0] not in read:
            return {}, f"{category}-not-read"
        values[name] = read[part[0]]
    return values, None


def _beside(call: CallSettings, order: Order, value: str) -> Mapping[str, str] | None:
    """Return the identifiers of other kinds that went with this one; None: it is not clear which did."""
    asked = call.request.names | (call.read_back.request.names if call.read_back else frozenset())
    found: dict[str, str] = {}
    for name in (each for each in asked if each.startswith("beside.")):
        kind = name.partition(".")[2]
        together = [each.identifiers for each in order.sendings] or [order.identifiers]
        beside = {
            other
            for each in together
            if (call.for_each, value) in each
            for other_kind, other in each
            if other_kind == kind
        }
        if len(beside) != 1:
            return None
        found[name] = beside.pop()
    return found


def _keys(call: CallSettings, order: Order, form: str) -> Mapping[str, str]:
    """Return the keys of a call, the same at every attempt and another for every value. None tells of the value."""
    digest = sha256(f"{order.key}\0{call.name}\0{form}".encode("utf-8", "surrogatepass")).digest()
    return {
        "order.key": order.key,
        "call.key": str(uuid.UUID(bytes=digest[:16], version=4)),
        "call.short": digest.hex()[:12],
    }
