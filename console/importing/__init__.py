"""A draft of a register from one that stands elsewhere: a Fides manifest or a spreadsheet. What it does not say stays a gap."""
