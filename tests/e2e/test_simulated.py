import json
import re
import tempfile
from pathlib import Path

from streams.shop import simulate
from tests.e2e.program import jalki


def test_a_simulation_is_the_same_for_the_same_seed_and_comes_with_its_truth(tmp_path: Path) -> None:
    words = ("simulate", "--persons", "25", "--seed")
    printed = jalki(*words, "5")
    written = jalki(*words, "5", "--out", tmp_path / "shop.jsonl", "--truth", tmp_path / "truth.json")
    assert (printed.code, written.code, written.out) == (0, 0, "")
    assert (tmp_path / "shop.jsonl").read_text() == printed.out
    assert jalki(*words, "6").out != printed.out
    truth = json.loads((tmp_path / "truth.json").read_text())
    ids = {json.loads(each)["event_id"] for each in printed.out.splitlines()}
    assert (truth["persons"], truth["seed"], truth["events"]) == (25, 5, len(ids))
    assert printed.out.splitlines() == [json.dumps(each, ensure_ascii=False) for each in simulate(25, 5)]


def test_a_simulation_that_cannot_be_written_is_a_word_and_no_traceback(tmp_path: Path) -> None:
    words = ("simulate", "--persons", "5", "--seed", "1")
    assert jalki(*words, "--out", tmp_path / "missing" / "shop.jsonl").code == 2
    assert jalki(*words, "--out", tmp_path).code == 2
    assert jalki("simulate", "--persons", "0", "--seed", "1").code == 2


def test_the_demo_shows_the_main_job_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "temporary").mkdir()
    ended = jalki("demo", cwd=tmp_path / "work", settings={"TMPDIR": tmp_path / "temporary"})
    assert ended.code == 0
    for word in ("order-system", "the person", "├──", "┃", "Drift", "delivery", "1.", "4."):
        assert word in ended.out
    assert "recorded" in ended.said
    held = re.search(r"held (\d+) people before, and holds (\d+) now", ended.out)
    assert held, "she is somebody whom SendGrid has"
    assert int(held[1]) - int(held[2]) == 1
    assert "contact-gone" in ended.out, "what SendGrid's connector read back"
    assert "SendGrid is told again: promised (contact-gone)" in ended.out
    assert list((tmp_path / "work").iterdir()) == list((tmp_path / "temporary").iterdir()) == []
    assert tempfile.gettempdir()


def test_the_demo_keeps_its_folder_where_one_is_named(tmp_path: Path) -> None:
    data = tmp_path / "shop"
    ended = jalki("demo", "--data", data, "--persons", "60", cwd=tmp_path)
    assert ended.code == 0
    customer = re.search(r"jalki where (customer_id:\S+)", ended.out)
    assert customer
    assert "verified offline" in ended.out
    assert jalki("where", customer[1], "--json", "--data", data).json["candidates"] == 0, "she was erased"
    shared = jalki("sharing", "--json", "--data", data).json["sharing"]
    assert all(each["to"] in ended.out for each in shared)
    assert [each.name for each in tmp_path.iterdir()] == ["shop"]
