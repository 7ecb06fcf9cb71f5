"""How Meta says what is wrong, and how much has been called. Holds nothing."""

import json
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.calls import Answer, said

USAGE = "X-Business-Use-Case-Usage"
FLAGGED = 1_713_230
TOO_SMALL = 1_870_047
BUSY = 80_003
"""Too many calls for custom audiences."""


def wrong(
    status: int,
    code: int,
    message: str,
    subcode: int | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    transient: bool = False,
) -> Answer:
    """Return an error in its form."""
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Asandbox"}
    if subcode is not None:
        error["error_subcode"] = subcode
    if transient:
        error["is_transient"] = True
    return said(status, {"error": error}, headers)


def usage(business: str, percent: int, minutes: int = 0) -> Mapping[str, str]:
    """Return the header that tells how much was called: percent of what may be, and minutes until it may be again."""
    use = {
        "type": "custom_audience",
        "call_count": percent,
        "total_cputime": 0,
        "total_time": 0,
        "estimated_time_to_regain_access": minutes,
    }
    return {USAGE: json.dumps({business: [use]})}
