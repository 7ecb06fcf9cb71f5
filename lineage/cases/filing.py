"""Evidence that is kept as a file: sealed with its entry under a key of its own, bounded, and readable no longer than it may be.

What it is called nobody keeps: a name may name somebody. What shows who asks goes as soon as that is shown, or the case is
decided (GDPR Art. 12(6), 5(1)(c)); all else with the case's own key.
"""

import base64
import hmac
from typing import NamedTuple, NoReturn

from lineage.cases.case import Case, Filed
from lineage.cases.casework import Casework, New
from lineage.cases.file_types import type_of
from lineage.cases.rows import OVER, proofs_due
from lineage.cases.subjects import file_name
from lineage.cases.transitions import check_may
from lineage.cases.words import Shows
from lineage.errors import Refused

LARGEST = 4 << 20
"""Bytes of one file."""
MOST = 12 << 20
"""Bytes of all files of a case that are still there: it is read with them each time."""
_MIB = 1 << 20
_MARK = b"jalki mark of a file"


class Kept(NamedTuple):
    """A file as it was given. `key` is what its mark is made with: HMAC-SHA256 of the content, both hexadecimal."""

    file: Filed
    content: bytes
    key: str


def file(work: Casework, id_: str, content: bytes, shows: Shows, task: str | None = None) -> Filed:
    """Keep a file as evidence of what it shows; of a `task`, where it is about one.

    Raises: Refused: of another type, too large, there already, about no task; or the case may not have it (any more).
    """
    type_ = type_of(content)
    if type_ is None:
        raise Refused(
            "that is no file that is kept as evidence: PDF, PNG, JPEG, an e-mail, or text in UTF-8", "file-type"
        )
    if len(content) > LARGEST:
        raise Refused(
            f"a file of evidence has at most {LARGEST // _MIB} MiB: scan it in less detail, or split it",
            "file-large",
            most=LARGEST // _MIB,
        )

    def decide(case: Case) -> list[New]:
        _check(case, len(content), shows, task)
        number = len(case.files) + 1
        if (same := _same(work, case, content)) is not None:
            raise Refused(
                f"case {id_}: that file is kept already, as number {same}", "file-there", case=id_, number=same
            )
        key = work.keyring.keys((file_name(id_, number),))[file_name(id_, number)]
        said = {
            "file": number, "shows": shows, "type": type_, "bytes": len(content), "mark": _mark(key, content),
            **({"task": task} if task else {}),
        }  # fmt: skip
        return [New("filed", "dpo", said, {"content": base64.b64encode(content).decode()})]

    return work.decided(id_, decide).files[-1]


def kept(work: Casework, id_: str, number: int) -> Kept:
    """Return a file as it was given. Raises: Refused: there is none of that number, or none any more."""
    case = work.case(id_)
    found = _found(case, number)
    entry = next(each for each in work.journal.entries(id_) if each.kind == "filed" and each.said["file"] == number)
    personal, named = work.personal(entry), file_name(id_, number)
    key = work.keyring.find((named,)).get(named)
    if personal is None or key is None:
        _refuse_gone(id_, number)
    return Kept(found, base64.b64decode(personal["content"]), _mark_key(key).hex())


def unfile(work: Casework, id_: str, number: int) -> Case:
    """Destroy a file that should not be there. What it was, and that it went, stays in the case.

    Raises: Refused: there is none of that number, or none any more.
    """
    _found(work.case(id_), number)
    # The key first: whoever ends in between does it again, and no entry says it who has not.
    work.keyring.destroy((file_name(id_, number),))

    def decide(case: Case) -> list[New]:
        _found(case, number)
        return [New("unfiled", "dpo", {"files": [number], "why": "by-hand"})]

    return work.decided(id_, decide)


def let_go_of_proofs(work: Casework, case: Case) -> Case:
    """Destroy what showed who asks, once nobody may keep it any more; nothing to do is done at once."""
    if not (due := proofs_due(case)):
        return case
    work.keyring.destroy([file_name(case.id, number) for number in due])

    def decide(now: Case) -> list[New]:
        still = [number for number in proofs_due(now) if number in due]
        return [New("unfiled", "jalki", {"files": still, "why": "decided"})] if still else []

    return work.decided(case.id, decide)


def _refuse_gone(case: str, number: int) -> NoReturn:
    raise Refused(f"case {case}: file {number} is gone: its key is destroyed", "file-gone", case=case, number=number)


def _check(case: Case, size: int, shows: Shows, task: str | None) -> None:
    """Make sure that a case may have one more file."""
    check_may(case, "file")
    if shows == "identity" and (case.verified or case.approved is not None or case.state in OVER):
        raise Refused(
            f"case {case.id}: nothing that shows who asks is kept any more: it is clear, or decided",
            "file-identity",
            case=case.id,
        )
    if (shows == "task") != (task is not None):
        raise Refused("a file that shows what a party did is about a task, and no other file is", "file-about")
    if task is not None and task not in case.tasks:
        raise Refused(
            f"case {case.id} has no task {task}: `jalki case show {case.id}` lists them",
            "no-task",
            task=task.rpartition("/")[2],
        )
    if sum(each.size for each in case.files if each.gone is None) + size > MOST:
        raise Refused(
            f"case {case.id}: all its files together have at most {MOST // _MIB} MiB",
            "files-large",
            case=case.id,
            most=MOST // _MIB,
        )


def _found(case: Case, number: int) -> Filed:
    found = next((each for each in case.files if each.number == number), None)
    if found is None:
        raise Refused(
            f"case {case.id} has no file {number}: `jalki case show {case.id}` lists them",
            "no-file",
            case=case.id,
            number=number,
        )
    if found.gone is not None:
        _refuse_gone(case.id, number)
    return found


def _same(work: Casework, case: Case, content: bytes) -> int | None:
    """Return the file that is the same, byte for byte, if it is there still."""
    there = [each for each in case.files if each.gone is None and each.size == len(content)]
    keys = work.keyring.find([file_name(case.id, each.number) for each in there])
    for each in there:
        key = keys.get(file_name(case.id, each.number))
        if key is not None and hmac.compare_digest(_mark(key, content), each.mark):
            return each.number
    return None


def _mark(key: bytes, content: bytes) -> str:
    return hmac.digest(_mark_key(key), content, "sha256").hex()


def _mark_key(key: bytes) -> bytes:
    """Return the key that a mark is made with: whoever is given it can open nothing."""
    return hmac.digest(key, _MARK, "sha256")
