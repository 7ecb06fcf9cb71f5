"""Puts the record of processing activities together, as of a moment."""

from lineage.graph import Graph
from lineage.register import Register
from lineage.ropa.activities import activities_of
from lineage.ropa.flows import flows_of
from lineage.ropa.gaps import missing_of
from lineage.ropa.mandates import mandates_of
from lineage.ropa.model import ProcessingRecord
from lineage.ropa.observing import observed


def processing_record(
    graph: Graph, register: Register, at: int, since: int | None = None, known_at: int | None = None
) -> ProcessingRecord:
    """Return the record (GDPR Art. 30): the rows of the register that hold at `at`, and what occurred by then.

    With `known_at` only what was recorded by that time counts as observed.
    Times are microseconds, UTC. Memory grows with the number of routes, not of disclosures. Raises: Retryable,
    Misconfigured: as `Graph`.
    """
    flows = flows_of(register, observed(graph, register, at, since, known_at), at)
    activities = activities_of(register, flows, at)
    mandates = mandates_of(register, flows, at)
    return ProcessingRecord(
        at=at,
        since=since,
        known_at=known_at,
        companies=register.declared.controllers,
        activities=activities,
        mandates=mandates,
        security=register.declared.security,
        missing=missing_of(register, activities, mandates),
    )
