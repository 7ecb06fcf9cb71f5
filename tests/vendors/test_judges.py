"""The judges themselves: without their means a test is skipped, and fails where CI says that it must have run."""

from pathlib import Path

import pytest

from tests.vendors import prism
from tests.vendors.specifications import Correction, Specification, corrected, raw

SPECIFIED = {
    "servers": [{"url": "https://vendor.example/v1/"}],
    "paths": {"/a": {"parameters": [], "get": {"x": 1}, "post": {}}, "/b": {"get": {"$ref": "#/paths/~1a/get"}}},
}


def specification() -> Specification:
    made = Specification("invented")
    made.__dict__["whole"] = SPECIFIED
    return made


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_specification_that_is_not_there_fails_in_ci(
    ci: str, outcome: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("JALKI_TEST_SPECS", f"{tmp_path}")
    with pytest.raises(outcome, match="is not there"):
        raw("sendgrid.mc_contacts_v3.json")


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_prism_without_node_fails_in_ci(
    ci: str, outcome: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PATH", f"{tmp_path}")
    monkeypatch.setattr(prism, "_program", prism._program.__wrapped__)
    with pytest.raises(outcome, match="no node"), prism.proxied(specification(), "http://127.0.0.1:9", tmp_path):
        pass


def test_a_correction_changes_what_it_points_at_and_nothing_else() -> None:
    made = corrected(SPECIFIED, [Correction("/paths/~1a/get/x", 2, "why"), Correction("/servers/0/url", "/", "why")])
    assert (made["paths"]["/a"]["get"], made["servers"]) == ({"x": 2}, [{"url": "/"}])
    assert SPECIFIED["paths"]["/a"]["get"] == {"x": 1}


@pytest.mark.parametrize(
    ("pointer", "value", "why"),
    [("/paths/~1a/get/x", 1, "is right by now"), ("/paths/~1b/get/x", 2, "beside a reference")],
)
def test_a_correction_that_corrects_nothing_fails(pointer: str, value: int, why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        corrected(SPECIFIED, [Correction(pointer, value, "why")])


def test_a_specification_can_be_had_with_some_of_its_operations() -> None:
    whole = specification()
    assert whole.of([("GET", "/a")]).whole["paths"] == {"/a": {"parameters": [], "get": {"x": 1}}}
    assert whole.prefix == "/v1"
    with pytest.raises(KeyError):
        whole.of([("PUT", "/a")])
