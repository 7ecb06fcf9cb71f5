"""Draws samples at random by a seed, so that another auditor draws the same. Pure; knows nothing of what is drawn."""

import heapq
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


def drawn(seed: str, among: Iterable[T], name: Callable[[T], bytes], most: int) -> list[T]:
    """Return at most so many of them, each as likely as any other, in the order in which they were drawn.

    Drawn are those whose name has the smallest SHA-256 together with the seed: in whatever order they come, the same ones
    are drawn, and what is added later takes the place of another one only by its own lot. Names must be all different.
    """
    return heapq.nsmallest(most, among, key=lambda each: sha256(seed.encode() + b"\0" + name(each)).digest())
