"""What the sandbox does for every vendor: routes, credentials, limits, jobs, faults, its own endpoints."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind, Rates
from connectors.sandbox.hosted import UNKNOWN, Hosted
from connectors.sandbox.serving import served, served_in_a_thread
from lineage.errors import Misconfigured
from tests.sandbox.invented import TOKEN, Invented
from tests.servers.waiting import until

SHELF = "/shelves/{shelf}:clear"
NAME = "/names/{name}"


@dataclass(frozen=True)
class Seat:
    hosted: Hosted
    clock: Clock
    client: httpx2.Client

    @property
    def names(self) -> list[str]:
        return list(self.hosted.held()["names"])


@pytest.fixture
def seat() -> Iterator[Seat]:
    clock = Clock(stands=1_750_000_000_000_000)
    with served_in_a_thread([Invented()], clock) as sandbox:
        hosted = sandbox["invented"]
        with httpx2.Client(base_url=hosted.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20) as client:
            yield Seat(hosted, clock, client)


def test_a_call_has_its_effect_and_is_counted_by_its_template_alone(seat: Seat) -> None:
    assert seat.client.put("/names/aino").json() == {"name": "aino"}
    assert seat.names == ["aino"]
    assert seat.hosted.counts == {("PUT", NAME): 1}
    assert "aino" not in repr(seat.hosted.seen)


def test_a_parameter_may_hold_an_escaped_slash(seat: Seat) -> None:
    assert seat.client.put("/names/a%2Fb%40c.fi").json() == {"name": "a/b@c.fi"}


def test_unknown_paths_and_methods_are_told_apart_in_the_vendors_form(seat: Seat) -> None:
    assert (seat.client.get("/nothing").status_code, seat.client.get("/names/x").json()) == (404, {"wrong": 405})
    assert seat.hosted.counts == {("GET", UNKNOWN): 2}


def test_without_credentials_nothing_is_done_except_what_is_open(seat: Seat) -> None:
    stranger = {"Authorization": "Bearer other"}
    assert seat.client.put("/names/aino", headers=stranger).status_code == 401
    assert seat.client.post("/token", headers=stranger).json() == {"token": TOKEN}
    assert seat.names == []


def test_methods_that_nobody_knows_are_counted_as_one(seat: Seat) -> None:
    for method in ("BREW", "WHEN"):
        assert seat.client.request(method, "/names/aino").status_code == 405
    assert seat.hosted.counts == {(UNKNOWN, UNKNOWN): 2}


def test_a_fault_of_a_vendors_file_is_logged_by_its_place_and_not_by_what_was_sent(
    seat: Seat, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        seat.client.get("/fault?q=aino")
    assert "the sandbox of invented failed: RuntimeError at invented.py:" in caplog.text
    assert "aino" not in caplog.text
    assert seat.client.put("/names/eino").status_code == 200


def test_a_body_that_is_too_large_is_not_read(seat: Seat) -> None:
    assert seat.client.post("/token", content=b"x" * 11).status_code == 413


def test_a_limit_counts_each_value_of_its_parameter_until_its_window_is_over(seat: Seat) -> None:
    answers = [seat.client.post("/shelves/a:clear") for _ in range(4)]
    assert [each.status_code for each in answers] == [202, 202, 202, 429]
    assert [each.headers["x-left"] for each in answers] == ["2", "1", "0", "0"]
    assert answers[-1].headers["retry-after"] == "60"
    assert seat.client.post("/shelves/b:clear").status_code == 202
    seat.clock.forward(60_000_000)
    assert seat.client.post("/shelves/a:clear").status_code == 202


def test_a_job_is_done_when_the_clock_has_passed_its_time(seat: Seat) -> None:
    seat.hosted.seed({"names": ["aino", "eino"]})
    job = seat.client.post("/shelves/a:clear").json()["job"]
    assert seat.client.get(f"/jobs/{job}").json() == {"done": False}
    seat.clock.forward(59_999_999)
    assert seat.names == ["aino", "eino"]
    seat.clock.forward(1)
    assert seat.names == []
    assert seat.client.get(f"/jobs/{job}").json() == {"done": True}


@pytest.mark.parametrize(
    ("kind", "status", "retry_after", "done"),
    [
        (Kind.BUSY, 429, "9", False),
        (Kind.BUSY_SILENT, 429, None, False),
        (Kind.BROKEN, 500, None, False),
        (Kind.BROKEN_AFTER, 500, None, True),
        (Kind.AWAY, 503, "9", False),
        (Kind.EXPIRED, 401, None, False),
        (Kind.LIE, 200, None, False),
    ],
)
def test_an_answer_goes_wrong_for_so_many_calls_of_its_operation(
    seat: Seat, kind: Kind, status: int, retry_after: str | None, done: bool
) -> None:
    seat.hosted.fault(kind, NAME, method="PUT", calls=2, seconds=9)
    assert seat.client.delete("/names/aino").status_code == 204
    for _ in range(2):
        answer = seat.client.put("/names/aino")
        assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry_after)
    assert seat.names == (["aino"] if done else [])
    assert seat.client.put("/names/aino").status_code == 200
    assert [each.fault for each in seat.hosted.seen] == [None, kind, kind, None]


@pytest.mark.parametrize("kind", [Kind.LOST, Kind.LOST_AFTER])
def test_a_call_is_lost_before_its_effect_or_after_it(seat: Seat, kind: Kind) -> None:
    seat.hosted.fault(kind)
    with pytest.raises(httpx2.ReadTimeout):
        seat.client.put("/names/aino", timeout=0.2)
    assert seat.names == (["aino"] if kind is Kind.LOST_AFTER else [])


@pytest.mark.parametrize("kind", [Kind.DROPPED, Kind.DROPPED_AFTER])
def test_a_connection_is_dropped_before_the_effect_or_after_it(seat: Seat, kind: Kind) -> None:
    seat.hosted.fault(kind)
    with pytest.raises(httpx2.RemoteProtocolError):
        seat.client.put("/names/aino")
    assert seat.names == (["aino"] if kind is Kind.DROPPED_AFTER else [])


def test_a_body_is_cut_after_the_effect(seat: Seat) -> None:
    seat.hosted.fault(Kind.CUT)
    read = bytearray()

    def gone_through() -> None:
        with seat.client.stream("PUT", "/names/aino") as answer:
            for part in answer.iter_raw():
                read.extend(part)

    with pytest.raises(httpx2.RemoteProtocolError):
        gone_through()
    assert read == b'{"name":'
    assert seat.names == ["aino"]


def test_a_late_answer_comes_when_it_was_told_to(seat: Seat) -> None:
    seat.hosted.fault(Kind.LATE, seconds=0.2, calls=2)
    with pytest.raises(httpx2.ReadTimeout):
        seat.client.put("/names/aino", timeout=0.05)
    answer = seat.client.put("/names/aino")
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.2


def test_a_call_that_is_lost_does_not_hold_up_the_sandboxs_end() -> None:
    async def ended() -> None:
        async with httpx2.AsyncClient() as client:
            async with served([Invented()], Clock()) as sandbox:
                hosted = sandbox["invented"]
                hosted.fault(Kind.LOST)
                waiting = asyncio.create_task(client.post(f"{hosted.url}/token", timeout=100))
                missing = lambda: None if hosted.seen else "the call"  # noqa: E731 - one look
                await asyncio.to_thread(until, missing, seconds=20, what="a call")
            with pytest.raises(httpx2.RemoteProtocolError):
                await waiting

    asyncio.run(asyncio.wait_for(ended(), 30))


def test_what_only_some_operations_can_have_is_refused_for_the_others(seat: Seat) -> None:
    with pytest.raises(ValueError, match="no operation that can be partial"):
        seat.hosted.fault(Kind.PARTIAL, NAME)
    with pytest.raises(ValueError, match="no such operation"):
        seat.hosted.fault(Kind.BROKEN, "/names/aino")
    with pytest.raises(ValueError, match="a fault is one of busy, "):
        seat.hosted.fault("sleepy")
    seat.hosted.seed({"names": ["aino", "eino"]})
    seat.hosted.fault(Kind.PARTIAL)
    assert seat.client.delete("/names/nobody").status_code == 204  # cannot have it, and leaves it to the one that can
    seat.client.post("/shelves/a:clear")
    seat.clock.forward(60_000_000)
    assert seat.names == ["aino"]


def statuses(seat: Seat, seed: int) -> list[int]:
    seat.hosted.at_random(Rates(seed, {Kind.BROKEN: 0.3, Kind.EXPIRED: 0.3}))
    return [seat.client.put("/names/aino").status_code for _ in range(40)]


def test_faults_at_random_are_the_same_for_the_same_seed_whatever_else_is_called(seat: Seat) -> None:
    first = statuses(seat, 1)
    assert {200, 401, 500} == set(first)
    seat.client.delete("/names/aino")
    assert statuses(seat, 1) == first
    assert statuses(seat, 2) != first
    seat.hosted.well()
    assert seat.client.put("/names/aino").status_code == 200


def test_it_is_steered_over_http_too(seat: Seat) -> None:
    ask = seat.client
    assert ask.post("/_sandbox/seed", json={"names": ["aino"]}).status_code == 204
    assert ask.get("/_sandbox/held").json() == {"names": ["aino"]}
    assert ask.post("/_sandbox/faults", json=[{"kind": "away", "path": NAME}]).status_code == 204
    assert ask.put("/_sandbox/rates", json=[{"seed": 1, "rates": {"lie": 0.5}}]).status_code == 204
    shown = ask.get("/_sandbox/faults").json()
    assert shown == {
        "faults": [{"kind": "away", "method": "", "path": NAME, "calls": 1, "seconds": 7.0}],
        "rates": [{"seed": 1, "rates": {"lie": 0.5}, "method": "", "path": "", "seconds": 7.0}],
    }
    assert ask.put("/names/eino").status_code == 503
    assert ask.delete("/_sandbox/faults").status_code == 204
    assert ask.get("/_sandbox/faults").json() == {"faults": [], "rates": []}
    assert {"method": "PUT", "path": NAME, "calls": 1} in ask.get("/_sandbox/calls").json()
    assert ask.delete("/_sandbox/calls").status_code == 204
    assert {each["calls"] for each in ask.get("/_sandbox/calls").json()} == {0}
    before = ask.get("/_sandbox/clock").json()["microseconds"]
    assert ask.post("/_sandbox/clock", json={"forward_seconds": 1.5}).json() == {"microseconds": before + 1_500_000}


@pytest.mark.parametrize(
    ("method", "path", "body", "why"),
    [
        ("POST", "seed", b'{"other": 1}', "names are wanted"),
        ("POST", "seed", b"[]", "wrong or missing: the whole"),
        ("POST", "faults", b'[{"kind": "sleepy"}]', "wrong or missing: 0.kind"),
        ("POST", "faults", b'[{"kind": "busy", "calls": 0}]', "wrong or missing: 0.calls"),
        ("PUT", "rates", b'[{"seed": 1, "rates": {"busy": 2}}]', "wrong or missing: 0.rates.busy"),
        ("POST", "clock", b'{"forward_seconds": -1}', "wrong or missing: forward_seconds"),
        ("POST", "clock", b"{", "the body is not JSON"),
    ],
)
def test_what_is_wrong_with_an_order_is_said(seat: Seat, method: str, path: str, body: bytes, why: str) -> None:
    answer = seat.client.request(method, f"/_sandbox/{path}", content=body)
    assert (answer.status_code, answer.json()) == (400, {"error": why})


@pytest.mark.parametrize("headers", [{"Origin": "http://127.0.0.1"}, {"Host": "rebound.example"}])
def test_a_web_page_cannot_steer_it(seat: Seat, headers: dict[str, str]) -> None:
    assert seat.client.get("/_sandbox/held", headers=headers).status_code == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "127.0.0.2"])  # noqa: S104 - it must refuse to
def test_it_is_served_on_the_loopback_address_alone(host: str) -> None:
    with pytest.raises(Misconfigured, match="loopback"), served_in_a_thread([Invented()], Clock(), host=host):
        pass


def test_a_port_that_is_taken_is_refused(seat: Seat) -> None:
    port = int(seat.hosted.url.rpartition(":")[2])
    with (
        pytest.raises(Misconfigured, match="cannot be served"),
        served_in_a_thread([Invented()], Clock(), ports=[port]),
    ):
        pass
