"""What Meta holds: audiences with their members as hashes, and sessions. Answers nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from connectors.sandbox.jobs import Jobs

MEMBERS_AT_MOST = 200_000
SESSIONS_AT_MOST = 10_000
KEYS = ("EMAIL", "PHONE", "MADID", "EXTERN_ID")
SINGLE: Mapping[str, str] = {"EMAIL_SHA256": "EMAIL", "PHONE_SHA256": "PHONE", "MOBILE_ADVERTISER_ID": "MADID"}
"""The schemas of one key: which of a member's it is."""


@dataclass
class Session:
    """Rows that came under one number. Counts are of rows; `ended` is when Meta had done with them, in seconds."""

    began: int
    received: int = 0
    invalid: int = 0
    matched: int = 0
    last: bool = False
    ended: int | None = None


@dataclass
class Audience:
    """A custom audience. A member is what is known of one person, by key."""

    name: str
    flagged: bool = False
    too_small: bool = False
    members: list[dict[str, str]] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)
    lookalikes: list[str] = field(default_factory=list)


@dataclass
class State:
    """All of it."""

    audiences: dict[str, Audience] = field(default_factory=dict)
    jobs: Jobs = field(default_factory=Jobs)


class _Audience(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]
    name: str = ""
    flagged: bool = False
    too_small: bool = False
    lookalikes: list[str] = []
    members: Annotated[list[dict[str, str]], Field(max_length=MEMBERS_AT_MOST)] = []


class Seed(BaseModel):
    """What a sandbox is seeded with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    audiences: list[_Audience] = []


def seed(state: State, given: Seed) -> None:
    """Let it hold this too. Raises: ValueError: a member has a key that is none."""
    if any(set(member) - set(KEYS) for each in given.audiences for member in each.members):
        raise ValueError(f"a member has the keys {', '.join(KEYS)}, and no other")
    for each in given.audiences:
        audience = state.audiences.setdefault(each.id, Audience(each.name))
        audience.flagged, audience.too_small = each.flagged, each.too_small
        audience.lookalikes = list(each.lookalikes)
        audience.members = [*audience.members, *map(dict, each.members)][:MEMBERS_AT_MOST]


def held(state: State) -> Mapping[str, Any]:
    """Return what is held, as JSON can have it."""
    return {
        "audiences": {
            id_: {
                "members": [dict(member) for member in each.members],
                "sessions": {
                    number: {"received": one.received, "invalid": one.invalid, "over": one.ended is not None}
                    for number, one in each.sessions.items()
                },
            }
            for id_, each in state.audiences.items()
        }
    }
