"""The two times that a question is asked as of (contract §4): read, shown, and told where the record says nothing of them."""

from console.opening import Folder
from console.shapes import Shape
from console.terminal import tell, time_of
from lineage.graph import Until
from lineage.times import rfc3339, rfc3339_or_null


def as_of(at: str | None, known_at: str | None) -> Until:
    """Read the options `--at` and `--known-at`. Raises: Misconfigured: one is no time with an offset."""
    return Until(time_of(at, "--at"), time_of(known_at, "--known-at"))


def times_shape(until: Until) -> Shape:
    """Return the two times as JSON has them."""
    return {"at": rfc3339_or_null(until.at), "known_at": rfc3339_or_null(until.known_at)}


def as_of_words(shape: Shape) -> str:
    """Return the times of a shape for people; nothing where it is as of now."""
    at = f", as of {shape['at']}" if shape["at"] else ""
    return at + (f", as known at {shape['known_at']}" if shape["known_at"] else "")


def tell_of_times(folder: Folder, until: Until) -> None:
    """Tell where the record had not begun by then."""
    if until.at is not None:
        begins = min((each.first for each in folder.graph.volumes(())), default=None)
        if begins is not None and until.at < begins:
            tell(f"the record begins at {rfc3339(begins)}: nothing can be said of before")


def tell_erased_since(number: int, party: str) -> None:
    """Tell of how many persons a party had something then, who are erased by now."""
    if number:
        were = "person was" if number == 1 else "persons were"
        tell(f"{number:,} {were} erased here since: what {party} had of them then is recorded no more")
