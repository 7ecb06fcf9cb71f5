"""Turns the trees of all files into one list of well-shaped entries a section, whichever file each stands in.

An entry keeps its tree, so that whatever is wrong with it later can be shown at its line. Does not compare entries.
"""

import re
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lineage.register.faults import Faults
from lineage.register.model import Place
from lineage.register.reading import Plain, Steps, Tree
from lineage.register.retention import KHO, is_no_period
from lineage.register.shapes import (
    AdequacyShape,
    ContractShape,
    ControllerShape,
    CopyShape,
    CountriesShape,
    FrameworkShape,
    MeasureShape,
    NoticeShape,
    PartyShape,
    PolicyShape,
    PurposeShape,
    RecipientShape,
    RetentionShape,
    SafeguardShape,
    SetShape,
)

S = TypeVar("S", bound=BaseModel)
KEYED = ("adequacy", "controllers", "frameworks", "parties", "policy", "purposes")
LISTED = ("contracts", "copies", "notices", "recipients", "retention", "security", "transfers")
SETS = ("categories", "parties", "purposes")
SECTIONS = frozenset({*KEYED, *LISTED, "eea", "sets"})
NEEDED = ("eea", "parties", "purposes", "recipients", "retention")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ID = re.compile(r"[a-z][a-z0-9_-]*")
_PERIOD_KEYS = ("after", "days", "months", "rule", "until", "years")


@dataclass(frozen=True, slots=True)
class Entry(Generic[S]):
    """One entry: its id (empty in a list), its shape, and where it stands."""

    key: str
    shape: S
    tree: Tree
    steps: Steps

    def place(self, *steps: str | int) -> Place:
        """The line of one of its keys, or of the entry itself."""
        return self.tree.place(*self.steps, *steps)


