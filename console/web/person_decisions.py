"""The decisions about shared identifiers that are made on a person's page. What is decided is recorded by `console.linking`."""

from collections.abc import Iterator, Mapping

from starlette.responses import Response

from console.case_opening import Casebook
from console.linking import Decision, decide
from console.opening import Folder
from console.web.person_asked import name_of, to_decide
from console.web.persons import path_of, person_page, sought_of
from console.web.refusals import told
from console.web.visits import Visit
from lineage.errors import Misconfigured, Refused
from lineage.identifiers import read_identifier
from lineage.revealing import values_of
from lineage.shared import MOST_APART, pairs_of

Pair = tuple[bytes, bytes, bool]
"""Two identifiers, and whether they are one person's from now on."""
STALE = "this does not stand so any more: look at the page again, and decide anew"


async def decided(visit: Visit) -> Response:
    """Record what was decided, and show the page as it is then; or say there why it was not."""
    given, sought = await visit.form(), sought_of(visit)

    def work(book: Casebook) -> None:
        folder = book.folder
        pairs = list(_pairs(folder, sought.identifier, given))
        wanted = {end for one, other, _ in pairs for end in (one, other)}
        values = values_of(folder.graph, folder.keyring, folder.pseudonyms, wanted)
        if wanted - values.keys():
            raise Refused(
                "what identifies one of them cannot be read any more: decide with `jalki link`", "cannot-be-read"
            )
        who = (given.get("controller", ""), visit.name, given.get("reason", ""), visit.role.name)
        decide(book, [Decision(values[one], values[other], joined, *who) for one, other, joined in pairs])

    try:
        await visit.decide(work)
    except (Refused, Misconfigured) as fault:
        return await person_page(visit, given, None, status=409, refused=told(visit.language, fault))
    return visit.goes(f"{path_of(visit)}#shared")


def _pairs(folder: Folder, identifier: str, given: Mapping[str, str]) -> Iterator[Pair]:
    """Yield what a form decides. Raises: Refused: it is about something that is shared no more, or never was."""
    shares, links = to_decide(folder, folder.pseudonyms.identifier(*read_identifier(identifier)))
    if "back" in given:
        link = next((each for each in links if name_of(each) == given["back"]), None)
        if link is None:
            raise Refused(STALE, "stale")
        yield link.one, link.other, not link.joined
        return
    shared, choice = next((each for each in shares if each.key.hex() == given.get("shared")), None), given.get("choice")
    if shared is None:
        raise Refused(STALE, "stale")
    if choice in {"one", "apart"} and len(shared.claims) <= MOST_APART:
        for one, other in pairs_of(shared):
            yield one, other, choice == "one"
        return
    owner = next((each.owner for each in shared.claims if each.owner.hex() == choice), None)
    if owner is None:
        raise Refused("choose whose it is", "choose-whose")
    yield shared.key, owner, True
