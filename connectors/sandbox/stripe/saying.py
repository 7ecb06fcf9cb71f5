"""How Stripe says what is wrong, and how it lists what there is. Holds nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.sandbox.calls import Answer, said

INVALID = "invalid_request_error"


def wrong(
    status: int, message: str, code: str | None = None, kind: str = INVALID, headers: Mapping[str, str] | None = None
) -> Answer:
    """Return an error in its form."""
    told = {"type": kind, "message": message, **({"code": code} if code else {})}
    return said(status, {"error": told}, headers)


def missing(what: str) -> Answer:
    """Return the answer about an object that there is not."""
    return wrong(404, f"No such {what}", "resource_missing")


def listed(path: str, found: list[Any]) -> Mapping[str, Any]:
    """Return a list in its form."""
    return {"object": "list", "data": found, "has_more": False, "url": path}


def with_headers(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """Return an answer with more headers."""
    return replace(answer, headers={**answer.headers, **headers})
