"""The package of GDPR Art. 20: JSON and CSV with their JSON Schema and a manifest, in one ZIP. Equal input, equal bytes.

`data.json` is the whole; each CSV file is one part of it, for people. `manifest.json` has the SHA-256 of every other file.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lineage.answers.cells import as_csv
from lineage.answers.portable import Portable
from lineage.errors import Refused
from lineage.times import rfc3339

FORMAT = "jalki-transfer"
VERSION = 1
LARGEST = 64 << 20
"""Bytes of one package, unpacked."""
_SCHEMA = Path(__file__).with_name("transfer.schema.json")
# The first moment that ZIP can tell: a file's time would be the only thing that differs.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16


@cache
def transfer_schema() -> bytes:
    """Return the JSON Schema (2020-12) of `data.json`."""
    return _SCHEMA.read_bytes()


def transfer_shape(portable: Portable) -> dict[str, Any]:
    """Return `data.json` as JSON values: times in RFC 3339 UTC, everything in a stable order."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "controller": portable.controller,
        "made_at": rfc3339(portable.made_at),
        "identifiers": [{"kind": kind, "value": value} for kind, value in portable.identifiers],
        "history": [
            {
                "at": rfc3339(each.at),
                "purpose": each.purpose,
                "basis": each.basis,
                "categories": list(each.categories),
                "references": [{"kind": kind, "value": value} for kind, value in each.references],
            }
            for each in portable.history
        ],
        "records": [
            {
                "system": record.system,
                "table": record.table,
                "values": [
                    {
                        "name": cell.name,
                        "value": cell.value,
                        "category": cell.category,
                        "purpose": cell.purpose,
                        "nature": cell.nature,
                    }
                    for cell in record.cells
                ],
            }
            for record in portable.records
        ],
        "values_of_others": portable.others,
        "awaited": [
            {"party": each.party, "asked_at": None if each.asked is None else rfc3339(each.asked)}
            for each in portable.awaited
        ],
    }


def package(portable: Portable) -> bytes:
    """Return the ZIP. Raises: Refused: it is larger than 64 MiB."""
    files = {"data.json": _text(transfer_shape(portable)), "schema.json": transfer_schema(), **_tables(portable)}
    if sum(map(len, files.values())) > LARGEST:
        raise Refused("the package is larger than 64 MiB: hand it over in parts, by the tables of the mapping")
    files["manifest.json"] = _text(_manifest(portable, files))
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, _LONG_AGO)
            member.external_attr, member.create_system = _READABLE, 3
            archive.writestr(member, files[name])
    return whole.getvalue()


def _manifest(portable: Portable, files: Mapping[str, bytes]) -> dict[str, Any]:
    listed = [
        {"name": name, "bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
        for name, text in sorted(files.items())
    ]
    return {"format": FORMAT, "version": VERSION, "made_at": rfc3339(portable.made_at), "files": listed}


def _tables(portable: Portable) -> dict[str, bytes]:
    history = [
        (rfc3339(each.at), each.purpose, each.basis, " ".join(each.categories), _pairs(each.references))
        for each in portable.history
    ]
    records = [
        (record.system, record.table, row, cell.name, cell.value, cell.category, cell.purpose, cell.nature)
        for row, record in enumerate(portable.records, 1)
        for cell in record.cells
    ]
    return {
        "identifiers.csv": as_csv(("kind", "value"), portable.identifiers),
        "history.csv": as_csv(("at", "purpose", "basis", "categories", "references"), history),
        "records.csv": as_csv(
            ("system", "table", "row", "name", "value", "category", "purpose", "nature"), records
        ),
    }  # fmt: skip


def _pairs(references: tuple[tuple[str, str], ...]) -> str:
    return " ".join(f"{kind}:{value}" for kind, value in references)


def _text(told: Any) -> bytes:  # noqa: ANN401 - any JSON
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()
