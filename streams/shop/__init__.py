"""The simulated shop: a believable stream of events with its ground truth, and lines that are bad on purpose.

It is no part of the product's own judgement: the truth is a second, independent reading of the contract.
"""

from streams.shop.bad import bad_lines
from streams.shop.diary import Event, Fault
from streams.shop.flows import LAWFUL, Flow
from streams.shop.simulation import Disorder, Simulation, simulate
from streams.shop.truth import Truth
from streams.shop.truth_file import write_truth

__all__ = [
    "LAWFUL",
    "Disorder",
    "Event",
    "Fault",
    "Flow",
    "Simulation",
    "Truth",
    "bad_lines",
    "simulate",
    "write_truth",
]
