"""How a party is told: one protocol, an adapter for each way to tell (letter, OpenDSR), a descriptor file for each party."""
