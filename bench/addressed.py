"""An event as it is published: which topic, and the record with its key. The same for every measurement that publishes."""

import json
from collections.abc import Mapping

from lineage.facts import primary
from schemas.catalogue import Catalogue
from schemas.codec import decode
from schemas.extract import said
from schemas.records import JsonRecords
from streams.records import Outgoing


def addressed(catalogue: Catalogue, records: JsonRecords, event: Mapping[str, object]) -> tuple[str, Outgoing]:
    """Return the topic of an event and its record, with the primary identifier as key, as a shop's own producer does."""
    encoded = records.encode(json.dumps(event).encode())
    named = primary(said(*decode(catalogue, encoded.record), frozenset()))
    return encoded.topic, Outgoing(encoded.record, f"{named.kind}:{named.value}".encode() if named else None)
