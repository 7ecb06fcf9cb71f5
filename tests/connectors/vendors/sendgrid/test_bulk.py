"""A hundred erasures at once by the real dispatch, which is killed between claiming and settling, and goes on."""

from pathlib import Path

from bench.bulk import ADDRESS, DELETE, ERASE, SEARCH, carried_out, fill, killed, least, sandbox
from lineage.times import now

CASES = 101
LATER = 3_600_000_000


def test_many_erasures_take_the_fewest_calls_and_go_on_after_a_kill(tmp_path: Path) -> None:
    with sandbox(tmp_path / "parties", CASES) as hosted:
        fill(tmp_path, CASES)
        killed(tmp_path, hosted)
        before = hosted.counts
        assert before[ERASE] == 1
        hosted.count_anew()
        run = carried_out(tmp_path, lambda: now() + LATER)  # what was claimed is left behind by then
        account, counts = hosted.held()["accounts"][""], hosted.counts
    nobody_else = [ADDRESS.format(CASES)]
    assert [each["email"] for each in account["contacts"]] == account["mail"] == account["bounces"] == nobody_else
    # The killed attempt is made again, whole; each attempt is about all of them.
    assert run.groups[0] == CASES
    fewest = least(CASES)
    assert counts[ERASE] == fewest[ERASE]
    assert counts[SEARCH] <= fewest[SEARCH]
    assert counts.get(DELETE, 0) <= fewest[DELETE]
