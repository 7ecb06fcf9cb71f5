"""The command `worker`: records what comes on Kafka until it is told to stop."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from importlib.metadata import version

import typer

from console.logs import log_to_stderr
from console.may_sharing import Asking
from console.opening import catalogue_of, opened_for_recording
from console.settings import Settings
from console.terminal import Data, settings_of, tell
from lineage.errors import Misconfigured
from lineage.times import now
from streams.kafka.access import KafkaAccess
from streams.recorder import Recorder


def worker_command(context: typer.Context, data: Data = None) -> None:
    """Record what comes on Kafka's topics, until SIGTERM or Ctrl-C; then finish what is in hand, and end with exit code 0.

    Start as many as there are partitions to share. Kafka, Neo4j, PostgreSQL or a schema registry that is away is waited
    for. `/health` and `/metrics` are shown at JALKI_LISTEN.
    """
    settings = settings_of(context, data)
    log_to_stderr(settings.log_level, settings.log_format)
    if settings.kafka is None:
        raise Misconfigured("a worker reads Kafka: set JALKI_KAFKA; embedded, `jalki ingest` records by itself")
    asyncio.run(_work(settings, settings.kafka))


async def _work(settings: Settings, access: KafkaAccess) -> None:
    # Faust takes longer to import than any question takes to answer.
    from streams.health import Health
    from streams.listening import listening
    from streams.metrics import Metrics
    from streams.working import Observed, Work, work

    @contextmanager
    def recorder() -> Iterator[Recorder]:
        with opened_for_recording(settings) as (_, opened):
            yield opened

    topics = catalogue_of(settings).topics
    observed = Observed(Metrics(topics, version("jalki"), now), Health(now))
    at = settings.servers.listen
    with closing(Asking(settings)) as asking:
        shown = (
            listening(*at, observed.metrics, observed.health, may_share=asking.why_not, allow_any=True)
            if at
            else nullcontext()
        )
        async with shown as port:
            if at:
                tell(f"health and metrics at http://{at[0]}:{port}/health and /metrics")
            await work(Work(access, topics, recorder, settings.servers.member), observed, lambda: tell("working"))
    tell("stopped; everything in hand was finished and committed, or comes again")
