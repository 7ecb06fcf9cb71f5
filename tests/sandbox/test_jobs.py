"""Jobs are given out once, in the order of their times, and no more are kept than there is room for."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.jobs import JOBS_AT_MOST, Jobs


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=30), st.lists(st.integers(0, 120)))
def test_every_job_is_given_out_once_when_its_time_has_come(begun: list[tuple[int, int]], looks: list[int]) -> None:
    jobs = Jobs()
    all_ = [jobs.start("any", {"number": number}, now, takes) for number, (now, takes) in enumerate(begun)]
    given_out = []
    for now in sorted(looks):
        for job in jobs.due(now):
            assert job.due <= now
            jobs.end(job, {})
            given_out.append(job)
    assert [each.due for each in given_out] == sorted(each.due for each in given_out)
    assert {each.id for each in given_out} == {each.id for each in all_ if looks and each.due <= max(looks)}
    assert len({each.id for each in given_out}) == len(given_out)


def test_the_next_stage_of_a_job_takes_the_place_of_the_one_before() -> None:
    jobs = Jobs()
    first = jobs.start("validate", {}, 0, 10)
    second = jobs.start("redact", {}, 0, 20, id=first.id)
    assert list(jobs.due(30)) == [second]
    assert len(jobs) == 1


def test_the_oldest_jobs_are_forgotten() -> None:
    jobs = Jobs()
    first = jobs.start("any", {}, 0, 0)
    for _ in range(JOBS_AT_MOST):
        jobs.start("any", {}, 0, 0)
    assert (len(jobs), jobs.get(first.id)) == (JOBS_AT_MOST, None)
    assert first not in list(jobs.due(1))
