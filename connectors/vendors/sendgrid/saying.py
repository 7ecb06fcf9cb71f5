"""What may go to SendGrid, and what may come from it: addresses, ids, the shapes of its answers. Calls nothing.

The two types that deletions are built from cannot be made of nothing: an order that names nobody deletes everybody there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from lineage.errors import Refused

IDS_AT_MOST = 200
"""Ids of one deletion: they go into the address of the call, which stays below 8,000 signs with them."""
ADDRESSES_AT_MOST = 5_000
SEARCHED_AT_MOST = 100
LONGEST_SEARCHED = 100
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9][A-Za-z0-9-]{0,62})+"
)
_LONGEST_ADDRESS = 254
_ID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_OPEN = ConfigDict(extra="ignore", frozen=True)
Job = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
T = TypeVar("T")


class Unfit(Refused):
    """An answer that fits nothing SendGrid's documents know. `answer` is what it wrote, to be sealed and never shown.

    `rejected`: it was a 400, so that one of those whom the call named may not be to its liking.
    """

    def __init__(self, message: str, answer: bytes, *, rejected: bool = False) -> None:
        super().__init__(message)
        self.answer, self.rejected = answer, rejected


def is_address(text: object) -> bool:
    """Tell whether a text is an address that a call may hold."""
    return isinstance(text, str) and len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses of one call, at least one, each once. Raises: Refused: there is none, or what is no address."""

    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.values) <= ADDRESSES_AT_MOST or not all(is_address(each) for each in self.values):
            raise Refused("a call to sendgrid would name nobody: a person must tell it by hand")

    @classmethod
    def of(cls, values: Iterable[str]) -> "Addresses":
        """Return them without doubles. Raises: Refused: as above."""
        return cls(tuple(dict.fromkeys(values)))


@dataclass(frozen=True, slots=True)
class ContactIds:
    """The contacts of one deletion: at least one, and nothing that could mean more than one contact.

    Raises: Refused: there is none, too many, or what is no id.
    """

    values: tuple[str, ...]

    def __post_init__(self) -> None:
        fit = all(isinstance(each, str) and _ID.fullmatch(each) is not None for each in self.values)
        if not isinstance(self.values, tuple) or not 1 <= len(self.values) <= IDS_AT_MOST or not fit:
            raise Refused("a deletion at sendgrid would name no contact: a person must look there")

    @property
    def query(self) -> str:
        """The query of the deletion."""
        return f"ids={','.join(self.values)}"


class Contact(BaseModel):
    """A contact as it is found. What else it holds is in `model_extra`."""

    model_config = ConfigDict(extra="allow", frozen=True)
    id: Annotated[str, Field(pattern=rf"^{_ID.pattern}$")]
    email: Annotated[str, Field(max_length=1_000)] | None = None
    alternate_emails: Annotated[list[str], Field(max_length=100)] | None = None

    def has(self, address: str) -> bool:
        """Tell whether it is known by this address: a search that gives anything else is not to be acted on."""
        return address.lower() in {each.lower() for each in (self.email, *(self.alternate_emails or ())) if each}


class _Result(BaseModel):
    model_config = _OPEN
    contact: Contact | None = None
    error: str | None = None


class Found(BaseModel):
    """The answer to a search, by address in lower case."""

    model_config = _OPEN
    result: Annotated[dict[str, _Result], Field(max_length=2 * SEARCHED_AT_MOST)]


class Errors(BaseModel):
    """Its form of an error; there is none without one."""

    model_config = _OPEN
    errors: Annotated[list[object], Field(min_length=1, max_length=10_000)]


class _JobId(BaseModel):
    model_config = _OPEN
    id: Job


class Started(BaseModel):
    """A job that was begun. The specification has the id of a deletion as an object."""

    model_config = _OPEN
    job_id: Job | _JobId

    @property
    def job(self) -> str:
        """The id."""
        return self.job_id if isinstance(self.job_id, str) else self.job_id.id


class JobStatus(BaseModel):
    """How a job stands."""

    model_config = _OPEN
    status: Literal["pending", "completed", "errored", "failed"]


class Scopes(BaseModel):
    """What a key may do."""

    model_config = _OPEN
    scopes: Annotated[list[str], Field(max_length=10_000)]


class Suppressed(BaseModel):
    """Whether an address is suppressed globally: empty where it is not."""

    model_config = _OPEN
    recipient_email: str | None = None


class Took(BaseModel):
    """The addresses a suppression was taken for."""

    model_config = _OPEN
    recipient_emails: Annotated[list[str], Field(max_length=ADDRESSES_AT_MOST)]


class Group(BaseModel):
    """An unsubscribe group, as it stands to an address."""

    model_config = _OPEN
    id: int
    name: str
    suppressed: bool


class Groups(BaseModel):
    """All of them."""

    model_config = _OPEN
    suppressions: Annotated[list[Group], Field(max_length=10_000)]


class OneGroup(BaseModel):
    """A group by itself."""

    model_config = _OPEN
    id: int


class Entry(BaseModel):
    """What a list holds of an address."""

    model_config = ConfigDict(extra="allow", frozen=True)
    email: str
    created: int | None = None


ENTRIES = TypeAdapter(Annotated[list[Entry], Field(max_length=100)])
MEMBERS = TypeAdapter(Annotated[list[str], Field(max_length=ADDRESSES_AT_MOST)])


def read(shape: type[T] | TypeAdapter[T], body: bytes) -> T:
    """Return an answer in its shape. Raises: Unfit: it has another."""
    adapter = shape if isinstance(shape, TypeAdapter) else TypeAdapter(shape)
    try:
        return adapter.validate_json(body)
    except ValidationError:
        pass
    raise Unfit("sendgrid's answer is none that its documents know: it is sealed with the task", body)
