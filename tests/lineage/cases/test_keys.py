"""Names of cases and tasks, and the keys made of them: what is made can be read back, and nothing else is read."""

import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from lineage.cases.keys import ALPHABET, SYMBOLS, case_of, key_of, new_case, new_task, request_case, task_of

cases = st.builds(
    lambda year, symbols: f"{year:04}-{symbols}",
    st.integers(0, 9_999),
    st.text(ALPHABET, min_size=SYMBOLS, max_size=SYMBOLS),
)
numbers = st.integers(0, 0xFFFF)
tasks = st.builds(new_task, cases, numbers, numbers)


@given(tasks)
def test_the_task_of_a_key_is_the_one_it_was_made_of(task: str) -> None:
    key = key_of(task)
    assert task_of(key) == task
    assert task_of(key.upper()) == task
    assert key_of(task) == key


@given(tasks, tasks)
def test_two_tasks_never_have_one_key(one: str, other: str) -> None:
    assert (key_of(one) == key_of(other)) == (one == other)


@given(tasks)
def test_a_key_is_a_uuid_of_version_4_as_parties_ask_for(task: str) -> None:
    key = uuid.UUID(key_of(task))
    assert (key.version, key.variant, str(key)) == (4, uuid.RFC_4122, key_of(task))


@given(st.uuids() | st.uuids(version=4))
def test_a_key_is_ours_only_if_we_would_have_made_it(key: uuid.UUID) -> None:
    task = task_of(str(key))
    assert task is None or key_of(task) == str(key)


@given(st.text(max_size=40))
def test_what_is_no_uuid_belongs_to_no_task(text: str) -> None:
    task = task_of(text)
    assert task is None or key_of(task) == str(uuid.UUID(text))


@given(cases, numbers, numbers)
def test_a_task_names_its_case(case: str, round_: int, number: int) -> None:
    assert case_of(new_task(case, round_, number)) == case


def test_a_new_case_is_named_by_its_year_and_by_chance() -> None:
    made = {new_case(2026) for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(rf"2026-[{ALPHABET}]{{{SYMBOLS}}}", each) for each in made)


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_a_companys_request_names_its_case_by_its_digest_and_no_drawn_case_has_that_name(
    one: bytes, other: bytes
) -> None:
    named = request_case(one)
    assert case_of(task_of(key_of(new_task(named, 0, 1))) or "") == named
    assert (named == request_case(other)) == (one[:5] == other[:5])
    assert named[:4] == "0000"
