"""Rights of a person, carried out: what a case is, what follows from it, and what may happen next. Pure; knows no store.

A case is its entries (`entries`), one after the other, each bound to the one before. Everything else is worked out of them.
"""
