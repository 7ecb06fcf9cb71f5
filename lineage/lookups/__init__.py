"""Who looked at whom, when and why: look-ups by staff (C-579/21), for the controller's own oversight. Pure; writes nothing."""

from lineage.lookups.counting import Counts, OfStaff
from lineage.lookups.finding import at_person, everywhere, revealed
from lineage.lookups.model import LookUp, Span

__all__ = ["Counts", "LookUp", "OfStaff", "Span", "at_person", "everywhere", "revealed"]
