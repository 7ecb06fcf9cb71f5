"""One person's life in the record, in order of time: the question of an officer or an auditor. Pure; asks, and writes nothing."""

from lineage.timeline.answer import timeline
from lineage.timeline.model import Asked, Moment, Order, Timeline

__all__ = ["Asked", "Moment", "Order", "Timeline", "timeline"]
