"""Whoever looks at identifiers is written down first: where that fails, nothing at all is shown."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import console.opening
from console.cli import app
from lineage.errors import Refused

SUBSCRIBED = {
    "type": "NewsletterSubscribed",
    "event_id": "e-1",
    "occurred_at": "2026-03-01T09:30:00Z",
    "controller": "multitronic",
    "customer_id": "C-17",
    "email": "maija.meikalainen@example.fi",
    "consent_text": "yes",
    "source": "shop",
}
ASK = ["where", "customer_id:C-17", "--reveal", "--reason", "called in", "--data"]


def test_nothing_is_shown_where_the_look_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events, data = tmp_path / "events.jsonl", str(tmp_path / "data")
    events.write_text(json.dumps(SUBSCRIBED) + "\n", "utf-8")
    jalki = Path(sys.executable).with_name("jalki")
    subprocess.run([jalki, "ingest", events, "--data", data], check=True, capture_output=True, timeout=60)
    assert "maija" in CliRunner().invoke(app, [*ASK, data]).stdout

    def full(*_: object, **__: object) -> None:
        raise Refused("graph.db cannot be written: the disk is full")

    monkeypatch.setattr(console.opening, "write_look", full)
    for more in ([], ["--json"]):
        refused = CliRunner().invoke(app, [*ASK, data, *more])
        assert refused.exit_code != 0
        assert refused.stdout == ""
        assert isinstance(refused.exception, Refused | SystemExit)
