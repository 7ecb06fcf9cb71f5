"""The key ring in an SQLite file of its own, each key wrapped by the master key (AES-256-GCM)."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from pathlib import Path

from lineage.errors import Misconfigured
from lineage.sealing import Seal, new_key
from lineage.stores.files import open_file, transaction, translated
from lineage.stores.listing import ask_listed

_SCHEMA = "CREATE TABLE key (name BLOB PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID"
_VERSION = 1
_CACHED = 20_000
_PROBE = b"company:probe"


class SqliteKeyRing:
    """Data keys by name. Satisfies `lineage.keyring.KeyRing`."""

    def __init__(self, path: Path, master: bytes, *, read_only: bool = False) -> None:
        """Open the file, or make it.

        Raises: Misconfigured: it was made under another master key, or by a newer version.
        """
        self._name = path.name
        self._master = Seal(master)
        self._known: OrderedDict[bytes, bytes] = OrderedDict()
        self._file = open_file(path, version=_VERSION, schema=_SCHEMA, cache_mib=16, read_only=read_only)
        try:
            self._probe(read_only=read_only)
        except BaseException:
            self._file.close()
            raise

    def keys(self, names: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return the key of every name, made and durably kept where there was none."""
        found = self.find(names)
        missing = [name for name in names if name not in found]
        if missing:
            # Another writer may have made the same key meanwhile: what is in the file is what counts.
            with transaction(self._file, self._name):
                rows = sorted((name, self._master.seal(new_key(), name)) for name in set(missing))
                self._file.executemany("INSERT OR IGNORE INTO key VALUES (?, ?)", rows)
            found = {**found, **self.find(missing)}
        return found

    def find(self, names: Collection[bytes]) -> dict[bytes, bytes]:
        """Return the keys there are; makes none."""
        found: dict[bytes, bytes] = {}
        asked = []
        for name in names:
            if (key := self._known.get(name)) is not None:
                found[name] = key
            else:
                asked.append(name)
        with translated(self._name):
            for name, wrapped in ask_listed(self._file, "SELECT name, wrapped FROM key WHERE name IN ({})", asked):
                found[name] = self._known[name] = self._master.open(wrapped, name)
        while len(self._known) > _CACHED:
            self._known.popitem(last=False)
        return found

    def close(self) -> None:
        """Let the file go."""
        self._known.clear()
        self._file.close()

    def _probe(self, *, read_only: bool) -> None:
        """Make sure that the master key is the one this file was made under, before anything is sealed with it."""
        with translated(self._name):
            probe = ask_listed(self._file, "SELECT name, wrapped FROM key WHERE name IN ({})", (_PROBE,))
        if not probe:
            if read_only:
                raise Misconfigured(f"{self._name} holds no key: restore it from a backup")
            self.keys((_PROBE,))
            return
        try:
            self._master.open(probe[0][1], _PROBE)
        except Misconfigured as cause:
            reason = f"the master key is not the one {self._name} was made under: restore the right one"
            raise Misconfigured(reason) from cause
