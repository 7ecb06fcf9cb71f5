import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from typer.main import get_command

from console.api.answering import Question
from console.api.problems import KINDS
from console.api.questions import QUESTIONS
from console.api.roles import roles
from console.cli import app
from console.settings import SETTINGS
from lineage import errors
from lineage.explaining import rule_texts
from lineage.recording import REUSED
from lineage.register import ANCHORS
from lineage.register.sections import SECTIONS
from lineage.stores.neo4j.connecting import _BY_CODE
from schemas.annotations import FORMATS
from schemas.catalogue import load_catalogue
from streams.case_metrics import CaseMetrics
from streams.drift_metrics import DriftMetrics
from streams.health import Status
from streams.kafka.probing import REFUSED_LOGIN
from streams.metrics import Metrics
from tests.docs.messages import faults, messages
from tests.docs.pages import PAGES, ROOT, anchors

REFERENCE = ROOT / "docs" / "reference"
_PIECE = re.compile(r"…")


def _page(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


def _row(page: str, word: str) -> bool:
    """Whether a table has a row whose first cell names the word."""
    return re.search(rf"^\|[^|]*`{re.escape(word)}`", page, re.MULTILINE) is not None


def _said(page: str, message: str) -> bool:
    """Whether one line of the page has all constant words of a message, in order; of `…` alone there is nothing to say."""
    pieces = [piece.strip() for piece in _PIECE.split(message.replace("`", ""))]
    pattern = ".*".join(re.escape(piece) for piece in pieces if re.search(r"\w", piece))
    return re.search(pattern, page.replace("`", "")) is not None


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_documented(setting: str) -> None:
    assert _row(_page("settings.md"), setting)


def test_no_setting_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"^\| `(JALKI_\w+)`", _page("settings.md"), re.MULTILINE)) == set(SETTINGS)


@pytest.mark.parametrize("rule", sorted(rule_texts()))
def test_every_drift_rule_is_documented(rule: str) -> None:
    assert _row(_page("drift-rules.md"), rule)


def test_no_drift_rule_is_documented_that_does_not_exist() -> None:
    documented = set(re.findall(r"^\| `([\w-]+)`", _page("drift-rules.md"), re.MULTILINE))
    assert documented == {*rule_texts()}


def test_every_class_of_error_is_documented() -> None:
    classes = [name for name, each in inspect.getmembers(errors, inspect.isclass) if each is not errors.JalkiError]
    assert all(_row(_page("errors.md"), name) for name in classes)


@pytest.mark.parametrize("kind", sorted(load_catalogue().types))
def test_every_event_type_is_documented(kind: str) -> None:
    assert kind.lower() in anchors(REFERENCE / "events.md")


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_every_section_of_the_register_is_documented(section: str) -> None:
    assert re.search(rf"^### {section}$", _page("register.md"), re.MULTILINE)


@pytest.mark.parametrize("anchor", sorted(ANCHORS))
def test_every_event_that_retention_may_count_from_is_documented(anchor: str) -> None:
    assert f"`{anchor}`" in _page("register.md")


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_every_format_is_documented(form: str) -> None:
    assert _row(_page("annotations.md"), form)


def test_every_line_of_doctor_is_documented() -> None:
    tree = ast.parse((ROOT / "console" / "doctor.py").read_text("utf-8"))
    lines = {"graph", "topic NAME"} | {  # the names of these two are put together
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "_finding"
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(lines) > 5
    assert all(_row(_page("commands.md"), line) for line in lines)


def test_every_metric_is_documented_and_no_other() -> None:
    text = (Metrics(["orders"], "0", lambda: 0).text() + CaseMetrics().text() + DriftMetrics().text()).decode()
    metrics = {name for name in re.findall(r"^# TYPE (jalki_\w+)", text, re.MULTILINE) if not name.endswith("_created")}
    assert len(metrics) > 5
    assert set(re.findall(r"^\| `(jalki_\w+)`", _page("metrics.md"), re.MULTILINE)) == metrics


def test_every_status_of_health_is_documented() -> None:
    assert all(f"`{each}`: " in _page("metrics.md") for each in Status)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.name)
def test_every_question_of_the_api_is_documented_with_all_that_is_given(question: Question) -> None:
    (row,) = re.findall(rf"^\| `{question.name}` \| (.*?) \|", _page("api.md"), re.MULTILINE)
    given = {each.alias or name for name, each in question.asked.model_fields.items()}
    assert row.startswith(f"{question.method} `{question.path}`")
    assert set(re.findall("`([a-z_]+)`", row)) == given


