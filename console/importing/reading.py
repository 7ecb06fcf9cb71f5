"""Reads the register in a file, whichever form it has, into a draft. Writes nothing."""

from pathlib import Path

from console.importing import manifests, spreadsheets
from console.importing.draft import Draft
from console.importing.drafting import Drafting
from console.importing.mapping import SheetMapping, load_mapping
from console.importing.sheets import MOST_BYTES, csv_sheet
from console.importing.told import Elsewhere
from console.importing.vocabularies import Words, spoken
from console.importing.workbooks import xlsx_sheet
from lineage.errors import Misconfigured
from lineage.register import Register

_MANIFESTS, _TEXTS, _BOOKS = (".yaml", ".yml", ".json"), (".csv", ".tsv", ".txt"), (".xlsx", ".xlsm")


def drafted(file: Path, mapping: Path | None, shipped: Register) -> tuple[Draft, Elsewhere]:
    """Return the draft of what a file says, and what it says.

    Raises: Misconfigured: the file or the mapping cannot be read, or the source contradicts itself; with the lines.
    """
    kind = file.suffix.lower()
    if kind not in (*_MANIFESTS, *_TEXTS, *_BOOKS):
        raise Misconfigured(
            f"{file.name}: its name says no form that is read: {', '.join((*_MANIFESTS, *_TEXTS, *_BOOKS))}"
        )
    if kind in _MANIFESTS and mapping is not None:
        raise Misconfigured("--mapping is for sheets: the keys of a Fides manifest are known")
    declared = SheetMapping() if mapping is None else load_mapping(mapping)
    raw = _bytes(file)
    if kind in _MANIFESTS:
        told = manifests.told_by(file.name, raw, shipped)
        return Drafting(file.name, manifests.manifest_words(), shipped).made(told), told
    if kind in _BOOKS:
        sheet = xlsx_sheet(file.name, raw, declared.sheet)
    else:
        sheet = csv_sheet(file.name, raw, declared.encoding, declared.delimiter)
    told = spreadsheets.told_by(sheet, declared)
    words = Words(spoken(), declared.words)
    return Drafting(file.name, words, shipped, declared.periods, declared.ids).made(told), told


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except OSError as cause:
        raise Misconfigured(f"{file} cannot be read: {cause.strerror}") from cause
    if len(raw) > MOST_BYTES:
        raise Misconfigured(f"{file.name} is larger than {MOST_BYTES >> 20} MiB: this looks like no register")
    return raw
