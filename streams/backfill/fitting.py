"""Whether a declared form fits the field it is for, and the form as data where it does. Knows YAML's lines, no rows."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.shaping import meant
from lineage.register.faults import Faults
from lineage.register.reading import Steps, Tree
from schemas.annotations import FORMATS
from schemas.forbidden import holds_card_number
from schemas.shapes import INSTANT, Field, Shape
from schemas.vocabulary import vocabulary
from streams.backfill.mapping import Cell, Constant, Each, Form, Scalar, Several, Whole
from streams.backfill.shapes import FormShape
from streams.backfill.texts import check_format

_NUMBERS = ("int", "long", "float", "double")
_OPTIONS = ("joined_by", "codes", "otherwise", "format", "zone", "decimal")


@dataclass(frozen=True, slots=True)
class Fitting:
    """Fits the forms of one file; `zone` is that of times that say none."""

    tree: Tree
    faults: Faults
    parties: Collection[str]
    zone: ZoneInfo | None

    def top(self, form: FormShape, field: Field, steps: Steps) -> Form | None:
        """Return the form of a field of the event; None, with the faults, where it does not fit."""
        if form.each is None:
            return self._fit(form, field, steps)
        if field.shape.items is None:
            return self._fault(steps, f"{field.name} is no list: each is for a list with one item a row")
        self._without_options(form, steps)
        item = self._fit(form.each, _item(field), (*steps, "each"))
        return None if item is None else Each(item)

    def _fit(self, form: FormShape, field: Field, steps: Steps) -> Form | None:
        if field.name in vocabulary().forbidden_fields:
            return self._fault(steps, f"{field.name} may be kept by nobody: take it out")
        if form.record is not None:
            self._without_options(form, steps)
            return self._record(form.record, field, steps)
        if form.list is not None:
            self._without_options(form, steps)
            return self._list(form.list, field, steps)
        if form.each is not None:
            return self._fault(steps, "each is for a field of the event, not inside another form")
        if field.shape.items is not None:
            return self._fault(steps, f"{field.name} is a list: make it by each or by list")
        if field.shape.word == "record":
            return self._fault(steps, f"{field.name} is made of parts: make it by record")
        return (
            self._constant(form, field, steps)
            if "constant" in form.model_fields_set
            else self._cell(form, field, steps)
        )

    def _record(self, parts: dict[str, FormShape], field: Field, steps: Steps) -> Form | None:
        if field.shape.word != "record":
            return self._fault(steps, f"{field.name} is one value: make it by column, join or constant")
        known = {part.name: part for part in field.shape.fields}
        made = []
        for name, form in parts.items():
            where = (*steps, "record", name)
            if name not in known:
                self._fault(where, f"{field.name} has no part {name}{meant(name, known)}")
            elif (fitted := self._fit(form, known[name], where)) is not None:
                made.append((name, fitted))
        needed = {name for name, part in known.items() if "default" not in part.raw}
        for name in sorted(needed - parts.keys()):
            self._fault(steps, f"{field.name} lacks {name}, which it always has")
        return Whole(tuple(made), field.shape.nullable)

    def _list(self, items: Iterable[FormShape], field: Field, steps: Steps) -> Form | None:
        if field.shape.items is None:
            return self._fault(steps, f"{field.name} is no list")
        made = [self._fit(form, _item(field), (*steps, "list", index)) for index, form in enumerate(items)]
        return Several(tuple([each for each in made if each is not None]))

    def _constant(self, form: FormShape, field: Field, steps: Steps) -> Form | None:
        self._without_options(form, steps)
        self._check(form.constant, field, (*steps, "constant"))
        return Constant(form.constant)

    def _cell(self, form: FormShape, field: Field, steps: Steps) -> Form | None:
        is_time = field.shape.word == INSTANT
        for option in ("format", "zone"):
            if not is_time and option in form.model_fields_set:
                self._fault((*steps, option), f"{option} is of times, and {field.name} is none")
        if is_time and form.codes is not None:
            self._fault((*steps, "codes"), f"{field.name} is a time: it has no codes")
        if form.join is None and "joined_by" in form.model_fields_set:
            self._fault((*steps, "joined_by"), "joined_by goes with join")
        for code, value in (form.codes or {}).items():
            self._check(value, field, (*steps, "codes", code))
        if form.otherwise is not None:
            self._check(form.otherwise, field, (*steps, "otherwise"))
            if form.codes is None:
                self._fault((*steps, "otherwise"), "otherwise goes with codes")
        columns = tuple(form.join) if form.join is not None else (str(form.column),)
        return Cell(
            ".".join(str(each) for each in steps[1:] if each not in ("record", "each", "list")),
            field.shape, self.tree.place(*steps), columns, form.joined_by, form.codes, form.otherwise,
            self._format(form, steps), self._zone(form, steps), form.decimal == ",",
        )  # fmt: skip

    def _format(self, form: FormShape, steps: Steps) -> str | None:
        try:
            if form.format is not None:
                check_format(form.format)
        except ValueError:
            self._fault(
                (*steps, "format"), "format must say year, month and day, like %d.%m.%Y %H:%M, or be unix or unix_ms"
            )
        return form.format

    def _zone(self, form: FormShape, steps: Steps) -> ZoneInfo | None:
        return self.zone if form.zone is None else zone_of(form.zone, (*steps, "zone"), self.tree, self.faults)

    def _check(self, value: Scalar, field: Field, steps: Steps) -> None:
        """Add what is wrong with a value that stands in the mapping itself."""
        if not _is_of(value, field.shape):
            self._fault(steps, f"this is no value of {field.name}{_words(field.shape)}")
        elif isinstance(value, str) and field.raw.get("party") and value not in self.parties:
            self._fault(steps, f"the register has no party {value}{meant(value, self.parties)}")
        elif isinstance(value, str) and (form := field.raw.get("format")) and not FORMATS[form].fullmatch(value):
            self._fault(steps, f"{field.name} is written as {form}: this is not")
        elif isinstance(value, str) and holds_card_number(value):
            self._fault(steps, "a card number may be kept by nobody")

    def _without_options(self, form: FormShape, steps: Steps) -> None:
        for option in sorted(form.model_fields_set & set(_OPTIONS)):
            self._fault((*steps, option), f"{option} goes with column and join")

    def _fault(self, steps: Steps, message: str) -> Form | None:
        """Add a fault; return that there is no form."""
        self.faults.add(self.tree.place(*steps), f"{'.'.join(str(each) for each in steps)}: {message}")
        return None


def zone_of(name: str, steps: Steps, tree: Tree, faults: Faults) -> ZoneInfo | None:
    """Return a zone by its name; None, and a fault, where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.add(tree.place(*steps), "there is no such time zone: write it like Europe/Helsinki")
        return None


def _item(field: Field) -> Field:
    """Return an item of a list as a field; what is empty is left out of a list, so it may be null."""
    items = field.shape.items or field.shape
    shape = Shape(items.word, True, items.fields, items.items, items.symbols)
    return Field(field.name, shape, {"format": field.raw["format"]} if "format" in field.raw else {})


def _is_of(value: Scalar, shape: Shape) -> bool:
    if value is None:
        return shape.nullable
    if shape.word == "enum":
        return value in shape.symbols
    if shape.word == "boolean":
        return isinstance(value, bool)
    if shape.word in _NUMBERS:
        return isinstance(value, int) and not isinstance(value, bool)
    return shape.word == "string" and isinstance(value, str)


def _words(shape: Shape) -> str:
    return f": it is one of {', '.join(shape.symbols)}" if shape.symbols else ""
