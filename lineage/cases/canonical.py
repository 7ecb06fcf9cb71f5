"""The one form of a JSON value that is hashed and signed."""

import json
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
"""One for all: making one costs more than a short value takes."""


def canonical(told: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Return the one form of a JSON value (RFC 8785 for all that occurs here: no fractions; keys of the basic plane)."""
    return _ENCODER.encode(told).encode()
