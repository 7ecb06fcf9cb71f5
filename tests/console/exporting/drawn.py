"""The sharing graph of a small simulated shop through the program, and graphs drawn at random for every format."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from console.shapes import sharing_shape
from lineage.register import Register, load_register
from lineage.sharing import Share
from schemas.vocabulary import vocabulary
from tests.e2e.program import Ended, asked

REGISTER: Register = load_register(None, frozenset(vocabulary().categories))
PARTIES = ["adyen", "dhl", "google-ads", "order-system", "posti", "not-in-the-register", "ÄÖ <&>", "=1+1"]
PURPOSES = ["delivery", "payment", "backup", "not a purpose", "]]>"]
CATEGORIES = [*sorted(vocabulary().categories)[:4], "no-such-category", "'\"\x07"]
MOST = 2_000_000_000_000_000


@st.composite
def shares(draw: st.DrawFn) -> tuple[Share, ...]:
    """What `lineage.sharing` could return, with words that no register should have."""
    edges = st.tuples(st.sampled_from(["person", *PARTIES]), st.sampled_from(PARTIES), st.sampled_from(PURPOSES))
    found = []
    for edge in sorted(draw(st.sets(edges, max_size=6))):
        first, last = sorted(draw(st.tuples(st.integers(0, MOST), st.integers(0, MOST))))
        counts = draw(st.dictionaries(st.sampled_from(CATEGORIES), st.integers(1, 10**12), max_size=4))
        drift = draw(st.dictionaries(st.sampled_from(["undeclared-recipient"]), st.integers(1, 9)))
        found.append(Share(*edge, draw(st.integers(1, 10**12)), dict(sorted(counts.items())), first, last, drift))
    return tuple(found)


SHAPES = shares().map(lambda drawn: sharing_shape(drawn, REGISTER))


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop whose events are recorded in `data`."""

    data: Path
    events: list[dict[str, Any]]
    edges: list[dict[str, Any]]

    def exported(self, form: str, *words: object) -> Ended:
        ended = asked("export", form, "--data", self.data, *words)
        assert ended.code == 0, ended.err
        return ended
