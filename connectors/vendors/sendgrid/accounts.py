"""The accounts of a shop at SendGrid: the parent, and the sub-users that its descriptor names. Pure values."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Account:
    """One of them; `name` is empty for the parent. `groups` are its unsubscribe groups by purpose of the register."""

    name: str
    groups: Mapping[str, int] = field(default_factory=dict)


def print_of(accounts: Sequence[Account]) -> str:
    """Return a short name of this list of accounts: what was done for the first of another list is to be done again."""
    return hashlib.sha256("\n".join(each.name for each in accounts).encode()).hexdigest()[:8]
