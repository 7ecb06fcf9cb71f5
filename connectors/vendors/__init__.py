"""Connectors of vendors with an interface of their own, and of whoever has an ordinary REST interface."""
