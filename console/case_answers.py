"""Makes the files that answer a case: a letter, a statement with a copy, or a package. Writes and sends nothing."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from console.case_opening import Casebook
from console.shop_tables import records_of
from lineage.answers.collected import Collected, collected
from lineage.answers.gathering import Matter, gather
from lineage.answers.letter import letter
from lineage.answers.letter_model import Kind, Letter
from lineage.answers.model import Statement
from lineage.answers.package import package
from lineage.answers.portable import Portable, portable
from lineage.answers.records import Record
from lineage.answers.refused_values import without_refused, without_refused_copies
from lineage.answers.statement import statement
from lineage.cases.case import Case
from lineage.cases.handing import Results, hand, notify
from lineage.cases.protecting import is_protected
from lineage.cases.refusals import refusing
from lineage.cases.rights import rule
from lineage.cases.rows import OVER
from lineage.errors import Refused
from lineage.graph import NOW, Until

ADDRESS = "address.txt"
"""Where the answer goes, as the person said it, beside the files that go there."""
_REASONS = {"refusal": "refused", "extension": "extended"}


class Made(NamedTuple):
    """The files by name, and what they are: `address`, where there is one, is for whoever sends them."""

    kind: Kind
    files: Mapping[str, bytes]
    address: bytes | None
    results: Results | None = None
    """What the company fetches that asked us for a copy."""


def answer_of(book: Casebook, case: Case, *, extension: bool = False) -> Made:
    """Return what the person gets now: what her right is about, or a letter of what was done, of a refusal, of an extension.

    `extension` asks for the notice of an extension where the case is already being carried out.

    Raises: Refused: there is nothing to tell yet, or the case names several persons. Retryable, Misconfigured: a store or
    the shop's database is away.
    """
    kind = kind_of(case, extension=extension)
    entries = book.work.journal.entries(case.id)
    results = None
    if kind == "answer" and rule(case.right).answer == "statement":
        files, results = _statement(book, case)
    elif kind == "answer" and rule(case.right).answer == "package":
        files = {"transfer.zip": package(portable_of(book, case, book.work.clock()))}
    else:
        files = _letter(book, case, kind)
    if kind == "answer" and rule(case.right).answer and is_refused_in_part(case):
        files = {**files, **_letter(book, case, "partial")}
    # Where she said the answer goes may be read by others: it is handed over where she has shown who she is.
    given = None if is_protected(case) else (book.work.personal(entries[0]) or {}).get("answer_to")
    return Made(kind, files, f"{given}\n".encode() if given else None, results)


def file_names(book: Casebook, case: Case) -> tuple[str, ...]:
    """Return the names of the files that `answer_of` makes of a case now, without making them. Raises: as `answer_of`."""
    letter, answer = _forms("letter"), rule(case.right).answer
    if kind_of(case) != "answer" or not answer:
        return letter
    partly = letter if is_refused_in_part(case) else ()
    if answer == "package":
        return ("transfer.zip", *partly)
    copy = ("copy.csv",) if _told(book, case).copy else ()
    return (*_forms("statement"), "recipients.csv", *copy, *partly)


def _forms(name: str) -> tuple[str, ...]:
    return (f"{name}.html", f"{name}.pdf", f"{name}.json")


def is_refused_in_part(case: Case) -> bool:
    """Whether something of what is asked for is not done, and she is told so."""
    return any(each.granted is None for each in case.refusals)


def keep_made(book: Casebook, case: Case, made: Made) -> None:
    """Keep in the case, as it was when it was made, that the answer or the notice of an extension was, and of which files."""
    files = sorted(made.files)
    if made.kind == "extension":
        notify(book.work, case.id, files)
    else:
        hand(book.work, case.id, files, made_of=case, results=made.results)


def kind_of(case: Case, *, extension: bool = False) -> Kind:
    """Return what a case can be answered with now. Raises: Refused: nothing; the message says what is missing."""
    if case.shredded is not None:
        raise Refused(
            f"case {case.id}: what it knew of the person is destroyed: open a new case", "destroyed", case=case.id
        )
    if extension and case.extended is None:
        raise Refused(
            f"case {case.id} is not extended: `jalki case extend` does that, and then its notice can be made",
            "not-extended",
            case=case.id,
        )
    if extension and case.state not in OVER:
        return "extension"
    if case.state == "refused" and not extension:
        return "refusal"
    if case.state in OVER - {"closed"} or extension:
        raise Refused(
            f"case {case.id} is {case.state}: there is nothing to tell the person by it",
            f"may-not-{case.state}",
            case=case.id,
        )
    if case.approved is not None:
        return "answer"
    if case.extended is not None:
        return "extension"
    raise Refused(
        f"case {case.id} has nothing to tell yet: `jalki case approve`, `refuse` or `extend` it first",
        "nothing-to-tell",
        case=case.id,
    )


def portable_of(book: Casebook, case: Case, at: int, until: Until = NOW) -> Portable:
    """Return what the person may take along, judged at `at` (microseconds UTC), of what was known by `until`.

    Raises: as `answer_of`.
    """
    matter, work = matter_of(book, case, until), book.work
    records = records_of(book.folder.settings.outward.shop, work.register, asked_for(book, case, matter))
    return portable(
        matter, work.register, case.controller, at, records, collected_of(book, case), refusing(case.refusals)
    )


def matter_of(book: Casebook, case: Case, until: Until = NOW) -> Matter:
    """Return all of the case's person. Raises: Refused: what it names belongs to several persons."""
    work = book.work
    matters = [gather(work.graph, work.keyring, work.pseudonyms, key, until) for key in case.subjects]
    known = [each for each in matters if each.person.members]
    if len({frozenset(each.person.members) for each in known}) > 1:
        raise Refused(
            f"case {case.id} names several persons: link them by a decision first, or open a case for each",
            "several-persons",
            case=case.id,
        )
    return known[0] if known else matters[0]