def test_every_role_and_every_problem_of_the_api_is_documented_and_no_other() -> None:
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", _page("api.md"), re.MULTILINE | re.DOTALL))
    assert re.findall(r"^\| `([\w-]+)`", sections["Roles"], re.MULTILINE) == list(roles())
    found = re.findall(r"^\| `([\w-]+)` \| (\d+)", sections["Problems"], re.MULTILINE)
    assert {code: int(status) for code, status in found} == {code: each.status for code, each in KINDS.items()}
    assert len(re.findall(r"^\| `([\w-]+)`", sections["Questions"], re.MULTILINE)) == len(QUESTIONS)


def _printing_json(group: Any, *before: str) -> Iterator[str]:
    """The commands that print JSON, by their names."""
    for name, each in group.commands.items():
        if hasattr(each, "commands"):
            yield from _printing_json(each, *before, name)
        if any("--json" in option.opts for option in each.params):
            yield "-".join((*before, name))


def test_every_command_that_prints_json_is_a_question_of_the_api_or_it_is_said_why_not() -> None:
    commands = set(_printing_json(get_command(app)))
    assert len(commands) > 20
    assert commands <= set(re.findall(r"\(commands\.md#([a-z-]+)\)", _page("api.md")))


def _cypher(pattern: str) -> set[str]:
    """What the pattern finds in the statements for Neo4j."""
    sources = sorted((ROOT / "lineage" / "stores" / "neo4j").glob("*.py"))
    found = {name for each in sources for name in re.findall(pattern, each.read_text("utf-8"))}
    assert len(found) > 3
    return found


@pytest.mark.parametrize(
    ("heading", "pattern"),
    [
        ("## Nodes", r'(?<=[\w("]):([A-Z][a-z]\w+)'),
        ("## Relationships", r"\[\w*:([A-Z]+)"),
        ("## Constraints", r"CREATE CONSTRAINT (\w+)"),
    ],
)
def test_the_page_of_the_graph_has_every_part_of_it_and_no_other(heading: str, pattern: str) -> None:
    section = _page("graph.md").partition(heading)[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == _cypher(pattern)


def test_every_property_in_the_graph_is_documented() -> None:
    section = _page("graph.md").partition("## Properties")[2].partition("\n## ")[0]
    assert all(_row(section, name) or f"`{name}`" in section for name in _cypher(r"\b(\w+): (?:row\.|\$)\w"))


def test_every_measurement_that_can_be_run_is_documented() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES)
    scripts = [path for path in (ROOT / "bench").glob("*.py") if "__main__" in path.read_text("utf-8")]
    assert all(f"bench/{path.name}" in text or f"bench.{path.stem}" in text for path in scripts)


def _unsaid(page: str, told: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The messages that a page does not have, each with where it is raised."""
    looked_at = [*told]
    assert len(looked_at) > 10
    return [(where, message) for where, message in looked_at if not _said(page, message)]


def test_every_message_a_user_can_meet_is_documented() -> None:
    assert not _unsaid(_page("errors.md"), messages("Misconfigured", "Refused", "Retryable", "SchemaFault"))


@pytest.mark.parametrize("message", [REFUSED_LOGIN, *(text.format("…") for _, text in _BY_CODE.values())])
def test_every_message_that_is_kept_apart_from_where_it_is_raised_is_documented(message: str) -> None:
    assert _said(_page("errors.md"), message)


def test_every_reason_of_a_dead_letter_is_documented() -> None:
    told = (*messages("Invalid", "InvalidEvent", "Dead"), ("reused", REUSED))
    assert not _unsaid(_page("errors.md").partition("## Dead letters")[2], told)


def test_every_fault_of_a_register_is_documented() -> None:
    assert not _unsaid(_page("register.md"), faults(ROOT / "lineage" / "register"))


def test_every_kind_of_finding_is_documented() -> None:
    text = (ROOT / "lineage" / "register" / "checking.py").read_text("utf-8")
    kinds = set(re.findall(r'f"([a-z-]+):\{', text)) | {"unknown-role", "unconfirmed-role", "open"}
    assert len(kinds) > 10
    assert all(f"`{kind}`" in _page("register.md").partition("## Findings")[2] for kind in kinds)
