"""What SendGrid holds: for each account mail data, contacts and suppressions; and its jobs. Answers nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from connectors.sandbox.jobs import Jobs
from connectors.sandbox.sendgrid.book import CONTACTS_AT_MOST, Book

HELD_AT_MOST = 200_000
"""Addresses of one list."""
ERASE_SCOPE = "recipients.erasejob.create"
SCOPES = (ERASE_SCOPE, "marketing.read", "asm.suppressions.global.create", "suppression.read")
LISTS = ("bounces", "blocks", "spam_reports", "invalid_emails")
Address = Annotated[str, Field(min_length=3, max_length=320)]
Addresses = Annotated[list[Address], Field(max_length=HELD_AT_MOST)]


@dataclass
class Group:
    """An unsubscribe group."""

    name: str
    description: str = ""
    is_default: bool = False
    members: dict[str, int] = field(default_factory=dict)


@dataclass
class Account:
    """An account or a subuser. Addresses are in lower case; what an address maps to is when it came, in microseconds."""

    mail: dict[str, int] = field(default_factory=dict)
    """Who has mail data: messages, subjects, events."""
    book: Book = field(default_factory=Book)
    suppressed: dict[str, int] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    """By their number, as text."""
    lists: dict[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in LISTS})


@dataclass
class State:
    """All of it. The account without a name is the parent; `wiped` counts orders that empty the contacts or a list."""

    accounts: dict[str, Account] = field(default_factory=lambda: {"": Account()})
    scopes: tuple[str, ...] = SCOPES
    jobs: Jobs = field(default_factory=Jobs)
    wiped: int = 0


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[int, Field(ge=1)]
    name: str
    description: str = ""
    is_default: bool = False
    members: Addresses = []


class _Contact(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    email: Address
    alternate_emails: Annotated[list[Address], Field(max_length=5)] = []
    phone_number_id: str | None = None
    external_id: str | None = None
    anonymous_id: str | None = None
    list_ids: list[str] = []


class _Account(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    mail: Addresses = []
    contacts: Annotated[list[_Contact], Field(max_length=CONTACTS_AT_MOST)] = []
    suppressed: Addresses = []
    groups: list[_Group] = []
    bounces: Addresses = []
    blocks: Addresses = []
    spam_reports: Addresses = []
    invalid_emails: Addresses = []


class Seed(BaseModel):
    """What a sandbox is seeded with; the account without a name is the parent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: Mapping[str, _Account] = {}
    scopes: tuple[str, ...] | None = None


def seed(state: State, given: Seed, now: int) -> None:
    """Let it hold this too."""
    if given.scopes is not None:
        state.scopes = given.scopes
    for name, each in given.accounts.items():
        account = state.accounts.setdefault(name, Account())
        _add(account.mail, each.mail, now)
        _add(account.suppressed, each.suppressed, now)
        for which in LISTS:
            _add(account.lists[which], getattr(each, which), now)
        for group in each.groups:
            kept = account.groups.setdefault(str(group.id), Group(group.name, group.description, group.is_default))
            _add(kept.members, group.members, now)
        for contact in each.contacts:
            account.book.upsert(contact.model_dump(), now)


def _add(held: dict[str, int], addresses: Iterable[str], now: int) -> None:
    held.update(dict.fromkeys((each.lower() for each in addresses), now))


def shown(state: State) -> Mapping[str, Any]:
    """Return what is held, as JSON can have it."""
    return {
        "accounts": {
            name: {
                "mail": sorted(each.mail),
                "contacts": [{"id": id_, **fields} for id_, fields in each.book.contacts.items()],
                "suppressed": sorted(each.suppressed),
                "groups": {number: sorted(group.members) for number, group in each.groups.items()},
                **{which: sorted(held) for which, held in each.lists.items()},
            }
            for name, each in state.accounts.items()
        },
        "wiped": state.wiped,
        "jobs": len(state.jobs),
    }
