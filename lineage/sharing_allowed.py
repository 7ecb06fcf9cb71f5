"""Whether the shop may send a person's data to a party for a purpose now: the question before every sending.

Pure: asks the graph, the memory and the register, and writes nothing. An open case of erasure or access does not stop what
a contract needs (GDPR Art. 17 is no Art. 18): only what a person decided against, and what was never allowed, is stopped.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lineage.consents import ConsentOf
from lineage.graph import NOW, Graph, Near
from lineage.judging import NO_CONSENT
from lineage.persons import Person, find_person
from lineage.pseudonyms import Pseudonyms
from lineage.register import UNKNOWN, Register
from lineage.register.register import UNDECLARED_SOURCE
from lineage.tombstones import Memory, Suppression

SHARED, ERASED = "shared", "erased"
WHY: Mapping[str, str] = {
    "undeclared-recipient": "the register does not declare that this party gets data for this purpose now",
    "unknown-basis": "the register has no legal basis for this purpose now",
    "no-transfer-safeguard": "the party is outside the EEA, and no safeguard for that is declared now",
    "no-contract": "the party works for the shop, and no contract with it holds now",
    "not-in-notice": "the privacy notice in force now names neither the party nor its kind, or not the purpose",
    "no-consent": "the purpose rests on consent, and there is none",
    "shared": "the identifier belongs to several persons: nobody can say whose consent would count",
    "erased": "the person was erased, and has not come back since",
    "objection": "the person has objected",
    "unsubscribe": "the person has unsubscribed",
    "restriction": "the person's data is restricted",
}
"""What each reason means, in the order in which reasons are given."""

_EVERY = "*"
_RESTRICTION = "restriction"
_MARKETING = frozenset({"https://w3id.org/dpv#DirectMarketing", "https://w3id.org/dpv#TargetedAdvertising"})
_STILL_WHILE_RESTRICTED = frozenset({"claim", "debt-collection", "backup"})
"""Art. 18(2): legal claims, and storing. Beside them what the law obliges to, such as a recall."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The answer: `why` are words of `WHY`, none where it is allowed."""

    why: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """Whether it may be sent."""
        return not self.why


def may_share(
    graph: Graph,
    memory: Memory,
    register: Register,
    pseudonyms: Pseudonyms,
    identifier: tuple[str, str],
    party: str,
    purpose: str,
    now: int,
) -> Allowed:
    """Tell whether data of whoever an identifier (kind, value) stands for may go to a party for a purpose at `now`.

    `now` is microseconds UTC. Party and purpose must be of the register: see `Register.is_party` and `purpose`.

    Raises: Retryable: a store is away; then nobody knows, and nothing may be sent.
    """
    key = pseudonyms.identifier(*identifier)
    near = graph.near(key)
    person = find_person(near, key, NOW)
    # Whoever shares an identifier with others has decided for herself, not for them.
    keys = {key, *person.members}
    why = {*register.broken_rules("", party, purpose, frozenset(), now)} - {UNDECLARED_SOURCE}
    consent = register.consent_purpose(purpose, now)
    if consent is not None:
        why |= _without_consent(near, person, consent, now)
    if _is_voluntary(register, purpose, now) and _is_gone(near, memory, key, person):
        why.add(ERASED)
    granted = _granted(near, person, consent)
    why |= {
        each.ground
        for each in memory.suppressed(keys)
        if stops(each, register, party, purpose, now) and not took_back(each, granted)
    }
    return Allowed(tuple(sorted(why, key=_order)))


def _order(word: str) -> tuple[int, str]:
    known = list(WHY)
    return (known.index(word) if word in WHY else len(known), word)


def _without_consent(near: Near, person: Person, consent: str, now: int) -> set[str]:
    if person.candidates > 1:
        return {SHARED}
    return set() if ConsentOf(near, person, NOW).held(consent, now, shared=False) else {NO_CONSENT}


def _is_voluntary(register: Register, purpose: str, now: int) -> bool:
    """Whether a purpose needs the person's own will: it rests on consent, or is marketing on whatever basis."""
    known = register.purpose(purpose)
    marketing = known is not None and not _MARKETING.isdisjoint(known.dpv)
    return marketing or register.basis(purpose, now) == "consent"


def _is_gone(near: Near, memory: Memory, key: bytes, person: Person) -> bool:
    """Whether an identifier was erased, and nothing of its person has occurred since."""
    stone = memory.entombed((key,)).get(key)
    if stone is None:
        return False
    holders = person.members.keys() | person.shared
    if not holders:
        return True
    times = [each.at for each in near.disclosures(holders, NOW)] + [each.at for each in near.consents(holders, NOW)]
    return all(at <= stone.before for at in times)


def _granted(near: Near, person: Person, consent: str | None) -> int | None:
    """Return when the person herself last consented; None where she has not."""
    if consent is None or person.candidates != 1:
        return None
    times = [each.at for each in near.consents(person.members.keys(), NOW) if each.granted and each.purpose == consent]
    return max(times, default=None)


def stops(suppression: Suppression, register: Register, party: str, purpose: str, at: int) -> bool:
    """Tell whether a suppression is about this.

    One of every purpose stops what its right is about: an objection what rests on consent or on an interest (Art. 21), not
    what a contract or the law asks for; a restriction all but what Art. 18(2) leaves.
    """
    if suppression.party not in {_EVERY, party}:
        return False
    if suppression.purpose != _EVERY:
        return suppression.purpose == purpose
    basis = register.basis(purpose, at)
    if suppression.ground == _RESTRICTION:
        return basis != "legal-obligation" and purpose not in _STILL_WHILE_RESTRICTED
    return basis in {"consent", "legitimate-interest", UNKNOWN}


def took_back(suppression: Suppression, granted: int | None) -> bool:
    """Tell whether she has consented anew since she objected or unsubscribed. A restriction ends only when it is lifted."""
    return suppression.ground != _RESTRICTION and granted is not None and granted > suppression.at
