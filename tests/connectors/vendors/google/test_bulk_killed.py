"""Many erasures at Google by the real dispatch, in a process that is killed, and goes on: as few calls as its limits allow."""

from pathlib import Path

import pytest

from bench.bulk import fill, killed
from bench.bulk_google import HOUR, SUBJECTS, carried_out, google, hurried, program
from connectors.sandbox.google import analytics

CASES = 60


@pytest.mark.parametrize("party", sorted(SUBJECTS))
def test_many_erasures_take_the_fewest_calls_and_go_on_after_a_kill(
    party: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analytics, "DELETIONS_A_DAY", CASES // 3)
    subject = SUBJECTS[party]
    with google(party, tmp_path / "parties", CASES) as hosted:
        own = tmp_path / "parties" / f"{party}.yaml"
        text = own.read_text("utf-8")
        own.write_text(text.replace("deletions: {calls: 500", f"deletions: {{calls: {CASES // 3}"), "utf-8")
        fill(tmp_path, CASES, subject.told)
        killed(tmp_path, hosted, program(party), subject.first, CASES // 6 if party == "google-analytics" else 1)
        before = hosted.counts.get(subject.first, 0)
        hosted.clock.forward(HOUR)  # what was claimed is left behind by then
        start = hosted.clock()
        carried_out(party, tmp_path, hosted.clock, hurried(hosted.clock))
        days = (hosted.clock() - start) // (24 * HOUR)
        counts = {call: times for call, times in hosted.counts.items() if call[1] != "/token"}
        hosted.clock.forward(4 * 24 * HOUR)
        assert subject.left(hosted.held()) == 1, "everybody but the one more"
    fewest = dict(subject.least(CASES))
    if party == "google-ads":  # the killed call was of all of them, and is made again
        assert before == 1
        fewest[subject.first] += 1
        assert counts == fewest
    else:  # an identifier a call: what was settled is not deleted again; what was under way may be
        assert CASES // 6 <= before < CASES // 3
        assert fewest[subject.first] <= counts[subject.first] <= fewest[subject.first] + 2
        assert days >= 2, "so many a day, and no more, whoever was killed"
