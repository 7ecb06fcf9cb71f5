"""Connectors of vendors that have an interface of their own, one module or folder each."""
