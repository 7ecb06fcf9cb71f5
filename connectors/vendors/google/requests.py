"""Requests to the Data Manager that are under way: the handle that names an order's part of them, and what their status means.

Pure. A status counts what was processed, not people that were matched, and nothing can be read back: it is Google's word.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from connectors.vendors.google.answers import OPEN

REFUSED = "refused"
"""In a handle: a part that Google refused at once."""
_PART = re.compile(r"([!-:<-~]{1,256}) (\d{1,5})-(\d{1,5}) (\d{1,19}(?:\.\d{1,19}){0,999})")
Standing = Literal["open", "removed", "failed", "in-part"]
_Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class Part:
    """A request that an order is in, by Google's id: the places of its members there, and the lists they are removed from."""

    request: str
    first: int
    last: int
    lists: tuple[str, ...]


class _Destination(BaseModel):
    model_config = OPEN
    id: Annotated[str, Field(max_length=64)] = Field(default="", alias="productDestinationId")


class _Failures(BaseModel):
    model_config = OPEN
    count: _Count = Field(default=0, alias="recordCount")
    places: Annotated[list[int], Field(max_length=10_000)] = Field(default=[], alias="recordIndices")


class _Errors(BaseModel):
    model_config = OPEN
    counts: Annotated[list[_Failures], Field(max_length=100)] = Field(default=[], alias="errorCounts")


class Status(BaseModel):
    """How a request stands at one destination."""

    model_config = OPEN
    destination: _Destination = _Destination()
    standing: Literal["REQUEST_STATUS_UNKNOWN", "SUCCESS", "PROCESSING", "FAILED", "PARTIAL_SUCCESS"] = Field(
        default="REQUEST_STATUS_UNKNOWN", alias="requestStatus"
    )
    errors: _Errors = Field(default=_Errors(), alias="errorInfo")


class Statuses(BaseModel):
    """How a request stands, by destination."""

    model_config = OPEN
    each: Annotated[list[Status], Field(max_length=100)] = Field(default=[], alias="requestStatusPerDestination")

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return bool(self.each) and all(one.standing in ("SUCCESS", "FAILED", "PARTIAL_SUCCESS") for one in self.each)


def written(parts: Sequence[Part], *, refused: bool) -> str:
    """Return a handle."""
    told = [f"{each.request} {each.first}-{each.last} {'.'.join(each.lists)}" for each in parts]
    return ";".join([*told, *([REFUSED] if refused else [])])


def read_handle(handle: str | None) -> tuple[Sequence[Part], bool] | None:
    """Return an order's parts, and whether one was refused; None: it is no handle of ours."""
    told = (handle or "").split(";")
    refused = told[-1] == REFUSED
    found = [_PART.fullmatch(each) for each in (told[:-1] if refused else told)]
    if not found or not all(found):
        return None
    return [Part(each[1], int(each[2]), int(each[3]), tuple(each[4].split("."))) for each in found if each], refused


def standing(part: Part, statuses: Statuses) -> Standing:
    """Return how an order's part of a request stands: its members, at its lists."""
    by_list = {each.destination.id: each for each in statuses.each}
    alone = len(statuses.each) == 1
    stand = {_one(part, by_list[each], alone=alone) if each in by_list else "open" for each in part.lists}
    if "open" in stand:
        return "open"
    return stand.pop() if len(stand) == 1 else "in-part"


def _one(part: Part, status: Status, *, alone: bool) -> Standing:
    match status.standing:
        case "SUCCESS":
            return "removed"
        case "FAILED":
            return "failed"
        case "PARTIAL_SUCCESS":
            return _among(part, status.errors.counts) if alone else "in-part"
        case _:
            return "open"


def _among(part: Part, failures: Sequence[_Failures]) -> Standing:
    """Tell by the places of what failed whether it was hers; where not each has its place, it may have been.

    Only with one destination a place is surely one among the members of the request.
    """
    if not failures or any(len(set(each.places)) != each.count for each in failures):
        return "in-part"
    hers = {at for each in failures for at in each.places} & set(range(part.first, part.last + 1))
    if not hers:
        return "removed"
    return "failed" if len(hers) == part.last - part.first + 1 else "in-part"


def shown(told: Mapping[Part, Statuses]) -> bytes:
    """Return what is kept as evidence: which requests stand how at her lists. Nobody else's places are in it."""
    kept = [
        {
            "request": part.request,
            "members": part.last - part.first + 1,
            "lists": {
                each.destination.id: each.standing for each in statuses.each if each.destination.id in part.lists
            },
        }
        for part, statuses in told.items()
    ]
    return json.dumps(kept).encode()
