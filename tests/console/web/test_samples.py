"""The auditor's samples: drawn alike with the same seed, each with what proves it, and no more than is proved."""

import re
from dataclasses import replace
from datetime import date

import pytest

from console.web.samples_drawn import Drawing, closed_cases, flows, former_processor, proofs, recipients
from lineage.drift import drift
from lineage.errors import Misconfigured
from lineage.facts import Disclosure
from lineage.register import Register, Validity
from lineage.times import now
from tests.console.web.auditing import Console, audited, empty

__all__ = ["audited", "empty"]


def test_without_a_seed_nothing_is_drawn_and_a_new_one_is_offered(audited: Console) -> None:
    pages = [audited.page("auditor", "/samples?since=2026-02-01") for _ in range(2)]
    seeds = [re.search(r'name="seed" value="(\d+)"', each.html) for each in pages]
    assert all(seeds)
    assert seeds[0][1] != seeds[1][1]  # type: ignore[index]  # they are there
    assert [each.tables for each in pages] == [{}, {}]


def test_the_same_seed_draws_the_same_and_another_another(audited: Console) -> None:
    first, again, other = (audited.page("auditor", f"/samples?seed={seed}") for seed in (7, 7, 8))
    assert first.tables == again.tables
    assert first.tables != other.tables


def test_closed_cases_are_replayed_and_lead_to_their_pages(audited: Console) -> None:
    page = audited.page("auditor", "/samples?seed=7")
    rows = {row[0]: row for row in page.rows("Closed cases")}
    assert set(rows) == {audited.unsubscribed}  # of the erasure the backup has promised, and its day has not come
    assert rows[audited.unsubscribed][4].startswith("whole, ")
    assert "done, shown" in rows[audited.unsubscribed][5]
    assert f"/cases/{audited.unsubscribed}" in page.links
    assert rows[audited.unsubscribed][6] == "0"


def test_a_changed_chain_is_told_and_not_hidden(audited: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise Misconfigured("broken")

    monkeypatch.setattr("console.web.samples_drawn.check_chain", broken)
    rows = audited.page("auditor", "/samples?seed=7").rows("Closed cases")
    assert ["not whole" in " ".join(row) for row in rows] == [True]


def test_flows_are_drawn_of_all_and_break_what_drift_says_they_broke(audited: Console) -> None:
    with audited.office.reading() as folder:
        everything = {_fact(each) for each in folder.graph.every_disclosure(None)}
        broke = {each.disclosure.event.hex(): each.rules for each in drift(folder.graph, folder.register, None)}
        drawn = [each for seed in range(40) for each in flows(folder, Drawing(str(seed)), lambda: None)["drawn"]]
        assert flows(folder, Drawing("1"), lambda: None)["of"] == len(everything)
    assert {each["event"] for each in drawn} <= {event.hex() for event, _ in everything}
    assert any(each["broke"] for each in drawn)
    for each in drawn:
        assert set(each["broke"]) <= set(broke.get(each["event"], ()))


def _fact(each: Disclosure) -> tuple[bytes, int]:
    return each.event, each.part


def test_a_flow_tells_the_line_of_the_register_and_what_it_lacks(audited: Console) -> None:
    with audited.office.reading() as folder:
        drawn = [each for seed in range(40) for each in flows(folder, Drawing(str(seed)), lambda: None)["drawn"]]
    for each in drawn:
        undeclared = {"undeclared-recipient", "undeclared-source", "unknown-purpose"} & {*each["broke"]}
        assert bool(each["register"]) != bool(undeclared)
        assert all(re.fullmatch(r"recipients\.yaml:\d+", one["place"]) for one in each["register"])
        assert each["notice"] is None  # the shipped register declares no version
        assert each["contract"]["needed"] == (each["contract"]["role"] in {"processor", "joint-controller"})


def test_only_flows_of_the_time_that_is_asked_for_are_drawn(audited: Console) -> None:
    with audited.office.reading() as folder:
        since = Drawing("7", since=1_772_000_000_000_000)
        assert all(each["at"] >= "2026-02-25" for each in flows(folder, since, lambda: None)["drawn"])
        assert flows(folder, Drawing("7", known_at=0), lambda: None) == {"of": 0, "drawn": []}


def test_recipients_have_counts_of_persons_and_no_own_system_is_one(audited: Console) -> None:
    with audited.office.reading() as folder:
        found = recipients(folder, Drawing("7"), now(), lambda: None)
        assert len(found["drawn"]) == 5
        assert all(each["persons"] + each["shared"] >= 1 for each in found["drawn"])
        kinds = {folder.register.party(each["party"]).kind for each in found["drawn"]}  # type: ignore[union-attr]  # known
        assert "own-system" not in kinds


def test_where_no_contract_has_ended_no_former_processor_is_made_up(audited: Console) -> None:
    with audited.office.reading() as folder:
        assert former_processor(folder, Drawing("7"), now(), lambda: None) == {"of": 0, "drawn": []}
    assert "no processor's contract has ended" in audited.page("auditor", "/samples?seed=7").text


def test_a_former_processor_has_what_is_left_and_only_proofs_that_there_are(audited: Console) -> None:
    over = Validity(None, date(2026, 3, 1))
    with audited.office.reading() as there:
        declared = there.register.declared
        ended = tuple(
            replace(each, validity=over) if each.party == "sendgrid" else each for each in declared.recipients
        )
        folder = replace(there, register=Register(replace(declared, recipients=ended)))
        found = former_processor(folder, Drawing("7"), now(), lambda: None)
        assert found["of"] == 1
        (shape,) = found["drawn"]
        assert (shape["party"], shape["contract"]["ended"], shape["proofs"]) == ("sendgrid", "2026-03-01", [])
        assert shape["persons"] >= 1
        assert not shape["nothing_left"]
        assert proofs(folder, "order-system", lambda: None) == [audited.erased]


def test_where_nothing_is_closed_nothing_is_drawn(empty: Console) -> None:
    with empty.office.reading() as folder:
        assert closed_cases(folder, Drawing("7")) == {"of": 0, "drawn": []}
    assert "No case is closed yet." in empty.page("auditor", "/samples?seed=7").text


def test_that_samples_were_looked_at_is_written_down(audited: Console) -> None:
    audited.page("auditor", "/samples?seed=unusual-7")
    rows = audited.page("dpo", "/looks").rows("Entries of Jalki")
    assert [row for row in rows if row[3] == "samples:unusual-7" and row[1:3] == ["auditor-1", "auditor"]]
