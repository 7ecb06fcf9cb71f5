"""What may be done to a case at the console, as one table: its fields, in which states it is shown, and what it comes to.

Whether it may be done is decided where the case is; a page may be old. Nothing here tells a party anything: workers do.
"""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from console.case_checks import approved, check_confirmed, check_order
from console.case_given import CONFIRMED, day, ground, number, one_of, task_name
from console.case_opening import Casebook
from lineage.cases.carrying import confirm
from lineage.cases.deciding import extend, preview, protect, refuse, withdraw
from lineage.cases.filing import unfile
from lineage.cases.holds import LegalHold
from lineage.cases.identity import prove
from lineage.cases.keeping import hold, release
from lineage.cases.lifting import LIFTABLE, lift
from lineage.cases.refusing import grant_items, refuse_items
from lineage.cases.rows import OVER
from lineage.cases.words import CASE_STATES, CaseState

Fields = Mapping[str, str]


class Field(NamedTuple):
    """A field of a form. `kind` is that of its control; `choices` are the values of a list to choose from.

    `ground`: one on which items of the case's right are refused; `of-plan`: what there is of the name in the plan, or any.
    """

    name: str
    kind: Literal["text", "lines", "hidden", "day", "choice", "sure", "ground", "of-plan"] = "text"
    choices: tuple[str, ...] = ()
    needed: bool = True


class Act(NamedTuple):
    """Something that may be done to a case. `planned`: only once what it means has been worked out."""

    name: str
    states: frozenset[CaseState]
    fields: tuple[Field, ...]
    work: Callable[[Casebook, str, Fields, str], object]
    """Of the book, the case, what was given, and by whom."""
    planned: bool = False


def _approve(book: Casebook, case: str, given: Fields, by: str) -> None:
    approved(book, case, by, given["digest"])


def _confirm(book: Casebook, case: str, given: Fields, _: str) -> None:
    state = one_of(given["state"], CONFIRMED, "state")
    why, by = given.get("ground") or None, given.get("by") or None
    check_confirmed(state, why, by)
    until = day(by, "by") if by else None
    confirm(book.work, case, task_name(case, given["task"]), state, given["evidence"], why, until)


def _refuse_item(book: Casebook, case: str, given: Fields, _: str) -> None:
    party, purpose, category = (given.get(each) or None for each in ("party", "purpose", "category"))
    article, reason = ground(given["ground"]), given["reason"]
    refuse_items(book.work, case, article, reason, party=party, purpose=purpose, category=category)


def _grant(book: Casebook, case: str, given: Fields, _: str) -> None:
    grant_items(book.work, case, number(given["refusal"]))


def _unfile(book: Casebook, case: str, given: Fields, _: str) -> None:
    unfile(book.work, case, number(given["number"]))


def _hold(book: Casebook, case: str, given: Fields, _: str) -> None:
    party, purpose, category = (given.get(each) or None for each in ("party", "purpose", "category"))
    order = LegalHold(
        given["order"], given["authority"], given["law"], 0, None, party=party, purpose=purpose, category=category
    )  # fmt: skip
    check_order(book.work, order)
    hold(book.work, case, order)


_RECEIVED: frozenset[CaseState] = frozenset({"received"})
_BEFORE: frozenset[CaseState] = frozenset({"received", "identity"})
_UNDER_WAY: frozenset[CaseState] = frozenset({"received", "identity", "carrying-out"})
_KEEPING: frozenset[CaseState] = frozenset({"received", "identity", "carrying-out", "answered", "partly-done"})
_OPEN: frozenset[CaseState] = frozenset(CASE_STATES) - OVER
ACTS: tuple[Act, ...] = (
    Act("preview", _RECEIVED, (), lambda book, case, *_: preview(book.work, case)),
    Act("approve", _RECEIVED, (Field("digest", "hidden"), Field("sure", "sure")), _approve, planned=True),
    Act(
        "refuse", _BEFORE, (Field("ground"), Field("reason", "lines")),
        lambda book, case, given, _: refuse(book.work, case, ground(given["ground"]), given["reason"]),
    ),
    Act(
        "refuse-item", _RECEIVED,
        (
            Field("party", "of-plan", needed=False), Field("purpose", "of-plan", needed=False),
            Field("category", "of-plan", needed=False), Field("ground", "ground"), Field("reason", "lines"),
        ),
        _refuse_item, planned=True,
    ),
    Act("grant", _KEEPING, (Field("refusal"),), _grant),
    Act(
        "extend", _UNDER_WAY, (Field("reason", "lines"),),
        lambda book, case, given, _: extend(book.work, case, given["reason"]),
    ),
    Act("prove", _BEFORE, (Field("how"),), lambda book, case, given, _: prove(book.work, case, given["how"])),
    Act(
        "confirm", frozenset({"carrying-out", "answered", "partly-done"}),
        (
            Field("task"), Field("state", "choice", CONFIRMED), Field("evidence", "lines"),
            Field("ground", needed=False), Field("by", "day", needed=False),
        ),
        _confirm,
    ),
    Act(
        "hold", _KEEPING,
        (
            Field("order"), Field("authority"), Field("law"), Field("party", needed=False),
            Field("purpose", needed=False), Field("category", needed=False),
        ),
        _hold,
    ),
    Act(
        "release", _KEEPING, (Field("order"),),
        lambda book, case, given, _: release(book.work, case, given["order"]),
    ),
    Act(
        "lift", LIFTABLE, (Field("told", "day"),),
        lambda book, case, given, _: lift(book.work, case, day(given["told"], "told")),
    ),
    Act("unfile", frozenset(CASE_STATES), (Field("number"), Field("sure", "sure")), _unfile),
    Act("protect", _OPEN, (Field("sure", "sure"),), lambda book, case, *_: protect(book.work, case)),
    Act("withdraw", _UNDER_WAY, (Field("sure", "sure"),), lambda book, case, *_: withdraw(book.work, case)),
)  # fmt: skip
