from pathlib import Path

import pytest

from console.settings import SETTINGS, read_settings
from lineage.errors import Misconfigured
from tests.e2e.program import called
from tests.e2e.stories import assert_all_say, content


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JALKI_KAFKA", "localhost"),
        ("JALKI_KAFKA", "localhost:port"),
        ("JALKI_KAFKA", "localhost:9092,localhost"),
        ("JALKI_KAFKA", " , "),
        ("JALKI_KAFKA", "kafka://localhost:9092"),
        ("JALKI_LISTEN", "9464"),
        ("JALKI_LISTEN", "localhost:70000"),
        ("JALKI_DATAS", "x"),
        ("JALKI_LOG_LEVEL", "LOUD"),
        ("JALKI_REGISTER", "/does/not/exist.yaml"),
        ("JALKI_SCHEMAS", "/does/not/exist"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str, tmp_path: Path) -> None:
    for command in (("where", "customer_id:C-1"), ("ingest", "-")):
        ended = called(*command, "--data", tmp_path / "data", settings={name: value})
        assert ended.code == 2
        assert name in ended.said
    assert list(tmp_path.iterdir()) == []


SECRET = "not-to-be-told"  # noqa: S105 - it opens nothing
KAFKA = {"JALKI_KAFKA": "127.0.0.1:9092"}
NEO4J = {"JALKI_NEO4J": "bolt://127.0.0.1:7687"}
REGISTRY = {"JALKI_SCHEMA_REGISTRY": "http://127.0.0.1:8081"}
KEYRING = {"JALKI_KEYRING": "postgresql://jalki@127.0.0.1/keys"}
SERVERS = {"JALKI_KAFKA": KAFKA, "JALKI_NEO4J": NEO4J, "JALKI_SCHEMA_REGISTRY": REGISTRY, "JALKI_KEYRING": KEYRING}
MAIL = {
    "JALKI_MAIL": "smtps://mail.shop.example", "JALKI_MAIL_FROM": "privacy@shop.example",
    "JALKI_WEB_URL": "https://privacy.shop.example",
}  # fmt: skip
WEBHOOK = {"JALKI_DRIFT_WEBHOOK": "https://alarms.shop.example/drift", "JALKI_DRIFT_WEBHOOK_SECRET_FILE": __file__}
REFUSED: list[tuple[str, dict[str, str]]] = [
    ("JALKI_KAFKA", {"JALKI_KAFKA": f"shop:{SECRET}@127.0.0.1:9092"}),
    ("JALKI_NEO4J", {"JALKI_NEO4J": f"bolt://neo4j:{SECRET}@127.0.0.1:7687"}),
    ("JALKI_NEO4J", {"JALKI_NEO4J": f"http://127.0.0.1:7687/{SECRET}"}),
    ("JALKI_NEO4J", {"JALKI_NEO4J": SECRET}),
    ("JALKI_NEO4J_USER", {**NEO4J, "JALKI_NEO4J_USER": SECRET}),
    ("JALKI_KEYRING", {"JALKI_KEYRING": f"postgresql://jalki:{SECRET}@127.0.0.1/keys"}),
    ("JALKI_KEYRING", {"JALKI_KEYRING": f"postgresql://jalki@127.0.0.1/keys?password={SECRET}"}),
    ("JALKI_KEYRING", {"JALKI_KEYRING": f"mysql://jalki@127.0.0.1/{SECRET}"}),
    ("JALKI_KAFKA_SECURITY", {**KAFKA, "JALKI_KAFKA_SECURITY": SECRET}),
    ("JALKI_KAFKA_SASL", {**KAFKA, "JALKI_KAFKA_SECURITY": "SASL_SSL", "JALKI_KAFKA_SASL": SECRET}),
    ("JALKI_KAFKA_PASSWORD_FILE", {**KAFKA, "JALKI_KAFKA_USER": SECRET}),
    ("JALKI_KAFKA_USER", {**KAFKA, "JALKI_KAFKA_SECURITY": "sasl_plaintext"}),
]


@pytest.mark.parametrize(("name", "settings"), REFUSED, ids=range(len(REFUSED)))
def test_a_server_setting_that_cannot_be_used_is_named_and_its_value_is_not(
    name: str, settings: dict[str, str], data: Path
) -> None:
    before = content(data)
    for command in (("where", "customer_id:C-1"), ("ingest", "-")):
        ended = called(*command, "--data", data, settings=settings)
        assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)
        assert name in ended.said
        assert SECRET not in ended.said
    assert content(data) == before