def collected_of(book: Casebook, case: Case) -> Sequence[Collected]:
    """Return what parties sent that were asked for a copy, and who has not answered."""
    return collected(book.work.journal.entries(case.id), book.work.personal)


def named_in(book: Casebook, case: Case) -> Sequence[tuple[str, str]]:
    """Return the identifiers (kind, value) that the person gave; none where the case's key is gone."""
    personal = book.work.personal(book.work.journal.entries(case.id)[0]) or {}
    return [(kind, value) for kind, value in personal.get("identifiers", ())]


def asked_for(book: Casebook, case: Case, matter: Matter) -> Sequence[tuple[str, str]]:
    """Return by what the shop's tables may be asked: what is recorded as hers; where nothing is, what she gave.

    What she gave beside and nobody has recorded as hers may be somebody else's (Art. 15(4)): a link by a decision tells.
    """
    return matter.identifiers if matter.person.members else named_in(book, case)


def _statement(book: Casebook, case: Case) -> tuple[Mapping[str, bytes], Results | None]:
    from console.answering import statement_files  # the PDF library takes a second to load

    told = _told(book, case)
    return statement_files(told, case.language), _results(told.copy) if "request" in case.notes else None


def _told(book: Casebook, case: Case) -> Statement:
    matter, work, outward = matter_of(book, case), book.work, book.folder.settings.outward
    refused, contact = refusing(case.refusals), outward.sender or ""
    copy = without_refused(records_of(outward.shop, work.register, asked_for(book, case, matter)), refused)
    asked = without_refused_copies(collected_of(book, case), refused)
    return statement(matter, work.register, case.controller, work.clock(), contact=contact, copy=copy, asked=asked)


def _results(copy: Sequence[Record]) -> Results | None:
    """Return what a company can fetch. Nothing is not told as a result: tables that nobody mapped may hold more."""
    from connectors.opendsr.results import LARGEST, fits, results_json

    kept = fits(copy) if copy and len(results_json(copy)) <= LARGEST else None
    return None if kept is None else Results(len(copy), kept)


def letter_of(book: Casebook, case: Case, kind: Kind) -> Letter:
    """Return the letter about a case, as it is now. Raises: Refused: the reason the person must be told is gone."""
    work, contact = book.work, book.folder.settings.outward.sender or ""
    entries = work.journal.entries(case.id)
    reason = ""
    if kind in _REASONS:
        decided = next(each for each in reversed(entries) if each.kind == _REASONS[kind])
        personal = work.personal(decided)
        if personal is None:
            raise Refused(
                f"case {case.id}: its key is gone, and with it the reason the person must be told",
                "reason-gone",
                case=case.id,
            )
        reason = str(personal["reason"])
    refused = [each for each in entries if each.kind == "item-refused"]
    reasons = {each.said["number"]: str((work.personal(each) or {}).get("reason", "")) for each in refused}
    return letter(entries, work.register, work.clock(), kind, contact=contact, reason=reason, reasons=reasons)


def _letter(book: Casebook, case: Case, kind: Kind) -> Mapping[str, bytes]:
    from console.answering import letter_files  # the PDF library takes a second to load

    return letter_files(letter_of(book, case, kind), case.language)
