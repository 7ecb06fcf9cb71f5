"""Findings are told by themselves: on Kafka and Neo4j by workers, one of them killed; and embedded by `ingest`."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2

from lineage.stores.findings import SqliteFindings
from streams.kafka.drift_topic import KafkaDriftTopic
from tests.connectors.webhook_receiver import Receiver, receiving
from tests.e2e.program import called
from tests.e2e.workers import killed, working
from tests.servers.kafka import Kafka
from tests.servers.neo4j import Neo4j
from tests.servers.waiting import until

SECONDS = 150.0
ENVELOPE = {"controller": "multitronic", "email": "aino@example.fi"}
SENT = {
    "type": "NewsletterSent", "event_id": "e-1", "occurred_at": "2026-05-04T09:00:00+03:00", "provider": "sendgrid",
    "campaign_id": "may", **ENVELOPE,
}  # fmt: skip
YES = {
    "type": "NewsletterSubscribed", "event_id": "e-2", "occurred_at": "2026-01-02T09:00:00+02:00", "consent_text": "Yes",
    "source": "account", **ENVELOPE,
}  # fmt: skip
NO = {
    "type": "NewsletterUnsubscribed", "event_id": "e-3", "occurred_at": "2026-05-01T09:00:00+03:00", "source": "link",
    **ENVELOPE,
}  # fmt: skip
STATES = [("found", 1), ("withdrawn", 2), ("found", 3)]


def file_of(folder: Path, event: Mapping[str, object]) -> Path:
    path = folder / f"{event['event_id']}.jsonl"
    path.write_text(json.dumps(event) + "\n", "utf-8")
    return path


def hook_of(folder: Path, receiver: Receiver) -> Mapping[str, object]:
    secret = folder / "secret"
    secret.write_text("an ordinary secret of forty bytes or so...\n", "utf-8")
    return {"JALKI_DRIFT_WEBHOOK": receiver.url, "JALKI_DRIFT_WEBHOOK_SECRET_FILE": secret}


def posted(receiver: Receiver) -> list[dict[str, Any]]:
    """What it has, each sequence of a finding once: what it answered with a fault came again."""
    every = [each for *_, body in receiver.calls for each in json.loads(body)["findings"]]
    return list({(each["finding"], each["sequence"]): each for each in every}.values())


def states(told: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(each["state"], each["sequence"]) for each in told if each["rule"] == "no-consent"]


def last_of(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({each["finding"]: each for each in told}.values())


def unlike(settings: Mapping[str, object], told: list[dict[str, Any]]) -> str | None:
    """How what was told differs from what `drift` lists; None where it does not."""
    listed = called("drift", "--json", settings=settings).json
    expected = {(each["event"], rule, each["person"]) for each in listed for rule in each["rules"]}
    found = {(each["event"], each["rule"], each["person"]) for each in last_of(told) if each["state"] == "found"}
    return None if found == expected and found else f"{found} and not {expected}"


def has(told: Callable[[], list[dict[str, Any]]], expected: list[tuple[str, int]]) -> Callable[[], str | None]:
    def missing() -> str | None:
        found = states(told())
        return None if found == expected else f"{found}"

    return missing


def test_workers_tell_topic_and_webhook_also_after_one_was_killed_and_after_a_lost_graph(
    kafka: Kafka, neo4j_server: Neo4j, tmp_path: Path
) -> None:
    kafka.wipe()
    neo4j_server.wipe()
    topic = KafkaDriftTopic(kafka.access)

    def read() -> list[dict[str, Any]]:
        return [dict(each) for each in topic.findings()]

    with receiving() as receiver:
        settings = {
            **kafka.settings, **neo4j_server.settings, "JALKI_DATA": tmp_path / "data", **hook_of(tmp_path, receiver)
        }  # fmt: skip
        assert called("topics", "create", settings=settings).code == 0

        def ingested(event: Mapping[str, object]) -> None:
            assert called("ingest", file_of(tmp_path, event), "--wait", settings=settings).code == 0

        with killed(tmp_path, settings) as worker:
            ingested(SENT)
            until(has(read, STATES[:1]), seconds=SECONDS, what="a finding in the topic")
            until(has(lambda: posted(receiver), STATES[:1]), seconds=SECONDS, what="a finding that is delivered")
            text = httpx2.get(f"http://127.0.0.1:{worker.port}/metrics", trust_env=False).text
            assert re.search(r'^jalki_drift_told_total\{lane="topic"\} [1-9]', text, re.MULTILINE)
            assert "aino" not in text
            receiver.answers = ["500"] * 3
            ingested(YES)
        with working(1, tmp_path, settings):
            until(has(read, STATES[:2]), seconds=SECONDS, what="that it is withdrawn, in the topic")
            ingested(NO)
            until(has(read, STATES), seconds=SECONDS, what="that it is found again")
            until(has(lambda: posted(receiver), STATES), seconds=SECONDS, what="all of it, delivered")
        neo4j_server.wipe()
        assert called("ingest", file_of(tmp_path, SENT), settings=settings).code == 0
        with working(1, tmp_path, settings):
            for event in (YES, NO):
                ingested(event)
            until(lambda: unlike(settings, read()), seconds=SECONDS, what="a topic that says what the empty graph got")
        numbers = [number for _, number in states(read())]
        assert numbers == list(range(1, len(numbers) + 1))
        assert states(read())[:3] == STATES
    topic.close()


def test_ingest_tells_embedded_and_a_webhook_that_was_away_gets_it_the_next_time(tmp_path: Path) -> None:
    with receiving() as receiver:
        settings = {"JALKI_DATA": tmp_path / "data", **hook_of(tmp_path, receiver)}
        receiver.answers = ["503"]
        first = called("ingest", file_of(tmp_path, SENT), settings=settings)
        assert first.code == 0
        assert "not delivered yet: the webhook of drift cannot answer now (503)" in first.said
        (drift,) = [each for each in called("doctor", "--json", settings=settings).json if each["what"] == "drift"]
        assert (drift["state"], "to tell the webhook: the next `jalki ingest`" in drift["text"]) == ("advice", True)
        for event in (YES, NO, NO):
            assert called("ingest", file_of(tmp_path, event), settings=settings).code == 0
        told = posted(receiver)
    assert states(told) == STATES
    assert "aino" not in json.dumps(told)
    assert unlike(settings, told) is None


def test_embedded_without_a_webhook_nothing_is_judged_and_the_first_one_hears_of_all(tmp_path: Path) -> None:
    data = {"JALKI_DATA": tmp_path / "data"}
    for event in (SENT, YES, NO):
        assert called("ingest", file_of(tmp_path, event), settings=data).code == 0
    (drift,) = [each for each in called("doctor", "--json", settings=data).json if each["what"] == "drift"]
    assert (drift["state"], "no webhook" in drift["text"]) == ("ok", True)
    with closing(SqliteFindings(tmp_path / "data" / "graph.db", read_only=True)) as findings:
        standing = findings.standing()
    assert (standing.unjudged, standing.last) == (0, 0), "nothing waits, and nothing was judged"
    with receiving() as receiver:
        settings = {**data, **hook_of(tmp_path, receiver)}
        assert called("ingest", file_of(tmp_path, NO), settings=settings).code == 0
        assert unlike(settings, posted(receiver)) is None
