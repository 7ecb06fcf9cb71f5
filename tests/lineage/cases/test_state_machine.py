"""Cases under everything that can happen to them, in any order; and that the check finds what is broken on purpose."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import providers
from hypothesis.stateful import run_state_machine_as_test

from tests.lineage.cases.machine import Cases
from tests.lineage.cases.mutants import MUTANTS, Mutant

QUICK = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


@pytest.fixture(autouse=True)
def examples_that_are_the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hypothesis also draws constants of whatever modules are loaded: tests that ran before would change what is drawn."""
    monkeypatch.setattr(providers, "_get_local_constants", providers.Constants)
    providers.CONSTANTS_CACHE.cache.clear()
    yield
    providers.CONSTANTS_CACHE.cache.clear()


def test_whatever_happens_to_cases_what_must_hold_of_them_holds() -> None:
    run_state_machine_as_test(Cases, settings=settings(QUICK, max_examples=60, stateful_step_count=40))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.__name__)
def test_what_is_broken_on_purpose_is_found(mutant: Mutant) -> None:
    with mutant(), pytest.raises(AssertionError, match=MUTANTS[mutant]):
        run_state_machine_as_test(Cases, settings=settings(QUICK, max_examples=400, stateful_step_count=40))
