"""The client of a schema registry, against one on loopback that answers as it is told: down, slow, refusing, garbage, large."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage.errors import Misconfigured, Retryable
from schemas.extract import InvalidEvent
from schemas.registered import RegisteredSchema
from streams.registry import LARGEST_ANSWER, MOST_REFERENCES, SchemaRegistry
from tests.servers.certificates import new_authority
from tests.streams.answering import Answering, Reply, answering

LOGIN = "Ä:salaisuus"
TEXT = '{"type": "string"}'
FOUND = Reply(200, json.dumps({"schema": TEXT}))


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as found:
        yield found


def asked(server: Answering, **settings: Any) -> RegisteredSchema | None:
    with SchemaRegistry(server.url, **settings) as registry:
        return registry.by_id(1)


def test_a_schema_is_asked_for_by_its_number_and_nothing_else(server: Answering) -> None:
    server.replies = {"/schemas/ids/1": FOUND}
    for url in (server.url, f"{server.url}/"):
        with SchemaRegistry(url) as registry:
            assert registry.by_id(1) == RegisteredSchema("AVRO", (TEXT,))
    assert server.paths == ["/schemas/ids/1"] * 2
    assert "authorization" not in server.headers


def test_a_registry_below_a_path_and_a_schema_of_another_language(server: Answering) -> None:
    server.replies = {"/apis/v7/schemas/ids/1": Reply(200, json.dumps({"schema": "x", "schemaType": "PROTOBUF"}))}
    with SchemaRegistry(f"{server.url}/apis/v7") as registry:
        assert registry.by_id(1) == RegisteredSchema("PROTOBUF", ("x",))


def test_the_user_and_password_are_given_to_the_registry_and_shown_to_nobody_else(server: Answering) -> None:
    server.replies = {"/schemas/ids/1": FOUND}
    assert asked(server, user="shop", password=LOGIN) is not None
    assert server.headers["authorization"] == "Basic c2hvcDrDhDpzYWxhaXN1dXM="
    assert "salaisuus" not in repr(SchemaRegistry(server.url, "shop", LOGIN))


@pytest.mark.parametrize("code", [40403, 40401, 40402])
def test_a_number_that_the_registry_does_not_know_is_an_answer(server: Answering, code: int) -> None:
    server.replies = {"/schemas/ids/1": Reply(404, json.dumps({"error_code": code, "message": "no"}))}
    assert asked(server) is None


@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        (Reply(404, "<html>"), Misconfigured, "no schema registry at JALKI_SCHEMA_REGISTRY"),
        (Reply(404, '{"error_code": 404}'), Misconfigured, "no schema registry at JALKI_SCHEMA_REGISTRY"),
        (Reply(404, "[40403]"), Misconfigured, "no schema registry at JALKI_SCHEMA_REGISTRY"),
        (Reply(400, ""), Misconfigured, "no schema registry at JALKI_SCHEMA_REGISTRY"),
        (Reply(302, "", {"Location": "/elsewhere"}), Misconfigured, "no schema registry at JALKI_SCHEMA_REGISTRY"),
        (Reply(401, '{"error_code": 40101}'), Misconfigured, "JALKI_SCHEMA_REGISTRY_PASSWORD_FILE"),
        (Reply(403, ""), Misconfigured, "JALKI_SCHEMA_REGISTRY_USER"),
        (Reply(429, ""), Retryable, "429"),
        (Reply(408, ""), Retryable, "408"),
        (Reply(500, '{"error_code": 50001}'), Retryable, "500"),
        (Reply(503, ""), Retryable, "503"),
        (Reply(200, ""), Retryable, "none of a schema registry"),
        (Reply(200, "salaisuus"), Retryable, "none of a schema registry"),
        (Reply(200, "[" * 100_000), Retryable, "none of a schema registry"),
        (Reply(200, '{"schema": 1}'), Retryable, "none of a schema registry"),
        (Reply(200, '{"schema": "x", "references": 1}'), Retryable, "none of a schema registry"),
        (Reply(200, '{"schema": "x", "references": [{"subject": 1, "version": 1}]}'), Retryable, "none of a schema"),
        (Reply(200, b"\x1f\x8b\x08\x00\xff", {"Content-Encoding": "gzip"}), Retryable, "none of a schema registry"),
        (Reply(200, b"\xff" * 2 * LARGEST_ANSWER), Retryable, "none of a schema registry"),
        (Reply(200, '{"schema": "x"}', announced=100), Retryable, "does not answer"),
        (Reply(200, "{" + " " * 2 * LARGEST_ANSWER), InvalidEvent, "larger than 1 MiB"),
        (Reply(200, "{", endless=True), InvalidEvent, "larger than 1 MiB"),
    ],
    ids=range(22),
)
def test_what_is_wrong_is_told_apart(server: Answering, reply: Reply, error: type[Exception], message: str) -> None:
    server.replies = {"/schemas/ids/1": reply, "/elsewhere": FOUND}
    with pytest.raises(error, match=message) as raised:
        asked(server, user="shop", password=LOGIN)
    assert "salaisuus" not in str(raised.value)
    assert server.paths == ["/schemas/ids/1"]


def test_a_registry_that_is_not_there_is_away() -> None:
    with answering() as gone:
        pass
    with pytest.raises(Retryable, match="does not answer"):
        asked(gone)


@pytest.mark.parametrize(
    "reply", [Reply(200, "", silent=True), Reply(200, "{", trickling=True)], ids=["silent", "slow"]
)
def test_a_registry_that_does_not_come_to_an_end_is_away(server: Answering, reply: Reply) -> None:
    server.replies = {"/schemas/ids/1": reply}
    with pytest.raises(Retryable):
        asked(server, seconds=0.3)


def test_a_schema_comes_behind_all_that_it_refers_to(server: Answering) -> None:
    def refers(text: str, *subjects: str) -> Reply:
        references = [{"name": subject, "subject": subject, "version": 2} for subject in subjects]
        return Reply(200, json.dumps({"schema": text, "references": references}))

    server.replies = {
        "/schemas/ids/1": refers("order", "address", "item/of order"),
        "/subjects/address/versions/2?deleted=true": refers("address", "country"),
        "/subjects/item%2Fof%20order/versions/2?deleted=true": refers("item", "country", "address"),
        "/subjects/country/versions/2?deleted=true": refers("country"),
    }
    assert asked(server) == RegisteredSchema("AVRO", ("country", "address", "item", "order"))
    assert len(server.paths) == len(set(server.paths))
    server.replies["/subjects/country/versions/2?deleted=true"] = Reply(404, '{"error_code": 40401}')
    with pytest.raises(InvalidEvent, match="refers to one that is not in the schema registry"):
        asked(server)


def test_schemas_that_refer_to_each_other_or_to_too_many_come_to_an_end(server: Answering) -> None:
    around = json.dumps({"schema": "x", "references": [{"name": "x", "subject": "x", "version": 1}]})
    server.replies = {"/schemas/ids/1": Reply(200, around), "/subjects/x/versions/1?deleted=true": Reply(200, around)}
    assert asked(server) == RegisteredSchema("AVRO", ("x", "x"))
    many = [{"name": "x", "subject": "x", "version": number} for number in range(2, 3 + MOST_REFERENCES)]
    server.replies = {f"/subjects/x/versions/{each['version']}?deleted=true": FOUND for each in many}
    server.replies["/schemas/ids/1"] = Reply(200, json.dumps({"schema": "x", "references": many}))
    with pytest.raises(InvalidEvent, match="refers to more than 20 others"):
        asked(server)


@pytest.mark.parametrize(
    "url",
    ["", "registry", "registry:8081", "ftp://registry", "http://", "http://[::1", "http://h/?q", "http://h/#f", "\0"],
    ids=range(9),
)
def test_what_is_no_address_of_a_registry_is_refused_at_once(url: str) -> None:
    with pytest.raises(Misconfigured, match="JALKI_SCHEMA_REGISTRY"):
        SchemaRegistry(url)


@pytest.mark.parametrize("login", ["shop:salaisuus", "shop", ":salaisuus"])
def test_an_address_with_a_password_in_it_is_refused_and_not_repeated(login: str) -> None:
    with pytest.raises(Misconfigured, match="JALKI_SCHEMA_REGISTRY_PASSWORD_FILE") as raised:
        SchemaRegistry(f"http://{login}@127.0.0.1")
    assert login not in str(raised.value)


def test_half_a_login_is_refused() -> None:
    for half in ({"user": "shop"}, {"password": LOGIN}):
        with pytest.raises(Misconfigured, match="go together"):
            SchemaRegistry("http://127.0.0.1", **half)


def test_an_address_to_itself_and_a_login_in_the_environment_are_not_used(
    server: Answering, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("default login shop password salaisuus\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.replies = {"/schemas/ids/1": FOUND}
    assert asked(server) is not None
    assert "authorization" not in server.headers


def test_a_certificate_is_verified(tmp_path: Path) -> None:
    ours, others = new_authority(tmp_path / "ours"), new_authority(tmp_path / "others")
    with answering(ours.server.certificate, ours.server.key) as server:
        server.replies = {"/schemas/ids/1": FOUND}
        assert asked(server, ca_file=ours.ca) is not None
        for wrong in (others.ca, None):
            with pytest.raises(Misconfigured, match="certificate does not verify"):
                asked(server, ca_file=wrong)


def test_a_ca_file_that_is_none_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for name in ("missing", "empty"):
        with pytest.raises(Misconfigured, match="JALKI_SCHEMA_REGISTRY_CA_FILE"):
            SchemaRegistry("https://127.0.0.1", ca_file=tmp_path / name)
