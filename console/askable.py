"""Which parties can be asked for a copy of what they hold of a person: worked out of their descriptors. Calls nobody."""

from collections.abc import Callable, Collection
from pathlib import Path

from lineage.cases.rows import COPY
from lineage.cases.words import Right


def askable_of(parties: Path | None) -> Callable[[Right], Collection[str]]:
    """Return what tells the parties that can be asked because of a right; `parties` is the folder of the shop's own.

    Nothing is read before it is asked. Raises, then: Misconfigured: a descriptor that cannot be used.
    """

    def askable(right: Right) -> Collection[str]:
        # Connectors bring HTTP and mail with them; only a plan for a copy waits for those.
        from connectors.channels import channels
        from connectors.descriptors import load_descriptors

        known = channels()
        found = set()
        for party, each in load_descriptors(parties).items():
            meaning = each.means_for(COPY)
            by_calls = meaning is not None and meaning.proof != "none" and meaning.by == "channel"
            if each.address and by_calls and right in known[each.channel].gives(each):
                found.add(party)
        return frozenset(found)

    return askable
