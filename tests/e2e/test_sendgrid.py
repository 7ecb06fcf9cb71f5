"""An erasure at SendGrid from end to end: the sandbox as a program, the shop's folder, the command line, the certificate."""

import json
import signal
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.events import event, write_lines
from tests.e2e.program import assert_no_traceback, called, started

HER, MAIL, OTHER = "customer_id:C-17", "Aino.Esimerkki@posti.example", "eino@posti.example"
LOW = MAIL.lower()
EVENTS = [
    event("NewsletterSubscribed", "s-1", "2026-02-03T08:00:00Z", customer_id="C-17", email=MAIL, consent_text="Yes",
          source="shop"),
    event("NewsletterSent", "s-2", "2026-02-04T08:00:00Z", customer_id="C-17", email=MAIL, provider="sendgrid", campaign_id="k"),
]  # fmt: skip
HELD = {"accounts": {"": {
    "mail": [LOW, OTHER], "bounces": [LOW, OTHER],
    "contacts": [{"email": LOW, "first_name": "Aino", "external_id": "C-17"}, {"email": OTHER}],
}}}  # fmt: skip


HERE: tuple[str, ...] = ()
ELSEWHERE = ("--listen", "127.0.0.2", "--host", "127.0.0.2")
"""Where others may reach it: not on the address to which plain HTTP may go."""


@pytest.mark.parametrize(("right", "where"), [("erasure", HERE), ("unsubscribe", HERE), ("erasure", ELSEWHERE)])
def test_a_right_is_carried_out_at_sendgrid_and_the_certificate_says_what_was_proved(
    tmp_path: Path, right: str, where: tuple[str, ...]
) -> None:
    folder, data = tmp_path / "staging", tmp_path / "data"
    assert called("ingest", write_lines(tmp_path / "e.jsonl", EVENTS), "--data", data).code == 0
    with started("sandbox", "--folder", folder, *where) as run:
        assert run.until((folder / "sandbox.json").exists), run.end().err
        url = json.loads((folder / "sandbox.json").read_text())["sendgrid"]
        assert url.startswith("https://127.0.0.2:" if where else "http://127.0.0.1:")
        believed = ssl.create_default_context(cafile=folder / "sandbox-ca.pem" if where else None)
        httpx2.post(f"{url}/_sandbox/seed", json=HELD, verify=believed).raise_for_status()
        settings = {"JALKI_PARTIES": folder, "JALKI_DATA": data}
        opened = called("case", "open", right, HER, "--channel", "account", settings=settings)
        case = opened.out.strip()
        approved = called("case", "approve", case, settings=settings)
        assert approved.code == 3, approved.said
        for number, task in enumerate(shown(case, settings)["tasks"]):
            if task["party"] != "sendgrid" and task["state"] == "manual":  # our own systems: staff have done it
                assert (
                    called(
                        "case", "confirm", case, f"0.{number}", "verified", "--evidence", "t", settings=settings
                    ).code
                    == 0
                )
        watched = called("case", "watch", case, settings=settings)
        held = httpx2.get(f"{url}/_sandbox/held", verify=believed).json()
        run.process.send_signal(signal.SIGTERM)
        assert_no_traceback(run.end())
    (task,) = [each for each in shown(case, settings)["tasks"] if each["party"] == "sendgrid"]
    certificate = called("case", "certificate", case, settings=settings)
    assert certificate.code == 0, certificate.said
    parent = held["accounts"][""]
    assert held["wiped"] == 0
    if right == "unsubscribe":
        assert (task["state"], task["how"]) == ("verified", "read-back"), watched.said
        assert parent["suppressed"] == [LOW]
        return
    assert LOW not in json.dumps(held)
    assert (parent["mail"], parent["bounces"], [each["email"] for each in parent["contacts"]]) == (
        [OTHER],
        [OTHER],
        [OTHER],
    )
    assert (task["state"], task["how"]) == ("promised", "contact-gone"), watched.said
    soonest = datetime.now(UTC).date() + timedelta(days=36)
    assert task["by"] >= soonest.isoformat()
    told = certificate.out
    assert task["by"] in told
    assert "promised" in told


def shown(case: str, settings: dict[str, object]) -> Any:
    return called("case", "show", case, "--json", settings=settings).json
