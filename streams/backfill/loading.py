"""Reads the file of a backfill: its parts, and whether they fit the event type and the register. Opens no rows."""

from collections.abc import Collection, Mapping
from pathlib import Path

from connectors.secretfile import Secret
from connectors.shaping import meant, shaped
from lineage.errors import Misconfigured
from lineage.register.faults import Faults
from lineage.register.model import Place
from lineage.register.reading import Tree, read_tree
from schemas.catalogue import Catalogue, EventType
from schemas.shapes import read_fields
from streams.backfill.fitting import Fitting, zone_of
from streams.backfill.mapping import EVENT_ID, Backfill, Constant, CsvRows, Form, ParquetRows, SqlRows
from streams.backfill.shapes import BackfillShape, RowsShape, SecretShape


def load_backfill(path: Path, catalogue: Catalogue, parties: Collection[str]) -> Backfill:
    """Return the mapping in a YAML file; `parties` are those of the register.

    Raises: Misconfigured: one `FILE:LINE: message` a line, every fault of the file, with what may have been meant.
    """
    faults = Faults()
    tree = read_tree(path, path.name, faults)
    shape = None if tree is None else shaped(BackfillShape, tree, (), tree.content, faults)
    faults.stop_if_any()
    if tree is None or shape is None:  # then there was a fault
        raise Misconfigured(f"{path.name} is no mapping of a backfill")
    kind = catalogue.types.get(shape.event)
    if kind is None:
        faults.add(tree.place("event"), f"there is no event type {shape.event}{meant(shape.event, catalogue.types)}")
    rows = _rows(shape.rows, tree, path.parent, faults)
    fields = _fields(shape, kind, tree, parties, faults) if kind else ()
    faults.stop_if_any()
    if kind is None or rows is None:  # then there was a fault
        raise Misconfigured(f"{path.name} is no mapping of a backfill")
    return Backfill(
        name=shape.name,
        kind=kind,
        rows=rows,
        key=tuple(shape.key or ()),
        only={column: frozenset(values) for column, values in shape.only.items()},
        nulls=frozenset(shape.rows.nulls),
        fields=fields,
        places=_places(shape, tree),
    )


def _rows(shape: RowsShape, tree: Tree, folder: Path, faults: Faults) -> CsvRows | ParquetRows | SqlRows | None:
    if [shape.csv, shape.parquet, shape.sql].count(None) != 2:
        faults.add(tree.place("rows"), "rows come from one of csv, parquet and sql")
        return None
    if shape.sql is None:
        for key in ("query", "password"):
            if getattr(shape, key) is not None:
                faults.add(tree.place("rows", key), f"{key} goes with sql")
    if shape.csv is not None:
        header = None if shape.header is None else tuple(shape.header)
        if header and len(set(header)) < len(header):
            faults.add(tree.place("rows", "header"), "a column is named twice")
        return CsvRows(shape.csv, folder, shape.encoding, shape.delimiter, header)
    for key in sorted({"encoding", "delimiter", "header"} & shape.model_fields_set):
        faults.add(tree.place("rows", key), f"{key} goes with csv")
    if shape.parquet is not None:
        return ParquetRows(shape.parquet, folder)
    if shape.query is None:
        faults.add(tree.place("rows", "sql"), "sql needs query: the SELECT whose rows become events")
        return None
    return SqlRows(str(shape.sql), shape.query, _secret(shape.password, tree, folder, faults))


def _secret(shape: SecretShape | None, tree: Tree, folder: Path, faults: Faults) -> Secret | None:
    if shape is None:
        return None
    if (shape.file is None) == (shape.variable is None):
        faults.add(tree.place("rows", "password"), "password is one of {file: NAME} and {variable: NAME}")
    file = None if shape.file is None else folder / shape.file
    return Secret("the password of the rows' database", file, shape.variable)


def _fields(
    shape: BackfillShape, kind: EventType, tree: Tree, parties: Collection[str], faults: Faults
) -> tuple[tuple[str, Form], ...]:
    known = {field.name: field for field in read_fields(kind.schema)}
    zone = zone_of(shape.zone, ("zone",), tree, faults) if shape.zone else None
    fitting = Fitting(tree, faults, parties, zone)
    made = []
    for name, form in shape.fields.items():
        if name not in known:
            faults.add(tree.place("fields", name), f"{kind.name} has no field {name}{meant(name, known)}")
        elif (fitted := fitting.top(form, known[name], ("fields", name))) is not None:
            made.append((name, fitted))
    if (shape.key is None) != (EVENT_ID in shape.fields):
        faults.add(
            tree.place("key"),
            "say by one of key and fields.event_id what tells events apart: key are columns that no two events share",
        )
    if any(name == EVENT_ID and isinstance(form, Constant) for name, form in made):
        faults.add(tree.place("fields", EVENT_ID), "fields.event_id: every event has an id of its own: name a column")
    needed = {name for name, field in known.items() if "default" not in field.raw} - {EVENT_ID}
    for name in sorted(needed - shape.fields.keys()):
        faults.add(tree.place("fields"), f"fields lacks {name}, which every {kind.name} has")
    return tuple(made)


def _places(shape: BackfillShape, tree: Tree) -> Mapping[str, Place]:
    places = {column: tree.place("only", column) for column in shape.only}
    return places | {column: tree.place("key", index) for index, column in enumerate(shape.key or ())}
