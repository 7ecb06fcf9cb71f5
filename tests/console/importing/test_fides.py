"""A Fides manifest becomes a draft; what our own export writes comes back, as far as the format can say it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from console.exporting.fideslang import fideslang, words
from console.importing.drafting import Drafting
from console.importing.manifests import manifest_words, told_by
from console.importing.writing import files_of
from console.shapes import Shape
from lineage.register import Register
from tests.console.exporting.drawn import SHAPES
from tests.console.importing.sheets import REGISTER, imported, refused
from tests.e2e.events import shop as events_of
from tests.e2e.events import write_lines
from tests.e2e.program import asked

MANIFEST: dict[str, Any] = {
    "system": [
        {
            "fides_key": "mailer",
            "name": "Mailer Inc.",
            "system_type": "Service",
            "responsibility": ["Processor"],
            "administrating_department": "marketing",
            "legal_basis_for_transfers": ["SCCs"],
            "meta": {"country": "US"},
            "ingress": [{"fides_key": "shop", "type": "system"}],
            "privacy_declarations": [
                {
                    "name": "newsletter",
                    "data_categories": ["user.contact.email", "user.behavior.purchase_history", "user.contact"],
                    "data_use": "marketing.communications",
                    "data_subjects": ["customer"],
                    "legal_basis_for_processing": "Consent",
                }
            ],
        },
        {"fides_key": "shop", "name": "The shop"},
    ]
}


def written(folder: Path, manifest: object, name: str = "fides.json", indent: str | int | None = None) -> Path:
    file = folder / name
    text = json.dumps(manifest, indent=indent) if name.endswith("json") else yaml.safe_dump(manifest)
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize(
    ("name", "indent"), [("fides.json", None), ("fides.json", "\t"), ("fides.yaml", None), ("f.yml", 2)]
)
def test_a_manifest_is_read_from_yaml_and_from_json(name: str, indent: str | int | None, tmp_path: Path) -> None:
    draft = imported(written(tmp_path, MANIFEST, name, indent))
    (entry,) = draft.register.declared_for("mailer", "newsletter")
    assert (entry.role, entry.sources, entry.categories) == ("processor", {"shop"}, {"email"})
    assert draft.register.basis("newsletter", 0) == "consent"
    transfer = draft.register.transfer("mailer", 0)
    assert transfer is not None
    assert (transfer.country, transfer.mechanisms) == ("US", ("scc",))
    assert draft.report["unused"] == ["system.administrating_department"]


def test_words_wider_than_ours_or_of_several_meanings_are_open_with_what_may_be_meant(tmp_path: Path) -> None:
    draft = imported(written(tmp_path, MANIFEST))
    points = {each["text"].rpartition(": ")[2]: each["near"] for each in draft.report["gaps"] if each["kind"] == "open"}
    history = "'user.behavior.purchase_history' (categories) stands for no word of the register"
    assert points[history][:2] == ["order", "serial_number"]
    assert "'user.contact' (categories) stands for no word of the register" in points
    assert "'Service' (kind) stands for no word of the register" in points
    assert {"unknown-kind:mailer", "unknown-kind:shop", "unknown-country:shop", "unknown-retention:newsletter"} <= set(
        draft.gaps
    )


def test_a_transfer_without_a_ground_is_open(tmp_path: Path) -> None:
    system = {**MANIFEST["system"][0], "legal_basis_for_transfers": [], "does_international_transfers": True}
    draft = imported(written(tmp_path, {"system": [system, MANIFEST["system"][1]]}))
    assert "no-transfer-safeguard:mailer" in draft.gaps
    assert [each for each in draft.open_points() if "does_international_transfers" in each]


def test_two_roles_of_one_system_are_none(tmp_path: Path) -> None:
    system = {**MANIFEST["system"][0], "responsibility": ["Controller", "Processor"]}
    draft = imported(written(tmp_path, {"system": [system, MANIFEST["system"][1]]}))
    assert "unknown-role:mailer" in draft.gaps


def test_one_purpose_on_two_bases_is_refused_with_both_places(tmp_path: Path) -> None:
    one = MANIFEST["system"][0]
    other = {**one["privacy_declarations"][0], "legal_basis_for_processing": "Contract"}
    manifest = {"system": [one, {"fides_key": "b", "name": "B", "privacy_declarations": [other]}]}
    said = refused(written(tmp_path, manifest, indent=1))
    assert "basis of 'newsletter' is 'contract' here, and 'consent' in fides.json:" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("- a", "is no mapping"),
        ("system: {}", "is no Fides manifest"),
        ("dataset: []", "is no Fides manifest"),
        ("system: [{name: x}]", "fides.yaml:1: a system has no fides_key"),
        ("system: [x]", "fides.yaml:1: a system has no fides_key"),
        ("system: &a [*a]", "anchors and aliases"),
        ("system: !!python/object/apply:os.system [ls]", "tags (!) are refused"),
        ("system: " + "[" * 30 + "]" * 30, "nested deeper than 12 levels"),
        ("system: [" + "{fides_key: a}, " * 100_000 + "]", "is larger than 1 MiB: import it in parts"),
        ("a: b: c", "not YAML"),
    ],
)
def test_what_is_no_manifest_or_hostile_is_refused(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "fides.yaml"
    file.write_text(text)
    assert said in refused(file)


def test_text_that_is_not_utf8_and_a_mapping_that_is_not_asked_for_are_refused(tmp_path: Path) -> None:
    (tmp_path / "fides.yaml").write_bytes(b"system:\n - {fides_key: \xe4}\n")
    assert "fides.yaml:2: not UTF-8" in refused(tmp_path / "fides.yaml")
    assert "--mapping is for sheets" in refused(written(tmp_path, MANIFEST), "--mapping", tmp_path / "x.yml")


@pytest.mark.parametrize("wrong", [7, "x", None, ["x"], {"a": "b"}, [["x"]], True])
@pytest.mark.parametrize("key", sorted({*MANIFEST["system"][0]} - {"fides_key"}))
def test_a_key_of_another_form_is_passed_over_or_listed_and_never_a_fault_of_the_program(
    key: str, wrong: object, tmp_path: Path
) -> None:
    system = {**MANIFEST["system"][0], key: wrong}
    assert "mailer" in {each.id for each in imported(written(tmp_path, {"system": [system]})).register.parties()}


@pytest.mark.parametrize("name", ["Kauppa \U0001f6d2", "back\\slash \U0001f6d2", "\\ud83d\\ude00", 'quote " / tab'])
def test_whatever_letters_json_writes_a_name_is_kept(name: str, tmp_path: Path) -> None:
    draft = imported(written(tmp_path, {"system": [{"fides_key": "a", "name": name}]}, indent="\t"))
    party = draft.register.party("a")
    assert party is not None
    assert party.name == name


def test_half_a_letter_is_refused(tmp_path: Path) -> None:
    assert "fides.json:1: not YAML" in refused(written(tmp_path, {"system": [{"fides_key": "a", "name": "\ud83d"}]}))


def assert_comes_back(shape: Shape, register: Register) -> None:
    """What the graph had of parties that the shipped register knows is what the draft declares."""
    for edge in shape["sharing"]:
        known, purpose = REGISTER.party(edge["to"]), REGISTER.purpose(edge["purpose"])
        if known is None or purpose is None:
            continue
        party = register.party(edge["to"])
        assert party is not None
        assert (party.name, party.kind, party.country) == (known.name, known.kind, known.country)
        entries = register.declared_for(edge["to"], edge["purpose"])
        categories = {each for entry in entries for each in entry.categories}
        assert {each for each in edge["categories"] if each in words_of_ours()} <= categories
        if len({each["purpose"] for each in shape["sharing"] if each["to"] == edge["to"]}) == 1:
            assert any(edge["from"] in entry.sources for entry in entries) or not categories
        made = register.purpose(edge["purpose"])
        assert made is not None
        assert made.dpv == purpose.dpv


def words_of_ours() -> set[str]:
    return set(manifest_words().known["categories"]) - {each for each in words()["categories"].values() if each}


def test_what_a_shop_exports_comes_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert asked("ingest", write_lines(tmp_path / "shop.jsonl", events_of(60, seed=4)), "--data", data).code == 0
    file = tmp_path / "shop.yaml"
    assert asked("export", "fideslang", "--out", file, "--data", data).code == 0
    shape = asked("sharing", "--json", "--data", data).json
    draft = imported(file)
    register = draft.register
    assert_comes_back(shape, register)
    assert len(shape["sharing"]) > 40
    roles = {"joint-controller": "controller"}
    for edge in shape["sharing"]:
        for entry in register.declared_for(edge["to"], edge["purpose"]):
            assert entry.role == roles.get(edge["role"], edge["role"])
        assert register.basis(edge["purpose"], 0) == (edge["basis"] or "unknown")
        broken = register.broken_rules(edge["from"], edge["to"], edge["purpose"], frozenset(edge["categories"]), 0)
        assert set(broken) <= {"no-transfer-safeguard", "not-in-notice", "unknown-basis"}
    assert {each.split(":")[0] for each in draft.gaps} == {
        "policy", "unknown-country", "unknown-retention", "unknown-role", "unknown-business-id",
        "unconfirmed-financial-year", "unconfirmed-transfer",
    }  # fmt: skip


@given(SHAPES)
@settings(max_examples=60, deadline=None)
def test_whatever_was_shared_an_export_can_be_imported(shape: Shape) -> None:
    text = fideslang(shape, REGISTER).text
    draft = Drafting("x.yaml", manifest_words(), REGISTER).made(told_by("x.yaml", text.encode(), REGISTER))
    assert files_of(draft, REGISTER.declared.eea)
    assert {each["to"] for each in shape["sharing"]} - {"person"} <= set(draft.parties) | {
        each["to"] for each in shape["sharing"] if REGISTER.party(each["to"]) is None
    }
