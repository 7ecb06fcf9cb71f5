"""What a descriptor says of one party, as frozen values: how it is told, and what can be shown of it. Reads no file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel

from connectors.protocol import Limits
from connectors.wording import Language
from lineage.cases.words import Action

Proof = Literal[
    "verified",  # a read-back or a signed answer shows it
    "promised",  # the party says that it is, or will be done by a day
    "accepted",  # the party says that it has the task, and there is nothing to ask it by
    "answered",  # a controller answers by a ground of its own (Art. 19)
    "none",  # cannot be done there by a program: a person must
]
PROOFS: tuple[Proof, ...] = get_args(Proof)
By = Literal["channel", "letter", "channel-then-letter"]
"""How a party is told of one right: where its channel has no call for it, or less than it needs, a letter does it."""
Meant = Literal["erase", "access", "rectify", "restrict", "stop"]
MEANT: tuple[Meant, ...] = get_args(Meant)
ACTION_OF: Mapping[Meant, Action] = {
    "erase": "erase",
    "access": "collect",
    "rectify": "rectify",
    "restrict": "restrict",
    "stop": "stop",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one right comes to at a party. `proof` is the most that a task may ever claim; `within` are days it is promised in."""

    does: str
    proof: Proof
    by: By = "channel"
    within: int | None = None
    source: str = ""
    """Where that is said: the vendor's document, or the contract."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """How one party is told. Without `address` a person tells it.

    Its role is not here: it is the register's, by purpose. `identifiers` are names of normalisers by kind, the newest first;
    `settings` is what the channel's own shape says; files in it are relative to `folder`.
    """

    party: str
    channel: str
    address: str = ""
    mailbox: str = ""
    """Where letters go of a party that is told by calls: what they cannot say is said there."""
    language: Language = "en"
    limits: Limits = field(default_factory=Limits)
    agreement: str = ""
    their_reference: str = ""
    source: str = ""
    note: str = ""
    means: Mapping[Meant, Meaning] = field(default_factory=dict)
    identifiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    settings: BaseModel | None = None
    folder: Path = Path()

    def beside(self, file: str | None) -> Path | None:
        """Return where a file is that settings name; None where they name none."""
        return self.folder / file if file else None

    def means_for(self, action: Action) -> Meaning | None:
        """Return what an action comes to at this party, None where that is not said."""
        return next((told for meant, told in self.means.items() if ACTION_OF[meant] == action), None)
