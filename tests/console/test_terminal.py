"""What is printed can steer no terminal, and is otherwise as it was given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.terminal import say


@given(st.text())
def test_only_what_cannot_be_printed_is_replaced_letter_by_letter_and_lines_stay_lines(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        written: list[str] = []
        patch.setattr("sys.stdout.write", written.append)
        say(text)
    (line,) = written
    assert line.endswith("\n")
    assert len(line) == len(text) + 1
    for given_, printed in zip(text, line, strict=False):
        assert printed == given_ if given_.isprintable() or given_ == "\n" else printed == "\N{REPLACEMENT CHARACTER}"
