from pathlib import Path

import pytest

from tests.e2e.program import jalki
from tests.e2e.stories import assert_all_say


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JALKI_KAFKA", "localhost:9092"),
        ("JALKI_NEO4J", "bolt://localhost"),
        ("JALKI_DATAS", "x"),
        ("JALKI_LOG_LEVEL", "LOUD"),
        ("JALKI_REGISTER", "/does/not/exist.yaml"),
        ("JALKI_SCHEMAS", "/does/not/exist"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str, tmp_path: Path) -> None:
    for command in (("where", "customer_id:C-1"), ("ingest", "-")):
        ended = jalki(*command, "--data", tmp_path / "data", settings={name: value})
        assert ended.code == 2
        assert name in ended.said
    assert list(tmp_path.iterdir()) == []


def test_an_empty_setting_counts_as_none(data: Path) -> None:
    empty = dict.fromkeys(("JALKI_KAFKA", "JALKI_REGISTER", "JALKI_DATA", "JALKI_LOG_LEVEL"), "")
    assert jalki("where", "customer_id:C-1", "--data", data, settings=empty).code == 0


def test_a_broken_register_is_named_with_file_and_line(data: Path, events: Path, tmp_path: Path) -> None:
    register = tmp_path / "register.yaml"
    register.write_text("eea: [FI]\nparties:\n  us: {name: Us Oy, kind: nonsense, country: FI}\n")
    assert_all_say(data, events, 2, "register.yaml:3", settings={"JALKI_REGISTER": register})
    register.write_text("parties: {a: [\n")
    assert_all_say(data, events, 2, "register.yaml:", settings={"JALKI_REGISTER": register})


def test_a_broken_schema_is_named(data: Path, events: Path, tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    for text in ("{", "[]", '{"type": "record", "name": "Own", "fields": []}', '"string"'):
        (tmp_path / "schemas" / "Own.avsc").write_text(text)
        ended = jalki("ingest", events, "--data", data, settings={"JALKI_SCHEMAS": tmp_path / "schemas"})
        assert ended.code == 2
        assert "Own.avsc" in ended.said
