"""A spreadsheet register in CSV becomes a draft that says what the sheet says, and whose gaps are what it does not say."""

from pathlib import Path

import pytest

from tests.console.importing.sheets import HEADER, OWN, POSTI, US, imported, mapping, refused, sheet
from tests.e2e.events import shop, write_lines
from tests.e2e.program import asked

MEASURES = "the measures of security are not said"


def test_a_sheet_that_says_all_leaves_only_what_no_row_can_say(tmp_path: Path) -> None:
    draft = imported(sheet(tmp_path, HEADER, POSTI, OWN, US))
    assert draft.open_points() == [f"art30.csv: {MEASURES}"]
    assert sorted(draft.gaps) == sorted(
        ["policy", "unconfirmed-financial-year:us-oy", "unknown-business-id:us-oy", "unused-party:us-oy"]
    )
    register = draft.register
    (entry,) = register.declared_for("posti-oy", "delivery")
    assert (entry.role, entry.sources, entry.categories) == ("controller", {"order-system"}, {"name", "address"})
    rule = register.retention("name", "delivery")
    assert rule is not None
    assert (rule.period.after, rule.period.days, rule.law, rule.confirmed) == ("order-closed", 0, "KSL", True)
    delivery = register.purpose("delivery")
    assert delivery is not None
    assert ([each.basis for each in delivery.bases], delivery.subjects) == (["contract"], ("customer",))
    assert register.broken_rules("order-system", "posti-oy", "delivery", frozenset({"name"}), 0) == ()


@pytest.mark.parametrize(
    ("field", "gap"),
    [
        (1, "unknown-kind:posti-oy"),
        (2, "unknown-role:posti-oy"),
        (6, "unknown-basis:delivery"),
        (7, "unknown-retention:delivery"),
        (9, "unknown-country:posti-oy"),
        (11, "unknown-source:posti-oy"),
    ],
)
@pytest.mark.parametrize("said", ["", "-", "n/a"])
def test_what_the_sheet_leaves_empty_is_a_gap_and_never_made_up(
    field: int, gap: str, said: str, tmp_path: Path
) -> None:
    cells = POSTI.split(";")
    cells[field] = said
    whole, less = (
        imported(sheet(tmp_path / name, HEADER, row, US)) for name, row in _folders(tmp_path, POSTI, ";".join(cells))
    )
    assert set(less.gaps) - set(whole.gaps) == {gap}
    source = next(each["source"] for each in less.report["gaps"] if each["id"] == gap)
    assert source.startswith("art30.csv:2")


def _folders(folder: Path, *rows: str) -> list[tuple[str, str]]:
    for number in range(len(rows)):
        (folder / str(number)).mkdir()
    return [(str(number), row) for number, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("field", "word", "near"),
    [
        (1, "carier", ["carrier"]),
        (2, "procesor", ["processor"]),
        (4, "e-mail adress", ["email"]),
        (4, "shoe size", []),
        (5, "custmers", ["customer"]),
        (6, "vital interests", []),
        (7, "6 years", []),
        (7, "until the customer asks", []),
        (7, "31 years after delivery", []),
        (9, "Finnland", ["FI"]),
        (10, "standard clauses of contract", []),
    ],
)
def test_a_word_that_stands_for_nothing_is_listed_with_its_cell_and_a_suggestion(
    field: int, word: str, near: list[str], tmp_path: Path
) -> None:
    cells = POSTI.split(";")
    cells[field] = word
    draft = imported(sheet(tmp_path, HEADER, ";".join(cells), US))
    (gap,) = [each for each in draft.report["gaps"] if f"'{word}'" in each["text"]]
    letter = "ABCDEFGHIJKL"[field]
    assert gap["source"] == f"art30.csv:2 ({letter} {HEADER.split(';')[field]})"
    assert gap["near"][: len(near)] == near
    text = (draft.folder / "open.yaml").read_text("utf-8")
    assert all(f"# perhaps {each}" in text for each in near)


def test_some_words_of_a_cell_may_be_known_and_others_not(tmp_path: Path) -> None:
    draft = imported(sheet(tmp_path, HEADER, POSTI.replace("name, address", "name, shoe size, address"), US))
    (entry,) = draft.register.declared_for("posti-oy", "delivery")
    assert entry.categories == {"name", "address"}
    assert [each for each in draft.open_points() if "shoe size" in each]


def test_a_purpose_that_no_event_names_is_kept_and_told(tmp_path: Path) -> None:
    draft = imported(sheet(tmp_path, HEADER, POSTI.replace(";delivery;", ";Deliver the goods;"), US))
    purpose = draft.register.purpose("deliver-the-goods")
    assert purpose is not None
    assert purpose.dpv == ()
    assert "unknown-dpv:deliver-the-goods" in draft.gaps
    assert [each for each in draft.open_points() if "'Deliver the goods' (purpose) stands for no word" in each]


