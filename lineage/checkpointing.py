"""Checkpoints kept in the journal: a chain of their own, under a name that is no case's."""

from collections.abc import Mapping

from lineage.cases.casework import TRIES, Casework
from lineage.cases.entries import Entry, entry
from lineage.cases.journal import CaseRow, Outrun
from lineage.evidence.checkpoints import CHAIN, KIND, Checkpoint, Inclusion, checkpoint, checkpoint_of, inclusion

SIGNING = b"company:signing"


def seed_of(work: Casework) -> bytes:
    """Return the company's signing key; made when it is first needed."""
    return work.keyring.keys((SIGNING,))[SIGNING]


def checkpointed(work: Casework, case: str) -> tuple[Checkpoint, Inclusion]:
    """Sign a checkpoint over all chains as they are now, keep it, and return it with the place of one case in it.

    Again, where another one was made at the same moment. Raises: Outrun: others were first each time.
    """
    for _ in range(TRIES):
        try:
            return _next_of(work, case)
        except Outrun as fault:
            last = fault
    raise last


def _next_of(work: Casework, case: str) -> tuple[Checkpoint, Inclusion]:
    rows = {each.case: each for each in work.journal.cases() if each.case != CHAIN}
    heads: Mapping[str, bytes] = {each.case: each.head for each in rows.values()}
    kept = work.journal.entries(CHAIN)
    previous = checkpoint_of(kept[-1].said) if kept else None
    made = checkpoint(heads, work.clock(), previous, seed_of(work))
    last: Entry | str = kept[-1] if kept else CHAIN
    new = entry(last, made.at, KIND, "jalki", made.told())
    row = CaseRow(CHAIN, "access", "closed", 0, "", None, (), new.number + 1, new.hash)
    work.journal.add([new], row, ())
    return made, inclusion(heads, case, rows[case].entries - 1)