@dataclass(slots=True)
class Sections:
    """Every entry of every section. `ids` knows refused entries too, so that one fault is not said ten times."""

    controllers: list[Entry[ControllerShape]] = field(default_factory=list)
    parties: list[Entry[PartyShape]] = field(default_factory=list)
    purposes: list[Entry[PurposeShape]] = field(default_factory=list)
    recipients: list[Entry[RecipientShape]] = field(default_factory=list)
    retention: list[Entry[RetentionShape]] = field(default_factory=list)
    transfers: list[Entry[SafeguardShape]] = field(default_factory=list)
    adequacy: list[Entry[AdequacyShape]] = field(default_factory=list)
    copies: list[Entry[CopyShape]] = field(default_factory=list)
    policy: list[Entry[PolicyShape]] = field(default_factory=list)
    security: list[Entry[MeasureShape]] = field(default_factory=list)
    contracts: list[Entry[ContractShape]] = field(default_factory=list)
    notices: list[Entry[NoticeShape]] = field(default_factory=list)
    frameworks: list[Entry[FrameworkShape]] = field(default_factory=list)
    sets: dict[str, list[Entry[SetShape]]] = field(default_factory=lambda: {kind: [] for kind in SETS})
    eea: list[Entry[CountriesShape]] = field(default_factory=list)
    ids: dict[str, set[str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


def sections_of(trees: list[Tree], faults: Faults) -> Sections:
    """All entries of all files, in the order of the files; what cannot be an entry is among the faults."""
    found = Sections()
    for tree in trees:
        reader = _Reader(tree, found, faults)
        reader.known_sections()
        reader.keyed(found.controllers, "controllers", ControllerShape)
        reader.keyed(found.parties, "parties", PartyShape)
        reader.keyed(found.purposes, "purposes", PurposeShape)
        reader.keyed(found.adequacy, "adequacy", AdequacyShape)
        reader.keyed(found.policy, "policy", PolicyShape)
        reader.listed(found.recipients, "recipients", RecipientShape)
        reader.listed(found.retention, "retention", RetentionShape)
        reader.listed(found.transfers, "transfers", SafeguardShape)
        reader.listed(found.copies, "copies", CopyShape)
        reader.listed(found.security, "security", MeasureShape)
        reader.listed(found.contracts, "contracts", ContractShape)
        reader.listed(found.notices, "notices", NoticeShape)
        reader.keyed(found.frameworks, "frameworks", FrameworkShape)
        reader.sets()
        reader.eea()
    return found


def none_missing(trees: list[Tree], faults: Faults) -> None:
    """Say which sections no file has, of those that a register cannot be without."""
    for name in NEEDED:
        if not any(name in tree.content for tree in trees):
            faults.add(Place(trees[0].file), f"the section '{name}' is missing")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes the entries out of one tree."""

    tree: Tree
    found: Sections
    faults: Faults

    def known_sections(self) -> None:
        for name in self.tree.content:
            if name not in SECTIONS:
                self.faults.add(
                    self.tree.place(name), f"unknown section '{name}'; there are {', '.join(sorted(SECTIONS))}"
                )

    def keyed(self, into: list[Entry[S]], name: str, shape: type[S]) -> None:
        content = self.tree.content.get(name, {})
        if not isinstance(content, dict):
            self._no(name, "must be a mapping, one id a line")
            return
        ids = self.found.ids.setdefault(name, set())
        for key, value in content.items():
            if key in ids:
                self.faults.add(self.tree.place(name, key), f"'{key}' is already in '{name}', in another file")
            elif name != "adequacy" and not _ID.fullmatch(key):
                self.faults.add(self.tree.place(name, key), "an id is a word of lower-case letters, digits and hyphens")
            elif name == "adequacy" and isinstance(value, list):  # decisions on one country, one after the other
                for index, one in enumerate(value):
                    self._entry(into, name, shape, (key, one, (name, key, index)))
            else:
                self._entry(into, name, shape, (key, value, (name, key)))
            ids.add(key)

    def listed(self, into: list[Entry[S]], name: str, shape: type[S]) -> None:
        content = self.tree.content.get(name, [])
        if not isinstance(content, list):
            self._no(name, "must be a list, each entry after a hyphen")
            return
        for index, value in enumerate(content):
            self._entry(into, name, shape, ("", value, (name, index)))

    def eea(self) -> None:
        if "eea" in self.tree.content:
            self._entry(self.found.eea, "eea", CountriesShape, ("", {"names": self.tree.content["eea"]}, ("eea",)))

    def sets(self) -> None:
        content = self.tree.content.get("sets", {})
        if not isinstance(content, dict):
            self._no("sets", f"must be a mapping of {', '.join(SETS)}")
            return
        for kind, named in content.items():
            if kind not in SETS or not isinstance(named, dict):
                self.faults.add(self.tree.place("sets", kind), f"'sets' holds named lists under {', '.join(SETS)}")
                continue
            for key, names in named.items():
                if any(entry.key == key for entry in self.found.sets[kind]):
                    self.faults.add(self.tree.place("sets", kind, key), f"the set '{key}' is there twice")
                self._entry(self.found.sets[kind], "sets", SetShape, (key, {"names": names}, ("sets", kind, key)))

    def _no(self, name: str, why: str) -> None:
        self.found.refused.add(name)
        self.faults.add(self.tree.place(name), f"'{name}' {why}")

    def _entry(self, into: list[Entry[S]], name: str, shape: type[S], raw: tuple[str, Plain, Steps]) -> None:
        key, value, steps = raw
        if name == "retention" and self._endless(value, steps):
            return
        try:
            into.append(Entry(key, shape.model_validate(value), self.tree, steps))
        except ValidationError as error:
            self.found.refused.add(name)
            for detail in error.errors(include_url=False):
                self.faults.add(_place(self.tree, steps, detail), _message(detail, shape))

    def _endless(self, value: Plain, steps: Steps) -> bool:
        """Whether a retention row leaves its end to the person, or has none; said in the words of the court."""
        if not isinstance(value, dict):
            return False
        endless = [key for key in _PERIOD_KEYS if key in value and is_no_period(value[key])]
        if "until" in value and not _DATE.fullmatch(str(value["until"])):
            # However it is worded: what is neither a day nor a rule hangs on somebody's will.
            endless = ["until", *(key for key in endless if key != "until")]
        for key in endless:
            self.faults.add(
                self.tree.place(*steps, key),
                f"'{key}' gives no period: storage until the person asks, or without an end, is unlawful ({KHO}); "
                "set an event and a number of years, months or days",
            )
            self.found.refused.add("retention")
        return bool(endless)


def _place(tree: Tree, steps: Steps, detail: ErrorDetails) -> Place:
    return tree.place(*steps, *(step for step in detail["loc"] if step != "names"))


def _message(detail: ErrorDetails, shape: type[BaseModel]) -> str:
    """One fault in the words of the file, not of the program."""
    key = ".".join(str(step) for step in detail["loc"] if isinstance(step, str)) or "entry"
    value = detail["input"]
    shown = f", not '{value[:60]}'" if isinstance(value, str) else ""
    match detail["type"]:
        case "extra_forbidden":
            known = sorted(spec.alias or name for name, spec in shape.model_fields.items())
            return f"unknown key '{key}'; here are allowed: {', '.join(known)}"
        case "missing":
            return f"the key '{key}' is missing"
        case "string_pattern_mismatch":
            return f"'{key}' must be a word such as order-system{shown}"
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"'{key}' must be a mapping of keys and values"
        case _:
            return (
                f"'{key}': {detail['msg'].removeprefix('Value error, ').replace('Input should be', 'must be')}{shown}"
            )
