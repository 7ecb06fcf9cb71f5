"""A draft of a register as data: what a source says in our words, and what it leaves open. Reads and writes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from console.importing.periods import Kept
from lineage.register import UNKNOWN


@dataclass(slots=True)
class DraftParty:
    """A party; what nobody says is `unknown`. `told` are where each of its values was said first."""

    id: str
    name: str
    where: str
    kind: str = UNKNOWN
    country: str = UNKNOWN
    business_id: str = ""
    note: str = ""
    told: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class DraftPurpose:
    """A purpose; `near` are purposes of the shipped register that may be meant."""

    id: str
    text: str
    where: str
    basis: str = UNKNOWN
    article: str = ""
    dpv: tuple[str, ...] = ()
    subjects: set[str] = field(default_factory=set)
    near: tuple[str, ...] = ()
    told: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Use:
    """What a party gets for a purpose: its role, and the categories by who gives them (`unknown` where nobody says)."""

    where: str
    role: str = UNKNOWN
    categories: dict[str, set[str]] = field(default_factory=dict)
    told: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """What is open and has no word of its own in a register: it becomes an entry of `policy`. `near` is a suggestion."""

    about: str
    where: str
    law: str
    todo: str
    near: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """All of it. `kept` is by purpose and category: None where nobody says how long; `transfers` by party and mechanism."""

    source: str
    parties: dict[str, DraftParty] = field(default_factory=dict)
    purposes: dict[str, DraftPurpose] = field(default_factory=dict)
    uses: dict[tuple[str, str], Use] = field(default_factory=dict)
    kept: dict[tuple[str, str], tuple[Kept | None, str]] = field(default_factory=dict)
    transfers: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    gaps: dict[Gap, None] = field(default_factory=dict)

    def groups(self) -> Iterator[str]:
        """Yield the companies of the group."""
        return (each.id for each in self.parties.values() if each.kind == "group")

    def open(self, gap: Gap) -> None:
        """Write a gap down, once."""
        self.gaps[gap] = None
