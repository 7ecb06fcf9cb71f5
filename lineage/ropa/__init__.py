"""The record of processing activities (GDPR Art. 30), and beside what is declared what was really observed.

What the register does not declare is named as missing and never made up; what was observed is counted, never by person.
Pure: asks the `Graph` for its counts and the register for its rows; knows no form of page.
"""

from lineage.ropa.model import (
    ENDED,
    OBSERVED,
    STATUSES,
    UNDECLARED,
    UNOBSERVED,
    Acting,
    Activity,
    Category,
    Counted,
    Flow,
    Mandate,
    Missing,
    ProcessingRecord,
    Recipient,
    Seen,
)
from lineage.ropa.record import processing_record

__all__ = [
    "ENDED",
    "OBSERVED",
    "STATUSES",
    "UNDECLARED",
    "UNOBSERVED",
    "Acting",
    "Activity",
    "Category",
    "Counted",
    "Flow",
    "Mandate",
    "Missing",
    "ProcessingRecord",
    "Recipient",
    "Seen",
    "processing_record",
]
