"""The same work as the whole path in a plain loop, each step timed: what the microseconds are spent on."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

from console.opening import Folder
from lineage.facts import facts_of
from lineage.recording import Read, Recording
from lineage.times import now
from schemas.codec import decode
from schemas.extract import Said, said
from schemas.records import JsonRecords
from streams.recorder import content
from streams.sources import Source, read_source

BATCH = 2_000
T = TypeVar("T")


@dataclass(slots=True)
class Steps:
    """Seconds spent by step."""

    spent: dict[str, float] = field(default_factory=dict)

    def run(self, name: str, work: Callable[[], T]) -> T:
        """Do some work, and add the time it took."""
        began = time.perf_counter()
        done = work()
        self.spent[name] = self.spent.get(name, 0.0) + time.perf_counter() - began
        return done


def plain_loop(file: Path, folder: Folder, steps: Steps) -> None:
    """Read, encode, decode, extract, pseudonymise, seal and write a file of good events, a batch after the other."""
    sources = read_source(str(file), JsonRecords(folder.catalogue))
    recording = Recording(folder.graph, folder.keyring, folder.pseudonyms)
    while batch := steps.run("read JSON, validate, encode as Avro", lambda: list(islice(sources, BATCH))):
        _record([source.encoded.record for source, _ in batch if isinstance(source, Source)], folder, recording, steps)


def _record(records: Sequence[bytes], folder: Folder, recording: Recording, steps: Steps) -> None:
    events = steps.run("decode Avro", lambda: [decode(folder.catalogue, each) for each in records])
    spoken = steps.run("extract by annotations", lambda: [said(kind, event) for kind, event in events])
    contents = steps.run("content fingerprint", lambda: [content(event) for _, event in events])
    reads = steps.run("pseudonyms and facts", lambda: _reads(spoken, contents, folder))
    steps.run("tell new from repeated, seal, write, fsync", lambda: recording.write(recording.seal(reads), (), now()))


def _reads(spoken: Sequence[Said], contents: Sequence[bytes], folder: Folder) -> list[Read]:
    return [
        Read(facts_of(each, same, folder.pseudonyms, now(), folder.register.is_party), "", b"")
        for each, same in zip(spoken, contents, strict=True)
    ]