@pytest.mark.parametrize(
    "url",
    [f"http://shop:{SECRET}@127.0.0.1:8081", f"ftp://127.0.0.1/{SECRET}", SECRET, f"http://127.0.0.1/?a={SECRET}"],
)
def test_a_registry_that_cannot_be_asked_as_told_is_refused_before_anything_is_recorded(url: str, data: Path) -> None:
    ended = called("ingest", "-", "--data", data, settings={"JALKI_SCHEMA_REGISTRY": url})
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)
    assert "JALKI_SCHEMA_REGISTRY" in ended.said
    assert SECRET not in ended.said


@pytest.mark.parametrize("server", SERVERS)
def test_a_password_comes_from_a_file_that_can_be_read_and_holds_one(server: str, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for file, word in (
        ("missing", "cannot be read"),
        (".", "cannot be read"),
        ("binary", "cannot be read"),
        ("empty", "is empty"),
    ):
        given = {**SERVERS[server], f"{server}_PASSWORD_FILE": str(tmp_path / file)}
        with pytest.raises(Misconfigured, match=f"the file that {server}_PASSWORD_FILE names {word}"):
            read_settings(given, tmp_path)
    ended = called("where", "customer_id:C-1", settings=given)
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)
    assert f"{server}_PASSWORD_FILE names is empty" in ended.said


@pytest.mark.parametrize("name", [name for name in SETTINGS if name.endswith("_CA_FILE")])
def test_an_authority_that_is_not_there_is_named(name: str, tmp_path: Path) -> None:
    belongs = {**SERVERS, "JALKI_MAIL": MAIL, "JALKI_DRIFT_WEBHOOK": WEBHOOK}[name.removesuffix("_CA_FILE")]
    given = {**belongs, name: str(tmp_path / "missing.pem")}
    ended = called("where", "customer_id:C-1", settings=given)
    assert (ended.code, ended.out) == (2, "")
    assert name in ended.said


@pytest.mark.parametrize("server", SERVERS)
def test_a_setting_of_a_server_that_is_not_named_is_refused(server: str, tmp_path: Path) -> None:
    """Whoever sets a password means a server: without its address the data would quietly stay in the folder."""
    belonging = sorted(name for name in SETTINGS if name.startswith(f"{server}_") and name not in SERVERS)
    assert belonging
    for name in belonging:
        with pytest.raises(Misconfigured, match=f"{name} is set without {server}"):
            read_settings({name: "x"}, tmp_path)
    ended = called("ingest", "-", "--data", tmp_path / "data", settings={belonging[0]: "x"})
    assert ended.code == 2
    assert f"{belonging[0]} is set without {server}" in ended.said
    assert list(tmp_path.iterdir()) == []


def test_an_empty_setting_counts_as_none(data: Path) -> None:
    empty = dict.fromkeys((*SERVERS, "JALKI_KAFKA_USER", "JALKI_REGISTER", "JALKI_DATA", "JALKI_LOG_LEVEL"), "")
    assert called("where", "customer_id:C-1", "--data", data, settings=empty).code == 0


def test_a_broken_register_is_named_with_file_and_line(data: Path, events: Path, tmp_path: Path) -> None:
    register = tmp_path / "register.yaml"
    register.write_text("eea: [FI]\nparties:\n  us: {name: Us Oy, kind: nonsense, country: FI}\n")
    assert_all_say(data, events, 2, "register.yaml:3", settings={"JALKI_REGISTER": register})
    register.write_text("parties: {a: [\n")
    assert_all_say(data, events, 2, "register.yaml:", settings={"JALKI_REGISTER": register})


def test_a_broken_schema_is_named(data: Path, events: Path, tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    for text in ("{", "[]", '{"type": "record", "name": "Own", "fields": []}', '"string"'):
        (tmp_path / "schemas" / "Own.avsc").write_text(text)
        ended = called("ingest", events, "--data", data, settings={"JALKI_SCHEMAS": tmp_path / "schemas"})
        assert ended.code == 2
        assert "Own.avsc" in ended.said
