"""The register: what the controller declares it does with personal data (GDPR Art. 30), and the answers from that.

`load_register` reads it, `Register` answers, `check` says what is still open. Files are `multitronic/*.yaml`, which a
lawyer reads and edits. Knows nothing of events, persons or stores.
"""

from lineage.register.checking import check
from lineage.register.loading import load_register
from lineage.register.model import (
    PERSON,
    UNKNOWN,
    Adequacy,
    Basis,
    Contract,
    Controller,
    Copy,
    Declared,
    Finding,
    Measure,
    Notice,
    Party,
    Period,
    Place,
    PolicyStatement,
    Purpose,
    Recipient,
    Retention,
    Safeguard,
    Transfer,
    Validity,
)
from lineage.register.register import RULES, Register
from lineage.register.retention import ANCHORS, financial_year_end, last_day

__all__ = [
    "ANCHORS",
    "PERSON",
    "RULES",
    "UNKNOWN",
    "Adequacy",
    "Basis",
    "Contract",
    "Controller",
    "Copy",
    "Declared",
    "Finding",
    "Measure",
    "Notice",
    "Party",
    "Period",
    "Place",
    "PolicyStatement",
    "Purpose",
    "Recipient",
    "Register",
    "Retention",
    "Safeguard",
    "Transfer",
    "Validity",
    "check",
    "financial_year_end",
    "last_day",
    "load_register",
]
