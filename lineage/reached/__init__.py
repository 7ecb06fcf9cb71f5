"""Whose data a party got and may still hold: the question of a breach (GDPR Art. 33, 34). Pure; asks, and writes nothing."""

from lineage.reached.answer import reached
from lineage.reached.buried import Cases, Proof, cases_of
from lineage.reached.gathering import Row, Spool
from lineage.reached.leaving import Leaving
from lineage.reached.model import Asked, Erased, Onward, Reach, Reached
from lineage.reached.onward import volumes_within

__all__ = [
    "Asked",
    "Cases",
    "Erased",
    "Leaving",
    "Onward",
    "Proof",
    "Reach",
    "Reached",
    "Row",
    "Spool",
    "cases_of",
    "reached",
    "volumes_within",
]
