import re
import shutil
from pathlib import Path

from tests.e2e.program import jalki


def test_register_check_lists_findings_with_file_and_line(tmp_path: Path) -> None:
    ended = jalki("register", "check", "--json", cwd=tmp_path)
    assert ended.code == 1
    assert all(list(each) == ["id", "severity", "kind", "where", "text", "law", "todo"] for each in ended.json)
    assert all(re.fullmatch(r"\w+\.yaml:\d+", each["where"]) for each in ended.json)
    assert f"{len(ended.json)} findings" in ended.said
    assert jalki("register", "check", tmp_path / "missing.yaml").code == 2
    (tmp_path / "broken.yaml").write_text("parties: [")
    broken = jalki("register", "check", tmp_path / "broken.yaml")
    assert broken.code == 2
    assert "broken.yaml:" in broken.said


def test_the_doctor_finds_nothing_broken_where_nothing_is(story: Path, tmp_path: Path) -> None:
    whole = jalki("doctor", "--json", "--data", story)
    assert whole.code == 0
    assert all(list(each) == ["what", "state", "text"] for each in whole.json)
    assert any("4 events" in each["text"] for each in whole.json)
    nothing = jalki("doctor", cwd=tmp_path)
    assert nothing.code == 0
    assert "nothing there yet" in nothing.out
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_says_what_is_broken_and_what_to_do(story: Path, tmp_path: Path) -> None:
    data = shutil.copytree(story, tmp_path / "data")
    (data / "master.key").rename(tmp_path / "master.key")
    ended = jalki("doctor", "--json", "--data", data)
    assert ended.code == 2
    (broken,) = [each for each in ended.json if each["state"] == "broken"]
    assert "restore" in broken["text"]
