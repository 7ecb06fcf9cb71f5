from pathlib import Path

import pytest

from lineage.cases.holds import LANGUAGES, SHIPPED, Holds, form_of, load_holds
from lineage.errors import Misconfigured
from lineage.register import load_register
from tests.lineage.cases.seeing import at
from tests.lineage.register.small import CATEGORIES, SMALL


@pytest.fixture(scope="module")
def holds() -> Holds:
    return load_holds().at(at("2026-11-23"))


def write(folder: Path, text: str, name: str = "holds.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_every_rule_of_the_shipped_register_has_a_row(holds: Holds) -> None:
    assert holds.missing(load_register(None, CATEGORIES)) == ()


def test_a_register_of_ones_own_is_told_which_rows_it_lacks(holds: Holds, tmp_path: Path) -> None:
    file = tmp_path / "register.yaml"
    file.write_text(SMALL.replace("rule: H05", "rule: X99"), encoding="utf-8")
    assert holds.missing(load_register(file, CATEGORIES)) == ("X99",)
    with pytest.raises(Misconfigured, match="X99 withstands"):
        holds.ground("X99")


def test_every_rule_known_to_the_law_table_has_a_row(holds: Holds) -> None:
    assert {f"H{number:02}" for number in range(1, 28)} <= holds.grounds.keys()


@pytest.mark.parametrize("rule", ["H04", "H09", "H10", "H15", "H16", "H22", "H23", "H24", "H25", "D01"])
def test_what_no_law_and_no_contract_asks_for_does_not_withstand(holds: Holds, rule: str) -> None:
    assert not any(holds.ground(rule).keeps(category) for category in CATEGORIES)


def test_the_person_can_be_told_in_three_languages_what_stays_and_what_fades(holds: Holds) -> None:
    told = [each for each in holds.grounds.values() if each.withstands or each.promised]
    assert len(told) > 15
    for each in told:
        assert len({holds.text(each.rule, language) for language in LANGUAGES}) == 3
        assert each.statute
    assert holds.text("H01", "de") == holds.text("H01", "en")


def test_an_assumption_may_differ_by_purpose(holds: Holds) -> None:
    assert holds.assumed("due-days", "credit") > holds.assumed("due-days", "claim") == holds.assumed("due-days")


def test_a_version_that_was_decided_by_is_never_changed() -> None:
    """Add a new version instead, and its digest here."""
    assert {each.version: each.digest for each in load_holds().versions} == {
        "2026-1": "dd20d3e76e56f62d994e8572fd1c7cc4a94f9563d835e6ff1a936503014eafde"
    }


def test_the_newest_version_that_is_valid_decides(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8")
    newer = (
        text.replace('"2026-1"', '"2027-1"')
        .replace("2018-05-25", "2027-06-01")
        .replace("return-days = 14", "return-days = 30")
    )
    table = load_holds(write(tmp_path, newer + text))
    assert table.at(at("2027-05-31", "20:59")).version == "2026-1"
    assert table.at(at("2027-05-31", "21:00")).version == "2027-1"  # midnight in Helsinki
    assert table.version("2026-1").digest == load_holds().version("2026-1").digest != table.version("2027-1").digest


def test_what_was_decided_before_the_first_version_or_by_one_that_is_gone_is_refused() -> None:
    with pytest.raises(Misconfigured, match="valid yet"):
        load_holds().at(at("2018-05-24"))
    with pytest.raises(Misconfigured, match="2019-9"):
        load_holds().version("2019-9")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[version]]\n", "[[edition]]\n", r"holds no \[\[version"),
        ("valid_from = 2018-05-25", 'valid_from = "soon"', "valid_from is a day"),
        ("valid_from = 2018-05-25", "", "lacks"),
        ("return-days = 14", "", "missing: return-days"),
        ("return-days = 14", "return-days = -1", "return-days is a whole number"),
        ("return-days = 14", "return-days = true", "return-days is a whole number"),
        ("return-days = 14", "return-days = 14\nreturn-month = 1", "return-month"),
        ("withstands = true", 'withstands = "yes"', "true or false"),
        ("withstands = true", "withstands = true\npromised = true", "never both"),
        ('why = "legal-obligation"', 'why = "asked-nicely"', "says why"),
        ('why = "legal-obligation"', "", "says why"),
        ("withstands = true", "withstands = false", "nothing else does"),
        ("\nsv = ", "\nse = ", "unknown words: se"),
        ("statute = ", "# ", "lacks"),
        ("= true", "= [", "no TOML"),
    ],
)
def test_a_table_with_a_fault_is_refused_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = SHIPPED.read_text("utf-8")
    assert old in text
    with pytest.raises(Misconfigured, match=message):
        load_holds(write(tmp_path, text.replace(old, new, 1)))


def test_a_missing_text_is_refused(tmp_path: Path) -> None:
    lines = [each for each in SHIPPED.read_text("utf-8").splitlines() if not each.startswith("sv = ")]
    with pytest.raises(Misconfigured, match="H01: a text is missing"):
        load_holds(write(tmp_path, "\n".join(lines)))


def test_two_versions_of_one_name_or_day_are_refused(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8")
    with pytest.raises(Misconfigured, match="same version"):
        load_holds(write(tmp_path, text + text.replace("2018-05-25", "2027-01-01")))
    with pytest.raises(Misconfigured, match="same valid_from"):
        load_holds(write(tmp_path, text + text.replace('"2026-1"', '"2027-1"'), "other.toml"))


@pytest.mark.parametrize(
    ("role", "outside", "ours"),
    [
        ("controller", "notice", "internal"),
        ("joint-controller", "notice", "internal"),
        ("processor", "instruction", "internal"),
        ("own-system", "internal", "internal"),
        ("authority", None, None),
        ("unknown", "notice", "internal"),
        ("mixed", "notice", "internal"),
    ],
)
def test_a_role_has_one_form(role: str, outside: str | None, ours: str | None) -> None:
    assert form_of(role) == outside
    assert form_of(role, ours=True) == ours


def test_the_page_about_holds_tells_what_the_table_says(holds: Holds) -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "holds.md").read_text("utf-8")
    rows = {cells[1].strip("` "): [each.strip() for each in cells[2:4]] for cells in map(_cells, page.splitlines())}
    for rule, ground in holds.grounds.items():
        told = ", ".join(f"`{each}`" for each in sorted(ground.only)) + " only" if ground.only else "yes"
        assert rows[rule] == [told if ground.withstands else "no", (ground.article or "").removeprefix("GDPR ")]
    for name, number in holds.assumptions.items():
        assert f"`{name}` | {number}" in page or f"`{name}` {number}" in page, name


def _cells(line: str) -> list[str]:
    return (line + "||||").split("|")
