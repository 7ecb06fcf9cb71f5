"""What is made sure of before a case is opened or approved, wherever that is asked for: whose it is, and by whom."""

from console.case_opening import Casebook
from lineage.cases.case import Case
from lineage.cases.casework import Casework
from lineage.cases.deciding import approve
from lineage.cases.holds import LegalHold
from lineage.cases.intake import Message
from lineage.cases.rights import rule
from lineage.cases.subjects import subject_of
from lineage.cases.words import TaskState
from lineage.errors import Misconfigured, Refused


def check_whose(work: Casework, case: Case) -> None:
    """Make sure that it is somebody's case: closed with nothing done, it would read as if nothing were held of her.

    What only stops something may rest on a shared identifier: whoever shares it decides for herself.
    """
    subject = subject_of(work.graph, case.subjects)
    if subject.ambiguous and not subject.members and rule(case.right).action not in {"stop", "restrict"}:
        raise Refused(
            f"case {case.id}: all it names is of several persons: decide whose it is with a link; or refuse it, and open "
            "one that names an identifier of hers alone too",
            "whose",
            case=case.id,
        )


def approved(book: Casebook, case: str, by: str, digest: str | None) -> Case:
    """Approve a case for somebody of that name; where it takes two (`JALKI_FOUR_EYES`), the first is only kept.

    Raises: Refused: as `lineage.cases.deciding.approve`, or nobody knows whose case it is.
    """
    work, found = book.work, book.work.case(case)
    check_whose(work, found)
    two = found.right in book.folder.settings.four_eyes
    return approve(work, case, digest=digest, by=work.pseudonyms.staff(by) if two else None)


def check_confirmed(state: TaskState, ground: str | None, by: str | None) -> None:
    """Make sure that what was found out about a task says what it must. Raises: Misconfigured."""
    if (state == "declined") != bool(ground and ground.strip()):
        raise Misconfigured(
            "declined needs --ground, the party's own ground; no other state has one", "declined-ground"
        )
    if (state == "promised") != (by is not None):
        raise Misconfigured("promised needs --by, the day it will be done; no other state has one", "promised-by")


def check_order(work: Casework, order: LegalHold) -> None:
    """Make sure that an order to keep something names what the register has. Raises: Misconfigured."""
    if order.party is not None and not work.register.is_party(order.party):
        raise Misconfigured("--party is no party of the register", "no-party")
    if order.purpose is not None and work.register.purpose(order.purpose) is None:
        raise Misconfigured("--purpose is no purpose of the register", "no-purpose")


def check_message(work: Casework, message: Message) -> None:
    """Make sure that a message is to a company of the register, about purposes of it. Raises: Misconfigured."""
    companies = sorted(each.id for each in work.register.declared.controllers)
    if message.controller not in companies:
        raise Misconfigured(f"--controller is one of {', '.join(companies)}", "company", companies=tuple(companies))
    if any(work.register.purpose(each) is None for each in message.purposes):
        raise Misconfigured(
            "--purpose is a purpose of the register: the file with its purposes lists those there are", "no-purpose"
        )
