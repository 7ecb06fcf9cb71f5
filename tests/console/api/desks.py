"""The API of a folder, served on loopback as in earnest; whoever asks checks each answer against the OpenAPI document."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx2
from jsonschema import Draft202012Validator

from connectors.web import public_server
from console.api.answering import Answering
from console.api.app import api_app
from console.api.grants import Grants
from console.api.openapi import openapi_document
from console.api.questions import QUESTIONS
from console.api.roles import roles
from console.api.turns import Turns
from console.opening import declared_of
from console.settings import Settings, read_settings
from lineage.times import now
from tests.servers.waiting import free_port, until

DAY = 24 * 60 * 60 * 1_000_000
PATHS = {each.name: each for each in QUESTIONS}
WHY = "the customer asked, Art. 15"


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    return openapi_document()


@lru_cache(maxsize=100)
def judge(method: str, path: str, status: int, form: str) -> Draft202012Validator:
    """What the document says of such an answer."""
    content = document()["paths"][path][method.lower()]["responses"][str(status)]["content"][form]
    return Draft202012Validator({**content["schema"], "components": document()["components"]})


@dataclass(slots=True)
class Desk:
    """Somebody with a token, or with none."""

    url: str
    token: str | None
    more: Mapping[str, str | bytes] = field(default_factory=dict)

    def sends(self, method: str, path: str, **given: Any) -> httpx2.Response:
        known = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers: dict[str, Any] = {**known, **self.more, **given.pop("headers", {})}
        answer = httpx2.request(method, self.url + path, headers=headers, timeout=30, trust_env=False, **given)
        if path in document()["paths"] and method.lower() in document()["paths"][path]:
            form = answer.headers["content-type"].partition(";")[0]
            told = answer.json() if form.endswith("json") else answer.text
            judge(method, path, answer.status_code, form).validate(told)
        return answer

    def asks(self, name: str, **given: Any) -> httpx2.Response:
        """Ask a question by its name; a purpose is given with those that need one."""
        return self.draws(name, "*/*", **given)

    def draws(self, name: str, form: str, **given: Any) -> httpx2.Response:
        """Ask a question by its name, for an answer in that form."""
        question, headers = PATHS[name], {"Accept": form}
        if question.method == "GET":
            return self.sends("GET", question.path, params=given, headers=headers)
        why = {"purpose": WHY} if question.looks_at else {}
        return self.sends("POST", question.path, json={**why, **given}, headers=headers)

    def told(self, name: str, **given: Any) -> Any:
        answer = self.asks(name, **given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, name: str, limit: int, **given: Any) -> Iterator[list[Any]]:
        """All pages of a list."""
        after: Mapping[str, str] = {}
        while True:
            answer = self.asks(name, **given, limit=limit, **after)
            assert answer.status_code == 200, answer.text
            yield answer.json()
            if "jalki-next" not in answer.headers:
                return
            after = {"after": answer.headers["jalki-next"]}


@dataclass(frozen=True, slots=True)
class Office:
    """The API of a folder while it is served."""

    url: str
    settings: Settings
    desks: dict[tuple[str, str | None], Desk] = field(default_factory=dict)

    @property
    def grants(self) -> Grants:
        return Grants(self.settings.access_file)

    def desk(self, role: str, bound: str | None = None) -> Desk:
        """Somebody in that role."""
        if roles()[role].about == "own-party":
            bound = bound or "posti"
        if (role, bound) not in self.desks:
            name = f"{role}-{len(self.desks) + 1}"
            token = self.grants.add(name, role, bound, now(), now() + DAY)
            self.desks[role, bound] = Desk(self.url, token)
        return self.desks[role, bound]


@contextmanager
def opened_office(data: Path, turns: Turns | None = None, **settings: str) -> Iterator[Office]:
    found = read_settings({**settings, "JALKI_ACCESS_FILE": str(data / f"access-{free_port()}.json")}, data)
    port, turns = free_port(), turns or Turns()
    app = api_app(Answering(found, declared_of(found)), Grants(found.access_file), turns)
    server = public_server(app, "127.0.0.1", port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: None if server.started else "not started", seconds=20, what="the API")
    try:
        yield Office(f"http://127.0.0.1:{port}", found)
    finally:
        server.should_exit = server.force_exit = True
        thread.join(20)
        turns.close()


def problem(answer: httpx2.Response) -> tuple[int, str]:
    """The status and the code of a problem."""
    shape = json.loads(answer.content)
    assert answer.headers["content-type"] == "application/problem+json"
    assert shape["status"] == answer.status_code
    return answer.status_code, shape["code"]
