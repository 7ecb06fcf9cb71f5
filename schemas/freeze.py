"""Keeps every version a schema ever had: `python -m schemas.freeze` adds the present ones, which then never change.

With a folder of own event types (`python -m schemas.freeze FOLDER`) it keeps theirs, in `FOLDER/versions/`; without, the
shipped ones. A kept version is the parsing canonical form under its fingerprint: all that is needed to read records
written with it.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from schemas.catalogue import VERSIONS, EventType, SchemaFault, canonical, load_catalogue


def missing(kinds: Iterable[EventType], versions: Path = VERSIONS) -> dict[Path, str]:
    """Return the files, and their texts, that keeping the present schemas of `kinds` takes."""
    files = {versions / f"{kind.name}.{kind.fingerprint.hex()}.avsc": canonical(kind.schema) + "\n" for kind in kinds}
    return {path: text for path, text in files.items() if not path.exists()}


def main(given: Sequence[str]) -> int:
    """Write what is missing, and say so; `given` is a folder of own event types, or nothing.

    Returns: 0 done · 1 a file cannot be written · 2 wrong usage, or a schema that cannot be used.
    """
    if len(given) > 1 or any(each.startswith("-") for each in given):
        return _refused("usage: python -m schemas.freeze [FOLDER]", 2)
    try:
        files = _missing_of(Path(given[0])) if given else missing(load_catalogue().types.values())
        for path, text in sorted(files.items()):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"kept {path.name}\n")
    except SchemaFault as fault:
        return _refused(str(fault), 2)
    except OSError as cause:
        return _refused(f"{cause.filename} cannot be written: {cause.strerror}", 1)
    return 0


def _missing_of(folder: Path) -> dict[Path, str]:
    shipped = load_catalogue().types
    own = [kind for kind in load_catalogue([folder]).types.values() if kind.name not in shipped]
    return missing(own, folder / "versions")


def _refused(said: str, code: int) -> int:
    sys.stderr.write(f"{said}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
