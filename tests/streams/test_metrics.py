from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from lineage.recording import Dead, Recorded
from streams.metrics import AWAY, OTHER, Metrics

TOPICS = ("orders", "payments")
NOW = 1_772_355_600_000_000
PERSONAL = "aino.virtanen@example.fi"
LABELS = {"outcome", "of", "topic", "le", "version", "python"}


def metrics() -> Metrics:
    return Metrics(TOPICS, "1.2.3", lambda: NOW)


def samples(measured: Metrics) -> dict[tuple[str, ...], float]:
    """The value of each series by its name and its labels' values, as a Prometheus reads it."""
    text = measured.text().decode("utf-8")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


OUTCOMES = ("recorded", "repeated", "dead", "held_back")


def recorded(new: int, again: int, dead: int, held: int = 0) -> Recorded:
    return Recorded(new, again, tuple(Dead(PERSONAL, PERSONAL, PERSONAL.encode()) for _ in range(dead)), held)


@given(st.lists(st.tuples(*[st.integers(0, 3_000)] * 2, *[st.integers(0, 20)] * 2, st.floats(0, 100))))
def test_batches_add_up(batches: list[tuple[int, int, int, int, float]]) -> None:
    measured = metrics()
    for *counts, seconds in batches:
        measured.batch(recorded(*counts), seconds)
    seen = samples(measured)
    for number, outcome in enumerate(OUTCOMES):
        assert seen["jalki_events_total", outcome] == sum(int(batch[number]) for batch in batches)
    assert seen["jalki_batch_events_sum",] == sum(sum(batch[:4]) for batch in batches)
    assert seen["jalki_batch_seconds_count",] == len(batches)
    assert seen["jalki_last_batch_timestamp_seconds",] == (NOW / 1_000_000 if batches else 0)


def test_every_series_is_there_from_the_start_so_that_the_first_increase_is_seen() -> None:
    seen = samples(metrics())
    assert all(seen["jalki_retries_total", of] == 0 for of in AWAY)
    assert all(seen["jalki_events_total", outcome] == 0 for outcome in OUTCOMES)
    assert all(seen["jalki_lag_records", topic] == 0 for topic in (*TOPICS, OTHER))
    assert [key for key in seen if key[0] == "jalki_build_info" and "1.2.3" in key]


def test_retries_are_counted_by_what_was_away() -> None:
    measured = metrics()
    for of in AWAY:
        measured.retried(of)
    measured.retried("store")
    assert [samples(measured)["jalki_retries_total", of] for of in AWAY] == [2, 1, 1]


def test_lag_is_one_picture_in_which_a_topic_not_named_has_none() -> None:
    measured = metrics()
    measured.waiting({"orders": 7, "payments": 2}, NOW - 90_500_000)
    measured.waiting({"payments": 5, PERSONAL: 3, "gone": 1}, NOW - 90_500_000)
    seen = samples(measured)
    assert [seen["jalki_lag_records", topic] for topic in (*TOPICS, OTHER)] == [0, 5, 4]
    assert seen["jalki_oldest_unprocessed_seconds",] == 90.5
    measured.waiting({}, None)
    assert samples(measured)["jalki_oldest_unprocessed_seconds",] == 0


def test_a_record_from_a_clock_ahead_of_ours_is_not_older_than_now() -> None:
    measured = metrics()
    measured.waiting({"orders": 1}, NOW + 60_000_000)
    assert samples(measured)["jalki_oldest_unprocessed_seconds",] == 0


def test_partitions_are_those_after_the_last_rebalance() -> None:
    measured = metrics()
    measured.assigned(6)
    measured.assigned(3)
    assert samples(measured)["jalki_assigned_partitions",] == 3


def test_nothing_of_a_record_gets_into_the_text_and_labels_are_known() -> None:
    measured = metrics()
    measured.batch(recorded(1, 1, 2), 0.1)
    measured.waiting({PERSONAL: 1}, NOW)
    text = measured.text().decode("utf-8")
    assert PERSONAL not in text
    assert _labels(text) <= LABELS


def test_two_workers_in_one_process_do_not_share_their_counts() -> None:
    first, second = metrics(), metrics()
    first.batch(recorded(5, 0, 0), 0.1)
    assert samples(second)["jalki_events_total", "recorded"] == 0


def _labels(text: str) -> set[str]:
    families: Iterable[object] = text_string_to_metric_families(text)
    return {label for family in families for sample in getattr(family, "samples", ()) for label in sample.labels}
