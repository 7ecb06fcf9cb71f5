"""What a sound register still owes an answer for: statements of the policy, unknowns, unconfirmed values, risks.

Faults that make a register unusable never get here; `loading` refuses them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from lineage.register.model import UNKNOWN, Declared, Finding, Place, Recipient, Retention, Safeguard
from lineage.register.register import CONTRACTS, Register

_SEVERITIES = ("high", "medium", "low")


def check(register: Register) -> tuple[Finding, ...]:
    """Every finding, the gravest first, then by id; the same register always gives the same ones."""
    declared = register.declared
    found = [
        *_policy(declared),
        *_parties(declared),
        *_controllers(declared),
        *_purposes(declared),
        *_roles(declared),
        *_retention(declared.retention),
        *_undecided(declared),
        *_transfers(register),
        *_contracts(register),
    ]
    return tuple(sorted(found, key=lambda finding: (_SEVERITIES.index(finding.severity), finding.id)))


def _finding(name: str, severity: str, place: Place, text: str, law: str, todo: str) -> Finding:
    """A finding whose kind is the part of its id before the colon."""
    return Finding(name, severity, name.partition(":")[0], str(place), text, law, todo)


def _policy(declared: Declared) -> Iterator[Finding]:
    for statement in declared.policy:
        yield Finding(
            f"policy:{statement.id}",
            statement.severity,
            "policy" if statement.status == "contradicted" else "open",
            str(statement.place),
            statement.quote,
            statement.law,
            statement.todo,
        )


def _parties(declared: Declared) -> Iterator[Finding]:
    named = {entry.party for entry in declared.recipients}
    named |= {source for entry in declared.recipients for source in entry.sources}
    named |= {party for copy in declared.copies for party in (copy.source, copy.target)}
    for party in declared.parties:
        if party.country == UNKNOWN:
            yield _finding(
                f"unknown-country:{party.id}", "high", party.place,
                f"the country of '{party.name}' is unknown, so nobody can say whether its data leaves the EEA",
                "GDPR Art. 13(1)(f), 30(1)(e), 44", "read it from the contract and write it in",
            )  # fmt: skip
        if party.kind == UNKNOWN:
            yield _finding(
                f"unknown-kind:{party.id}", "low", party.place,
                f"what kind of party '{party.name}' is is unknown: a notice that names recipients by kind leaves it out",
                "GDPR Art. 13(1)(e), 30(1)(d)", "write its kind in",
            )  # fmt: skip
        if not party.named:
            yield _finding(
                f"unnamed-party:{party.id}", "medium", party.place,
                f"'{party.name}' says what the party does, not which legal entity it is",
                "GDPR Art. 15(1)(c); C-154/21 Österreichische Post", "name each legal entity, one party each",
            )  # fmt: skip
        if party.id not in named:
            yield _finding(
                f"unused-party:{party.id}", "low", party.place,
                f"no entry under 'recipients' or 'copies' names '{party.id}'",
                "GDPR Art. 30(1)(d)", "declare what it gets, or take it out",
            )  # fmt: skip


def _controllers(declared: Declared) -> Iterator[Finding]:
    for controller in declared.controllers:
        if controller.business_id == UNKNOWN:
            yield _finding(
                f"unknown-business-id:{controller.id}", "medium", controller.place,
                f"the business id of '{controller.id}' is unknown: it may be a company, a unit or a brand",
                "GDPR Art. 4(7), 26, 30(1)(a)", "write the business id in, or fold it into the company it belongs to",
            )  # fmt: skip
        if not controller.financial_year_confirmed:
            month, day = controller.financial_year_end
            yield _finding(
                f"unconfirmed-financial-year:{controller.id}", "medium", controller.place,
                f"nobody has confirmed that the financial year of '{controller.id}' ends on {month:02}-{day:02}",
                "Kirjanpitolaki 2:10", "ask the accounts department and set 'financial_year_confirmed'",
            )  # fmt: skip


def _purposes(declared: Declared) -> Iterator[Finding]:
    for purpose in declared.purposes:
        if any(basis.basis == UNKNOWN for basis in purpose.bases):
            yield _finding(
                f"unknown-basis:{purpose.id}", "high", purpose.place,
                f"the legal basis of '{purpose.id}' is unknown; every disclosure for it is drift",
                "GDPR Art. 5(1)(a), 6(1)", "decide the basis, or stop the disclosure",
            )  # fmt: skip

        if not purpose.dpv:
            yield _finding(
                f"unknown-dpv:{purpose.id}", "medium", purpose.place,
                f"'{purpose.id}' has no IRI of DPV: nobody can tell by program whether it is direct marketing",
                "GDPR Art. 21(2)-(3)", "choose the nearest purpose of the Data Privacy Vocabulary",
            )  # fmt: skip


def _roles(declared: Declared) -> Iterator[Finding]:
    by_role: dict[tuple[str, str], list[Recipient]] = defaultdict(list)
    for entry in declared.recipients:
        if entry.role == UNKNOWN:
            by_role["unknown-role", entry.party].append(entry)
        elif not entry.confirmed:
            by_role["unconfirmed-role", entry.party].append(entry)
    for (kind, party), entries in sorted(by_role.items()):
        purposes = ", ".join(sorted({entry.purpose for entry in entries}))
        roles = ", ".join(sorted({entry.role for entry in entries}))
        place = min((entry.place for entry in entries), key=lambda place: (place.file, place.line))
        text = f"the role of '{party}' for {purposes} is unknown"
        if kind == "unconfirmed-role":
            text = f"nobody has confirmed that '{party}' is {roles} for {purposes}"
        yield _finding(
            f"{kind}:{party}", "medium" if kind == "unknown-role" else "low", place, text,
            "GDPR Art. 4(7)-(8), 26, 28", "read it from the contract: an instruction or a notice hangs on it",
        )  # fmt: skip


def _retention(rules: Iterable[Retention]) -> Iterator[Finding]:
    by_rule: dict[str, list[Retention]] = defaultdict(list)
    for rule in rules:
        if not rule.confirmed:
            by_rule[rule.rule].append(rule)
    for name, rows in sorted(by_rule.items()):
        place = min((row.place for row in rows), key=lambda place: (place.file, place.line))
        purposes = ", ".join(sorted({purpose for row in rows for purpose in row.purposes}))
        yield _finding(
            f"unconfirmed-retention:{name}", "low", place,
            f"the period of rule {name} ({purposes}) is a start value that nobody has confirmed",
            f"GDPR Art. 5(1)(e), 5(2); {rows[0].law}", "decide the period, write down why, set 'confirmed'",
        )  # fmt: skip


def _undecided(declared: Declared) -> Iterator[Finding]:
    """What the file itself says that nobody has decided: how long data is kept, and from whom it comes."""
    missing: dict[str, set[str]] = defaultdict(set)
    places: dict[str, list[Place]] = defaultdict(list)
    for rule in declared.undecided:
        for purpose in rule.purposes:
            missing[purpose] |= rule.categories
            places[purpose].append(rule.place)
    for purpose, categories in sorted(missing.items()):
        yield _finding(
            f"unknown-retention:{purpose}", "high", min(places[purpose], key=lambda place: (place.file, place.line)),
            f"nobody has said how long {', '.join(sorted(categories))} are kept for '{purpose}'",
            "GDPR Art. 5(1)(e), 30(1)(f)", "decide the period, and write it in",
        )  # fmt: skip
    unsaid: dict[str, list[Recipient]] = defaultdict(list)
    for entry in declared.recipients:
        if UNKNOWN in entry.sources:
            unsaid[entry.party].append(entry)
    for party, entries in sorted(unsaid.items()):
        purposes = ", ".join(sorted({entry.purpose for entry in entries}))
        yield _finding(
            f"unknown-source:{party}", "medium", entries[0].place,
            f"from whom '{party}' gets data for {purposes} is unknown; every such disclosure is drift",
            "GDPR Art. 5(2), 30(1)(d)", "write in which system or party gives it",
        )  # fmt: skip


def _transfers(register: Register) -> Iterator[Finding]:
    by_party: dict[str, list[Safeguard]] = defaultdict(list)
    for safeguard in register.declared.safeguards:
        by_party[safeguard.party].append(safeguard)
        if not safeguard.confirmed:
            yield _finding(
                f"unconfirmed-transfer:{safeguard.party}:{safeguard.mechanism}", "medium", safeguard.place,
                f"nobody has confirmed '{safeguard.mechanism}' from '{safeguard.party}' to {safeguard.country}",
                "GDPR Art. 44-46, 30(1)(e)", "see the contract or the list, write its date in, set 'confirmed'",
            )  # fmt: skip
    yield from _dpf_alone(register, by_party)
    yield from _countries(register, by_party)


def _contracts(register: Register) -> Iterator[Finding]:
    """Of those whose contract is declared: a time at which the register lets them get data, and no contract holds."""
    for entry in register.declared.recipients:
        kind = CONTRACTS.get(entry.role)
        contracts = register.contracts(entry.party, kind, entry.purpose) if kind else ()
        ends = max((contract.validity.ends for contract in contracts), default=None)
        if ends is not None and ends < entry.validity.ends:
            yield _finding(
                f"contract-ends:{entry.party}:{entry.purpose}", "high", entry.place,
                f"'{entry.party}' may get data for '{entry.purpose}' longer than any contract with it holds",
                "GDPR Art. 26, 28(3)", "renew the contract, or let the entry end with it",
            )  # fmt: skip
    for contract in register.declared.contracts:
        if not contract.confirmed:
            yield _finding(
                f"unconfirmed-contract:{contract.party}:{contract.kind}", "medium", contract.place,
                f"nobody has confirmed the contract with '{contract.party}' ({contract.source})",
                "GDPR Art. 26, 28(3)", "read the contract, write its dates in, set 'confirmed'",
            )  # fmt: skip


def _dpf_alone(register: Register, by_party: dict[str, list[Safeguard]]) -> Iterator[Finding]:
    for party, safeguards in sorted(by_party.items()):
        dpf = [one for one in safeguards if one.mechanism == "dpf"]
        instants = sorted({one.validity.starts for one in safeguards} | {one.validity.ends for one in safeguards})
        transfers = (register.transfer(party, at) for at in instants)
        if dpf and any(transfer is not None and transfer.mechanisms == ("dpf",) for transfer in transfers):
            yield _finding(
                f"dpf-alone:{party}", "medium", dpf[0].place,
                f"the transfer from '{party}' to {dpf[0].country} rests for some time on the DPF alone",
                "GDPR Art. 45; C-703/25 P (pending)", "agree standard contractual clauses beside it",
            )  # fmt: skip


def _countries(register: Register, by_party: dict[str, list[Safeguard]]) -> Iterator[Finding]:
    """Parties that stand outside the EEA themselves and lean on an adequacy decision, or on nothing."""
    decisions = {decision.country: decision for decision in register.declared.adequacy}  # the newest of each country
    outside = [
        party for party in register.parties() if party.country not in register.declared.eea and party.country != UNKNOWN
    ]
    for party in outside:
        decision = decisions.get(party.country)
        if decision is None and party.id not in by_party:
            yield _finding(
                f"no-transfer-safeguard:{party.id}", "high", party.place,
                f"'{party.id}' is in {party.country}, outside the EEA, and no mechanism is declared",
                "GDPR Art. 44", "declare the mechanism under 'transfers', or stop the disclosure",
            )  # fmt: skip
        elif decision is not None and not decision.confirmed and party.id not in by_party:
            yield _finding(
                f"unconfirmed-adequacy:{party.country}", "low", decision.place,
                f"'{party.id}' leans on the adequacy decision for {party.country}, whose dates nobody has confirmed",
                "GDPR Art. 45", "read the decision's dates in the Official Journal and set 'confirmed'",
            )  # fmt: skip
