"""A direct transfer is a disclosure too (GDPR Art. 20(2), law R40): the event that records it. Sends nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from lineage.answers.portable import Portable
from lineage.times import rfc3339

PURPOSE = "rights"


def transferred(
    portable: Portable, key: str, case: str, target: str, holder: str, subjects: Sequence[tuple[str, str]], at: int
) -> Mapping[str, Any]:
    """Return the `DataDisclosed` event (contract §2) of a package that the controller `target` has been given.

    `holder` is the system it came from, `subjects` the identifiers (kind, value) the case is about, `at` microseconds UTC.
    `key` names the package: told twice, it counts once, and another package is another disclosure. `target` must be a party
    of the register.
    """
    categories = {one for each in portable.history for one in each.categories}
    categories |= {cell.category for record in portable.records for cell in record.cells}
    return {
        "type": "DataDisclosed",
        "event_id": f"transfer:{key}",
        "occurred_at": rfc3339(at),
        "controller": portable.controller,
        "holder": holder,
        "recipient": target,
        "purpose": PURPOSE,
        "identifiers": [{"kind": kind, "value": value} for kind, value in subjects],
        "categories": sorted(categories),
        "reference": case,
    }
