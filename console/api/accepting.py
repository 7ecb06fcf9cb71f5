"""In which form an answer is wanted: JSON, or another that the question has (RFC 9110, 12.5.1)."""

import re
from collections.abc import Collection, Iterator

from console.api.problems import Problem

JSON = "application/json"
_MOST = 1_000
"""Characters of the header that are looked at."""
_WEIGHT = re.compile(r"[01](\.[0-9]{0,3})?")


def form_of(accept: str | None, forms: Collection[str]) -> str | None:
    """Return the media type that is wanted most of those there are; None: JSON, which comes first of equals.

    Raises: Problem: none of them is wanted.
    """
    wanted = dict(_ranges((accept or "*/*")[:_MOST]))
    quality = {each: _quality(each, wanted) for each in (JSON, *forms)}
    best = max(quality, key=lambda each: quality[each])
    if not quality[best]:
        raise Problem("accept")
    return None if best == JSON else best


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for each in accept.split(","):
        media, *parameters = (part.strip().lower() for part in each.split(";"))
        weights = [part[2:] for part in parameters if part.startswith("q=")]
        yield media, float(weights[0] if _WEIGHT.fullmatch(weights[0]) else 0) if weights else 1.0


def _quality(media: str, wanted: dict[str, float]) -> float:
    """Return how much a media type is wanted, by the range that names it most closely."""
    for each in (media, media.partition("/")[0] + "/*", "*/*"):
        if each in wanted:
            return wanted[each]
    return 0.0
