"""Keeps every version a schema ever had: `python -m schemas.freeze` adds the present ones, which then never change.

A kept version is the parsing canonical form under its fingerprint: all that is needed to read records written with it.
"""

import sys
from pathlib import Path

from schemas.catalogue import VERSIONS, Catalogue, canonical, load_catalogue


def missing(catalogue: Catalogue, versions: Path = VERSIONS) -> dict[Path, str]:
    """Return the files, and their texts, that keeping the present schemas takes."""
    files = {
        versions / f"{kind.name}.{kind.fingerprint.hex()}.avsc": canonical(kind.schema) + "\n"
        for kind in catalogue.types.values()
    }
    return {path: text for path, text in files.items() if not path.exists()}


def main() -> int:
    """Write what is missing, and say so."""
    for path, text in sorted(missing(load_catalogue()).items()):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"kept {path.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
