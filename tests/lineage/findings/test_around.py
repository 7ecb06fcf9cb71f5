"""Whom something new may concern: links lead on upwards too, to whoever owns what an identifier was linked with."""

from contextlib import closing
from pathlib import Path

import pytest

from lineage.findings.around import around
from lineage.findings.crowds import Crowds
from lineage.register import Register
from tests.lineage.findings.drawn import BEGIN, DAY, NEWS, register_of
from tests.lineage.findings.told_shop import Shop
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import facts, key


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    return register_of(tmp_path_factory.mktemp("register"))


LINKED_BELOW = [
    facts("known", owns=[("customer_id:1", "email:a")], consents=[("email:a", "newsletter", True)], at=BEGIN),
    facts("linked", link=("email:a", "phone:a", True), at=BEGIN + DAY),
    facts("sent", discloses=[("customer_id:1", NEWS)], at=BEGIN + 5 * DAY),
]
"""Her phone is known to be hers by a link alone, with an e-mail address that she owns."""


def test_what_is_said_under_an_identifier_concerns_who_owns_what_it_was_linked_with(
    register: Register, tmp_path: Path
) -> None:
    with closing(Shop(tmp_path, register)) as there:
        there.graph.record(LINKED_BELOW)
        there.judge_all()
        there.listen()
        assert there.stands() == {}
        there.graph.record([facts("left", consents=[("phone:a", "newsletter", False)], at=BEGIN + 3 * DAY)])
        there.judge_all()
        there.listen()
        assert len(there.stands()) == 1, "she had withdrawn before it was sent"
        assert there.stands() == there.listed()


def test_all_that_hangs_together_with_an_identifier_by_owners_and_links_is_around_it() -> None:
    graph = MemoryGraph()
    graph.record([*LINKED_BELOW, facts("other", owns=[("customer_id:2", "email:b")], at=BEGIN)])
    hers = {key(each) for each in ("customer_id:1", "email:a", "phone:a")}
    assert {each: around(graph, [each], Crowds()) for each in hers} == dict.fromkeys(hers, hers)
