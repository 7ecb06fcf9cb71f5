"""The names of the formats, for whoever must not wait until these are loaded."""

NAMES = ("csv", "fideslang", "graphml", "openlineage", "prov")
