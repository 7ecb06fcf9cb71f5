"""The question before every sending, put to a worker: small, in a body, from this machine, and answered or refused."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence

import pytest

from lineage.errors import Misconfigured, Refused, Retryable
from streams.health import Health
from streams.listening import listening
from streams.metrics import Metrics
from streams.sharing_asked import LARGEST

HOST = "127.0.0.1"
PERSONAL = "email:aino.virtanen@example.fi"
QUESTION = {"identifier": PERSONAL, "party": "posti", "purpose": "delivery"}

Ask = Callable[..., Awaitable[tuple[int, str]]]


class Answering:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self, *answer: str, fault: Exception | None = None) -> None:
        self.answer, self.fault = answer, fault
        self.asked: list[tuple[str, str, str]] = []

    async def __call__(self, identifier: str, party: str, purpose: str) -> Sequence[str]:
        self.asked.append((identifier, party, purpose))
        if self.fault:
            raise self.fault
        return self.answer


def ask(
    answering: Answering | None, body: bytes = b"", *, method: str = "POST", path: str = "/may-share",
    head: str = "Content-Type: application/json\r\n", length: str | None = None, host: str = HOST,
) -> tuple[int, str]:  # fmt: skip
    """Put one question; return the status and the body of the answer."""
    told = f"Content-Length: {len(body)}\r\n" if length is None else length
    request = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}{told}\r\n".encode() + body

    async def put() -> tuple[int, str]:
        metrics, health = Metrics(["orders"], "1", lambda: 0), Health(lambda: 0)
        async with listening(host, 0, metrics, health, may_share=answering, allow_any=True) as port:
            reader, writer = await asyncio.open_connection(HOST if host == "0.0.0.0" else host, port)  # noqa: S104 - as a container binds
            writer.write(request)
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
        top, _, rest = answer.decode().partition("\r\n\r\n")
        return int(top.split()[1]), rest

    return asyncio.run(asyncio.wait_for(put(), 20))


def question(**changed: object) -> bytes:
    return json.dumps({**QUESTION, **changed}).encode()


@pytest.mark.parametrize("why", [(), ("objection", "no-consent")])
def test_the_answer_is_whether_and_why_not(why: tuple[str, ...]) -> None:
    answering = Answering(*why)
    status, body = ask(answering, question())
    assert (status, json.loads(body)) == (200, {"allowed": not why, "why": list(why)})
    assert answering.asked == [(PERSONAL, "posti", "delivery")]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 2_000, question(more=1), question(party=None), question(purpose=["x"]),
        json.dumps({"identifier": PERSONAL}).encode(),
    ],
)  # fmt: skip
def test_what_is_no_question_is_400_with_how_to_ask_and_is_not_repeated(body: bytes) -> None:
    answering = Answering()
    status, told = ask(answering, body)
    assert (status, answering.asked) == (400, [])
    assert "identifier, party and purpose" in json.loads(told)["error"]
    assert "aino" not in told


@pytest.mark.parametrize(
    ("fault", "status"), [(Misconfigured("unknown"), 400), (Retryable("away"), 503), (Refused("full"), 503)]
)
def test_what_is_not_known_is_400_and_what_nobody_can_tell_now_is_503(fault: Exception, status: int) -> None:
    told, body = ask(Answering(fault=fault), question())
    assert (told, json.loads(body)) == (status, {"error": str(fault)})


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"method": "GET"}, 405),
        ({"method": "PUT"}, 405),
        ({"head": "Content-Type: text/plain\r\n"}, 415),
        ({"head": ""}, 415),
        ({"head": "Content-Type: application/json\r\nOrigin: http://x\r\n"}, 403),
        ({"length": f"Content-Length: {LARGEST + 1}\r\n"}, 413),
    ],
)
def test_a_question_put_otherwise_is_refused_without_a_word_and_without_being_read(
    more: dict[str, str], status: int
) -> None:
    answering = Answering()
    assert ask(answering, question(), **more) == (status, "")
    assert answering.asked == []


def test_a_question_of_unknown_length_is_refused() -> None:
    assert ask(Answering(), b"2\r\n{}\r\n0\r\n\r\n", length="Transfer-Encoding: chunked\r\n") == (411, "")


def test_a_container_that_listens_everywhere_answers_its_own_machine() -> None:
    assert ask(Answering(), question(), host="0.0.0.0")[0] == 200  # noqa: S104 - as a container binds


def test_a_question_from_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiohttp.web.BaseRequest.remote", "192.0.2.7")
    answering = Answering()
    assert ask(answering, question()) == (403, "")
    assert answering.asked == []


def test_a_worker_that_is_not_asked_such_things_has_no_such_page() -> None:
    assert ask(None, method="GET", head="", length="") == (404, "")


def test_nobody_finds_the_person_in_a_log_whatever_happens(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for answering in (Answering(), Answering("objection"), Answering(fault=Retryable("away"))):
        ask(answering, question())
    assert ask(Answering(fault=ValueError(PERSONAL)), question()) == (500, "")
    assert "aino" not in caplog.text
