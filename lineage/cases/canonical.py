"""The one form of a JSON value that is hashed and signed."""

import json
from collections.abc import Callable
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
"""One for all: making one costs more than a short value takes."""
_WORDS = {None: "null", True: "true", False: "false"}

text: Callable[[str], str] = json.encoder.encode_basestring
"""A text as it stands in that form, in quotation marks."""


def canonical(told: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Return the one form of a JSON value (RFC 8785 for all that occurs here: no fractions; keys of the basic plane)."""
    if type(told) is str:
        return text(told).encode()
    return (_WORDS[told] if told is None or type(told) is bool else _ENCODER.encode(told)).encode()
