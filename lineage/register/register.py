"""The register: what the controller declared, and the answers drawn from it. Pure lookups; no file, no YAML.

Every question about validity takes `at`, microseconds UTC. `broken_rules` is asked for every disclosure, so its answers
are kept: they can only change where something starts or ends, and those instants are few.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from lineage.register.model import (
    AFTER_ALL,
    BEFORE_ALL,
    PERSON,
    UNKNOWN,
    Adequacy,
    Contract,
    Controller,
    Copy,
    Declared,
    Notice,
    Party,
    Purpose,
    Recipient,
    Retention,
    Safeguard,
    Transfer,
    Validity,
)

UNDECLARED_RECIPIENT = "undeclared-recipient"
UNDECLARED_SOURCE = "undeclared-source"
CATEGORY_NOT_ALLOWED = "category-not-allowed"
UNKNOWN_PURPOSE = "unknown-purpose"
UNKNOWN_BASIS = "unknown-basis"
NO_TRANSFER_SAFEGUARD = "no-transfer-safeguard"
NO_CONTRACT = "no-contract"
NOT_IN_NOTICE = "not-in-notice"
RULES = (
    CATEGORY_NOT_ALLOWED,
    NOT_IN_NOTICE,
    NO_CONTRACT,
    NO_TRANSFER_SAFEGUARD,
    UNDECLARED_RECIPIENT,
    UNDECLARED_SOURCE,
    UNKNOWN_BASIS,
    UNKNOWN_PURPOSE,
)

CONTRACTS: Mapping[str, str] = {"processor": "processing", "joint-controller": "joint"}
"""The kind of contract that each role needs (GDPR Art. 28(3), 26)."""

_CONTRACT_ONLY = "49-1-b"
MOST_KEPT = 1 << 16
E = TypeVar("E")
K = TypeVar("K", bound=Hashable)
_Question = tuple[str, str, str, frozenset[str], int]


@dataclass(frozen=True, slots=True)
class _Index:
    """The declared entries by what they are asked by."""

    parties: Mapping[str, Party]
    controllers: Mapping[str, Controller]
    purposes: Mapping[str, Purpose]
    recipients: Mapping[tuple[str, str], tuple[Recipient, ...]]
    retention: Mapping[tuple[str, str], Retention]
    undecided: frozenset[tuple[str, str]]
    safeguards: Mapping[str, tuple[Safeguard, ...]]
    adequacy: Mapping[str, tuple[Adequacy, ...]]
    copies: Mapping[str, tuple[Copy, ...]]
    contracts: Mapping[tuple[str, str], tuple[Contract, ...]]
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """The controller's declared truth (GDPR Art. 30), asked by id and time. Equal registers declare the same."""

    declared: Declared
    version: str = field(default="", compare=False)
    """What tells this register from any other: the beginning of the SHA-256 of what its files say."""
    _index: _Index = field(init=False, repr=False, compare=False)
    _kept: dict[_Question, tuple[str, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", _indexed(self.declared))

    def party(self, party: str) -> Party | None:
        """The party of this id."""
        return self._index.parties.get(party)

    def parties(self) -> tuple[Party, ...]:
        """Every party, sorted by id."""
        return self.declared.parties

    @property
    def boundaries(self) -> tuple[int, ...]:
        """Every instant (microseconds UTC) at which anything declared begins or ends to hold, in order."""
        return self._index.turns

    def purposes_of(self, party: str) -> tuple[str, ...]:
        """The purposes for which a party is declared as a recipient at any time, sorted."""
        return tuple(sorted({purpose for one, purpose in self._index.recipients if one == party}))

    def is_party(self, party: str) -> bool:
        """Whether the register knows a party of this id, whether or not it may get anything."""
        return party in self._index.parties

    def is_controller(self, party: str) -> bool:
        """Whether this is a company of the group."""
        return party in self._index.controllers

    def controller(self, party: str) -> Controller | None:
        """The group company of this id."""
        return self._index.controllers.get(party)

    def purpose(self, purpose: str) -> Purpose | None:
        """The purpose of this id."""
        return self._index.purposes.get(purpose)

    def role(self, party: str, purpose: str, at: int) -> str:
        """What the party is for that purpose then (Art. 4(7)-(9), 26, 28); `unknown` where nothing says."""
        return next((entry.role for entry in self._declared(party, purpose, at)), UNKNOWN)

    def basis(self, purpose: str, at: int) -> str | None:
        """The legal basis (Art. 6) of the purpose, `unknown` if none held then; None if there is no such purpose."""
        known = self._index.purposes.get(purpose)
        if known is None:
            return None
        return next((basis.basis for basis in known.bases if basis.validity.covers(at)), UNKNOWN)

    def consent_purpose(self, purpose: str, at: int) -> str | None:
        """The consent that the purpose rests on then; None where it rests on anything else."""
        return self._index.purposes[purpose].consent if self.basis(purpose, at) == "consent" else None

    def retention(self, category: str, purpose: str) -> Retention | None:
        """How long this category is kept for this purpose; every declared pair has a rule."""
        return self._index.retention.get((category, purpose))

    def is_undecided(self, category: str, purpose: str) -> bool:
        """Whether the register itself says that nobody has decided how long this is kept for that purpose."""
        return (category, purpose) in self._index.undecided

    def transfer(self, party: str, at: int, purpose: str | None = None) -> Transfer | None:
        """Where outside the EEA the party's data goes, and the mechanisms that held then (Art. 44-49); None inside.

        With a purpose, only those that can carry it: Art. 49(1)(b) is for what a contract with the person asks for. A party
        whose country is not known is no transfer either, unless one is declared: `check` reports it instead.
        """
        declared = self._index.safeguards.get(party, ())
        known = self._index.parties.get(party)
        if known is None or (not declared and (known.country == UNKNOWN or known.country in self.declared.eea)):
            return None
        country = declared[0].country if declared else known.country
        held = {one.mechanism for one in declared if one.validity.covers(at)}
        if any(decision.validity.covers(at) for decision in self._index.adequacy.get(country, ())):
            held.add("adequacy")
        if purpose is not None and self.basis(purpose, at) != "contract":
            held.discard(_CONTRACT_ONLY)
        return Transfer(party, country, tuple(sorted(held)))

    def notice(self, at: int) -> Notice | None:
        """The version of the privacy notice in force then (Art. 13-14); None before the first, or where none is declared."""
        return next((notice for notice in self.declared.notices if notice.validity.covers(at)), None)

    def contracts(self, party: str, kind: str, purpose: str) -> tuple[Contract, ...]:
        """Every contract of a kind (`processing`, `joint`) with a party that is about a purpose, at whatever time."""
        known = self._index.contracts.get((party, kind), ())
        return tuple(one for one in known if not one.purposes or purpose in one.purposes)

    def declared_for(self, party: str, purpose: str) -> tuple[Recipient, ...]:
        """Every entry that lets a party get data for a purpose, at whatever time."""
        return self._index.recipients.get((party, purpose), ())

    def copies_from(self, party: str, at: int) -> tuple[Copy, ...]:
        """The parties declared to hold what this one holds, as copies or sub-processors, sorted by id."""
        return tuple(copy for copy in self._index.copies.get(party, ()) if copy.validity.covers(at))

    def broken_rules(
        self, source: str, target: str, purpose: str, categories: frozenset[str], at: int
    ) -> tuple[str, ...]:
        """The rules of the register that a disclosure at this instant breaks, sorted; empty if it was allowed.

        `source` is a party id or `person`. Consent and forbidden data are not judged here: they need more.
        """
        index = self._index
        if purpose not in index.purposes:
            return (UNKNOWN_PURPOSE,)
        question = (source, target, purpose, categories, bisect_right(index.turns, at))
        answer = self._kept.get(question)
        if answer is None:
            answer = self._judge(source, target, purpose, categories, at)
            # Only what the register knows is kept, and not without bound: what comes in is not ours to trust.
            if target in index.parties and (source in index.parties or source == PERSON):
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                self._kept[question] = answer
        return answer

    def _judge(self, source: str, target: str, purpose: str, categories: frozenset[str], at: int) -> tuple[str, ...]:
        broken = set()
        entries = self._declared(target, purpose, at)
        from_here = [entry for entry in entries if source in entry.sources]
        if not entries:
            broken.add(UNDECLARED_RECIPIENT)
        elif not from_here:
            broken.add(UNDECLARED_SOURCE)
        # From the wrong source it is still asked whether the party may have such data at all.
        if entries and not categories <= frozenset().union(*(entry.categories for entry in from_here or entries)):
            broken.add(CATEGORY_NOT_ALLOWED)
        if self.basis(purpose, at) == UNKNOWN:
            broken.add(UNKNOWN_BASIS)
        transfer = self.transfer(target, at, purpose)
        if transfer is not None and not transfer.safeguarded:
            broken.add(NO_TRANSFER_SAFEGUARD)
        if self._lacks_contract(target, purpose, at):
            broken.add(NO_CONTRACT)
        if self._unnoticed(target, purpose, at):
            broken.add(NOT_IN_NOTICE)
        return tuple(sorted(broken))

    def _lacks_contract(self, party: str, purpose: str, at: int) -> bool:
        """Whether a contract was needed and none held. Where none is declared with the party, nobody has read any yet."""
        kind = CONTRACTS.get(self.role(party, purpose, at))
        if kind is None or not self._index.contracts.get((party, kind)):
            return False
        return not any(contract.validity.covers(at) for contract in self.contracts(party, kind, purpose))

    def _unnoticed(self, party: str, purpose: str, at: int) -> bool:
        """Whether the notice of the time named neither the party nor its kind, or not the purpose."""
        known = self._index.parties.get(party)
        if not self.declared.notices or known is None:
            return False
        notice = self.notice(at)
        return notice is None or not notice.names(known, purpose)

    def _declared(self, party: str, purpose: str, at: int) -> list[Recipient]:
        return [entry for entry in self._index.recipients.get((party, purpose), ()) if entry.validity.covers(at)]


def _indexed(declared: Declared) -> _Index:
    return _Index(
        parties={party.id: party for party in declared.parties},
        controllers={controller.id: controller for controller in declared.controllers},
        purposes={purpose.id: purpose for purpose in declared.purposes},
        recipients=_grouped(declared.recipients, lambda entry: (entry.party, entry.purpose)),
        retention={
            (category, purpose): rule
            for rule in declared.retention
            for category in rule.categories
            for purpose in rule.purposes
        },
        undecided=frozenset(
            (category, purpose)
            for rule in declared.undecided
            for category in rule.categories
            for purpose in rule.purposes
        ),
        safeguards=_grouped(declared.safeguards, lambda safeguard: safeguard.party),
        adequacy=_grouped(declared.adequacy, lambda decision: decision.country),
        copies=_grouped(declared.copies, lambda copy: copy.source),
        contracts=_grouped(declared.contracts, lambda contract: (contract.party, contract.kind)),
        turns=_turns(declared),
    )


def _grouped(entries: Iterable[E], key: Callable[[E], K]) -> dict[K, tuple[E, ...]]:
    groups: dict[K, list[E]] = defaultdict(list)
    for entry in entries:
        groups[key(entry)].append(entry)
    return {each: tuple(group) for each, group in groups.items()}


def _turns(declared: Declared) -> tuple[int, ...]:
    """Every instant at which an answer may change."""
    spans: Iterable[Validity] = (
        *(entry.validity for entry in declared.recipients),
        *(basis.validity for purpose in declared.purposes for basis in purpose.bases),
        *(safeguard.validity for safeguard in declared.safeguards),
        *(decision.validity for decision in declared.adequacy),
        *(contract.validity for contract in declared.contracts),
        *(notice.validity for notice in declared.notices),
    )
    instants = {instant for span in spans for instant in (span.starts, span.ends)}
    return tuple(sorted(instants - {BEFORE_ALL, AFTER_ALL}))
