"""Whose data a party got and may still hold: the question of a breach (GDPR Art. 33, 34). Pure; asks, and writes nothing."""

from lineage.reached.answer import reached
from lineage.reached.buried import Cases, Proof, cases_of, cases_of_each
from lineage.reached.first import first_answer
from lineage.reached.gathering import Row, Spool
from lineage.reached.leaving import Leaving
from lineage.reached.model import Asked, Erased, First, Onward, Reach, Reached, Sent

__all__ = [
    "Asked",
    "Cases",
    "Erased",
    "First",
    "Leaving",
    "Onward",
    "Proof",
    "Reach",
    "Reached",
    "Row",
    "Sent",
    "Spool",
    "cases_of",
    "cases_of_each",
    "first_answer",
    "reached",
]
