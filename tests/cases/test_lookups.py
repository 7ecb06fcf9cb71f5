"""Who looked at whom: look-ups at one person and at all, counted once, by staff, and what is known when keys are gone."""

from typing import Any

from lineage.graph import Until
from lineage.lookups import Counts, LookUp, Span, at_person, everywhere, revealed
from lineage.persons import find_person
from lineage.revealing import Looked
from schemas.records import microseconds
from tests.cases.events import account, disclosed, order, shipment
from tests.cases.stage import Stage

BERT = {"customer_id": "C-2", "email": "bert@example.fi"}


def viewed(staff: str = "desk-1", customer: str | None = "C-1", **told: Any) -> dict[str, Any]:
    told = {"viewer": "back-office", "viewer_ref": staff, "purpose": "order", "categories": ["name"], **told}
    return {"type": "RecordViewed", "customer_id": customer, **told}


def span(**times: str) -> Span:
    read = {name: microseconds(time) for name, time in times.items()}
    until = Until(read.pop("at", None), read.pop("known_at", None))
    return Span(read.get("since"), read.get("by"), until)


def hers(stage: Stage, named: tuple[str, str] = ("customer_id", "C-1"), **times: str) -> list[LookUp]:
    work, asked = stage.work, span(**times)
    person = find_person(work.graph, stage.key(*named), asked.until)
    return list(at_person(work.graph, work.keyring, work.register, person, asked))


def all_of(stage: Stage, viewer: str | None = None, **times: str) -> list[LookUp]:
    work = stage.work
    return list(everywhere(work.graph, work.keyring, work.register, span(**times), viewer))


def counted(looks: list[LookUp]) -> Counts:
    counts = Counts()
    for each in looks:
        counts.count(each)
    return counts


def test_only_looks_are_told_and_no_other_disclosure_between_the_same_two(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), disclosed("back-office", "order", ["name"]), viewed())
    (look,) = hers(stage)
    assert (look.staff, look.purpose, look.viewer, look.company) == ("desk-1", "order", "back-office", "multitronic")
    assert all_of(stage) == [look]


def test_a_look_at_an_order_is_a_look_at_whoever_placed_it(stage: Stage) -> None:
    stage.record(account(), order("O-1"), viewed(customer=None, order_id="O-1"), viewed())
    for looks in (hers(stage), hers(stage, ("order_id", "O-1")), all_of(stage)):
        assert [each.whose for each in looks] == [stage.key("customer_id", "C-1")] * 2
        assert len(counted(looks).persons) == 1


def test_an_interval_and_both_times_cut_looks_out(stage: Stage) -> None:
    stage.record(account(), viewed(), viewed("desk-2", occurred_at="2026-02-01T09:00:00+02:00"))
    stage.at("2026-03-05T09:00:00+02:00")
    stage.record(viewed("desk-3", occurred_at="2026-02-15T09:00:00+02:00"))
    for found in (hers, all_of):
        names = lambda **times: sorted(str(each.staff) for each in found(stage, **times))  # noqa: B023, E731 - at once
        assert names() == ["desk-1", "desk-2", "desk-3"]
        assert names(since="2026-02-15T09:00:00+02:00") == ["desk-1", "desk-3"]
        assert names(by="2026-02-15T09:00:00+02:00") == ["desk-2", "desk-3"]
        assert names(at="2026-02-01T09:00:00+02:00") == ["desk-2"]
        assert names(known_at="2026-03-04T00:00:00Z") == ["desk-1", "desk-2"]


def test_counts_tell_how_many_persons_one_of_staff_looked_at_and_how_often_at_one(stage: Stage) -> None:
    stage.record(account(), account(**BERT))
    stage.record(viewed(), viewed(), viewed(customer="C-2"), viewed("desk-2", customer="C-2", viewer="multicare"))
    counts = counted(all_of(stage))
    assert (counts.looks, len(counts.persons), counts.nobody_knows_who) == (4, 2, 0)
    first = counts.by_staff["desk-1"]
    assert (first.looks, len(first.persons), first.most_at_one) == (3, 2, 2)
    assert dict(counts.viewers) == {"back-office": 3, "multicare": 1}
    assert dict(counts.companies) == {"multitronic": 3, "multicare": 1}
    assert [each.staff for each in all_of(stage, "multicare")] == ["desk-2"]


def test_looks_at_what_several_share_are_at_nobody_in_particular(stage: Stage) -> None:
    home = {"email": "home@example.fi"}
    stage.record(account(**home), account(customer_id="C-2", **home), order("O-9", **home))
    stage.record(viewed(customer=None, order_id="O-9"))
    for found in (hers(stage), hers(stage, ("customer_id", "C-2")), all_of(stage)):
        assert [(each.shared, each.whose) for each in found] == [(True, stage.key("order_id", "O-9"))]


def test_a_look_for_an_inquiry_of_an_authority_is_marked(stage: Stage) -> None:
    stage.record(account(), viewed(purpose="authority-inquiry"))
    assert [each.inquiry for each in hers(stage)] == [True]


def test_of_who_is_erased_no_look_is_left_and_of_others_it_is(stage: Stage) -> None:
    stage.record(account(), account(**BERT), viewed(), viewed(customer="C-2"))
    stage.approve(stage.preview(stage.open("erasure", ("customer_id", "C-1"))))
    assert not hers(stage)
    assert [each.whose for each in all_of(stage)] == [stage.key("customer_id", "C-2")]


def test_looks_in_clear_are_cut_out_by_the_same_interval() -> None:
    log = [Looked(at, "desk", "email:a@b.fi", "called in") for at in (1, 5, 9)]
    log.append(Looked(5, "desk", "where:00", "by pseudonym", in_clear=False))
    assert [each.at for each in revealed(log, Span(since=5))] == [5, 9]
    assert [each.at for each in revealed(log, Span(by=5))] == [1, 5]
    assert [each.at for each in revealed(log, Span(until=Until(at=4)))] == [1]
