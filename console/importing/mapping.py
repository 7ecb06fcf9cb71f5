"""The declared mapping of a spreadsheet register: which column says what, and what its words stand for. Opens no sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from connectors.shaping import meant, shaped
from console.importing.periods import Kept, is_sound
from console.importing.told import FIELDS
from console.importing.vocabularies import Known, own_words, plain
from lineage.errors import Misconfigured
from lineage.register.faults import Faults
from lineage.register.reading import Tree, read_tree

_CLOSED = ConfigDict(extra="forbid", frozen=True, strict=True)
_Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
_Text = Annotated[str, Field(min_length=1, max_length=500)]


def _many(value: object) -> object:
    return value if isinstance(value, list) else [value]


_Texts = Annotated[list[_Text], BeforeValidator(_many), Field(min_length=1)]
Encoding = Literal["utf-8", "utf-16", "latin-1", "cp1252", "iso-8859-15"]
Delimiter = Literal[",", ";", "\t"]


class PeriodShape(BaseModel):
    """What a text about retention stands for."""

    model_config = _CLOSED
    after: str
    years: int | None = None
    months: int | None = None
    days: int | None = None
    law: str = ""


class WordsShape(BaseModel):
    """What words of the sheet stand for, by kind."""

    model_config = _CLOSED
    categories: dict[str, _Texts] = {}
    bases: dict[str, _Text] = {}
    roles: dict[str, _Text] = {}
    kinds: dict[str, _Text] = {}
    subjects: dict[str, _Texts] = {}
    safeguards: dict[str, _Text] = {}
    countries: dict[str, _Text] = {}
    purposes: dict[str, _Id] = {}
    parties: dict[str, _Id] = {}
    retention: dict[str, PeriodShape] = {}


class MappingShape(BaseModel):
    """A whole file."""

    model_config = _CLOSED
    sheet: _Text | None = None
    header: Annotated[int, Field(ge=1, le=100)] | None = None
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    columns: dict[str, _Text] = {}
    constants: dict[str, _Text] = {}
    words: WordsShape = WordsShape()


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """How a sheet is read. `columns` and `constants` are by field; `words`, `periods` and `ids` by the text of the sheet.

    `name` is of its file, empty where none is declared; what it does not say is looked for, the
    header in the first row that is not empty.
    """

    name: str = ""
    sheet: str | None = None
    header: int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    words: Known = field(default_factory=dict)
    periods: Mapping[str, Kept] = field(default_factory=dict)
    ids: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def load_mapping(path: Path) -> SheetMapping:
    """Return the mapping in a YAML file.

    Raises: Misconfigured: one `FILE:LINE: message` a line, every fault of the file, with what may have been meant.
    """
    faults = Faults()
    tree = read_tree(path, path.name, faults)
    shape = None if tree is None else shaped(MappingShape, tree, (), tree.content, faults)
    faults.stop_if_any()
    if tree is None or shape is None:  # then there was a fault
        raise Misconfigured(f"{path.name} is no mapping of a register")
    _known_fields(shape, tree, faults)
    found = SheetMapping(
        name=path.name,
        sheet=shape.sheet,
        header=shape.header,
        encoding=shape.encoding,
        delimiter=shape.delimiter,
        columns=shape.columns,
        constants=shape.constants,
        words=_words(shape.words, tree, faults),
        periods=_periods(shape.words, tree, faults),
        ids={
            "party": {plain(text): each for text, each in shape.words.parties.items()},
            "purpose": {plain(text): each for text, each in shape.words.purposes.items()},
        },
    )
    faults.stop_if_any()
    return found


def _known_fields(shape: MappingShape, tree: Tree, faults: Faults) -> None:
    for section, named in (("columns", shape.columns), ("constants", shape.constants)):
        for name in named:
            if name not in FIELDS:
                faults.add(tree.place(section, name), f"a register has no field {name}{meant(name, FIELDS)}")
    for name in sorted(shape.columns.keys() & shape.constants.keys()):
        faults.add(tree.place("constants", name), f"{name} is a column already: say it by one of the two")


def _words(shape: WordsShape, tree: Tree, faults: Faults) -> Known:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind, ours in own_words().items():
        told: Mapping[str, str | Sequence[str]] = getattr(shape, kind)
        found[kind] = {}
        for text, words in told.items():
            each = (words,) if isinstance(words, str) else tuple(words)
            for word in each:
                if word not in ours:
                    faults.add(tree.place("words", kind, text), f"{kind} have no word {word}{meant(word, ours)}")
            found[kind][plain(text)] = each
    return found


def _periods(shape: WordsShape, tree: Tree, faults: Faults) -> Mapping[str, Kept]:
    found = {}
    for text, period in shape.retention.items():
        spans = {unit: each for unit in ("years", "months", "days") if (each := getattr(period, unit)) is not None}
        unit, number = next(iter(spans.items()), ("days", -1))
        kept = Kept(period.after, unit, number, period.law)
        if len(spans) != 1 or number < 0 or not is_sound(kept):
            faults.add(
                tree.place("words", "retention", text),
                "a period is one of years, months and days after an event that the register knows,"
                " at most 30 years, and does not hang on the person",
            )
        found[plain(text)] = kept
    return found
