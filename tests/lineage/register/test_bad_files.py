from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage.errors import Misconfigured
from lineage.register import Register, load_register, reading
from tests.lineage.register.small import CATEGORIES, SMALL, line_of

Refuse = Callable[[str], list[str]]
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\n"


def faults_of(path: Path, content: bytes) -> list[str]:
    file = path / "register.yaml"
    file.write_bytes(content)
    with pytest.raises(Misconfigured) as caught:
        load_register(file, CATEGORIES)
    return str(caught.value).replace(f"{path}/", "").split("\n")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\x00\x01\x02\x7fELF\x00", "register.yaml:1: not YAML: it holds characters"),
        (b"eea: [FI]\nnote: \x07\n", "register.yaml:2: not YAML: it holds characters"),
        (b"", "register.yaml:1: the file is empty"),
        (b"# nothing but a comment\n", "register.yaml:1: the file is empty"),
        (b"- parties\n- purposes\n", "register.yaml:1: the file is no mapping"),
        (b"just words\n", "register.yaml:1: the file is no mapping"),
        (b"parties:\n\tposti: {}\n", "register.yaml:2: not YAML: found"),
        (b"parties: {a: 1\n", "register.yaml:2: not YAML"),
        (b"parties:\n  a: {}\n  b: {}\n  a: {}\n", "register.yaml:4: the key 'a' is there twice"),
        (b"parties: {}\nparties: {}\n", "register.yaml:2: the key 'parties' is there twice"),
        ("eea: [FI]\nnote: Jälki\n".encode("latin-1"), "register.yaml:2: not UTF-8"),
        ("eea: [FI]\n".encode("utf-16"), "register.yaml:1: not UTF-8"),
        (b"eea: !!python/object/apply:os.system [ls]\n", "register.yaml:1: tags (!) are refused"),
        (b"eea: [FI]\n--- \neea: [SE]\n", "register.yaml:2: not YAML: "),
        (b"eea:\n  ? [a, b]\n  : c\n", "register.yaml:2: a key must be a word"),
        (b"parties: " + b"[" * 5000, "register.yaml:1: nested deeper than"),
        (b"#" * (1 << 20) + b"\n", "register.yaml:1: larger than 1 MiB"),
        (b"x" * (10 << 20), "register.yaml:1: larger than 1 MiB"),
    ],
    ids=lambda value: value[:24] if isinstance(value, bytes) else None,
)
def test_a_file_that_is_no_register_is_refused_with_its_line(tmp_path: Path, content: bytes, fault: str) -> None:
    faults = faults_of(tmp_path, content)
    assert [each for each in faults if each.startswith(fault)], faults


def test_a_small_file_cannot_unfold_into_a_large_one(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, BOMB.encode())
    assert [fault.split(":")[1] for fault in faults] == ["1", "2", "3", "4"]
    assert all("anchors and aliases (& and *) are refused" in fault for fault in faults)


def test_an_alias_that_would_be_harmless_is_refused_too(refuse: Refuse) -> None:
    text = SMALL.replace("from: $own, categories: email", "from: &us $own, categories: email")
    assert refuse(text)[0].startswith(f"register.yaml:{line_of(text, '&us')}: anchors")


def test_neither_a_key_nor_a_files_name_steers_a_terminal_or_makes_a_line_of_its_own(tmp_path: Path) -> None:
    poisoned = '"\\e[2J\\u202ea\\n/x.yaml:1: all is well": 1\n'
    (tmp_path / "a\x1b[2J\n0 faults.yaml").write_text(poisoned)
    with pytest.raises(Misconfigured) as caught:
        load_register(tmp_path, CATEGORIES)
    lines = str(caught.value).split("\n")
    assert all(line.isprintable() for line in lines)
    assert all(line.startswith(str(tmp_path)) for line in lines)


def test_a_missing_path_an_empty_folder_and_a_device_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.yaml", tmp_path, Path("/dev/null")):
        with pytest.raises(Misconfigured, match="folder"):
            load_register(path, CATEGORIES)


def test_one_unreadable_file_does_not_hide_the_faults_of_another(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "b.yaml").write_bytes(b"parties: {x: {}}\n")
    with pytest.raises(Misconfigured) as caught:
        load_register(tmp_path, CATEGORIES)
    text = str(caught.value)
    assert "a.yaml:1: not UTF-8" in text
    assert "b.yaml:1: the key 'name' is missing" in text
    assert "retention" not in text


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
def test_both_loaders_read_the_same(
    shipped: Register, monkeypatch: pytest.MonkeyPatch, loader: type[yaml.SafeLoader | yaml.CSafeLoader]
) -> None:
    monkeypatch.setattr(reading, "LOADER", loader)
    assert load_register(None, CATEGORIES).declared == shipped.declared


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "register.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load_register(file, CATEGORIES).is_party("post")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_to_a_register_is_either_harmless_or_a_clear_refusal(tmp_path: Path, data: st.DataObject) -> None:
    raw = bytearray(SMALL.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw) - 1))
        raw[start : start + data.draw(st.integers(0, 12))] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"[", b"{", b"- ", b": ", b"null", b"\n", b"&a", b"'"])
        )
    file = tmp_path / "register.yaml"
    file.write_bytes(bytes(raw))
    try:
        load_register(file, CATEGORIES)
    except Misconfigured as error:
        assert all(line.startswith(str(file)) for line in str(error).split("\n"))  # noqa: PT017 - both ends are right
