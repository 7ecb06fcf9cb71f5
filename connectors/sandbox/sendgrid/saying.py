"""How SendGrid says what is wrong, and how it reads what it is sent. Holds nothing."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.sandbox.calls import Answer, Call, said

_ADDRESS = re.compile(r"[A-Za-z0-9._%+'&!#$*/=?^`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z][A-Za-z0-9-]+")
LONGEST_ADDRESS = 320


def wrong(status: int, message: str, field: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """Return an error in its form."""
    return said(status, {"errors": [{"message": message, "field": field}]}, headers)


def is_address(text: object) -> bool:
    """Tell whether it takes a text for an address."""
    return isinstance(text, str) and len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def with_object(does: Callable[[Call, Mapping[str, Any]], Answer]) -> Callable[[Call], Answer]:
    """Let an operation begin with the JSON object that it was sent; anything else is answered 400."""

    def read(call: Call) -> Answer:
        try:
            body = call.json()
        except ValueError:
            return wrong(400, "JSON could not be read")
        return does(call, body) if isinstance(body, dict) else wrong(400, "an object is wanted")

    return read


def addresses_of(body: Mapping[str, Any], field: str) -> Sequence[str] | Answer:
    """Return the addresses of a field, or the refusal of what it holds."""
    given = body.get(field)
    if not isinstance(given, list):
        return wrong(400, f"{field} is a list of addresses", field)
    for each in given:
        if not is_address(each):
            return wrong(400, f"{each if isinstance(each, str) else 'what is no text'} is not valid", field)
    return given
