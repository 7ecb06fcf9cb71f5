"""The topics as they should be: the table `topics.toml`, and how what is there differs from it. Asks no broker."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from lineage.errors import Misconfigured

DEFAULT = -1
"""A number left to the broker's own default."""
FOR_EVER = -1
"""A retention without end."""
_HOUR_MS, _DAY_MS = 3_600_000, 86_400_000
_SAFE_COPIES = 3
"""From this replication factor on a record counts as published when two disks have it; with fewer a broker could not stop."""

State: TypeAlias = Literal["missing", "fine", "differs"]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it should be. `settings` are Kafka's own names and values."""

    name: str
    partitions: int
    replication: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as it is. A setting that we may not read is not among `settings`."""

    partitions: int
    replication: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A topic of the plan: what it should be, what it is, and how they differ.

    `differences` can be mended by `change`, `stuck` cannot; `remarks` are no differences.
    """

    topic: Topic
    found: Found | None
    state: State
    differences: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def wanted(names: Iterable[str], partitions: int | None = None, replication: int | None = None) -> tuple[Topic, ...]:
    """Return the topics of these names as the table has them; the numbers given go before the table's."""
    table = _table()
    topics = []
    for name in sorted(set(names)):
        row = table["defaults"] | table["topics"].get(name, {})
        copies = row["replication"] if replication is None else replication
        topics.append(Topic(name, partitions or row["partitions"], copies, _settings(row, copies)))
    return tuple(topics)


def largest_record() -> int:
    """Return the largest size in bytes that a topic of the table takes: key, headers and value of one record."""
    table = _table()
    return int(
        max(
            row.get("max_message_bytes", table["defaults"]["max_message_bytes"])
            for row in ({}, *table["topics"].values())
        )
    )


@cache
def _table() -> Mapping[str, Any]:
    return MappingProxyType(tomllib.loads(files("streams.kafka").joinpath("topics.toml").read_text("utf-8")))


def _settings(row: Mapping[str, Any], copies: int) -> Mapping[str, str]:
    settings = {
        "cleanup.policy": row["cleanup"],
        "max.message.bytes": str(row["max_message_bytes"]),
        "message.timestamp.type": row["timestamps"],
        "retention.ms": str(FOR_EVER if row["retention_days"] == FOR_EVER else int(row["retention_days"] * _DAY_MS)),
        "segment.ms": str(int(row["segment_hours"] * _HOUR_MS)),
    }
    if "compaction_hours" in row:
        settings["max.compaction.lag.ms"] = str(int(row["compaction_hours"] * _HOUR_MS))
    on_disks = row["min_insync_replicas"]
    if on_disks == DEFAULT and copies >= _SAFE_COPIES:
        on_disks = 2
    if on_disks != DEFAULT:
        settings["min.insync.replicas"] = str(on_disks)
    return settings


def compare(topics: Iterable[Topic], found: Mapping[str, Found]) -> tuple[Row, ...]:
    """Return for each topic whether it is missing, fine or differs, and how, in words. Asks nobody."""
    return tuple(_row(topic, found.get(topic.name)) for topic in topics)


def _row(topic: Topic, there: Found | None) -> Row:
    if there is None:
        return Row(topic, None, "missing")
    differences, stuck, remarks = [], [], []
    if there.partitions < topic.partitions:
        differences.append(f"{_counted(there.partitions, 'partition')}, should be {topic.partitions}")
    elif there.partitions > topic.partitions:
        remarks.append(f"{there.partitions} partitions, more than the {topic.partitions} of the table")
    if topic.replication not in {DEFAULT, there.replication}:
        stuck.append(
            f"replication factor {there.replication}, should be {topic.replication}: Kafka's own tool for reassignment changes it"
        )
    for name, value in topic.settings.items():
        if name not in there.settings:
            stuck.append(f"{name} cannot be read: allow DescribeConfigs on the topic to the user of JALKI_KAFKA_USER")
        elif there.settings[name] != value:
            differences.append(f"{name} is {_spoken(name, there.settings[name])}, should be {_spoken(name, value)}")
    state: State = "differs" if differences or stuck else "fine"
    return Row(topic, there, state, tuple(differences), tuple(stuck), tuple(remarks))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _spoken(name: str, value: str) -> str:
    """A setting's value as people say it."""
    if not name.endswith(".ms") or not value.lstrip("-").isdecimal():
        return value
    milliseconds = int(value)
    if milliseconds < 0:
        return "without end"
    if milliseconds % _DAY_MS == 0:
        return _counted(milliseconds // _DAY_MS, "day")
    return f"{milliseconds / _HOUR_MS:g} hours"


def missing(names: Iterable[str]) -> Misconfigured:
    """Return the error for topics that are not there."""
    return Misconfigured(f"no such topic in Kafka: {', '.join(sorted(names))}; `jalki topics create` makes them")
