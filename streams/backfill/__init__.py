"""A shop's history as events: rows of CSV files or of a query, by a mapping that the shop declares. Knows no bus."""
