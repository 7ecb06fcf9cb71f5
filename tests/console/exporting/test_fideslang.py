"""The Fides manifest keeps its own references, and every word of ours has one in its taxonomy or is named as having none.

The package `fideslang` is the judge. It cannot be installed beside this program's pydantic, so `make test` makes a
venv of its own for it and names its Python in `FIDESLANG_PYTHON`; a test run by hand takes that venv where it is there.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given

from console.exporting.fideslang import data_category, data_use, fideslang, words
from console.shapes import Shape, sharing_shape
from lineage.sharing import Share
from schemas.vocabulary import vocabulary
from tests.console.exporting.drawn import REGISTER, SHAPES, Shop

NONE_IN_FIDES = {"backup"}
HERE = Path(__file__).parents[3] / ".venv-fideslang" / "bin" / "python"
JUDGE = """
import sys, yaml
from fideslang.default_taxonomy import DEFAULT_TAXONOMY as known
from fideslang.models import Taxonomy
told = yaml.safe_load(sys.stdin)
manifest = Taxonomy(**told)
keys = {each.fides_key for kind in (known.data_category, known.data_use, known.data_subject) for each in kind}
used = {key for one in manifest.system for each in one.privacy_declarations
        for key in (*each.data_categories, each.data_use, *each.data_subjects)}
used |= {key for one in manifest.dataset for each in one.collections for field in each.fields for key in field.data_categories}
used |= set(told.get("words", ()))
assert used <= keys, sorted(used - keys)
print(len(manifest.system), len(manifest.dataset))
"""


def assert_whole(manifest: Any) -> None:
    systems = {each["fides_key"] for each in manifest["system"]}
    datasets = {each["fides_key"] for each in manifest["dataset"]}
    assert len(systems) == len(manifest["system"])
    for system in manifest["system"]:
        assert set(system["dataset_references"]) <= datasets
        for flow in (*system["ingress"], *system["egress"]):
            assert (flow["type"] == "user") == (flow["fides_key"] == "user")
            assert flow["fides_key"] in systems | {"user"}
        sources = {each["fides_key"] for each in system["ingress"]}
        for declared in system["privacy_declarations"]:
            assert set(declared["ingress"]) <= sources
            assert declared["data_use"] in words()["uses"].values()
            assert set(declared["data_categories"]) <= set(words()["categories"].values()) - {""}


def test_the_manifest_of_a_shop_keeps_its_references_and_has_every_party(shop: Shop) -> None:
    manifest = yaml.safe_load(shop.exported("fideslang").out)
    assert_whole(manifest)
    parties = {each[end] for each in shop.edges for end in ("from", "to")} - {"person"}
    assert [each["fides_key"] for each in manifest["system"]] == sorted(parties)
    assert all(re.fullmatch(r"[a-zA-Z0-9_.<>-]+", each["fides_key"]) for kind in manifest.values() for each in kind)
    posti = next(each for each in manifest["system"] if each["fides_key"] == "posti")
    delivery = next(each for each in posti["privacy_declarations"] if each["name"] == "delivery")
    assert (delivery["data_use"], delivery["legal_basis_for_processing"]) == (
        "essential.service.operations",
        "Contract",
    )
    assert {"user.name", "user.contact.address"} <= set(delivery["data_categories"])
    assert "order-system" in delivery["ingress"]


@given(SHAPES)
def test_whatever_was_shared_the_manifest_keeps_its_references(shape: Shape) -> None:
    exported = fideslang(shape, REGISTER)
    assert_whole(yaml.safe_load(exported.text))
    unsaid = {each["purpose"] for each in shape["sharing"] if data_use(each["purpose"], REGISTER) is None}
    assert sum("data use" in line for line in exported.left_out) == len(unsaid)


def test_every_category_has_a_data_category() -> None:
    assert {each for each in vocabulary().categories if data_category(each) is None} == set()
    assert set(words()["categories"]) == set(vocabulary().categories.values())


def test_every_purpose_of_the_shipped_register_has_a_data_use_or_is_named_as_having_none() -> None:
    purposes = REGISTER.declared.purposes
    assert {each.id for each in purposes if data_use(each.id, REGISTER) is None} == NONE_IN_FIDES
    assert set(words()["uses"]) == {iri for each in purposes for iri in each.dpv}


def test_every_basis_and_role_of_the_register_has_a_row() -> None:
    assert {basis.basis for each in REGISTER.declared.purposes for basis in each.bases} <= words()["bases"].keys()
    assert {each.role for each in REGISTER.declared.recipients} <= words()["roles"].keys()


def test_a_purpose_without_a_data_use_is_left_out_and_said() -> None:
    share = Share("order-system", "backup", "backup", 3, {"name": 3}, 0, 0, {})
    exported = fideslang(sharing_shape([share], REGISTER), REGISTER)
    assert exported.left_out == ("Fides has no data use for the purpose 'backup'",)
    backup = next(each for each in yaml.safe_load(exported.text)["system"] if each["fides_key"] == "backup")
    assert backup["privacy_declarations"] == []
    assert backup["ingress"][0]["data_categories"] == ["user.name"]


@pytest.mark.skipif(not (os.environ.get("FIDESLANG_PYTHON") or HERE.exists()), reason="make test makes its venv")
def test_fideslang_itself_reads_the_manifest_and_knows_every_word(shop: Shop) -> None:
    told = yaml.safe_load(shop.exported("fideslang").out)
    table = {word for kind in ("categories", "uses") for word in words()[kind].values() if word}
    judged = subprocess.run(
        [os.environ.get("FIDESLANG_PYTHON") or HERE, "-c", JUDGE],
        input=yaml.safe_dump({**told, "words": sorted(table)}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert judged.returncode == 0, judged.stderr
    assert judged.stdout.split() == [str(len(told["system"])), str(len(told["dataset"]))]
