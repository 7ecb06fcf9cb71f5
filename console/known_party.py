"""Whether a party that is asked about is one: known to the register, or to the record alone."""

from difflib import get_close_matches

from console.opening import Folder
from lineage.errors import Misconfigured


def check_party(folder: Folder, party: str) -> None:
    """Raises: Misconfigured: neither the register nor the record knows it."""
    if folder.register.is_party(party) or next(folder.graph.got(party, None, None), None) is not None:
        return
    near = get_close_matches(party, [each.id for each in folder.register.parties()], n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise Misconfigured(f"the party is not in the register: {hint}`jalki parties` lists those there are")
