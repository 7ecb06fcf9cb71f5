"""The certificate of a case: what its chain says, the chain itself as far as it may be shown, and one signature over both.

No personal data and no pseudonym is in it. Reads no store: whoever calls it brings the entries and the register's words.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from lineage.cases.canonical import canonical
from lineage.cases.entries import Entry, check_chain
from lineage.errors import Misconfigured
from lineage.evidence.checkpoints import Checkpoint, Inclusion
from lineage.evidence.showing import parties_of, shown_entry, visible_entry
from lineage.evidence.signing import fingerprint, public_key, sign
from lineage.evidence.stating import Known, statement
from lineage.evidence.wording import legend
from lineage.times import rfc3339

FORMAT = "jalki-certificate"
VERSION = 1
PURPOSE = "jalki-certificate-1"


def certificate(
    entries: Sequence[Entry],
    known: Callable[[str], Known],
    at: int,
    seed: bytes,
    checkpoint: tuple[Checkpoint, Inclusion] | None = None,
) -> bytes:
    """Return the certificate of a case as the bytes of its file: canonical JSON and a line's end.

    `at` is the time of issue, microseconds UTC; `seed` the company's signing key; `checkpoint` one that includes the case.

    Raises: Misconfigured: the chain is broken, or there is none. Refused: an entry names an actor that is no role.
    """
    if not entries:
        raise Misconfigured("there is no chain to certify: a case has at least one entry", "nothing-to-certify")
    check_chain(entries)
    parties = parties_of(entries)
    chain = [_chained(each, shown_entry(each, parties)) for each in entries]
    visible = [visible_entry(each, told["said"]) for each, told in zip(entries, chain, strict=True)]
    stated = statement(visible, known)
    body = {
        "format": FORMAT,
        "version": VERSION,
        "issued": rfc3339(at),
        "key": fingerprint(public_key(seed)),
        "statement": stated,
        "register": {party: _declared(known(party)) for party in sorted(parties)},
        "words": legend(stated),
        "chain": chain,
        "checkpoint": None if checkpoint is None else {**checkpoint[0].told(), "position": checkpoint[1].told()},
    }
    return canonical({"body": body, "signature": sign(seed, PURPOSE, body)}) + b"\n"


def _chained(entry: Entry, said: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "said": said,
        "sealed": hashlib.sha256(entry.sealed).hexdigest(),
        "previous": entry.previous.hex(),
        "hash": entry.hash.hex(),
    }


def _declared(known: Known) -> dict[str, Any]:
    return {"name": known.name, "country": known.country, "roles": list(known.roles)}
