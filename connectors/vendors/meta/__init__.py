"""Meta's custom audiences: persons are taken out of every audience they were put in. Nothing else of Meta's is spoken."""
