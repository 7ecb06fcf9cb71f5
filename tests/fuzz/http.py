"""Requests to the API, the console and the customers' pages, by whoever is let in and whoever is not."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from hypothesis import strategies as st

from console.api.answering import Answering
from console.api.app import api_app
from console.api.grants import Grants
from console.api.questions import QUESTIONS
from console.api.turns import Turns
from console.opening import declared_of
from console.settings import read_settings
from console.web.accounts import Accounts
from console.web.app import web_app
from console.web.doors import DOORS
from console.web.serving import office_of
from console.web.visits import COOKIE
from lineage.times import now
from tests.console.api.desks import DAY, WHY
from tests.e2e.events import write_lines
from tests.e2e.program import asked
from tests.e2e.stories import STORY
from tests.fuzz.json_lines import VALUES
from tests.fuzz.targets import MARK, TEXTS, Asking, Target, answered_plainly, watched

Sent = tuple[str, str, dict[str, str], dict[str, bytes], bool]
"""Method, path, fields, headers, and whether it is somebody who may."""
URL = "http://127.0.0.1:8080"
FIELDS = sorted({name for each in QUESTIONS for name in each.asked.model_fields})
GIVEN = st.sampled_from(
    [
        "customer_id:C-17",
        f"email:{MARK}",
        "posti",
        "delivery",
        "2026-03-01T00:00:00Z",
        "2026-03-01",
        "9" * 30,
        "-1",
        "true",
    ]
)
NAMED = (
    "accept", "accept-language", "content-type", "cookie", "host", "origin", "sec-fetch-site", "hx-request", "range",
    "if-none-match", "x-forwarded-for", "content-length", "authorization",
)  # fmt: skip
WORTH = (
    b"*/*", b"image/svg+xml;q=0.5, */*;q=1e9", b"text/markdown", b"fi", b"\xff\xfe", b"", b"x" * 2_000, b"bytes=0-0,-1",
    b"Bearer " + MARK.encode(), b"multipart/form-data; boundary=x", b"application/json", b"null", b";" * 200, b"=" * 50,
)  # fmt: skip
HEADERS = st.dictionaries(
    st.sampled_from(NAMED),
    st.sampled_from(WORTH) | st.binary(max_size=12).filter(lambda raw: not set(raw) & {0, 10, 13}),
    max_size=3,
)
"""No line ends in them: no server lets those through to an application."""


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, str, Any, dict[str, bytes], bool, bytes]:
    """A question with fields of any question, right ones and wrong ones; now and then as no JSON."""
    question = draw(st.sampled_from(QUESTIONS))
    own = st.sampled_from(sorted(question.asked.model_fields) or FIELDS)
    fields = draw(st.dictionaries(own | st.sampled_from(FIELDS) | TEXTS, GIVEN | TEXTS | VALUES, max_size=4))
    if "purpose" in question.asked.model_fields and draw(st.booleans()):
        fields["purpose"] = WHY
    method = draw(st.sampled_from([question.method] * 4 + ["GET", "POST", "PUT", "TRACE", MARK]))
    path = draw(
        st.sampled_from([question.path] * 6 + ["/openapi.json", "/v1/../v1/where", "//", "/v1/where/"])
        | TEXTS.map("/".__add__)
    )
    raw = draw(st.sampled_from([b""] * 8 + [b"[" * 5_000, b"\xff", b"{", b"x" * 300_000, b'{"identifier": 1e999}']))
    return method, path, fields, draw(HEADERS), draw(st.booleans()) or draw(st.booleans()), raw


@contextmanager
def api(folder: Path) -> Iterator[Callable[[tuple[str, str, Any, dict[str, bytes], bool, bytes]], None]]:
    """The HTTP API of one customer's life."""
    data = shop(folder)
    found = read_settings({"JALKI_ACCESS_FILE": str(folder / "access.json")}, data)
    grants, turns, asking = Grants(found.access_file), Turns(), Asking()
    token = grants.add("dpo-1", "dpo", None, now(), now() + 30 * DAY)
    app = api_app(Answering(found, declared_of(found)), grants, turns)

    def check(given: tuple[str, str, Any, dict[str, bytes], bool, bytes]) -> None:
        method, path, fields, more, known, raw = given
        headers = {"content-type": b"application/json", **more}
        if known:
            headers["authorization"] = f"Bearer {token}".encode()
        body = raw or json.dumps(fields).encode("utf-8", "surrogatepass")
        with watched():
            reply = asking.asks(app, method, path, b"" if method == "POST" else form(fields), headers, body)
        answered_plainly(reply)
        assert known or reply.status in {401, 404, 405} or path == "/openapi.json"
        if reply.status >= 400:
            assert reply.headers["content-type"] == "application/problem+json"
            assert json.loads(reply.body)["status"] == reply.status

    yield check
    asking.close()
    turns.close()