def test_finnish_and_swedish_sheets_are_read_without_a_mapping(tmp_path: Path) -> None:
    finnish = sheet(
        tmp_path,
        "Vastaanottaja;Rooli;Käsittelyn tarkoitus;Henkilötietoryhmät;Oikeusperuste;Säilytysaika;Maa;Suojatoimet",
        "Twilio Inc.;Henkilötietojen käsittelijä;newsletter;Nimi, sähköpostiosoite;Suostumus;;Yhdysvallat;Vakiolausekkeet",
        name="fi.csv",
        encoding="latin-1",
    )
    swedish = sheet(
        tmp_path,
        "Mottagare\tRoll\tÄndamål\tKategorier av personuppgifter\tRättslig grund\tLagringstid\tLand\tÖverföringsmekanism",
        "Twilio Inc.\tPersonuppgiftsbiträde\tnewsletter\tNamn, e-postadress\tSamtycke\t\tUSA\tStandardavtalsklausuler",
        name="sv.csv",
        encoding="utf-16",
    )
    one = imported(finnish)
    assert "read as cp1252, separated by semicolon" in one.ended.said
    register = one.register
    (one.folder / "open.yaml").rename(tmp_path / "kept.yaml")
    other = imported(swedish, "--replace")
    assert "read as utf-16, separated by tab" in other.ended.said
    for each in (register, other.register):
        (entry,) = each.declared_for("twilio-inc", "newsletter")
        assert (entry.role, entry.categories) == ("processor", {"name", "email"})
        (purpose,) = each.declared.purposes
        assert ([basis.basis for basis in purpose.bases], purpose.consent) == (["consent"], "newsletter")
        transfer = each.transfer("twilio-inc", 0)
        assert transfer is not None
        assert (transfer.country, transfer.mechanisms) == ("US", ("scc",))


CUSTOM = """
header: 3
encoding: cp1252
delimiter: ','
columns: {party: Kenelle, purpose: Miksi, categories: Mitä, retention: Kauanko}
constants: {from: order-system, role: processor, country: FI, basis: contract, kind: carrier, subjects: customer}
words:
  categories: {Yhteystiedot: [email, phone, address]}
  purposes: {Tilausten toimitus: delivery}
  parties: {Posti Oy: posti}
  retention: {6 v tilikaudesta: {after: financial-year-end, years: 6, law: 'Kirjanpitolaki 2:10'}}
"""


def test_a_declared_mapping_says_what_columns_and_words_mean(tmp_path: Path) -> None:
    file = sheet(
        tmp_path,
        "Rekisteri,,,,",
        "",
        "Kenelle,Miksi,Mitä,Kauanko,Yhteyshenkilö",
        '"Posti Oy",Tilausten toimitus,"Yhteystiedot, nimi",6 v tilikaudesta,Aino Virta',
        encoding="cp1252",
    )
    draft = imported(file, *mapping(tmp_path, CUSTOM))
    (entry,) = draft.register.declared_for("posti", "delivery")
    assert entry.categories == {"email", "phone", "address", "name"}
    rule = draft.register.retention("email", "delivery")
    assert rule is not None
    assert (rule.period.after, rule.period.years, rule.law) == ("financial-year-end", 6, "Kirjanpitolaki 2:10")
    assert draft.report["unused"] == ["Yhteyshenkilö"]
    assert "Aino" not in draft.ended.out + draft.ended.err
    assert set(draft.gaps) == {"policy", "unknown-kind:order-system", "unknown-country:order-system"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns: {partyy: X}", "columns.yml:1: a register has no field partyy; do you mean party?"),
        ("columns: {party: Recipiant}", "art30.csv has no column Recipiant; do you mean Recipient?"),
        ("columns: {role: Role}\nconstants: {role: processor}", "columns.yml:2: role is a column already"),
        ("words: {roles: {X: boss}}", "columns.yml:1: roles have no word boss"),
        ("words: {retention: {X: {after: never, years: 1}}}", "a period is one of years, months and days"),
        ("words: {retention: {X: {after: delivery, years: 99}}}", "a period is one of years, months and days"),
        ("words: {retention: {X: {after: consent-ended, years: 1}}}", "and does not hang on the person"),
        ("words: {retention: {X: {after: delivery, years: 1, days: 1}}}", "a period is one of years, months and days"),
        ("header: 9", "art30.csv has no row 9"),
        ("encoding: klingon", "encoding must be one of"),
        ("a: &x [*x]", "anchors and aliases"),
        ("columns: !!python/object/apply:os.system [ls]", "tags (!) are refused"),
        ("", "is empty"),
    ],
)
def test_a_mapping_that_does_not_fit_is_told_at_its_line(text: str, said: str, tmp_path: Path) -> None:
    assert said in refused(sheet(tmp_path, HEADER, POSTI), *mapping(tmp_path, text))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (
            POSTI.replace("controller", "processor"),
            "art30.csv:3: 'Posti Oy' for 'delivery' is processor here, and controller in art30.csv:2 (C Role)",
        ),
        (POSTI.replace(";FI;", ";SE;"), "art30.csv:3: country of 'Posti Oy' is 'SE' here, and 'FI' in art30.csv:2 (J Country)"),
        (POSTI.replace("carrier", "mail"), "art30.csv:3: kind of 'Posti Oy' is 'mail' here, and 'carrier' in art30.csv:2"),
        (
            POSTI.replace("contract", "consent"),
            "art30.csv:3: basis of 'delivery' is 'consent' here, and 'contract' in art30.csv:2",
        ),
        (
            POSTI.replace("0 days", "30 days"),
            "art30.csv:3: 'address' is kept 30 days after order-closed (KSL) for 'delivery' here, and 0 days after",
        ),
    ],
)  # fmt: skip
def test_a_sheet_that_contradicts_itself_is_refused_with_both_places(other: str, said: str, tmp_path: Path) -> None:
    assert said in refused(sheet(tmp_path, HEADER, POSTI, other))


