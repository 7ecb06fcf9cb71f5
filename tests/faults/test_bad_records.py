"""Records on the topics that are no events, put there past the program."""

from collections.abc import Sequence

from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType

from schemas.codec import LARGEST
from tests.faults.stage import Stage

MEGA = 1_000_000


def put(stage: Stage, topic: str, values: Sequence[bytes | None]) -> None:
    producer = KafkaProducer(bootstrap_servers=stage.kafka.servers, acks="all", max_request_size=12 * MEGA)
    try:
        for each in values:
            producer.send(topic, each, b"k").get(timeout=30)
    finally:
        producer.close()


def test_poisonous_records_between_good_ones_are_set_aside_and_hold_nothing_up(stage: Stage) -> None:
    records = stage.shop.records[:]
    good = next(one.value for topic, one in records if topic == "orders")
    poison = (
        b"\x00", b"\xff" * 300, b"", None, good[:-7], good + b"more", b"\xc3\x01" + bytes(8) + good[10:], b"{}",
        bytes(range(256)) * 40,
    )  # fmt: skip
    half = len(records) // 2
    stage.publish(records[:half])
    for topic in ("orders", "web"):
        put(stage, topic, poison)
    stage.publish(records[half:])
    with stage.worker() as worker:
        stage.until_recorded(worker)
        worker.until(lambda: worker.events("dead") == 2 * len(poison), "all poison set aside")
        worker.until_works()
        assert worker.measured("jalki_retries_total") == 0
        worker.stop()
    assert all(each["reason"] for each in stage.letters())
    assert any("dead letters" in said for said in stage.doctor())
    stage.assert_whole(dead=2 * len(poison))


def test_a_record_of_ten_megabytes_is_set_aside(stage: Stage) -> None:
    with stage.kafka.admin() as admin:
        wide = {"max.message.bytes": str(12 * MEGA)}
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "orders", wide)])
    good = next(one.value for topic, one in stage.shop.records if topic == "orders")
    assert 10 * MEGA > LARGEST
    put(stage, "orders", [good[:10] + bytes(10 * MEGA), b"\xc3\x01" + bytes(range(256)) * (10 * MEGA // 256)])
    stage.publish(stage.shop.records)
    with stage.worker() as worker:
        stage.until_recorded(worker)
        worker.until(lambda: worker.events("dead") == 2, "both set aside")
        worker.until_works()
        worker.stop()
    assert [each["reason"] for each in stage.letters()] == ["larger than 1 MiB"] * 2
    stage.assert_whole(dead=2)
