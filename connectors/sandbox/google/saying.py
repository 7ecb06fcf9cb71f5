"""How Google says what is wrong, and how it reads JSON: names in either spelling, enums by name or number. Holds nothing."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from connectors.sandbox.calls import Answer, Call, said

CLOSED = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, alias_generator=to_camel)
WORDS = {
    400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    401: ("UNAUTHENTICATED", "Request had invalid authentication credentials."),
    403: ("PERMISSION_DENIED", "The caller does not have permission"),
    404: ("NOT_FOUND", "Requested entity was not found."),
    405: ("UNIMPLEMENTED", "Method not allowed"),
    413: ("INVALID_ARGUMENT", "Request payload size exceeds the limit"),
    429: ("RESOURCE_EXHAUSTED", "Quota exceeded"),
    500: ("INTERNAL", "Internal error encountered."),
    503: ("UNAVAILABLE", "The service is currently unavailable."),
}
_TYPES = "type.googleapis.com/google.rpc"
_REASONS = {400: "INVALID_ARGUMENT", 401: "ACCESS_TOKEN_EXPIRED", 403: "PERMISSION_DENIED", 429: "RATE_LIMIT_EXCEEDED"}
S = TypeVar("S", bound=BaseModel)


def wrong(status: int, wait: int | None = None, field: str = "", why: str = "") -> Answer:
    """Return an error in its form: `google.rpc.Status` with details."""
    word, message = WORDS[status]
    details: list[dict[str, object]] = []
    if status in _REASONS:
        details.append({"@type": f"{_TYPES}.ErrorInfo", "reason": _REASONS[status], "domain": "googleapis.com"})
    if field or why:
        violation = {"field": field, "description": why}
        details.append({"@type": f"{_TYPES}.BadRequest", "fieldViolations": [violation]})
    error = {"code": status, "message": message, "status": word, "details": details}
    return said(status, {"error": error}, {"Retry-After": str(wait)} if wait is not None else {})


def with_shape(shape: type[S], does: Callable[[Call, S], Answer]) -> Callable[[Call], Answer]:
    """Let an operation begin with what it was sent; anything else, an unknown name too, is answered 400."""

    def answer(call: Call) -> Answer:
        try:
            given = shape.model_validate(call.json() if call.body.strip() else {})
        except ValidationError as fault:
            first = fault.errors(include_input=False)[0]
            return wrong(400, field=".".join(str(each) for each in first["loc"]), why=first["type"])
        except ValueError:
            return wrong(400, why="JSON could not be read")
        return does(call, given)

    return answer


def enum(names: Mapping[str, int], given: Any) -> str | None:  # noqa: ANN401 - a name or a number
    """Return the name of an enum's value, given by name or number as JSON of Protocol Buffers lets it be; None: it is none."""
    if isinstance(given, str):
        return given if given in names else None
    return next((name for name, number in names.items() if number == given and not isinstance(given, bool)), None)


def moment(at: int) -> str:
    """Return a time of the sandbox in RFC 3339."""
    return datetime.fromtimestamp(at / 1_000_000, UTC).isoformat().replace("+00:00", "Z")
