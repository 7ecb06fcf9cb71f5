"""The console: pages for the DPO, the auditor and the customer. It reads and decides; no party is told anything from here."""
