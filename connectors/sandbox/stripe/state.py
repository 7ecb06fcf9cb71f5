"""What Stripe holds: objects with what they say of a person, and redaction jobs. Answers nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from connectors.sandbox.calls import Answer
from connectors.sandbox.jobs import Jobs

HELD_AT_MOST = 100_000
KEYS_AT_MOST = 10_000
TYPES: Mapping[str, tuple[str, str]] = {
    "customers": ("customer", "cus"),
    "payment_intents": ("payment_intent", "pi"),
    "charges": ("charge", "ch"),
    "checkout_sessions": ("checkout.session", "cs"),
    "setup_intents": ("setup_intent", "seti"),
    "invoices": ("invoice", "in"),
}
"""As jobs name them: what such an object says it is, and the prefix of its id."""
TRANSACTIONS = frozenset({"payment_intents", "charges"})
REDACTED = "[redacted]"


@dataclass
class Kept:
    """An object. `personal` are its fields that say something of a person; `redaction` is that of the interface."""

    type: str
    created: int
    customer: str | None = None
    final: bool = True
    personal: dict[str, str] = field(default_factory=dict)
    redaction: str | None = None
    deleted: bool = False


@dataclass
class Redaction:
    """A redaction job."""

    created: int
    roots: dict[str, list[str]]
    behavior: str
    status: str = "validating"
    errors: list[dict[str, Any]] = field(default_factory=list)
    lies: bool = False


@dataclass
class State:
    """All of it. `said` is what was answered to keys of idempotency: when, to what, and what."""

    objects: dict[str, Kept] = field(default_factory=dict)
    redactions: dict[str, Redaction] = field(default_factory=dict)
    jobs: Jobs = field(default_factory=Jobs)
    said: dict[str, tuple[int, str, Answer]] = field(default_factory=dict)
    preview: bool = True


class _Object(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z]+_[A-Za-z0-9_]{1,200}$")]
    customer: str | None = None
    age_days: Annotated[int, Field(ge=0, le=10_000)] = 200
    final: bool = True
    email: str | None = None
    name: str | None = None
    phone: str | None = None


class Seed(BaseModel):
    """What a sandbox is seeded with. `preview`: whether the account has redaction jobs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    objects: Annotated[list[_Object], Field(max_length=HELD_AT_MOST)] = []
    preview: bool | None = None


def type_of(id_: str) -> str:
    """Return the type of an object by its id. Raises: ValueError: there is no such prefix."""
    prefix = id_.partition("_")[0]
    found = next((name for name, (_, each) in TYPES.items() if each == prefix), None)
    if found is None:
        raise ValueError("an object's id begins with cus_, pi_, ch_, cs_, seti_ or in_")
    return found


def seed(state: State, given: Seed, now: int) -> None:
    """Let it hold this too. Raises: ValueError: an id is none, or there are too many."""
    made = {
        each.id: Kept(
            type_of(each.id),
            now // 1_000_000 - each.age_days * 86_400,
            each.customer,
            each.final,
            {name: value for name in ("email", "name", "phone") if (value := getattr(each, name)) is not None},
        )
        for each in given.objects
    }
    if len(state.objects) + len(made) > HELD_AT_MOST:
        raise ValueError(f"at most {HELD_AT_MOST} objects are held")
    state.objects |= made
    if given.preview is not None:
        state.preview = given.preview


def related(state: State, id_: str) -> Iterator[tuple[str, Kept]]:
    """Return an object, and of a customer all that are hers."""
    yield id_, state.objects[id_]
    if state.objects[id_].type == "customers":
        yield from ((other, each) for other, each in state.objects.items() if each.customer == id_)


def held(state: State) -> Mapping[str, Any]:
    """Return what is held, as JSON can have it."""
    return {
        "objects": {
            id_: {"type": each.type, "redaction": each.redaction, "deleted": each.deleted, **each.personal}
            for id_, each in state.objects.items()
        },
        "jobs": {id_: each.status for id_, each in state.redactions.items()},
    }
