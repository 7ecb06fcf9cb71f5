"""An answer that no document knows: the task has failed, and a person gets to see what came; nobody else's data with it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vendors.sendgrid.outlines import LARGEST, outline
from lineage.cases.orders import Outcome
from tests.connectors.orders import order
from tests.connectors.vendors.sendgrid.test_guards import HERS, OTHERS, answering, sendgrid

FOUND = [(200, {"result": {}})]
DELETED = (202, {"job_id": "j-1"})


def told(erased: tuple[int, Any], addresses: Sequence[str]) -> list[Any]:
    """Tell of that many in one call, whose erasure is answered so."""
    orders = [
        replace(order(identifiers=(("email", each),)), key=each, task=f"t-{n}") for n, each in enumerate(addresses)
    ]
    return list(asyncio.run(sendgrid(answering(FOUND, erased, DELETED)).send_together(orders)))


def test_what_came_about_one_person_is_kept_as_it_is() -> None:
    (alone,) = told((202, {"jobid": HERS}), [HERS])
    assert (alone.state, alone.how) == ("failed", "answer-unfit")
    assert json.loads(alone.evidence) == {"jobid": HERS}


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ({"jobid": f"{HERS} {OTHERS}"}, {"jobid": "…"}),
        ({HERS: {"contact": {"phone": 358401234567}}, OTHERS: None}, {"…": {"contact": {"phone": "…"}}}),
        (b"<html>eino@example.fi</html>", "no JSON: 28 bytes"),
    ],
)
def test_what_came_about_many_is_kept_with_each_in_outline(answer: Any, kept: Any) -> None:
    outcomes = told((202, answer), [HERS, OTHERS])
    assert [each.state for each in outcomes] == ["failed"] * 2
    for each in outcomes:
        assert isinstance(each, Outcome)
        assert json.loads(each.evidence) == {"sendgrid": {"answer": kept, "about": 2}}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.just(OTHERS),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just(OTHERS), inner),
    )
)
def test_an_outline_shows_no_value_of_anybody(answer: object) -> None:
    shown = json.dumps(outline(json.dumps(answer).encode()), ensure_ascii=False)
    assert len(shown) <= LARGEST
    assert OTHERS not in shown
    assert not [each for each in shown if each.isdigit()] or shown.startswith('"JSON: ')


@pytest.mark.parametrize("answer", [b"[" * 100_000, b'{"a":' * 5_000, b"\xff", b"", b'{"a":' + b"[1]," * 9_000 + b"1}"])
def test_an_outline_comes_to_an_end_whatever_came(answer: bytes) -> None:
    assert len(json.dumps(outline(answer))) <= LARGEST
