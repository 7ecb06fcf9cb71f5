"""Evidence: what the company can show of a case, to anybody, years later. Imports nothing that reads a store or a network."""
