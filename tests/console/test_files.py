from pathlib import Path

import pytest

from console.files import write_all, write_whole
from lineage.errors import Misconfigured


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_file_is_for_its_owner_alone_even_where_one_stood_that_others_could_read(tmp_path: Path) -> None:
    there = tmp_path / "answer.json"
    there.write_text("old", "utf-8")
    there.chmod(0o644)
    write_whole(there, b"new")
    assert (there.read_bytes(), mode(there)) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [there]


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    taken = tmp_path / "answer.json"
    taken.mkdir()
    with pytest.raises(Misconfigured, match=r"answer\.json cannot be written"):
        write_whole(taken, b"new")
    assert list(tmp_path.iterdir()) == [taken]


def test_a_file_stays_as_it_was_where_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "edges.csv"
    there.write_bytes(b"old")

    def full(_self: Path, _to: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Misconfigured, match="No space left on device"):
        write_whole(there, b"new")
    assert there.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [there]


def test_files_are_written_in_the_order_given_into_a_folder_of_the_owner(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    (tmp_path / "made").mkdir()
    write_all(folder, {"b": b"1", "a": b"2"})
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == {"b": b"1", "a": b"2"}
    assert mode(folder) == 0o700
    (folder / "c").mkdir()
    with pytest.raises(Misconfigured, match="c cannot be written"):
        write_all(folder, {"b": b"3", "c": b"4", "a": b"5"})
    assert [(folder / name).read_bytes() for name in "ba"] == [b"3", b"2"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Misconfigured, match="cannot be made"):
        write_all(tmp_path / "file" / "folder", {"a": b""})
