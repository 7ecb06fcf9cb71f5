"""`jalki recall` as a user runs it, and asked wrongly."""

import json
from pathlib import Path

import pytest

from tests.e2e.events import event, order, write_lines
from tests.e2e.program import asked, asked_wrongly, called


def item(serial: str | None, model: str = "Kettle X1") -> dict[str, object]:
    return {"sku": "A-1", "product_group": "home", "quantity": 1, "price": "10.00", "model": model, "serial": serial}


SOLD = [
    order("e-1", "O-1", customer_id="C-1", email="aino@kettle.example", items=[item("SN0100")]),
    order("e-2", "O-2", email="guest@kettle.example", items=[item("SN0900")]),
    order("e-3", "O-3", customer_id="C-3", email="eero@kettle.example", items=[item(None)]),
    order("e-4", "O-4", customer_id="C-4", email="else@kettle.example", items=[item("SN0101", "Kettle X2")]),
    event("NewsletterUnsubscribed", "e-5", customer_id="C-3", email="eero@kettle.example", source="mail"),
]


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sold")
    assert asked("ingest", write_lines(folder / "s.jsonl", SOLD), "--data", folder / "data").code == 0
    return folder / "data"


def test_buyers_of_a_model_are_counted(sold: Path) -> None:
    assert asked("recall", "--model", "kettle x1", "--json", "--data", sold).json == {
        "model": "kettle x1", "serials": None, "at": None, "known_at": None,
            "basis": "legal-obligation", "buyers": 3, "certain": 3, "serial_unknown": 0,
        "contactable": {"persons": 3, "address": 3, "email": 3}, "not_contactable": 0, "erased": 0, "opted_out": 1,
        "restricted": 0, "shared": 0,
    }  # fmt: skip


def test_a_range_leaves_out_whose_number_is_known_to_be_another(sold: Path) -> None:
    ended = asked(
        "recall", "--model", "Kettle X1", "--serials", "sn-0001..sn-0199", "--persons", "--json", "--data", sold
    )
    *buyers, counts = [json.loads(each) for each in ended.out.splitlines()]
    assert (counts["buyers"], counts["certain"], counts["serial_unknown"]) == (2, 1, 1)
    assert sorted(each["certain"] for each in buyers) == [False, True]
    assert all(each["candidates"] == 1 and each["contact"] == ["address", "email"] for each in buyers)
    assert "kettle.example" not in ended.out
    assert buyers == sorted(buyers, key=lambda each: each["person"])


def test_addresses_are_shown_for_a_reason_alone(sold: Path) -> None:
    words = ("recall", "--model", "Kettle X1", "--persons", "--json", "--data", sold)
    ended = called(*words, "--reveal", "--reason", "recall 7")
    assert "guest@kettle.example" in ended.out
    assert "else@kettle.example" not in ended.out
    for wrong in (("--reveal",), ("--reveal", "--reason", " ")):
        ended = called(*words, *wrong)
        assert (ended.code, ended.out) == (2, "")


def test_a_person_reads_the_same_in_words(sold: Path) -> None:
    ended = called("recall", "--model", "Kettle X1", "--serials", "SN0001..SN0199", "--persons", "--data", sold)
    assert ended.code == 0
    for words in (
        "2 buyers",
        "not known, so warn them too: 1",
        "1 who opted out of marketing",
        "serial number not known",
    ):
        assert words in ended.out


def test_a_model_that_nobody_bought_is_an_empty_answer(sold: Path) -> None:
    told = asked("recall", "--model", "Kettle X9", "--json", "--data", sold).json
    assert (told["buyers"], told["erased"], told["contactable"]) == (0, 0, {"persons": 0})
    ended = called("recall", "--model", "Kettle X9", "--data", sold)
    assert (ended.code, ended.out) == (0, "")
    assert "no purchase" in ended.said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--model", " "), "--model needs"),
        (("--model", "Kettle X1", "--serials", "SN2..SN1"), "lies after the last"),
        (("--model", "Kettle X1", "--serials", "SN1..SN10"), "different lengths"),
        (("--model", "Kettle X1", "--serials", ".."), "takes a range"),
        (("--model", "Kettle X1", "--reveal", "--reason", "x"), "goes with --persons"),
    ],
)
def test_a_question_that_cannot_be_meant_is_wrong_usage(words: tuple[str, ...], said: str, sold: Path) -> None:
    ended = asked_wrongly("recall", *words, "--data", sold)
    assert said in ended.said
