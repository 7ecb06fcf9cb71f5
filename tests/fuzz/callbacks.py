"""What parties and companies send by themselves, or answer: callbacks, requests, answers by link, files, copies, JSON."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from hypothesis import strategies as st

from connectors.answers import Asked
from connectors.calling import Answer
from connectors.confirming import Confirming, Correspondent
from connectors.drop.files import read_answer, read_manifest
from connectors.links import Links
from connectors.opendsr.callbacks import Callbacks
from connectors.opendsr.messages import Accepted, Cancelled, Discovery, read
from connectors.opendsr.results import fits, read_results
from connectors.opendsr.signatures import DOMAIN_HEADER, SIGNATURE_HEADER
from connectors.vendors.rest.answers import meaning_of
from connectors.vendors.rest.shapes import AnswerSettings
from connectors.web import CALLBACKS, PROCESSOR, public_app
from schemas.vocabulary import vocabulary
from tests.connectors.companies import CALLBACK, TOKEN, Processor
from tests.connectors.kept import KeptAnswers
from tests.connectors.keys import Authority
from tests.connectors.orders import order
from tests.fuzz.json_lines import VALUES
from tests.fuzz.targets import MARK, TEXTS, Asking, Target, answered_plainly, watched

KEY = "a7551968-d5d6-44b2-9831-815ac9017798"
TOLD = {
    "controller_id": "multitronic", "expected_completion_time": "2027-01-01T15:00:01Z", "status_callback_url": CALLBACK,
    "subject_request_id": KEY, "request_status": "completed",
}  # fmt: skip
REQUEST = {
    "regulation": "gdpr", "subject_request_id": KEY, "subject_request_type": "erasure",
    "submitted_time": "2026-12-01T10:00:00+02:00", "status_callback_urls": [CALLBACK],
    "subject_identities": [{"identity_type": "email", "identity_value": MARK, "identity_format": "raw"}],
    "extensions": {"localhost": {"identifiers": [{"kind": "customer_id", "value": "C-1"}]}},
}  # fmt: skip
FILE = {"schema": "jalki.drop.answer/1", "file": "jalki-" + "0" * 32, "sha256": "0" * 64,
        "orders": [{"key": KEY, "state": "promised", "by": "2026-12-24"}]}  # fmt: skip
COPY = {"name": MARK, "orders": [{"id": 1, "to": {"name": MARK}}, {"id": 2, "password": "x"}]}


@st.composite
def changed(draw: st.DrawFn, *whole: Mapping[str, Any]) -> bytes:
    """A message as it should be with some fields otherwise, deep or not JSON."""
    said = json.loads(json.dumps(draw(st.sampled_from(whole))))
    for _ in range(draw(st.integers(0, 3))):
        said[draw(st.sampled_from(sorted(said)) | TEXTS)] = draw(VALUES)
    raw = bytearray(json.dumps(said).encode("utf-8", "surrogatepass"))
    pieces = st.sampled_from(
        [b"", b"[" * 2_000, b'{"a":' * 2_000, b"\\ud800", b"\xff", b"NaN", b"9" * 5_000, b"x" * 70_000]
    )
    for place in draw(st.lists(st.integers(0, 600), max_size=2)):
        at = place % (len(raw) + 1)
        raw[at : at + draw(st.integers(0, 4))] = draw(pieces | st.binary(max_size=4))
    return bytes(raw)


class Desk:
    """The public application with everything it has, a task of a party that signs rightly, and a link to it."""

    def __init__(self, folder: Path) -> None:
        self.us = Processor(Authority(folder / "authority"), folder)
        self.known = self.us.known()
        self.order = order()
        self.answers = KeptAnswers()
        self.links = Links("https://answers.example", [secrets.token_bytes(32)])
        self.token = self.links.token(self.order, 1, self.us.clock() + 10**13)
        confirming = Confirming(self.links, self.answers, {"posti": Correspondent("Posti Oy", "fi")}, self.us.clock)
        callbacks = Callbacks([self.known], self.answers, CALLBACK, self.us.clock)
        self.app = public_app(confirming=confirming, callbacks=callbacks)
        self.asking = Asking()
        self.fresh()

    def fresh(self) -> None:
        """Have the tasks stand as they were sent, so that an input's end does not hang on those before it."""
        party = self.known.peer.party
        mine = Asked(KEY, party, "erase", "instruction", "2026-000017", "sent")
        linked = Asked(self.order.key, "posti", self.order.action, self.order.form, self.order.case, "sent")
        self.answers.tasks = {KEY: mine, linked.key: linked}
        self.answers.outcomes.clear()
        self.answers.names.clear()


