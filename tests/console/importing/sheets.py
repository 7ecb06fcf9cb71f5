"""Sheets and manifests that tests import, and what comes of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lineage.register import Register, check, load_register
from schemas.vocabulary import vocabulary
from tests.e2e.program import Ended, asked, asked_wrongly

HEADER = (
    "Recipient;Kind;Role;Purpose;Personal data;Data subjects;Legal basis;Retention period;Law;Country;Safeguards;From"
)
POSTI = "Posti Oy;carrier;controller;delivery;name, address;customers;contract;0 days after order-closed;KSL;FI;;order-system"
OWN = "order-system;own system;own system;delivery;name, address;customers;contract;0 days after order-closed;KSL;FI;;person"
US = "Us Oy;group;;;;;;;;FI;;"
REGISTER: Register = load_register(None, frozenset(vocabulary().categories))


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that an import wrote: the report, and the register as it loads."""

    ended: Ended
    report: Any
    folder: Path

    @property
    def register(self) -> Register:
        return load_register(self.folder, frozenset(vocabulary().categories))

    @property
    def gaps(self) -> list[str]:
        """The ids of all gaps; those of open points by what they say, without where."""
        return [each["id"].partition(":import-")[0] for each in self.report["gaps"]]

    def open_points(self) -> list[str]:
        return [each["text"] for each in self.report["gaps"] if each["kind"] == "open"]

    def checked(self) -> list[str]:
        return [each.id for each in check(self.register)]


def sheet(folder: Path, *lines: str, name: str = "art30.csv", encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    return file


def imported(file: Path, *words: object) -> Draft:
    folder = file.parent / "draft"
    ended = asked("register", "import", file, "--out", folder, "--json", *words)
    assert ended.code in {0, 1}, ended.err
    draft = Draft(ended, json.loads(ended.out), folder)
    assert draft.checked() == [each["id"] for each in draft.report["gaps"]]
    assert ended.code == bool(draft.report["gaps"])
    return draft


def refused(file: Path, *words: object) -> str:
    """What is said where an import is refused; nothing may be written then."""
    folder = file.parent / "draft"
    before = sorted(folder.glob("*"))
    ended = asked_wrongly("register", "import", file, "--out", folder, *words)
    assert sorted(folder.glob("*")) == before
    return ended.said


def mapping(folder: Path, text: str) -> Sequence[object]:
    file = folder / "columns.yml"
    file.write_text(text, "utf-8")
    return ("--mapping", file)
