"""Who bought a product that is recalled, and how each can be warned (Reg. (EU) 2023/988 Art. 35). Pure; writes nothing."""

from lineage.recalling.answer import First, Wanted, first_answer, recalled
from lineage.recalling.gathering import Purchase, Purchases
from lineage.recalling.model import Buyer, Recalled

__all__ = ["Buyer", "First", "Purchase", "Purchases", "Recalled", "Wanted", "first_answer", "recalled"]