@contextmanager
def callbacks(folder: Path) -> Iterator[Callable[[tuple[bytes, bool, str, str]], None]]:
    """A callback, signed rightly or with what somebody makes up."""
    desk = Desk(folder)
    signer = desk.us.signer()  # once: to read a key is the slowest part
    with desk.us.running():

        def check(given: tuple[bytes, bool, str, str]) -> None:
            body, genuine, domain, signature = given
            desk.fresh()
            made: Mapping[str, str] = {DOMAIN_HEADER: domain, SIGNATURE_HEADER: signature}
            headers = signer.headers(body) if genuine else made
            with watched():
                sent = {name: each.encode("latin-1", "replace") for name, each in headers.items()}
                reply = desk.asking.asks(desk.app, "POST", CALLBACKS, headers=sent, body=body)
            answered_plainly(reply)
            assert genuine or reply.status in {403, 413}
            assert len(desk.answers.outcomes) <= 1

        yield check
        desk.asking.runs(desk.known.close())
        desk.asking.close()


@contextmanager
def requests(folder: Path) -> Iterator[Callable[[tuple[bytes, str, str, bool]], None]]:
    """A request of a company, with its token or another."""
    us, asking = Processor(Authority(folder / "authority"), folder), Asking()

    def check(given: tuple[bytes, str, str, bool]) -> None:
        body, method, tail, known = given
        us.requests.opened_.clear()
        token = TOKEN.encode() if known else tail.encode("utf-8", "replace")
        with watched():
            reply = asking.asks(
                us.app, method, f"{PROCESSOR}/{tail}", headers={"Authorization": b"Bearer " + token}, body=body
            )
        answered_plainly(reply)
        assert known or tail in {"discovery", "certificate"} or reply.status in {401, 404, 405, 413}
        assert len(us.requests.opened_) <= 1

    yield check
    asking.close()


@contextmanager
def confirmations(folder: Path) -> Iterator[Callable[[tuple[bytes, str | None]], None]]:
    """An answer by link: by the one that was sent, or by one that somebody makes up."""
    desk = Desk(folder)

    def check(given: tuple[bytes, str | None]) -> None:
        body, token = given
        desk.fresh()
        with watched():
            path = f"/confirm/{desk.token if token is None else token}"
            replies = [desk.asking.asks(desk.app, method, path, body=body) for method in ("GET", "POST")]
        for reply in replies:
            answered_plainly(reply)
            assert b"<script" not in reply.body
        assert token is None or (not desk.answers.outcomes and {each.status for each in replies} <= {404, 405})
        assert len(desk.answers.outcomes) <= 1

    yield check
    desk.asking.close()


@contextmanager
def answers(_: Path) -> Iterator[Callable[[tuple[str, bytes]], None]]:
    """Bodies that a party answers, to everything that reads one."""
    categories = frozenset(vocabulary().categories)
    named = [AnswerSettings.model_validate({"status": 200, "where": {"orders.0.id": 1}, "state": "not_held"})]

    def check(given: tuple[str, bytes]) -> None:
        media, body = given
        with watched():
            for shape in (Accepted, Cancelled, Discovery):
                read(shape, body)
            read_manifest(body)
            read_answer(body)
            found = read_results(media, body, "posti", ["delivery"], {}, categories)
            if found is not None:
                fits(found)
                assert all(
                    cell.name.isprintable() or "\\" in cell.name or cell.name for each in found for cell in each.cells
                )
            meaning_of(Answer(200, {}, body), named)

    yield check


SAID = ["done", "not_held", "declined", "promised", "partial", "own", "law", "2026-12-24"]
FORMS = st.dictionaries(
    st.sampled_from(["answer", "ground", "by", "text"]) | TEXTS, st.sampled_from(SAID) | TEXTS, max_size=5
)
BODIES = FORMS.map(
    lambda form: "&".join(
        f"{quote_plus(name, errors='replace')}={quote_plus(each, errors='replace')}" for name, each in form.items()
    ).encode()
) | st.binary(max_size=200)
HEADS = st.sampled_from(["localhost", "LOCALHOST", "", "evil.example", "QUFB" * 100]) | TEXTS.filter(
    lambda text: "\n" not in text and "\0" not in text
)
TAILS = st.sampled_from(["requests", f"requests/{KEY}", f"requests/{KEY}/results", "discovery", "certificate"]) | TEXTS
CSV = st.builds(
    lambda head, rows: "\n".join([head, *rows]).encode("utf-8", "replace"),
    st.sampled_from(["name,phone", "name,name", ",", 'a"b', "password,x"]),
    st.lists(TEXTS | st.text(max_size=20), max_size=4),
)
MADE_UP = st.text("Aa0-_", min_size=100, max_size=100)
MEDIA = st.sampled_from(["application/json", "text/csv", "text/csv; charset=x", "application/pdf", ""])

TARGETS = (
    Target("callbacks", "callbacks", st.tuples(changed(TOLD), st.booleans(), HEADS, HEADS), callbacks),
    Target(
        "requests", "callbacks",
        st.tuples(changed(REQUEST), st.sampled_from(["POST", "GET", "DELETE", "PUT"]), TAILS, st.booleans()), requests,
    ),
    Target("links", "callbacks", st.tuples(BODIES, st.none() | TEXTS | MADE_UP), confirmations),
    Target("answers", "callbacks", st.tuples(MEDIA, changed(TOLD, FILE, COPY) | CSV), answers),
)  # fmt: skip
