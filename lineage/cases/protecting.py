"""A person whose address nobody may find out (turvakielto, section 36 of Act 661/2009): what is not done by itself then.

Nothing is done for anybody who has not shown who she is. A new address, phone or mailbox of hers is told to parties by a
person alone, no code goes to a mailbox that others read, and no answer to an address. Whatever a party had already it is
told by that, as ever.
"""

from collections.abc import Collection

from lineage.cases.case import Case
from lineage.cases.words import Action, Form
from lineage.errors import Refused

REVEALING = frozenset({"address", "phone", "email"})
"""Categories by whose new value she could be found."""
BY_HAND = "by-hand"
"""How we know that a task is a person's. It does not say why: a certificate shows it to others."""


def is_protected(case: Case) -> bool:
    """Whether her address is to be found out by nobody."""
    return bool(case.notes.get("protected"))


def is_by_hand(form: Form, action: Action | None, categories: Collection[str]) -> bool:
    """Whether telling a party this would tell another company where someone protected is to be found.

    The company's own systems are told: it is the one she has told it to.
    """
    return form != "internal" and action == "rectify" and not REVEALING.isdisjoint(categories)


def check_shown(case: Case) -> None:
    """Make sure that nobody else acts for a protected person. Raises: Refused: who asks is not shown yet."""
    if is_protected(case) and not case.verified:
        raise Refused(
            f"case {case.id}: her address is protected: who asks must be shown first, with `jalki case verify {case.id}`",
            "protected",
            case=case.id,
        )
