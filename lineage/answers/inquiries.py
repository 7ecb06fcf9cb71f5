"""What an answer keeps from the person: authorities in a particular inquiry are no recipients (GDPR Art. 4(9)).

Kept back is what would show that there is an inquiry: the disclosure itself, and every look and step taken for it. It stays
in the record, and the data protection officer sees it. Regular reporting that the law orders (taxes, customs) is told.
"""

from lineage.answers.gathering import Told
from lineage.register import Register

INQUIRY = "authority-inquiry"
AUTHORITY = "authority"
_BY_ITS_NATURE = frozenset({INQUIRY, "fraud-prevention"})
SECRET = "secret"  # noqa: S105 - the name of a field of events


def is_inquiry(told: Told, register: Register) -> bool:
    """Tell whether a disclosure belongs to a particular inquiry. In doubt it does: what was told cannot be taken back.

    An authority that the register does not declare for this purpose is in doubt, and so is one whose evidence is gone.
    """
    route = told.disclosure.route
    if route.purpose == INQUIRY or told.evidence.get(SECRET) is True:
        return True
    party = register.party(route.target)
    role = register.role(route.target, route.purpose, told.disclosure.at)
    if role != AUTHORITY and (party is None or party.kind != AUTHORITY):
        return False
    return route.purpose in _BY_ITS_NATURE or role != AUTHORITY or not told.readable