def test_two_rows_may_say_more_of_one_thing(tmp_path: Path) -> None:
    more = (
        POSTI.replace("name, address", "phone").replace("controller", "").replace("contract", "").replace("KSL", "KSL")
    )
    draft = imported(sheet(tmp_path, HEADER, POSTI, more, US))
    (entry,) = draft.register.declared_for("posti-oy", "delivery")
    assert (entry.categories, entry.role) == ({"name", "address", "phone"}, "controller")


def test_a_period_said_in_one_row_holds_for_the_same_pair_in_another(tmp_path: Path) -> None:
    silent = POSTI.replace("Posti Oy", "DHL Oy").replace("0 days after order-closed", "").replace("KSL", "")
    for number, rows in enumerate([(POSTI, silent), (silent, POSTI)]):
        (tmp_path / str(number)).mkdir()
        draft = imported(sheet(tmp_path / str(number), HEADER, *rows, US))
        assert not [each for each in draft.gaps if each.startswith("unknown-retention")]


def test_the_tables_of_gaps_name_the_cells(tmp_path: Path) -> None:
    file = sheet(tmp_path, HEADER, POSTI.replace("controller", "boss"), US)
    ended = asked("register", "import", file, "--out", tmp_path / "draft")
    assert ended.code == 1
    assert "art30.csv:2 (C Role)" in ended.out
    assert "2 parties" not in ended.out
    assert "3 parties, 1 purpose and" in ended.said


def test_where_data_goes_outside_the_eea_may_be_said_in_any_row(tmp_path: Path) -> None:
    header = f"{HEADER};Third country"
    silent = POSTI.replace(";FI;;", ";;SCC;") + ";"
    told = POSTI.replace(";FI;;", ";IE;DPF;") + ";USA"
    for number, rows in enumerate([(silent, told), (told, silent)]):
        (tmp_path / str(number)).mkdir()
        draft = imported(sheet(tmp_path / str(number), header, *rows, US))
        transfer = draft.register.transfer("posti-oy", 0)
        assert transfer is not None
        assert (transfer.country, transfer.mechanisms) == ("US", ("dpf", "scc"))
    other = POSTI.replace(";FI;;", ";IE;SCC;") + ";IN"
    assert "has transfers to IN here, and to US in art30.csv:2" in refused(sheet(tmp_path, header, told, other))


def test_a_transfer_without_a_safeguard_is_open_and_one_inside_the_eea_is_none(tmp_path: Path) -> None:
    header = f"{HEADER};Third country"
    draft = imported(sheet(tmp_path, header, f"{POSTI};USA", US))
    assert [each for each in draft.open_points() if "'Posti Oy' goes to US, and no safeguard is said" in each]
    draft = imported(sheet(tmp_path, header, f"{POSTI};Sweden", US), "--replace")
    assert [each for each in draft.open_points() if "SE is in the EEA" in each]
    for said in ("no", "Ei", "nej", "-"):
        draft = imported(sheet(tmp_path, header, f"{POSTI};{said}", US), "--replace")
        assert [each for each in draft.open_points() if "Posti" in each] == []


@pytest.mark.parametrize(
    "words", [("ropa", "--json"), ("ropa", "--jsonld"), ("ropa", "--html"), ("ropa",), ("notice",)]
)
def test_a_draft_full_of_gaps_is_read_by_all_that_tells_of_a_register(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = "Posti Oy;;;Deliver the goods;name, shoe size;;;;;;;"
    draft = imported(sheet(tmp_path, HEADER, bare, US))
    monkeypatch.setenv("JALKI_DATA", str(tmp_path / "data"))
    assert asked("ingest", write_lines(tmp_path / "shop.jsonl", shop(3, seed=4))).code == 0
    monkeypatch.setenv("JALKI_REGISTER", str(draft.folder))
    ended = asked("register", *words)
    assert (ended.code, "deliver-the-goods" in ended.out or "Deliver the goods" in ended.out) == (0, True)
