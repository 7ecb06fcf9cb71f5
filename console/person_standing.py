"""What is drawn of one person beside `where`: her pseudonym, and what her cases did at each party. No value of hers."""

from collections import Counter
from collections.abc import Mapping

from console.opening import Folder
from console.person_svg import person_svg
from console.shapes import Shape
from lineage.graph import NOW, Until
from lineage.persons import Person, find_roots, pseudonym_of


def person_picture(
    folder: Folder, key: bytes, until: Until, person: Person, shape: Shape, *, cases: bool = True
) -> str:
    """Return the picture of a `where` shape, about whoever an identifier stands for.

    What cases did is drawn as things stand now, so not in a picture of another time; nor without `cases`.
    """
    states = standing(folder, key, person) if cases and until == NOW else {}
    return person_svg(pseudonym(folder, key, until), shape, states)


def pseudonym(folder: Folder, key: bytes, until: Until) -> str:
    """Return under which pseudonym whoever an identifier stands for is told of, as `reached` and `drift` do."""
    return pseudonym_of(key, find_roots(folder.graph, [key], until)[key]).hex()


def standing(folder: Folder, key: bytes, person: Person) -> Mapping[str, list[Shape]]:
    """Return by party what was asked of it in her cases and what came of that, as things stand now.

    `key` is the identifier asked about: of who is erased nothing else is known than what her cases were opened for.
    """
    own = set(person.members) | ({key} if person.candidates < 2 else set())
    found: dict[str, Counter[tuple[str, str, str]]] = {}
    for row in folder.journal.cases_of(own) if own else ():
        case = folder.casework.case(row.case)
        for task in case.tasks.values() if case.approved is not None else ():
            until = task.until or "" if task.state == "held" else ""
            found.setdefault(task.party, Counter())[task.action, task.state, until] += 1
    return {
        party: [
            {"action": action, "state": state, "until": until or None, "tasks": count}
            for (action, state, until), count in sorted(counts.items())
        ]
        for party, counts in sorted(found.items())
    }
