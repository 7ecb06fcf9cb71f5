"""What the program does not load before it knows which command is meant: whoever asks waits for all of it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARIES = (
    "aiohttp", "aiokafka", "asyncssh", "faust", "fpdf", "google", "holidays", "httpx2", "kafka", "mode", "neo4j",
    "prometheus_client", "psycopg", "sqlalchemy", "starlette", "uvicorn", "xml",
)  # fmt: skip
OURS = (
    "connectors.channel", "connectors.descriptors", "connectors.sandbox", "connectors.vendors", "connectors.web",
    "console.backfilled", "console.case_answers", "console.demo_showing", "console.drawing",
    "console.exporting.formats", "console.notice_differences", "console.person_svg", "console.reaching_shapes",
    "console.ropa_printing", "console.sharing_svg", "console.volumes_svg", "lineage.answers.statement",
    "lineage.evidence.certificate", "lineage.evidence.signing", "lineage.reached", "lineage.recalling",
    "lineage.ropa", "streams.backfill.forming", "streams.backfill.loading", "streams.dispatch", "streams.ingest",
    "streams.shop",
)  # fmt: skip


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    text = "import sys, console.cli; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=120)
    return set(ended.stdout.split())


@pytest.mark.parametrize("module", [*LIBRARIES, *OURS])
def test_the_program_starts_without_what_only_some_commands_need(module: str, loaded: set[str]) -> None:
    assert "console.cli" in loaded
    assert module not in loaded


@pytest.mark.parametrize("module", OURS)
def test_what_is_kept_out_is_there(module: str) -> None:
    name = module.replace(".", "/")
    assert any((ROOT / f"{name}{end}").exists() for end in (".py", "/__init__.py"))
