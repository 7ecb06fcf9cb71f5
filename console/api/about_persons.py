"""Answers about persons: one, or all that a party or a product reached. Each is written down before it is given.

What is written down names nobody: an identifier is told by its pseudonym.
"""

from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from typing import Protocol

from console.api.answering import Answer, Asking, asked_rightly
from console.api.asked import (
    ReachedAsked,
    ReachedPersonsAsked,
    RecallAsked,
    RecallPersonsAsked,
    WhereAsked,
)
from console.api.pages import FullError, Page
from console.api.problems import Problem, wrong
from console.api.roles import About
from console.known_party import check_party
from console.person_standing import person_picture
from console.reaching_shapes import reach_shape, reached_shape
from console.recalling import buyer_shape, recall_shape
from console.revealing import Told, shape_of_person
from console.shapes import Shape, where_shape
from lineage.answers.told_to_her import is_told_to_her
from lineage.graph import Until
from lineage.identifiers import read_identifier
from lineage.products import comparable, read_serials
from lineage.reached import Asked, Reach, reached
from lineage.recalling import Buyer, Recalled, Wanted, recalled
from lineage.revealing import reveal
from lineage.times import now
from lineage.where import Whereabouts, where


class OfPerson(Protocol):
    """A question about whoever an identifier stands for."""

    @property
    def identifier(self) -> str | None:
        """The identifier as it is given."""
        ...


class OfParty(Protocol):
    """A question about a party."""

    @property
    def party(self) -> str:
        """The party as the register names it."""
        ...


def look_at_person(asking: Asking, asked: OfPerson) -> str:
    """Return what is written down of a question about one person. Raises: Problem."""
    with asked_rightly("identifier"):
        kind, value = read_identifier(asked.identifier or "")
    key = asking.folder.pseudonyms.identifier(kind, value).hex()
    only_its_own(asking, "own-person", key)
    return f"where:{key}"


def where_is(asking: Asking, asked: WhereAsked) -> Answer:
    """Return where one person's data is. She herself is not told what would show an inquiry, nor what others may own."""
    shape, found = whereabouts_of(asking, asked.identifier, Until(asked.at, asked.known_at))
    if asked.reveal:
        folder = asking.folder
        shape["revealed"] = reveal(
            folder.graph, folder.keyring, folder.pseudonyms, found.person, Until(asked.at, asked.known_at)
        )  # fmt: skip
    return Answer(shape)


def where_picture(asking: Asking, asked: WhereAsked) -> str:
    """Return it as a picture, SVG, with the person by pseudonym; what her cases did only for roles that may ask about one."""
    shape, found = whereabouts_of(asking, asked.identifier, Until(asked.at, asked.known_at))
    folder, until = asking.folder, Until(asked.at, asked.known_at)
    key = folder.pseudonyms.identifier(*read_identifier(asked.identifier))
    return person_picture(folder, key, until, found.person, shape, cases="case" in asking.role.asks)


def whereabouts_of(asking: Asking, identifier: str, until: Until) -> tuple[Shape, Whereabouts]:
    """Return where one person's data is, without identifiers, as it is shown and as it was found."""
    folder = asking.folder
    kind, value = read_identifier(identifier)
    key, hers = folder.pseudonyms.identifier(kind, value), asking.role.about == "own-person"
    told = is_told_to_her(folder.keyring, folder.register)
    found = where(
        folder.graph, folder.register, key, until, now(), told if hers else lambda _: True
    )  # fmt: skip
    shape = where_shape(f"{kind}:{value}", until.at, until.known_at, found)
    if hers:
        shape["shared"] = []
    return shape, found


def look_at_party(asking: Asking, asked: OfParty) -> str:
    """Return what is written down of a question about whom a party reached. Raises: Problem."""
    only_its_own(asking, "own-party", asked.party)
    with asked_rightly("party"):
        check_party(asking.folder, asked.party)
    return f"reached:{asked.party}"


