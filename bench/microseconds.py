"""Where each microsecond of an event goes between a record in hand and its transaction on disk, one step after the other."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import neo4j

from bench.steps import Steps
from console.opening import Folder, opened_for_recording
from console.settings import Settings
from lineage.facts import facts_of
from lineage.recording import Read
from lineage.stores.neo4j import writing
from lineage.stores.neo4j.connecting import Session
from lineage.times import now
from schemas.codec import decode
from schemas.extract import said
from streams.recorder import Prepared, Recorder, content
from streams.records import Record

BATCH = 2_000
_STATEMENTS = {
    "which events are there": writing.CONTENTS,
    "which identifiers are there": writing._KNOWN,  # noqa: SLF001 - its statements are what is told apart
    "create identifiers": writing._IDENTIFIERS,  # noqa: SLF001
    "create ownership": writing._OWNS,  # noqa: SLF001
    "create ownership unless there": writing._OWNS_UNLESS,  # noqa: SLF001
}


def where_it_goes(settings: Settings, records: Sequence[Record]) -> None:
    """Record these in batches, in one thread, and print the microseconds an event of each step."""
    steps = Steps()
    with opened_for_recording(settings) as (folder, recorder), _watched(steps):
        for start in range(0, len(records), BATCH):
            prepared = _prepare(records[start : start + BATCH], folder, steps)
            _write(recorder, prepared, steps)
    inside = sum(seconds for name, seconds in steps.spent.items() if name.startswith("Neo4j: "))
    steps.spent["Python: data keys, sealing, rows"] = steps.spent.pop("write") - inside
    print("microseconds an event, one step after the other")
    for name, seconds in steps.spent.items():
        print(f"  {name:<50} {seconds / len(records) * 1e6:6.1f}")
    print(f"  {'all':<50} {sum(steps.spent.values()) / len(records) * 1e6:6.1f}\n", flush=True)


def _prepare(records: Sequence[Record], folder: Folder, steps: Steps) -> Prepared:
    events = steps.run("Python: decode Avro", lambda: [decode(folder.catalogue, each.value) for each in records])
    spoken = steps.run("Python: extract by annotations", lambda: [said(kind, event) for kind, event in events])
    contents = steps.run("Python: content fingerprint", lambda: [content(event) for _, event in events])
    return Prepared(
        steps.run(
            "Python: pseudonyms and facts",
            lambda: [
                Read(facts_of(each, same, folder.pseudonyms, now(), folder.register.is_party), "", b"")
                for each, same in zip(spoken, contents, strict=True)
            ],
        ),
        (),
    )


def _write(recorder: Recorder, prepared: Prepared, steps: Steps) -> None:
    steps.run("write", lambda: recorder.write([recorder.seal(prepared)]))


@contextmanager
def _watched(steps: Steps) -> Iterator[None]:
    """Time every statement and commit of the driver, by what it does."""
    run, commit, ask = neo4j.Transaction.run, neo4j.Transaction.commit, Session.ask
    names = defaultdict(
        lambda: "create disclosures, consents, links", {text: name for name, text in _STATEMENTS.items()}
    )

    def timed(work: Callable[..., Any], name: str | None = None) -> Callable[..., Any]:
        def call(self: object, *given: Any, **more: Any) -> Any:  # noqa: ANN401 - whatever the driver takes
            began = time.perf_counter()
            try:
                answer = work(self, *given, **more)
                if isinstance(answer, neo4j.Result):
                    answer._buffer_all()  # noqa: SLF001 - the server works while the answer is fetched
                return answer
            finally:
                what = f"Neo4j: {name or names[given[0]]}"
                steps.spent[what] = steps.spent.get(what, 0.0) + time.perf_counter() - began

        return call

    neo4j.Transaction.run, neo4j.Transaction.commit, Session.ask = timed(run), timed(commit, "commit"), timed(ask)  # type: ignore[method-assign]  # watched
    try:
        yield
    finally:
        neo4j.Transaction.run, neo4j.Transaction.commit, Session.ask = run, commit, ask  # type: ignore[method-assign]  # as before
