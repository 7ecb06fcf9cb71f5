"""The recipients part of a privacy notice, as frozen values without any language. Times are microseconds, UTC."""

from dataclasses import dataclass

from lineage.answers.model import Company, Kept
from lineage.register import Transfer


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who may get data for one purpose: what, as what, and by what it is protected outside the EEA."""

    company: Company
    role: str
    categories: tuple[str, ...]
    transfer: Transfer | None


@dataclass(frozen=True, slots=True)
class NoticePurpose:
    """One purpose with its ground, all categories used for it, who may get them, and how long they are kept."""

    id: str
    text: str
    basis: str
    article: str
    categories: tuple[str, ...]
    receivers: tuple[Receiver, ...]
    periods: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """Something that the register leaves open and a notice should say: `what` is one of `OPEN`, `party` empty of a purpose."""

    purpose: str
    party: str
    what: str


OPEN = ("basis-unknown", "unnamed", "unconfirmed", "country-unknown", "role-unknown", "no-safeguard", "no-period")


@dataclass(frozen=True, slots=True)
class Notice:
    """What holds at an instant by the register, purposes by id, receivers by name; and what it leaves open."""

    at: int
    purposes: tuple[NoticePurpose, ...]
    open: tuple[Open, ...]
