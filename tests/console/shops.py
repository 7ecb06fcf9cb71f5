"""A shop's folder with a customer, asked as its staff ask: commands in this process, settings in the environment."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from console.cli import app
from tests.cases.events import account, mailed, order, payment, shipment, subscribed
from tests.e2e.program import Ended

BEFORE = "2026-03-01T09:00:00+02:00"
EVENTS = [
    {**each, "event_id": f"x-{number}", "occurred_at": BEFORE, "controller": "multitronic"}
    for number, each in enumerate([account(phone="0401234567"), order(), shipment(), payment(), subscribed(), mailed()])
]


class Desk:
    """Somebody at the shop with a folder, a working folder and settings."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder, self.settings = folder, {name: str(value) for name, value in settings.items()}
        lines = folder / "events.jsonl"
        lines.write_text("".join(json.dumps(each) + "\n" for each in EVENTS), "utf-8")
        assert self.asks("ingest", lines).code == 0

    def asks(self, *words: object) -> Ended:
        """Run a command; a fault of ours as `jalki` would tell it."""
        from lineage.errors import JalkiError, Misconfigured

        given = [*map(str, words), "--data", str(self.folder / "data")]
        result = CliRunner(env={"COLUMNS": "400", **self.settings}).invoke(app, given)
        if isinstance(result.exception, JalkiError):
            return Ended(2 if isinstance(result.exception, Misconfigured) else 1, result.stdout, str(result.exception))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    def opens(self, right: str, *more: object) -> str:
        """Open a case of the customer; return its id."""
        ended = self.asks("case", "open", right, "customer_id:C-1", "--channel", "account", *more)
        assert ended.code == 0, ended.err
        return ended.out.strip()

    def approved(self, right: str, *more: object) -> str:
        case = self.opens(right, *more)
        assert self.asks("case", "approve", case).code in {0, 3}
        return case

    def shown(self, case: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.asks("case", "show", case, "--json").json
        return found

    def answer(self, case: str, *more: object) -> Ended:
        return self.asks("case", "answer", case, *more)
