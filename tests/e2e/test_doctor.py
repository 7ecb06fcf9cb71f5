import re
import shutil
from pathlib import Path

from tests.e2e.program import called


def test_register_check_lists_findings_with_file_and_line(tmp_path: Path) -> None:
    ended = called("register", "check", "--json", cwd=tmp_path)
    assert ended.code == 1
    assert all(list(each) == ["id", "severity", "kind", "where", "text", "law", "todo"] for each in ended.json)
    assert all(re.fullmatch(r"\w+\.yaml:\d+", each["where"]) for each in ended.json)
    assert f"{len(ended.json)} findings" in ended.said
    assert called("register", "check", tmp_path / "missing.yaml").code == 2
    (tmp_path / "broken.yaml").write_text("parties: [")
    broken = called("register", "check", tmp_path / "broken.yaml")
    assert broken.code == 2
    assert "broken.yaml:" in broken.said


def test_the_doctor_finds_nothing_broken_where_nothing_is(story: Path, tmp_path: Path) -> None:
    whole = called("doctor", "--json", "--data", story)
    assert whole.code == 0
    assert all(list(each) == ["what", "state", "text"] for each in whole.json)
    assert any("4 events" in each["text"] for each in whole.json)
    nothing = called("doctor", cwd=tmp_path)
    assert nothing.code == 0
    assert "nothing there yet" in nothing.out
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_says_what_is_broken_and_what_to_do(story: Path, tmp_path: Path) -> None:
    data = shutil.copytree(story, tmp_path / "data")
    (data / "master.key").rename(tmp_path / "master.key")
    ended = called("doctor", "--json", "--data", data)
    assert ended.code == 2
    (broken,) = [each for each in ended.json if each["state"] == "broken"]
    assert "restore" in broken["text"]


def test_the_doctor_makes_every_connector_and_says_which_descriptor_cannot_be_used(story: Path, tmp_path: Path) -> None:
    sound = called("doctor", "--json", "--data", story)
    (parties,) = [each for each in sound.json if each["what"] == "parties"]
    assert (parties["state"], parties["text"][:7]) == ("ok", "0 told ")
    own = tmp_path / "parties"
    own.mkdir()
    shipped = (Path(__file__).parents[2] / "connectors" / "parties" / "adyen.yaml").read_text("utf-8")
    (own / "adyen.yaml").write_text(shipped.replace('address: ""', "address: https://ca-test.adyen.example"), "utf-8")
    (own / "posti.yaml").write_text("channel: manual\naddress: privacy@posti.example\n", "utf-8")
    settings = {"JALKI_PARTIES": f"{own}"}
    empty = called("doctor", "--json", "--data", story, settings=settings)
    (parties,) = [each for each in empty.json if each["what"] == "parties"]
    assert (empty.code, parties["state"]) == (2, "broken")
    assert parties["text"] == "adyen: the descriptor of adyen leaves merchant_account, recurring empty: fill it in"
    assert [each["what"] for each in empty.json].count("data folder") == 1, "all else is looked at all the same"
    (own / "adyen.yaml").unlink()
    unsent = called("doctor", "--json", "--data", story, settings=settings)
    (parties,) = [each for each in unsent.json if each["what"] == "parties"]
    assert (unsent.code, parties["state"]) == (0, "advice")
    assert "1 by letter" in parties["text"]
    (own / "posti.yaml").rename(own / "postii.yaml")
    typed = called("doctor", "--json", "--data", story, settings=settings)
    (parties,) = [each for each in typed.json if each["what"] == "parties"]
    assert parties["text"] == "postii.yaml: no party of the register is called so; do you mean posti?"
