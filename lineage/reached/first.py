"""The first answer about a breach: what is known of a party before anybody is told from anybody else. No person is asked for."""

from collections.abc import Sequence

from lineage.graph import Graph, Tally
from lineage.reached.model import Asked, First, Sent
from lineage.reached.onward import onward
from lineage.register import Register


def first_answer(graph: Graph, register: Register, asked: Asked) -> First:
    """Return how much a party got in the interval and before, and what of; persons are not counted. Raises: as the store."""
    known_at = asked.as_of.known_at
    within = graph.tallies(asked.party, asked.since, asked.last, known_at)
    before = graph.tallies(asked.party, None, asked.before_it, known_at) if asked.since is not None else ()
    first = First(got=_sent(within), earlier=_sent(before), onward=onward(graph, register, asked))
    for each in (*within, *before):
        first.categories.update(dict.fromkeys(each.route.categories, each.disclosures))
        first.purposes[each.route.purpose] += each.disclosures
        first.sources[each.route.source] += each.disclosures
        first.forbidden += each.disclosures * each.route.forbidden
    return first


def _sent(tallies: Sequence[Tally]) -> Sent:
    """Add up routes: an identifier may have gone by one of them or by several, and nobody looks which."""
    return Sent(
        disclosures=sum(each.disclosures for each in tallies),
        at_least=max((each.identifiers for each in tallies), default=0),
        at_most=sum(each.identifiers for each in tallies),
        first=min((each.first for each in tallies), default=None),
        last=max((each.last for each in tallies), default=None),
    )
