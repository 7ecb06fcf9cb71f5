"""A few inputs into every target, each time tests run. `python -m bench.fuzz` puts in as many as there is time for."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.everything import TARGETS
from tests.fuzz.targets import MARK, Target, told_plainly, watched

FEW = 60


@pytest.mark.parametrize("target", TARGETS, ids=lambda each: f"{each.family}-{each.name}")
def test_nothing_put_in_makes_anything_but_an_answer_or_a_plain_refusal(target: Target, tmp_path: Path) -> None:
    with target.opened(tmp_path) as check:

        @settings(max_examples=FEW, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(target.inputs)
        def put_in(given: object) -> None:
            check(given)

        put_in()


def test_every_family_of_parsers_has_targets_and_no_two_have_one_name() -> None:
    assert {each.family for each in TARGETS} == {"avro", "json", "http", "callbacks", "yaml"}
    assert len({each.name for each in TARGETS if each.family != "json"}) == len(TARGETS) - 2


def test_what_watches_finds_an_echo_a_forged_line_and_a_crash() -> None:
    import logging

    log = logging.getLogger("connectors.x")
    with pytest.raises(AssertionError, match="tells of somebody"), watched():
        log.warning("of %s", MARK)
    with pytest.raises(AssertionError), watched():
        assert not MARK
    for message in (f"of {MARK}", "a\x1b[2J", "a\u202eb", "a\rb"):
        with pytest.raises(AssertionError):
            told_plainly(message)
    told_plainly("register.yaml:1: the key 'name' is missing\nregister.yaml:2: too long")
