"""Makes the recipients part of the notice of what the register declares at an instant. Pure.

Recipients are other legal entities (Art. 4(9)): our own systems are not, nor is a company of the group for what it decides
alone, for it is then the one who gives the notice.
"""

from collections.abc import Iterable, Iterator, Sequence

from lineage.answers.model import Kept
from lineage.answers.recipients import OWN_SYSTEM, company_of
from lineage.notice.model import Notice, NoticePurpose, Open, Receiver
from lineage.register import UNKNOWN, Recipient, Register, Retention

CONTROLLER = "controller"


def notice(register: Register, at: int) -> Notice:
    """Return what the register declares at an instant (microseconds UTC): equal registers give an equal notice."""
    by_purpose: dict[str, list[Recipient]] = {}
    for each in register.declared.recipients:
        if each.validity.covers(at):
            by_purpose.setdefault(each.purpose, []).append(each)
    purposes = tuple(_purpose(register, purpose, by_purpose[purpose], at) for purpose in sorted(by_purpose))
    return Notice(at, purposes, tuple(_open(register, purposes, by_purpose)))


def _purpose(register: Register, purpose: str, entries: Sequence[Recipient], at: int) -> NoticePurpose:
    known = register.purpose(purpose)
    categories = {category for each in entries for category in each.categories}
    return NoticePurpose(
        id=purpose,
        text=known.text if known else purpose,
        basis=register.basis(purpose, at) or UNKNOWN,
        article=known.article if known else "",
        categories=tuple(sorted(categories)),
        receivers=tuple(_receivers(register, purpose, entries, at)),
        periods=tuple(_periods(register, purpose, categories)),
    )


def _receivers(register: Register, purpose: str, entries: Iterable[Recipient], at: int) -> list[Receiver]:
    """Return who may get something: by an entry, or as a declared copy of what another holds for the purpose."""
    held: dict[str, set[str]] = {}
    for each in entries:
        held.setdefault(each.party, set()).update(each.categories)
    new = list(held)
    while new:
        source, *new = new
        for copy in register.copies_from(source, at):
            if copy.purpose == purpose and not held[source] <= held.get(copy.target, set()):
                held.setdefault(copy.target, set()).update(held[source])
                new.append(copy.target)
    found = [_receiver(register, party, purpose, held[party], at) for party in held]
    others = [each for each in found if not _is_ours(register, each)]
    return sorted(others, key=lambda each: (each.company.name.casefold(), each.company.party))


def _receiver(register: Register, party: str, purpose: str, categories: set[str], at: int) -> Receiver:
    role = register.role(party, purpose, at)
    return Receiver(company_of(register, party), role, tuple(sorted(categories)), register.transfer(party, at))


def _is_ours(register: Register, each: Receiver) -> bool:
    return each.company.kind == OWN_SYSTEM or (register.is_controller(each.company.party) and each.role == CONTROLLER)


def _periods(register: Register, purpose: str, categories: Iterable[str]) -> Iterator[Kept]:
    """Yield the rules, each with the categories it covers."""
    by_rule: dict[str, tuple[Retention | None, list[str]]] = {}
    for category in sorted(categories):
        rule = register.retention(category, purpose)
        by_rule.setdefault(repr(rule and (rule.place, rule.rule)), (rule, []))[1].append(category)
    for rule, covered in by_rule.values():
        yield Kept(purpose, tuple(covered), rule)


def _open(register: Register, purposes: Iterable[NoticePurpose], entries: dict[str, list[Recipient]]) -> Iterator[Open]:
    for purpose in purposes:
        if purpose.basis == UNKNOWN:
            yield Open(purpose.id, "", "basis-unknown")
        if any(each.rule is None for each in purpose.periods):
            yield Open(purpose.id, "", "no-period")
        doubted = {each.party for each in entries[purpose.id] if not each.confirmed}
        for each in purpose.receivers:
            yield from (Open(purpose.id, each.company.party, what) for what in _open_of(register, each, doubted))


def _open_of(register: Register, each: Receiver, doubted: set[str]) -> Iterator[str]:
    if not each.company.named:
        yield "unnamed"
    if each.company.party in doubted or _is_doubted(register, each):
        yield "unconfirmed"
    if each.company.country == UNKNOWN:
        yield "country-unknown"
    if each.role == UNKNOWN:
        yield "role-unknown"
    if each.transfer is not None and not each.transfer.safeguarded:
        yield "no-safeguard"


def _is_doubted(register: Register, each: Receiver) -> bool:
    """Whether nobody has confirmed a mechanism on which it rests."""
    if each.transfer is None:
        return False
    named = [
        one
        for one in register.declared.safeguards
        if one.party == each.company.party and one.mechanism in each.transfer.mechanisms
    ]
    return any(not one.confirmed for one in named)
