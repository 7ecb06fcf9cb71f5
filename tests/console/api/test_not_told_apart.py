"""Whoever has no right to know it learns neither by an answer nor by what is done for it whether an identifier is known.

Nothing here is timed: what takes time are questions to the stores, and those are counted.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from console.api.roles import roles
from lineage.stores.memory import SqlMemory
from lineage.stores.sqlite import SqliteGraph
from tests.console.api.desks import PATHS, Office, problem
from tests.console.api.test_roles import given, hers

KNOWN, UNKNOWN = "customer_id:C-1", "customer_id:C-999999"
OF_PERSONS = sorted(name for name, each in PATHS.items() if "identifier" in each.asked.model_fields)


@contextmanager
def counted(patch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often the graph and what is remembered of the erased are asked, by the name of the question."""
    asked: Counter[str] = Counter()

    def watching(name: str, of: Any) -> Any:
        def watched(*given: Any, **named: Any) -> Any:
            asked[name] += 1
            return of(*given, **named)

        return watched

    with patch.context() as within:
        for kind in (SqliteGraph, SqlMemory):
            for name, each in list(vars(kind).items()):
                if callable(each) and not name.startswith("_") and not isinstance(each, type):
                    within.setattr(kind, name, watching(f"{kind.__name__}.{name}", each))
        yield asked


def test_who_may_not_ask_is_refused_before_anything_is_looked_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role, may in roles().items():
        desk = office.desk(role, hers(office) if may.about == "own-person" else None)
        for name in OF_PERSONS:
            if name in may.asks:
                continue
            with counted(monkeypatch) as asked:
                answers = [desk.asks(name, **{**given(office, name), "identifier": each}) for each in (KNOWN, UNKNOWN)]
            assert {problem(each) for each in answers} == {(403, "role")}, (role, name)
            assert answers[0].content == answers[1].content
            assert not asked, (role, name)


def test_without_a_token_nobody_is_looked_up_either(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.console.api.desks import Desk

    for name in OF_PERSONS:
        with counted(monkeypatch) as asked:
            answers = [Desk(office.url, None).asks(name, identifier=each) for each in (KNOWN, UNKNOWN)]
        assert {each.status_code for each in answers} == {401}
        assert answers[0].content == answers[1].content
        assert not asked, name


def test_a_customer_who_names_another_is_refused_alike_whether_that_one_is_known(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = office.desk("customer", hers(office))
    for name in sorted(roles()["customer"].asks):
        seen = []
        for each in (KNOWN, UNKNOWN):
            with counted(monkeypatch) as asked:
                answer = desk.asks(name, **{**given(office, name), "identifier": each})
            assert problem(answer) == (403, "not-yours")
            seen.append((answer.content, asked))
        assert seen[0] == seen[1], name


def test_may_share_says_the_same_of_whoever_is_known_and_whoever_is_not(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = office.desk("support")
    for party, purpose in (
        ("posti", "delivery"),
        ("sendgrid", "newsletter"),
        ("google-ads", "advertising"),
        ("nets", "payment"),
    ):
        seen = []
        for each in (KNOWN, UNKNOWN):
            with counted(monkeypatch) as asked:
                told = desk.told("may-share", identifier=each, party=party, **{"for": purpose})
            seen.append(({**told, "asked": ""}, asked))
        assert seen[0] == seen[1], purpose
        assert seen[0][1], "nothing was counted"
