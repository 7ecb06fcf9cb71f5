"""Findings of drift to bytes and back: Avro single-object encoding of `journal/DriftFinding.avsc`. Knows no drift and no bus.

Outside they are JSON, with times in RFC 3339; in Avro times are microseconds.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from schemas.extract import InvalidEvent
from schemas.single_object import SingleObject, single_object

DRIFT_FINDING = Path(__file__).parent / "journal" / "DriftFinding.avsc"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@cache
def drift_finding() -> SingleObject:
    """Return the schema."""
    return single_object(DRIFT_FINDING, "a finding of drift")


def encode_finding(told: Mapping[str, Any]) -> bytes:
    """Return a finding, given as JSON has it. Raises: InvalidEvent: a field is missing or of the wrong type."""
    try:
        evidence = [{**each, "at": _micros(each["at"])} for each in told["evidence"]]
        fields = {**told, "judged": _micros(told["judged"]), "at": _micros(told["at"]), "evidence": evidence}
    except (KeyError, TypeError, ValueError) as cause:
        raise InvalidEvent("a field of a finding of drift is missing or of the wrong type") from cause
    return drift_finding().encode(fields)


def decode_finding(record: bytes) -> dict[str, Any]:
    """Return a finding as JSON has it. Raises: InvalidEvent: the bytes are none, or one of a newer Jalki."""
    told = drift_finding().decode(record)
    evidence = [{**each, "at": _text(each["at"])} for each in told["evidence"]]
    return {**told, "judged": _text(told["judged"]), "at": _text(told["at"]), "evidence": evidence}


def _micros(text: str | None) -> int | None:
    return None if text is None else (datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND


def _text(at: int | None) -> str | None:
    return None if at is None else (_EPOCH + at * _MICROSECOND).isoformat().replace("+00:00", "Z")
