"""What a Fides manifest says: systems with their privacy declarations, and the datasets that our own export writes.

YAML or JSON, by the reader of the register: no aliases, no tags, bounded. https://ethyca.github.io/fideslang/
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from console.exporting.fideslang import words as fides_words
from console.importing.told import Cell, Elsewhere, Row
from console.importing.vocabularies import Known, Words, own_words, plain, spoken
from lineage.errors import Misconfigured
from lineage.register import PERSON, UNKNOWN, Register
from lineage.register.faults import Faults
from lineage.register.reading import MOST_BYTES, Plain, Steps, Tree, tree_of
from schemas.vocabulary import vocabulary

_SYSTEM = {
    "fides_key", "name", "system_type", "meta", "responsibility", "does_international_transfers",
    "legal_basis_for_transfers", "ingress", "dataset_references", "privacy_declarations",
}  # fmt: skip
_DECLARED = {
    "name", "data_use", "data_categories", "data_subjects", "legal_basis_for_processing", "retention_period", "ingress",
}  # fmt: skip
_ROLES = {"controller": "controller", "processor": "processor"}
_BY_KIND = {"own-system": "own-system", "authority": "authority"}
"""Roles that Fides has no word for, and which our own kinds of party say; there they are `Controller`."""
_USER = "user"
_HALVES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
"""A letter beyond the first 65,536, as JSON may write it (RFC 8259, 7)."""


def told_by(name: str, raw: bytes, shipped: Register) -> Elsewhere:
    """Return a row for each privacy declaration of a manifest.

    Raises: Misconfigured: one `FILE:LINE: message` a line; it is no manifest, or larger than 1 MiB.
    """
    if len(raw) > MOST_BYTES:
        raise Misconfigured(f"{name} is larger than 1 MiB: import it in parts")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Misconfigured(
            f"{name}:{raw.count(10, 0, fault.start) + 1}: not UTF-8: save the file as UTF-8 text"
        ) from None
    faults = Faults()
    tree = tree_of(_as_yaml(text) if name.endswith(".json") else text, name, faults)
    faults.stop_if_any()
    if tree is None or not isinstance(tree.content.get("system"), list):
        raise Misconfigured(f"{name} is no Fides manifest: it has no list of systems under 'system'")
    reader = _Reader(tree, shipped)
    rows = [row for index in range(len(reader.every(("system",)))) for row in reader.system(("system", index))]
    return Elsewhere(rows, sorted(reader.unused))


def _as_yaml(text: str) -> str:
    """Return JSON as YAML reads it: not indented by tabs, and no letter written as two halves. Lines stay what they are."""
    lines = [line.lstrip("\t").rjust(len(line)) for line in text.split("\n")]  # no string of JSON goes over a line
    return _HALVES.sub(lambda found: found[1] + _whole(found[2], found[3]), "\n".join(lines))


def _whole(high: str, low: str) -> str:
    return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)


@cache
def manifest_words() -> Words:
    """Return what the words of Fides' taxonomy stand for; one that stands for several of ours is no answer."""
    iris = {iri: category for category, iri in vocabulary().categories.items()}
    categories: dict[str, list[str]] = defaultdict(list)
    for iri, word in fides_words()["categories"].items():
        if word and iri in iris:
            categories[plain(word)].append(iris[iri])
    known: dict[str, Mapping[str, tuple[str, ...]]] = {
        "categories": {word: (ours[0],) for word, ours in categories.items() if len(ours) == 1}
        | {each: (each,) for each in own_words()["categories"]},
        "bases": {plain(word): (ours,) for ours, word in fides_words()["bases"].items() if word},
        "roles": {word: (ours,) for word, ours in _ROLES.items()} | {each: (each,) for each in _BY_KIND.values()},
        "kinds": {each: (each,) for each in own_words()["kinds"]},
        **{kind: spoken()[kind] for kind in ("subjects", "safeguards", "countries")},
    }
    maybe: Known = {"categories": {word: tuple(ours) for word, ours in categories.items() if len(ours) > 1}}
    return Words(known, maybe=maybe)


