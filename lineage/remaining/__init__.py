"""What one former processor may still have, and what was done about it (GDPR Art. 28(3)(g)). Pure; asks, and writes nothing."""

from lineage.remaining.answer import remaining
from lineage.remaining.model import Contract, Left, Remaining

__all__ = ["Contract", "Left", "Remaining", "remaining"]
