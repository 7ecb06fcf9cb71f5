"""Which disclosures are told to the person herself: all but those that would show an authority's inquiry."""

from collections.abc import Callable

from lineage.answers.gathering import told_of
from lineage.answers.inquiries import is_inquiry
from lineage.facts import Disclosure
from lineage.keyring import KeyRing
from lineage.register import Register


def is_told_to_her(keyring: KeyRing, register: Register) -> Callable[[Disclosure], bool]:
    """Return what tells it of a disclosure; it is opened for that, and in doubt it is not told. Raises: as the key ring."""

    def is_told(disclosure: Disclosure) -> bool:
        return not is_inquiry(told_of(disclosure, keyring.find((disclosure.holder,))), register)

    return is_told
