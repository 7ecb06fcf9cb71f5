"""How many bad rows a backfill may meet before it stops. Numbers alone: the command line shows them without loading the rest."""

MOST_BAD = 1_000
MOST_SHARE = 10
"""At most one row in so many may be bad, once there are more than were allowed."""
