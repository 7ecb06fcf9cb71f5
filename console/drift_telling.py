"""Who is told of findings of drift: the wiring of judge, topic and webhook. Knows no finding."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

from console.opening import Folder, findings_of, opened_for_recording
from console.outward import Outward
from console.settings import Settings
from console.terminal import counted, tell
from lineage.cases.journal import Journal
from lineage.errors import JalkiError, Misconfigured
from lineage.findings.anew import Judge, put_off
from lineage.times import now
from streams.log import Log

if TYPE_CHECKING:
    from connectors.drift_webhook import DriftWebhook
    from streams.drift_metrics import DriftMetrics
    from streams.drift_telling import Telling


def webhook_of(outward: Outward) -> "DriftWebhook | None":
    """Return who findings are posted to; None where no address is set. Raises: Misconfigured: it cannot be used."""
    if outward.drift is None:
        return None
    from connectors.drift_webhook import DriftWebhook

    try:
        secret = outward.drift.secret_file.read_bytes().strip()
    except OSError as cause:
        raise Misconfigured(f"JALKI_DRIFT_WEBHOOK_SECRET_FILE cannot be read: {cause.strerror}") from cause
    return DriftWebhook(outward.drift.url, secret, now, ca_file=outward.drift.ca_file)


@contextmanager
def opened_drift(
    settings: Settings, journal: Journal, metrics: "DriftMetrics", oldest: Callable[[], int | None]
) -> "Iterator[Telling | None]":
    """Open what a worker tells findings with, in threads of its own; `journal` says which worker's turn it is.

    `oldest` tells since when the oldest record waits to be recorded, microseconds UTC; None: none does.

    Raises: as `opened_for_recording`.
    """
    if settings.kafka is None:
        yield None
        return
    # kafka-python takes longer to import than most commands to run.
    from streams.drift_telling import Drift, Telling
    from streams.kafka.drift_topic import KafkaDriftTopic

    with ExitStack() as stack:
        folder, _ = stack.enter_context(opened_for_recording(settings))
        judged, told = (stack.enter_context(closing(findings_of(settings, folder.pseudonyms))) for _ in range(2))
        topic = stack.enter_context(closing(KafkaDriftTopic(settings.kafka)))
        judge = Judge(folder.graph, judged, folder.register, folder.memory, now)
        yield Telling(Drift(judge, told, topic, webhook_of(settings.outward), metrics), journal, now, oldest=oldest)


def tell_drift(folder: Folder, log: Log) -> None:
    """Judge and tell all there is, embedded; without a worker nobody else does. What cannot go now goes the next time.

    Without a webhook nobody reads what is told: nothing is judged, and all of it is when somebody is told first.
    """
    webhook = webhook_of(folder.settings.outward)
    if webhook is None:
        with closing(findings_of(folder.settings, folder.pseudonyms)) as findings:
            put_off(findings)
        return
    from streams.drift_telling import Drift, deliver_all, get_ready, judge_all, publish_all
    from streams.drift_topic import EmbeddedDriftTopic

    with closing(findings_of(folder.settings, folder.pseudonyms)) as findings:
        judge = Judge(folder.graph, findings, folder.register, folder.memory, folder.clock)
        drift = Drift(judge, findings, EmbeddedDriftTopic(log), webhook)
        get_ready(drift)
        judge_all(drift)
        publish_all(drift)
        try:
            asyncio.run(deliver_all(drift))
        except JalkiError as fault:
            standing = findings.standing()
            left = standing.last - standing.lanes.get(webhook.lane, 0)
            tell(f"{counted(left, 'finding')} of drift not delivered yet: {fault}")
