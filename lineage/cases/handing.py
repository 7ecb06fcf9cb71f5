"""Keeps in a case that its answer, or a notice of its extension, was made. Makes neither."""

import base64
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lineage.cases.case import Case
from lineage.cases.casework import Casework, New
from lineage.cases.rows import copies_come
from lineage.errors import Refused


class Results(NamedTuple):
    """What a company fetches that asked for a copy: how many records, and they (`lineage.answers.records.packed`)."""

    number: int
    records: bytes


def hand(
    work: Casework,
    id_: str,
    files: Sequence[str],
    sent: Mapping[str, str] | None = None,
    made_of: Case | None = None,
    results: Results | None = None,
) -> Case:
    """Keep that the answer itself was made, and of which files it consists; not what is in them.

    `sent` tells of a package that was handed straight to another controller: `to`, and the `state` it was taken in.
    `made_of` is the case as it stood before. `results` are for the company that asked, and are kept sealed.

    Raises: Refused: a party's copy has come since `made_of`, and is not in the answer.
    """
    told = {"files": list(files), **(sent or {})}

    def decide(case: Case) -> list[New]:
        if made_of is not None and copies_come(case) != copies_come(made_of):
            raise Refused(
                f"case {id_}: a party's copy came while the answer was made: make it again", "copy-came", case=id_
            )
        if results is None:
            return [New("handed", "dpo", told)]
        kept = base64.b64encode(results.records).decode()
        return [New("handed", "dpo", {**told, "results": results.number}, {"results": kept})]

    return work.decided(id_, decide)


def notify(work: Casework, id_: str, files: Sequence[str]) -> Case:
    """Keep that the notice of an extension was made (Art. 12(3)): it is no answer, and the case goes on."""
    return work.decided(id_, lambda _: [New("noted", "dpo", {"notice": "extension", "files": list(files)})])
