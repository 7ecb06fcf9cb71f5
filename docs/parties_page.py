"""Makes `docs/connectors.md` of the shipped descriptors and the shipped register. Holds no fact of its own."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap

from connectors.descriptor import MEANT, Descriptor, Meaning, Proof
from connectors.descriptors import load_descriptors
from lineage.register import Party, Register, load_register
from schemas.vocabulary import vocabulary

PAGE = Path(__file__).parent / "connectors.md"

_HEAD = """# Parties, and what they can prove

This page is made of the descriptors in `connectors/parties/` and of the shipped register by `python -m docs.generate`.
Do not edit it. How a descriptor is written: [descriptors of parties](reference/parties-protocols.md). Every role and
every source here is a start value: the contracts have to be read. No address of a party is shipped, so that each is
told by a person until its own address is set.

*Role* is by purpose, from the register: it decides between an instruction (Art. 28) and a notice (Art. 19). A star
marks a role that nobody has confirmed. *Most it can show* is the most that a task may ever claim; nothing here claims
more than was shown:

| word | means |
|---|---|
"""
_PROOFS: dict[Proof, str] = {
    "verified": "a read-back, or a signed answer, shows that it is done",
    "promised": "the party says that it is done, or will be by a day",
    "accepted": "the party says that it has the task, and there is nothing to ask it by",
    "answered": "a controller answers by a ground of its own",
    "none": "no program can do it there: a person must",
}
_RIGHTS = {
    "erase": "erasure (Art. 17)",
    "access": "a copy (Art. 15)",
    "rectify": "rectification (Art. 16)",
    "restrict": "restriction (Art. 18)",
    "stop": "objection, withdrawal (Art. 21, 7(3))",
}
_ROLES = {
    "controller": "controller",
    "joint-controller": "joint controller",
    "processor": "processor",
    "authority": "authority",
    "own-system": "own system",
    "unknown": "unknown",
}


def page() -> str:
    """Return the whole page."""
    register = load_register(None, frozenset(vocabulary().categories))
    told = load_descriptors()
    parts = [_HEAD + "\n".join(f"| {proof} | {says} |" for proof, says in _PROOFS.items()), "", "## All of them", ""]
    parts += _overview(register, told)
    for party in register.parties():
        parts += _of(party, register, told[party.id])
    return "\n".join(parts) + "\n"


def _overview(register: Register, told: Mapping[str, Descriptor]) -> Iterator[str]:
    yield "| party | name | country | channel | erasure: most it can show | within |\n|---|---|---|---|---|---|"
    for party in register.parties():
        each = told[party.id]
        erase = each.means.get("erase")
        most = "never a task" if each.channel == "none" else erase.proof if erase else ""
        link = f"[`{party.id}`](#{party.id})"
        yield f"| {link} | {party.name} | {party.country} | `{each.channel}` | {most} | {_within(erase)} |"
    yield ""


def _of(party: Party, register: Register, told: Descriptor) -> Iterator[str]:
    yield f"## {party.id}\n"
    named = "" if party.named else " Which legal entity it is has not been settled."
    yield from _folded(
        f"{party.name}, {party.country}, channel `{told.channel}`.{named} {told.note or party.note}".strip()
    )
    yield ""
    for role, purposes in _roles(party, register):
        yield from _folded(f"- {role}: {purposes}")
    if told.source:
        yield from _folded(f"- source: {told.source}")
    yield ""
    if told.channel == "none":
        yield "Never a task: what an authority got in an inquiry is no disclosure to a recipient (GDPR Art. 4(9)).\n"
        return
    yield "| right | what is done there | most it can show | within | by |\n|---|---|---|---|---|"
    for right in MEANT:
        meaning = told.means[right]
        does = f"{meaning.does} ({meaning.source})" if meaning.source else meaning.does
        yield f"| {_RIGHTS[right]} | {_cell(does)} | {meaning.proof} | {_within(meaning)} | {_by(told, meaning)} |"
    yield ""


def _roles(party: Party, register: Register) -> Iterator[tuple[str, str]]:
    """Yield each role of a party, with the purposes it has it for."""
    roles: dict[str, set[str]] = defaultdict(set)
    for each in register.declared.recipients:
        if each.party == party.id:
            roles[_ROLES[each.role]].add(f"{each.purpose}" if each.confirmed else f"{each.purpose}\\*")
    for role in sorted(roles):
        yield role, ", ".join(sorted(roles[role]))


def _by(told: Descriptor, meaning: Meaning) -> str:
    if told.channel == "manual":
        return "letter"
    return {"channel": f"`{told.channel}`", "letter": "letter"}.get(meaning.by, f"`{told.channel}`, then letter")


def _within(meaning: Meaning | None) -> str:
    if meaning is None or meaning.within is None:
        return ""
    return f"{meaning.within} day" if meaning.within == 1 else f"{meaning.within} days"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _folded(text: str) -> Iterator[str]:
    yield from wrap(" ".join(text.split()), 118, subsequent_indent="  " if text.startswith("- ") else "",
                    break_long_words=False, break_on_hyphens=False)  # fmt: skip
