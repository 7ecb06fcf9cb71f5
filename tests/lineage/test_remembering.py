"""What is remembered of a database between questions: never older than the mark it was read under."""

from lineage.stores.remembering import Remembered


def test_under_the_same_mark_answers_are_remembered() -> None:
    known: Remembered[int] = Remembered(10)
    assert known.recall(b"1", [b"a"]) == {}
    known.remember(b"1", {b"a": 1, b"b": 2})
    assert known.recall(b"1", [b"a", b"c"]) == {b"a": 1}


def test_under_another_mark_all_are_forgotten() -> None:
    known: Remembered[int] = Remembered(10)
    known.recall(b"1", [])
    known.remember(b"1", {b"a": 1})
    assert known.recall(b"2", [b"a"]) == {}
    assert known.recall(b"1", [b"a"]) == {}


def test_what_one_thread_read_before_another_saw_a_later_mark_is_not_kept() -> None:
    known: Remembered[int] = Remembered(10)
    known.recall(b"1", [b"a"])  # one reads its rows from here on
    known.recall(b"2", [b"a"])  # the other comes later, and sees the later mark
    known.remember(b"1", {b"a": 1})
    assert known.recall(b"2", [b"a"]) == {}


def test_what_was_being_read_while_all_was_forgotten_is_not_kept() -> None:
    known: Remembered[int] = Remembered(10)
    known.recall(b"1", [b"a"])
    known.forget()
    known.remember(b"1", {b"a": 1})
    assert known.recall(b"1", [b"a"]) == {}


def test_the_oldest_answers_make_room_for_new_ones() -> None:
    known: Remembered[int] = Remembered(2)
    known.recall(b"1", [])
    known.remember(b"1", {b"a": 1, b"b": 2})
    known.remember(b"1", {b"c": 3})
    assert known.recall(b"1", [b"a", b"b", b"c"]) == {b"b": 2, b"c": 3}
    assert len(known) == 2
