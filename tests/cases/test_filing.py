"""Evidence that is kept as files: readable as long as its case may know it, and by nobody a moment longer."""

import base64
import shutil
from pathlib import Path

import pytest

from lineage.cases.case import Case
from lineage.cases.deciding import approve, preview, refuse, withdraw
from lineage.cases.filing import LARGEST, MOST, file, kept, unfile
from lineage.cases.identity import doubt, guess, prove
from lineage.cases.restoring import check
from lineage.cases.subjects import file_name
from lineage.errors import Refused
from tests.cases.events import account, order, payment
from tests.cases.stage import Stage, staged
from tests.cases.test_shredded import wrapped_keys

ASKED, OVER = "2026-05-01T10:00:00+03:00", "2034-05-01T10:00:00+03:00"
SAID = b"Anna Esimerkki, Kotikatu 7, showed her passport XP1234567"
LETTER = b"%PDF-1.7 Posti: Anna Esimerkki's parcels are deleted"
HER = {"customer_id": "C-1-anna", "email": "Anna@Example.fi"}


def opened(stage: Stage, channel: str = "account", right: str = "erasure") -> Case:
    stage.record(account(**HER), order("O-1-anna", **HER))
    stage.record(payment("P-1", "O-1-anna", customer_id=HER["customer_id"]))
    stage.at(ASKED)
    return stage.open(right, ("customer_id", HER["customer_id"]), channel=channel)  # type: ignore[arg-type]


def gone(stage: Stage, case: Case, number: int) -> bool:
    """Whether a file can be read no more, and its key is nowhere."""
    with pytest.raises(Refused, match="is gone"):
        kept(stage.work, case.id, number)
    return not stage.work.keyring.find((file_name(case.id, number),))


def test_an_erasure_leaves_no_readable_evidence_once_the_law_keeps_nothing_more(tmp_path: Path) -> None:
    files = tmp_path / "data"
    with staged(tmp_path) as stage:
        case = stage.approve(stage.preview(opened(stage)))
        before = wrapped_keys(files / "keys.db")
        task = next(iter(case.tasks))
        file(stage.work, case.id, LETTER, "task", task)
        file(stage.work, case.id, SAID, "other")
        hers = wrapped_keys(files / "keys.db") - before
        assert len(hers) == 2
        case = stage.run(case)
        assert case.state == "partly-done"
        assert kept(stage.work, case.id, 1).content == LETTER, "as long as something is kept, the case is worked on"
        stage.at(OVER)
        closed = stage.run(case)
        assert closed.state == "closed"
        assert [each.gone is not None for each in closed.files] == [True, True]
        assert gone(stage, case, 1)
        assert gone(stage, case, 2)
        with pytest.raises(Refused, match="cannot file"):
            file(stage.work, case.id, SAID, "other")
    everything = b"\0".join(each.read_bytes() for each in files.rglob("*") if each.is_file())
    assert not [each for each in hers if each in everything]
    for content in (SAID, LETTER):
        for form in (content, base64.b64encode(content), content[5:30], base64.b64encode(content)[8:40]):
            assert form not in everything
    assert closed.files[0].mark.encode() in everything, "that there was one, and its mark, stays"


def test_the_evidence_of_a_refusal_goes_with_the_file_of_the_case(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        case = opened(stage)
        refuse(stage.work, case.id, "12(5)", "the eleventh this week")
        file(stage.work, case.id, SAID, "refusal")
        stage.at("2029-04-30T10:00:00+03:00")
        stage.run(case)
        assert kept(stage.work, case.id, 1).content == SAID
        stage.at("2029-05-03T10:00:00+03:00")
        assert stage.run(case).shredded
        assert gone(stage, case, 1)


@pytest.mark.parametrize("decision", ["proved", "code", "approved", "refused", "withdrawn"])
def test_what_shows_who_asks_goes_with_the_check_or_the_decision(tmp_path: Path, decision: str) -> None:
    with staged(tmp_path) as stage:
        case = opened(stage, "email")
        work = stage.work
        code = doubt(work, case.id, "another address") if decision in {"proved", "code"} else ""
        file(work, case.id, SAID, "identity")
        file(work, case.id, LETTER, "other")
        assert kept(work, case.id, 1).content == SAID
        {
            "proved": lambda: prove(work, case.id, "passport at the counter"),
            "code": lambda: guess(work, case.id, code),
            "approved": lambda: approve(work, preview(work, case.id).id),
            "refused": lambda: refuse(work, case.id, "12(5)", "no"),
            "withdrawn": lambda: withdraw(work, case.id),
        }[decision]()
        assert gone(stage, case, 1)
        assert kept(work, case.id, 2).content == LETTER
        with pytest.raises(Refused):
            file(work, case.id, SAID + b"!", "identity")


def test_a_process_that_ends_between_the_check_and_the_destruction_is_made_up_for(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        case = opened(stage, "email")
        file(stage.work, case.id, SAID, "identity")
        real = stage.work.keyring.destroy

        def ends(_names: object) -> int:
            raise KeyboardInterrupt

        stage.work.keyring.destroy = ends  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            prove(stage.work, case.id, "passport at the counter")
        stage.work.keyring.destroy = real  # type: ignore[method-assign]
        assert stage.work.case(case.id).verified
        assert kept(stage.work, case.id, 1).content == SAID
        stage.run(case)
        assert gone(stage, case, 1)


def test_an_old_key_ring_does_not_bring_a_destroyed_file_back(tmp_path: Path) -> None:
    ring = tmp_path / "data" / "keys.db"
    with staged(tmp_path) as stage:
        case = opened(stage, "email")
        file(stage.work, case.id, SAID, "identity")
        file(stage.work, case.id, LETTER, "other")
        file(stage.work, case.id, SAID + b"?", "mandate")
    shutil.copy(ring, tmp_path / "old.db")
    with staged(tmp_path) as stage:
        stage.at(ASKED)
        prove(stage.work, case.id, "passport at the counter")
        unfile(stage.work, case.id, 3)
    for each in ring.parent.glob("keys.db-*"):
        each.unlink()
    shutil.copy(tmp_path / "old.db", ring)
    with staged(tmp_path) as stage:
        stage.at(ASKED)
        found = check(stage.work)
        assert found.mended.keys == 2
        assert not found.unreadable
        assert gone(stage, case, 1)
        assert gone(stage, case, 3)
        assert kept(stage.work, case.id, 2).content == LETTER


def test_what_is_no_evidence_or_too_much_of_it_is_refused_and_keeps_nothing(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        case = opened(stage)
        for content, shows, task in (
            (b"MZ\0", "other", None), (b"", "other", None), (b"x" * (LARGEST + 1), "other", None),
            (SAID, "task", None), (SAID, "other", f"{case.id}/0.0"), (SAID, "task", f"{case.id}/9.9"),
            (SAID, "identity", None),
        ):  # fmt: skip
            with pytest.raises(Refused):
                file(stage.work, case.id, content, shows, task)  # type: ignore[arg-type]
        with pytest.raises(Refused, match="has no file 1"):
            unfile(stage.work, case.id, 1)
        for number in range(MOST // LARGEST):
            file(stage.work, case.id, str(number).encode() * LARGEST, "other")
        with pytest.raises(Refused, match="all its files together"):
            file(stage.work, case.id, SAID, "other")
        unfile(stage.work, case.id, 2)
        assert file(stage.work, case.id, SAID, "other").number == MOST // LARGEST + 1
        assert gone(stage, case, 2)
