"""The command `worker`: records what comes on Kafka, and carries cases out, until it is told to stop."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, closing, contextmanager, nullcontext
from importlib.metadata import version
from typing import TYPE_CHECKING, cast

import typer

from console.alarming import officer_of
from console.case_logs import opened_case_log
from console.drift_telling import opened_drift
from console.logs import log_to_stderr
from console.may_sharing import Asking
from console.opening import catalogue_of, opened_for_recording
from console.settings import Settings
from console.terminal import Data, settings_of, tell
from lineage.errors import Misconfigured, Retryable
from lineage.times import now
from streams.kafka.access import KafkaAccess
from streams.recorder import Recorder

if TYPE_CHECKING:
    from console.parties import Parties
    from streams.caseworking import Cases
    from streams.drift_metrics import DriftMetrics
    from streams.metrics import Metrics


def worker_command(context: typer.Context, data: Data = None) -> None:
    """Record what comes on Kafka's topics and carry cases out, until SIGTERM or Ctrl-C; then finish what is in hand.

    Start as many as there are partitions to share. Kafka, Neo4j, PostgreSQL or a schema registry that is away is waited
    for. `/health` and `/metrics` are shown at JALKI_LISTEN. The pages for parties are served at JALKI_WEB.
    """
    settings = settings_of(context, data)
    log_to_stderr(settings.log_level, settings.log_format)
    if settings.kafka is None:
        raise Misconfigured("a worker reads Kafka: set JALKI_KAFKA; embedded, `jalki ingest` records by itself")
    asyncio.run(_work(settings, settings.kafka))


async def _work(settings: Settings, access: KafkaAccess) -> None:
    # Faust takes longer to import than any question takes to answer.
    from streams.case_metrics import CaseMetrics
    from streams.drift_metrics import DriftMetrics
    from streams.health import Health
    from streams.listening import listening
    from streams.metrics import Metrics
    from streams.working import Observed, Work, work

    topics = catalogue_of(settings).topics
    observed = Observed(Metrics(topics, version("jalki"), now), Health(now), CaseMetrics())
    drift = DriftMetrics()
    at = settings.servers.listen
    whole = asyncio.Event()
    parties: list[Parties] = []

    def started() -> None:
        whole.set()
        tell("working")

    with closing(Asking(settings)) as asking:

        async def may_share(identifier: str, party: str, purpose: str) -> Sequence[str]:
            if not whole.is_set():  # who must not get it may be known to the log of cases alone
                raise Retryable("the worker is starting: ask again in a moment")
            return await asking.why_not(identifier, party, purpose)

        # It asks for their text and for nothing else.
        metrics = cast("Metrics", _All(observed.metrics.text, observed.cases.text, drift.text))
        shown = listening(*at, metrics, observed.health, may_share=may_share, allow_any=True) if at else nullcontext()
        async with shown as port:
            if at:
                tell(f"health and metrics at http://{at[0]}:{port}/health and /metrics")
            try:
                job = Work(
                    access,
                    topics,
                    lambda: _opened(settings, parties, drift, lambda: observed.oldest),
                    settings.servers.member,
                )
                await work(job, observed, started)
            finally:
                for each in parties:
                    await each.close()
    tell("stopped; everything in hand was finished and committed, or comes again")


class _All:
    """The measures of events, of cases and of drift."""

    def __init__(self, *texts: Callable[[], bytes]) -> None:
        self._texts = texts

    def text(self) -> bytes:
        """Return all of it as Prometheus reads it."""
        return b"".join(text() for text in self._texts)


@contextmanager
def _opened(
    settings: Settings, made: "list[Parties]", drift: "DriftMetrics", oldest: Callable[[], int | None]
) -> Iterator[tuple[Recorder, "Cases"]]:
    """Open the stores once for each that uses them in a thread of its own: recording, cases, public pages, drift."""
    # Connectors bring HTTP and mail with them.
    from console.parties import parties_of
    from streams.caseworking import Cases

    with (
        opened_for_recording(settings) as (_, recorder),
        opened_for_recording(settings) as (folder, _),
        opened_for_recording(settings) as (public, _),
        opened_case_log(folder) as log,
        opened_drift(settings, folder.journal, drift, oldest) as telling,
    ):
        parties = parties_of(folder, now)
        made.append(parties)

        def serving(moved: Callable[[], None]) -> AbstractAsyncContextManager[object]:
            if settings.outward.web is None:
                return nullcontext()
            from console.serving import public_pages

            return public_pages(public, parties, moved)

        yield recorder, Cases(folder.casework, log, parties, serving, officer_of(settings.outward), telling)
