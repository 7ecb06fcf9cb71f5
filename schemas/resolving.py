"""Whether what one schema writes can be read by another: Avro's rules of schema resolution, asked before any record is.

fastavro asks as it reads, and not everything: it would take a time in milliseconds for one in microseconds.
"""

from schemas.forms import Form, Part

# By the Avro specification, "Schema Resolution": what is written, and what it may be read as.
_PROMOTED = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}


def mismatch(writer: Form, reader: Form, where: str = "") -> str | None:
    """Return why no record of `writer` can be read by `reader`, None where at least some can.

    A union matches by any of its branches: whether a record's value is of that branch, only the record tells.
    """
    if writer.word == "union":
        return _any([mismatch(part.form, reader, where) for part in writer.parts])
    if reader.word == "union":
        return _any([mismatch(writer, part.form, where) for part in reader.parts])
    if writer.logical is not None and writer.word != "string" and writer.logical != reader.logical:
        return f"{where or 'the record'}: not of the same logical type"
    if writer.word == reader.word == "record" and _same_name(writer, reader):
        return _of_fields(writer, reader, f"{where}." if where else "")
    if writer.word == reader.word == "enum" and _same_name(writer, reader):
        return None
    if writer.word == reader.word and writer.word in ("array", "map"):
        return mismatch(writer.parts[0].form, reader.parts[0].form, where)
    if reader.word in (writer.word, *_PROMOTED.get(writer.word, ())) and not writer.name:
        return None
    return f"{where or 'the record'}: not of a type that can be read as ours"


def _any(found: list[str | None]) -> str | None:
    return None if None in found else found[-1]


def _of_fields(writer: Form, reader: Form, where: str) -> str | None:
    for part in reader.parts:
        there = _written_as(part, writer)
        if there is None and not part.optional:
            return f"{where}{part.name}: missing"
        if there is not None and (why := mismatch(there.form, part.form, f"{where}{part.name}")):
            return why
    return None


def _written_as(part: Part, writer: Form) -> Part | None:
    return next((each for each in writer.parts if each.name == part.name or each.name in part.aliases), None)


def _same_name(writer: Form, reader: Form) -> bool:
    return writer.name == reader.name or writer.name in reader.aliases
