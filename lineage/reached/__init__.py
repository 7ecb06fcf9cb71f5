"""Whose data a party got and may still hold: the question of a breach (GDPR Art. 33, 34). Pure; asks, and writes nothing."""

from lineage.reached.answer import reached
from lineage.reached.first import first_answer
from lineage.reached.gathering import Row, Spool
from lineage.reached.model import Asked, Erased, First, Onward, Reach, Reached, Sent
from lineage.reached.onward import volumes_within

__all__ = [
    "Asked",
    "Erased",
    "First",
    "Onward",
    "Reach",
    "Reached",
    "Row",
    "Sent",
    "Spool",
    "first_answer",
    "reached",
    "volumes_within",
]