def reached_counts(asking: Asking, asked: ReachedAsked) -> Answer:
    """Return whose data a party had in an interval: counts."""
    from lineage.stores.spool import SqliteSpool  # here: the program starts faster without it

    folder, told = asking.folder, _asked(asked)
    with closing(SqliteSpool()) as spool:
        found = reached(
            folder.graph, folder.keyring, folder.journal, folder.register, told, spool,
            lambda _: asking.patience.look(), lambda _: asking.patience.look(),
        )  # fmt: skip
    return Answer(reached_shape(told, asked.known, found, folder.register))


def reached_persons(asking: Asking, asked: ReachedPersonsAsked) -> Answer:
    """Return a page of the persons whose data a party had. All are found anew for each page."""
    from lineage.stores.spool import SqliteSpool  # here: the program starts faster without it

    folder, page = asking.folder, Page(asked.after, asked.limit)
    shape_of = _shape_of(asking, asked, reach_shape)

    def told(each: Reach) -> None:
        asking.patience.look()
        if page.takes(each.key.hex()):
            page.shapes.append(shape_of(each))

    with closing(SqliteSpool()) as spool, suppress(FullError):
        reached(
            folder.graph, folder.keyring, folder.journal, folder.register,
            _asked(asked), spool, told, lambda _: asking.patience.look(), leads_on=False,
        )  # fmt: skip
    return page.answer()


def look_at_product(_: Asking, asked: RecallAsked | RecallPersonsAsked) -> str:
    """Return what is written down of a question about the buyers of a product. Raises: Problem."""
    _wanted(asked)
    return f"recall:{asked.model}" + (f" {asked.serials}" if asked.serials else "")


def recall_counts(asking: Asking, asked: RecallAsked) -> Answer:
    """Return who bought a product: counts."""
    found = _recalled(asking, asked, lambda _: asking.patience.look())
    return Answer(recall_shape(asked.model, asked.serials, Until(asked.at, asked.known_at), found, asking.folder))


def recall_persons(asking: Asking, asked: RecallPersonsAsked) -> Answer:
    """Return a page of the buyers of a product."""
    page, shape_of = Page(asked.after, asked.limit), _shape_of(asking, asked, buyer_shape)

    def told(each: Buyer) -> None:
        asking.patience.look()
        if page.takes(each.key.hex()):
            page.shapes.append(shape_of(each))

    with suppress(FullError):
        _recalled(asking, asked, told)
    return page.answer()


def _recalled(asking: Asking, asked: RecallAsked | RecallPersonsAsked, told: Callable[[Buyer], None]) -> Recalled:
    from lineage.stores.spool import SqlitePurchases  # here: the program starts faster without it

    folder, until = asking.folder, Until(asked.at, asked.known_at)
    with closing(SqlitePurchases()) as purchases:
        return recalled(
            folder.graph, folder.keyring, folder.memory, folder.pseudonyms, _wanted(asked), purchases, told,
            lambda _: asking.patience.look(), until,
        )  # fmt: skip


def _asked(asked: ReachedAsked | ReachedPersonsAsked) -> Asked:
    return Asked(asked.party, asked.from_, asked.to, now(), Until(asked.at, asked.known_at))


def _shape_of(
    asking: Asking,
    asked: ReachedPersonsAsked | RecallPersonsAsked,
    shape: Callable[[Told, Mapping[str, int]], Shape],
) -> Callable[[Told], Shape]:
    """Return what makes the shape of a person, as of then, with her identifiers where they are asked for."""
    until = Until(asked.at, asked.known_at)
    return lambda each: shape_of_person(asking.folder, each, shape, reveal_values=asked.reveal, until=until)


def _wanted(asked: RecallAsked | RecallPersonsAsked) -> Wanted:
    """Return the product that is asked about. Raises: Problem: that names none."""
    if not comparable(asked.model):
        raise wrong([("model", "it needs the name of a model")])
    with asked_rightly("serials"):
        return Wanted(asked.model, None if asked.serials is None else read_serials(asked.serials))


def only_its_own(asking: Asking, about: About, key: str) -> None:
    """Make sure that a role about its own alone asks about nothing else. Raises: Problem."""
    if asking.role.about == about and asking.grant.bound != key:
        raise Problem("not-yours")
