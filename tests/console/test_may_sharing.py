"""`jalki may-share`, as the program, and the same question put to a worker's other thread."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from console.may_sharing import MOST_WAITING, Asking
from console.opening import opened_for_recording
from console.settings import Settings, read_settings
from lineage.errors import Misconfigured, Retryable
from lineage.times import now
from lineage.tombstones import Suppression
from tests.e2e.events import event, order, write_lines
from tests.e2e.program import asked

AINO = "email:Aino.Esimerkki@posti.example"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one order, of a person who may not be sent to `dhl`."""
    folder = tmp_path_factory.mktemp("sharing") / "data"
    assert asked("ingest", write_lines(folder.parent / "shop.jsonl", [order()]), "--data", folder).code == 0
    with opened_for_recording(read_settings({}, folder)) as (opened, _):
        key = opened.pseudonyms.identifier(*AINO.split(":", 1))
        opened.memory.suppress([Suppression(key, "dhl", "delivery", "objection", now(), "case-1")])
    return folder


def test_yes_is_code_0(data: Path) -> None:
    ended = asked("may-share", AINO, "posti", "delivery", "--data", data)
    assert (ended.code, ended.out) == (0, "yes\n")


def test_no_is_code_1_and_says_why(data: Path) -> None:
    ended = asked("may-share", AINO, "dhl", "delivery", "--data", data)
    assert (ended.code, ended.out) == (1, "no\nobjection: the person has objected\n")


def test_json_says_what_was_asked_whether_and_why(data: Path) -> None:
    ended = asked("may-share", AINO, "sendgrid", "newsletter", "--json", "--data", data)
    assert ended.code == 1
    assert ended.json == {
        "asked": AINO, "party": "sendgrid", "purpose": "newsletter", "allowed": False, "why": ["no-consent"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nonsense", "posti", "delivery"), "an identifier is written"),
        (("name:Aino", "posti", "delivery"), "identifies nobody"),
        ((AINO, "nobody", "delivery"), "the party is not in the register"),
        ((AINO, "posti", "horoscope"), "the purpose is not in the register"),
    ],
)
def test_what_is_not_known_is_code_2(data: Path, words: tuple[str, ...], told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        asked("may-share", *words, "--data", data)


@pytest.fixture
def asking(data: Path) -> Iterator[Asking]:
    beside = Asking(read_settings({}, data))
    yield beside
    beside.close()


def put(asking: Asking, *questions: tuple[str, str, str]) -> list[object]:
    async def at_once() -> list[object]:
        return await asyncio.gather(*(asking.why_not(*each) for each in questions), return_exceptions=True)

    return asyncio.run(asyncio.wait_for(at_once(), 30))


def test_a_worker_gives_the_same_answers(asking: Asking) -> None:
    questions = [(AINO, "posti", "delivery"), (AINO, "dhl", "delivery"), (AINO, "sendgrid", "newsletter")]
    assert put(asking, *questions, *questions) == [(), ("objection",), ("no-consent",)] * 2


def test_an_answer_is_of_now_and_not_of_when_the_folder_was_opened(asking: Asking, data: Path) -> None:
    question = (AINO, "ups", "delivery")
    assert put(asking, question) == [()]
    with opened_for_recording(read_settings({}, data)) as (opened, _):
        key = opened.pseudonyms.identifier(*AINO.split(":", 1))
        opened.memory.suppress([Suppression(key, "ups", "*", "restriction", now(), "case-1")])
    assert put(asking, question) == [("restriction",)]


def newsletter(kind: str, event_id: str, at: str) -> dict[str, object]:
    return event(kind, event_id, at, customer_id="C-17", email="eero@posti.example", source="shop")


def test_whoever_unsubscribes_between_two_questions_is_not_mailed(tmp_path: Path) -> None:
    data, question = tmp_path / "data", ("customer_id:C-17", "sendgrid", "newsletter")
    first = newsletter("NewsletterSubscribed", "s-1", "2026-02-03T08:00:00Z") | {"consent_text": "Yes"}
    assert asked("ingest", write_lines(tmp_path / "1.jsonl", [first]), "--data", data).code == 0
    with closing(Asking(read_settings({}, data))) as beside:
        assert put(beside, question) == [()]
        then = newsletter("NewsletterUnsubscribed", "s-2", "2026-02-04T08:00:00Z")
        assert asked("ingest", write_lines(tmp_path / "2.jsonl", [then]), "--data", data).code == 0
        assert put(beside, question) == [("no-consent",)]


def test_between_questions_nothing_of_the_folder_is_held_and_the_log_of_writes_can_be_cut(
    asking: Asking, data: Path
) -> None:
    assert put(asking, (AINO, "posti", "delivery")) == [()]
    with closing(sqlite3.connect(data / "graph.db", timeout=0)) as writer:
        writer.execute("CREATE TABLE more (row)")
        writer.execute("DROP TABLE more")
        (busy, *_) = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert busy == 0


def test_more_questions_than_may_wait_are_turned_away(asking: Asking) -> None:
    answers = put(asking, *[(AINO, "posti", "delivery")] * (MOST_WAITING + 5))
    assert answers.count(()) == MOST_WAITING
    assert sum(isinstance(each, Retryable) for each in answers) == 5


def test_a_wrong_question_is_told_from_a_folder_that_cannot_be_opened(asking: Asking, tmp_path: Path) -> None:
    (wrong,) = put(asking, (AINO, "nobody", "delivery"))
    assert isinstance(wrong, Misconfigured)
    settings: Settings = read_settings({}, tmp_path / "nothing")
    nowhere = Asking(settings)
    (away,) = put(nowhere, (AINO, "posti", "delivery"))
    nowhere.close()
    assert isinstance(away, Retryable)
    assert put(asking, (AINO, "posti", "delivery")) == [()]
