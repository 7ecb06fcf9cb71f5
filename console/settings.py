"""The settings: environment variables, read once and checked. One table, from which help, checks and documentation are made."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lineage.errors import Misconfigured

SETTINGS: Mapping[str, str] = {
    "JALKI_DATA": "Folder that everything is kept in. `--data` goes before it. Default: `jalki-data` in the working folder.",
    "JALKI_MASTER_KEY_FILE": "File with the master key. Default: `master.key` in the data folder; keep it elsewhere in earnest.",
    "JALKI_REGISTER": "The register: a YAML file, or a folder of them. Default: the one shipped, of Multitronic.",
    "JALKI_SCHEMAS": "A folder with event types of your own, one annotated `.avsc` file each, beside the shipped ones.",
    "JALKI_LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR. Logs go to stderr and hold no personal data. Default: WARNING.",
}
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_SERVERS = ("JALKI_KAFKA", "JALKI_NEO4J")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the program was told by its environment and `--data`."""

    data: Path
    master_key_file: Path
    register: Path | None
    schemas: Path | None
    log_level: str


def read_settings(environ: Mapping[str, str] = os.environ, data: Path | None = None) -> Settings:
    """Read the settings; an empty variable counts as unset.

    Raises:
        Misconfigured: a variable that is not known, or one with a value that cannot be used.
    """
    given = {name: value for name, value in environ.items() if name.startswith("JALKI_") and value}
    for name in sorted(given.keys() - SETTINGS.keys()):
        if name in _SERVERS:
            raise Misconfigured(
                f"{name} is set, but this version runs embedded only: unset it, or use one that has servers"
            )
        raise Misconfigured(f"{name} is not a setting: the settings are {', '.join(SETTINGS)}")
    level = given.get("JALKI_LOG_LEVEL", "WARNING").upper()
    if level not in _LEVELS:
        raise Misconfigured(f"JALKI_LOG_LEVEL is one of {', '.join(_LEVELS)}")
    folder = data or Path(given.get("JALKI_DATA", "jalki-data"))
    return Settings(
        data=folder,
        master_key_file=Path(given.get("JALKI_MASTER_KEY_FILE", folder / "master.key")),
        register=_existing(given, "JALKI_REGISTER"),
        schemas=_existing(given, "JALKI_SCHEMAS"),
        log_level=level,
    )


def _existing(given: Mapping[str, str], name: str) -> Path | None:
    if name not in given:
        return None
    if not (path := Path(given[name])).exists():
        raise Misconfigured(f"{name} names a file or folder that does not exist")
    return path
