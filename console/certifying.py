"""Makes the certificate of a case as it stands. Opens and writes no file."""

from typing import NamedTuple

from console.case_opening import Casebook


class Certified(NamedTuple):
    """A certificate, byte for byte as it is signed, and the seed it is signed by."""

    file: bytes
    seed: bytes


def certified(book: Casebook, case: str) -> Certified:
    """Return the certificate of a case; a checkpoint of it is kept. Raises: Refused: there is no such case."""
    # What proofs are signed with takes a while to load.
    from lineage.checkpointing import checkpointed, seed_of
    from lineage.evidence.certificate import certificate
    from lineage.evidence.stating import known_in

    work = book.work
    work.case(case)
    seed = seed_of(work)
    point = checkpointed(work, case)
    known = known_in(work.register, work.clock())
    return Certified(certificate(work.journal.entries(case), known, work.clock(), seed, point), seed)


def drawn(made: Certified) -> bytes:
    """Return a certificate as PDF, with itself attached."""
    from console.certificates_pdf import pages  # the PDF library takes a second to load
    from lineage.evidence.signing import public_key
    from lineage.evidence.verifying import verify

    body = verify(made.file, public_key(made.seed)).body
    assert body is not None  # noqa: S101 - it was made right here
    return pages(made.file, body)