def form(fields: Mapping[str, Any]) -> bytes:
    return "&".join(
        f"{quote_plus(str(name), errors='replace')}={quote_plus(str(each), errors='replace')}" for name, each in fields.items()
    ).encode()  # fmt: skip


NAMES = [
    "after", "all", "at", "back", "certificate", "channel", "code", "controller", "decision", "digest", "email",
    "evidence", "from", "ground", "how", "identifier", "identifiers", "key", "kind", "lang", "language", "name",
    "offer", "party", "password", "purpose", "reason", "right-access", "right-erasure", "seed", "since", "sure", "task",
    "to", "token", "value",
]  # fmt: skip


@st.composite
def visits(draw: st.DrawFn) -> Sent:
    """A page or an act, with fields of any form."""
    door = draw(st.sampled_from(DOORS))
    path = door.path
    for place in ("{case}", "{found}", "{right}", "{file}"):
        path = path.replace(place, draw(st.sampled_from(["2026-7SDWG2CK", "access", "none", "..", "%2e%2e"]) | TEXTS))
    path = draw(
        st.sampled_from(
            [path] * 5 + ["/static/../app.py", "/static/%2e%2e/app.py", "//evil.example", "/language", f"/{MARK}"]
        )
    )
    fields = draw(st.dictionaries(st.sampled_from(NAMES) | TEXTS, GIVEN | TEXTS, max_size=4))
    method = draw(st.sampled_from(["GET", "POST", "POST", "HEAD", "PUT"]))
    return method, path, fields, draw(HEADERS), draw(st.booleans()) or draw(st.booleans())


@contextmanager
def pages(folder: Path) -> Iterator[Callable[[Sent], None]]:
    """The console and the customers' pages of one customer's life."""
    data = shop(folder)
    found = read_settings({"JALKI_ACCOUNTS_FILE": str(folder / "accounts.json")}, data)
    accounts, turns, asking = Accounts(found.accounts_file), Turns(), Asking()
    office = office_of(found, Answering(found, declared_of(found)), accounts, turns, URL, now)
    app = web_app(office)
    account = accounts.add("dpo-1", "dpo", now())[0]

    def check(sent: Sent) -> None:
        method, path, fields, more, known = sent
        headers = {
            "host": b"127.0.0.1:8080", "origin": URL.encode(), "sec-fetch-site": b"same-origin",
            "content-type": b"application/x-www-form-urlencoded", **more,
        }  # fmt: skip
        if known:  # anew each time: signing out is among what is tried
            headers["cookie"] = f"{COOKIE}={office.sessions.begin('dpo-1', 'dpo', account.mark)}".encode()
        with watched():
            reply = asking.asks(app, method, path, b"" if method == "POST" else form(fields), headers, form(fields))
        assert reply.status < 500, reply.status
        assert not [each for each in reply.headers.values() if not each.isprintable()]
        assert b"Traceback" not in reply.body
        assert not reply.headers.get("location", "/").startswith(("//", "http"))
        assert b"<script>" not in reply.body
        assert MARK not in reply.headers.get("location", "")

    yield check
    asking.runs(office.customers.close())
    asking.close()
    turns.close()


def shop(folder: Path) -> Path:
    """A data folder with one customer's life in it."""
    assert asked("ingest", write_lines(folder / "s.jsonl", STORY), "--data", folder / "data").code == 0
    return folder / "data"


TARGETS = (Target("api", "http", questions(), api), Target("console", "http", visits(), pages))
