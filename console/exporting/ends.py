"""What the edges of the sharing graph lead between, and the IRIs of its words. Reads no store and writes no format."""

from dataclasses import dataclass

from console.shapes import Shape
from lineage.register import PERSON, UNKNOWN, Register
from schemas.vocabulary import vocabulary

PREFIX = "urn:jalki:"
"""Of names that are ours."""
_CUSTOMERS = "The customers, all together"


@dataclass(frozen=True, slots=True)
class Exported:
    """A text in some format, and what that format has no word for: each a line that says what was left out."""

    text: str
    left_out: tuple[str, ...] = ()


def ends(shape: Shape) -> list[Shape]:
    """Return every end of an edge, sorted by id: parties, and `person` for all customers. Unknown parties are marked so."""
    known = {each["id"]: each for each in shape["parties"]}
    known[PERSON] = {"id": PERSON, "name": _CUSTOMERS, "kind": PERSON, "country": UNKNOWN}
    ids = sorted({each[end] for each in shape["sharing"] for end in ("from", "to")})
    return [known.get(each, {"id": each, "name": each, "kind": UNKNOWN, "country": UNKNOWN}) for each in ids]


def received(shape: Shape, party: str) -> list[Shape]:
    """Return the edges that lead to a party, in their order."""
    return [edge for edge in shape["sharing"] if edge["to"] == party]


def category_iri(category: str) -> str | None:
    """Return the DPV IRI of a category; None where it is no word of ours."""
    return vocabulary().categories.get(category)


def purpose_iris(purpose: str, register: Register) -> tuple[str, ...]:
    """Return the DPV IRIs that the register gives a purpose; none for a purpose it does not know."""
    known = register.purpose(purpose)
    return () if known is None else known.dpv
