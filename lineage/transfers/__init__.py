"""Transfers out of the EEA around the end of a mechanism (GDPR Art. 44-49). Pure; asks, and writes nothing."""

from lineage.transfers.answer import transfers
from lineage.transfers.model import Annulled, Listed, PartyTransfers, Span, Transfers

__all__ = ["Annulled", "Listed", "PartyTransfers", "Span", "Transfers", "transfers"]
