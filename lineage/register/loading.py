"""Loads a register from its files: reads, shapes, binds, and stops with every fault at once if there is any.

The only module that knows where the shipped register lies.
"""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from operator import attrgetter
from pathlib import Path

from lineage.errors import Misconfigured
from lineage.register.agreements import contracts_of, frameworks_of
from lineage.register.binding import (
    adequacy_of,
    controllers_of,
    copies_of,
    eea_of,
    parties_of,
    policy_of,
    purposes_of,
    safeguards_of,
    security_of,
)
from lineage.register.faults import Faults
from lineage.register.flows import recipients_of
from lineage.register.model import Declared
from lineage.register.notices import notices_of
from lineage.register.reading import Tree, read_tree
from lineage.register.register import Register
from lineage.register.rules import retention_of
from lineage.register.sections import Sections, none_missing, sections_of
from lineage.register.words import vocabulary_of

SHIPPED = Path(__file__).parent / "multitronic"
MOST_FILES = 200


def load_register(path: Path | None, categories: frozenset[str]) -> Register:
    """The register in a YAML file, or in the `*.yaml` files of a folder; None is the one that is shipped.

    `categories` are the categories of data the events know; a register may name no others. Raises `Misconfigured`
    with one `FILE:LINE: message` a line: every fault of every file, in their order.
    """
    faults = Faults()
    files = _files(path)
    trees = [tree for file, name in files if (tree := read_tree(file, name, faults)) is not None]
    sections = sections_of(trees, faults)
    if len(trees) < len(files):
        # What a file that cannot be read would have declared would be missing everywhere, and bury the real fault.
        faults.stop_if_any()
    none_missing(trees, faults)
    declared = _bound(sections, categories, faults)
    faults.stop_if_any()
    return Register(declared, _version(trees))


def _version(trees: Iterable[Tree]) -> str:
    """The same for the same content, wherever the files lie and however they are laid out."""
    told = json.dumps([each.content for each in trees], ensure_ascii=False, sort_keys=True)
    return sha256(told.encode()).hexdigest()[:16]


def _files(path: Path | None) -> Sequence[tuple[Path, str]]:
    """The files with the names that messages show: what the user wrote, or the name inside the shipped register."""
    folder = SHIPPED if path is None else path
    if folder.is_file():
        return [(folder, str(folder))]
    if not folder.is_dir():
        raise Misconfigured(
            f"{folder}: there is no such file or folder; name a register file, or a folder of *.yaml files"
        )
    files = sorted(file for pattern in ("*.yaml", "*.yml") for file in folder.glob(pattern))
    if not files:
        raise Misconfigured(f"{folder}: the folder holds no *.yaml file")
    if len(files) > MOST_FILES:
        raise Misconfigured(f"{folder}: more than {MOST_FILES} files; this looks like the wrong folder")
    return [(file, file.name if path is None else str(file)) for file in files]


def _bound(sections: Sections, categories: frozenset[str], faults: Faults) -> Declared:
    words = vocabulary_of(sections, categories, faults)
    parties = parties_of(sections, faults)
    eea = eea_of(sections, faults)
    recipients = recipients_of(sections, parties, words)
    frameworks = frameworks_of(sections, faults)
    safeguards = safeguards_of(sections, eea, frameworks, words)
    copies = copies_of(sections, words)
    retention, undecided = retention_of(sections, recipients, words)
    return Declared(
        controllers=tuple(sorted(controllers_of(sections, parties, words), key=attrgetter("id"))),
        parties=tuple(sorted(parties.values(), key=attrgetter("id"))),
        purposes=tuple(sorted(purposes_of(sections, faults), key=attrgetter("id"))),
        recipients=tuple(
            sorted(recipients, key=lambda one: (one.party, one.purpose, sorted(one.sources), one.validity.starts))
        ),
        retention=tuple(retention),
        safeguards=tuple(sorted(safeguards, key=lambda one: (one.party, one.mechanism, one.validity.starts))),
        adequacy=tuple(sorted(adequacy_of(sections, eea, faults), key=lambda one: (one.country, one.validity.starts))),
        eea=eea,
        copies=tuple(sorted(copies, key=lambda one: (one.source, one.target, one.purpose, one.validity.starts))),
        policy=tuple(sorted(policy_of(sections), key=attrgetter("id"))),
        security=tuple(security_of(sections)),
        contracts=tuple(sorted(contracts_of(sections, words), key=lambda one: (one.party, one.validity.starts))),
        notices=tuple(notices_of(sections, words)),
        frameworks=tuple(frameworks[each] for each in sorted(frameworks)),
        undecided=tuple(undecided),
    )
