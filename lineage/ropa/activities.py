"""Processing activities made of flows: one for each purpose, declared or observed."""

from collections.abc import Iterable, Mapping, Sequence

from lineage.register import UNKNOWN, Party, Place, Register, Retention
from lineage.register import Recipient as Entry
from lineage.ropa.flows import OWN_SYSTEM
from lineage.ropa.model import Acting, Activity, Category, Flow, Kept, Recipient, Seen, added, together

CONTROLLERS = ("controller", "joint-controller")


def activities_of(register: Register, flows: Iterable[Flow], at: int) -> tuple[Activity, ...]:
    """Return an activity for each purpose of the register, and for each that was only observed, sorted by purpose."""
    by_purpose: dict[str, list[Flow]] = {each.id: [] for each in register.declared.purposes}
    for flow in flows:
        by_purpose.setdefault(flow.purpose, []).append(flow)
    return tuple(_activity(purpose, found, register, at) for purpose, found in sorted(by_purpose.items()))


def party_of(register: Register, party: str) -> Party:
    """Return a party; one that only an older register knew has nothing but its id."""
    return register.party(party) or Party(party, party, UNKNOWN, UNKNOWN, Place(""), named=False)


def _activity(purpose: str, flows: Sequence[Flow], register: Register, at: int) -> Activity:
    recipients = _recipients(flows, register, at)
    categories = categories_of(flows)
    return Activity(
        purpose=purpose,
        declared=register.purpose(purpose),
        basis=register.basis(purpose, at),
        companies=_companies(purpose, flows, register, at),
        categories=categories,
        recipients=tuple(each for each in recipients if each.party.kind != OWN_SYSTEM),
        systems=tuple(each for each in recipients if each.party.kind == OWN_SYSTEM),
        kept=_kept(purpose, categories, register),
        flows=tuple(flows),
    )


def categories_of(flows: Iterable[Flow]) -> tuple[Category, ...]:
    """Return the categories of several flows, each once, sorted."""
    found: dict[str, list[Category]] = {}
    for flow in flows:
        for each in flow.categories:
            found.setdefault(each.category, []).append(each)
    return tuple(Category(name, together(each.counted for each in same)) for name, same in sorted(found.items()))


def _companies(purpose: str, flows: Iterable[Flow], register: Register, at: int) -> tuple[Acting, ...]:
    roles = {
        entry.party: entry.role
        for entry in _valid(register, at)
        if entry.purpose == purpose and entry.role in CONTROLLERS and register.is_controller(entry.party)
    }
    seen = _counts(flow.companies for flow in flows)
    return tuple(Acting(each, roles.get(each), seen.get(each)) for each in sorted({*roles, *seen}))


def _valid(register: Register, at: int) -> Iterable[Entry]:
    return (entry for entry in register.declared.recipients if entry.validity.covers(at))


def _recipients(flows: Iterable[Flow], register: Register, at: int) -> list[Recipient]:
    by_party: dict[str, list[Flow]] = {}
    for flow in flows:
        by_party.setdefault(flow.target, []).append(flow)
    confirmed = _confirmed(register, at)
    return [
        Recipient(
            party=party_of(register, party),
            roles=tuple(sorted({flow.role for flow in got})),
            transfer=register.transfer(party, at),
            safeguards_confirmed=confirmed.get(party, True),
            counted=together(flow.counted for flow in got),
            categories=categories_of(got),
            drift=_drift(got),
        )
        for party, got in sorted(by_party.items())
    ]


def _confirmed(register: Register, at: int) -> Mapping[str, bool]:
    """Tell of each party with safeguards that hold then whether somebody has confirmed every one of them."""
    found: dict[str, bool] = {}
    for each in register.declared.safeguards:
        if each.validity.covers(at):
            found[each.party] = found.get(each.party, True) and each.confirmed
    return found


def _drift(flows: Iterable[Flow]) -> Mapping[str, Seen]:
    return _counts(flow.drift for flow in flows)


def _counts(several: Iterable[Mapping[str, Seen]]) -> Mapping[str, Seen]:
    found: dict[str, list[Seen]] = {}
    for each in several:
        for key, seen in each.items():
            found.setdefault(key, []).append(seen)
    return {key: total for key, seen in sorted(found.items()) if (total := added(seen))}


def _kept(purpose: str, categories: Iterable[Category], register: Register) -> tuple[Kept, ...]:
    """Return the time limits by name of the rule, then the categories without one."""
    by_rule: dict[int, list[str]] = {}
    rules: dict[int, Retention] = {}
    without = []
    for each in categories:
        rule = register.retention(each.category, purpose)
        if rule is None:
            without.append(each.category)
        else:
            by_rule.setdefault(id(rule), []).append(each.category)
            rules[id(rule)] = rule
    found = sorted(by_rule, key=lambda key: (rules[key].rule, by_rule[key]))
    kept = [Kept(tuple(by_rule[key]), rules[key]) for key in found]
    return (*kept, Kept(tuple(without), None)) if without else tuple(kept)