class _Reader:
    """Reads the systems of one manifest."""

    def __init__(self, tree: Tree, shipped: Register) -> None:
        self._tree, self._shipped = tree, shipped
        self.unused: set[str] = set()
        self._received = {
            str(self.text(("dataset", index, "fides_key"))): index for index in range(len(self.every(("dataset",))))
        }

    def at(self, steps: Steps) -> Plain:
        """Return what stands at a place; None where there is nothing of that form."""
        found: Plain = self._tree.content
        for step in steps:
            if isinstance(found, dict) and isinstance(step, str):
                found = found.get(step)
            elif isinstance(found, list) and isinstance(step, int) and step < len(found):
                found = found[step]
            else:
                return None
        return found

    def every(self, steps: Steps) -> list[Plain]:
        """Return the items of a list; none where there is no list."""
        found = self.at(steps)
        return found if isinstance(found, list) else []

    def text(self, steps: Steps) -> str:
        """Return a text; empty where there is none."""
        found = self.at(steps)
        return (
            found if isinstance(found, str) else "" if found is None or isinstance(found, dict | list) else str(found)
        )

    def system(self, steps: Steps) -> Iterator[Row]:
        """Yield the rows of one system: one for each purpose, or one that names the party alone."""
        key = self.text((*steps, "fides_key"))
        if not key:
            raise Misconfigured(f"{self._tree.place(*steps)}: a system has no fides_key")
        self._note(steps, "system", _SYSTEM)
        about = self._about(steps, key)
        named = self._collections(f"{key}.received")
        declared = [
            (*steps, "privacy_declarations", at) for at in range(len(self.every((*steps, "privacy_declarations"))))
        ]
        left = named.keys() - {self.text((*each, "name")) for each in declared}
        alone = len(declared) + len(left) == 1
        for each in declared:
            yield self._row(each, about | self._declaration(each, named) | self._sources(steps, each, alone=alone), key)
        for purpose in sorted(left):
            where = ("dataset", self._received[f"{key}.received"], "collections", named[purpose])
            cells = {"purpose": self._cell((*where, "name"), "name", [purpose])} | self._fields(where)
            yield self._row(where, about | cells | self._sources(steps, where, alone=alone), key)
        if not declared and not left:
            yield self._row(steps, about, key)

    def _row(self, steps: Steps, cells: Mapping[str, Cell], key: str) -> Row:
        return Row(self._tree.place(*steps), {name: cell for name, cell in cells.items() if cell.words}, {"party": key})

    def _cell(self, steps: Steps, key: str, words: list[str]) -> Cell:
        return Cell(tuple(each for each in words if each), self._tree.place(*steps), key)

    def _note(self, steps: Steps, what: str, known: set[str]) -> None:
        content = self.at(steps)
        self.unused |= (
            {f"{what}.{each}" for each in content if each not in known} if isinstance(content, dict) else set()
        )

    def _about(self, steps: Steps, key: str) -> dict[str, Cell]:
        """Return what a system says of its party, whatever the purpose."""
        kind, country = self.text((*steps, "system_type")), self.text((*steps, "meta", "country"))
        roles = self._texts((*steps, "responsibility"))
        if kind in _BY_KIND and roles == ["Controller"]:
            roles = [_BY_KIND[kind]]
        bases = self._texts((*steps, "legal_basis_for_transfers"))
        abroad = self.at((*steps, "does_international_transfers")) is True and not bases
        return {
            "party": self._cell((*steps, "name"), "name", [self.text((*steps, "name")) or key]),
            "kind": self._cell((*steps, "system_type"), "system_type", [kind if kind != UNKNOWN else ""]),
            "country": self._cell((*steps, "meta", "country"), "meta.country", [country if country != UNKNOWN else ""]),
            "role": self._cell((*steps, "responsibility"), "responsibility", [" and ".join(roles)]),
            "safeguard": self._cell((*steps, "legal_basis_for_transfers"), "legal_basis_for_transfers", bases),
            "third_country": self._cell(
                (*steps, "does_international_transfers"), "does_international_transfers", ["true"] if abroad else []
            ),
        }

    def _declaration(self, steps: Steps, named: Mapping[str, int]) -> dict[str, Cell]:
        self._note(steps, "privacy_declarations", _DECLARED)
        name, use = self.text((*steps, "name")), self.text((*steps, "data_use"))
        found = {
            "purpose": self._cell((*steps, "name" if name else "data_use"), "name", [name or use]),
            "dpv": self._cell((*steps, "data_use"), "data_use", self._meaning(name, use)),
            "categories": self._cell((*steps, "data_categories"), "data_categories", self._texts((*steps, "data_categories"))),
            "subjects": self._cell((*steps, "data_subjects"), "data_subjects", self._texts((*steps, "data_subjects"))),
            "basis": self._cell(
                (*steps, "legal_basis_for_processing"), "legal_basis_for_processing",
                [self.text((*steps, "legal_basis_for_processing"))],
            ),
            "retention": self._cell((*steps, "retention_period"), "retention_period", [self.text((*steps, "retention_period"))]),
        }  # fmt: skip
        if name in named:  # the fields of our own dataset say our own categories, where Fides has one word for several
            owner = steps[1]
            at = self._received[f"{self.text(('system', owner, 'fides_key'))}.received"]
            exact = self._fields(("dataset", at, "collections", named[name]))["categories"]
            covered = {fides_words()["categories"].get(vocabulary().categories.get(each, "")) for each in exact.words}
            rest = [each for each in found["categories"].words if each not in covered]
            found["categories"] = Cell((*exact.words, *rest), found["categories"].place, "data_categories")
        return found

    def _fields(self, steps: Steps) -> dict[str, Cell]:
        """Return the categories of a collection of our own export: a field is named by the category, if it is one."""
        where = (*steps, "fields")
        names = [self.text((*where, at, "name")) for at in range(len(self.every(where)))]
        ours = [each for each in names if each in vocabulary().categories]
        return {"categories": self._cell(where, "fields", ours)}

    def _collections(self, key: str) -> dict[str, int]:
        if key not in self._received:
            return {}
        where = ("dataset", self._received[key], "collections")
        return {self.text((*where, at, "name")): at for at in range(len(self.every(where)))}

    def _sources(self, system: Steps, declared: Steps, *, alone: bool) -> dict[str, Cell]:
        """Return who gives the data: what the declaration says, else what the system says where it has one purpose."""
        where: Steps = (*declared, "ingress")
        words = self._texts(where)
        if not words and alone:
            where = (*system, "ingress")
            words = [self.text((*where, at, "fides_key")) for at in range(len(self.every(where)))]
        return {"from": self._cell(where, "ingress", [PERSON if each == _USER else each for each in words])}

    def _meaning(self, name: str, use: str) -> list[str]:
        """Return the IRIs of a data use: those of a purpose that we know by name, else the only one that has this use."""
        uses = fides_words()["uses"]
        known = self._shipped.purpose(name)
        if known is not None and use in {uses.get(iri) for iri in known.dpv}:
            return list(known.dpv)
        found = [iri for iri, each in uses.items() if each == use]
        return found if len(found) == 1 else [UNKNOWN]

    def _texts(self, steps: Steps) -> list[str]:
        found = self.at(steps)
        every = [(*steps, at) for at in range(len(found))] if isinstance(found, list) else [steps]
        return [text for each in every if (text := self.text(each))]
