"""In a dry run the first call is shown as it would be made: without a secret, and without being made or counted."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.calling import Call, NotSent
from tests.connectors.vendors.meta import seat as meta
from tests.connectors.vendors.seats import seated
from tests.connectors.vendors.stripe import seat as stripe

SHOWN = (
    (meta.vendor, meta.DESCRIPTOR, ("meta.token", "meta.app-secret"), meta.erasure, (meta.TOKEN, meta.APP_SECRET)),
    (stripe.vendor, stripe.DESCRIPTOR, ("stripe.key",), stripe.erasure, (stripe.KEY,)),
)


@pytest.mark.parametrize(("vendor", "text", "files", "erasure", "secrets"), SHOWN, ids=["meta", "stripe"])
def test_a_dry_run_shows_the_call_and_makes_none(
    vendor: Any, text: str, files: Any, erasure: Any, secrets: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Call] = []
    with seated(vendor, text, files, tmp_path, monkeypatch) as seat:
        seat.ways = replace(seat.ways, dry=made.append)
        with pytest.raises(NotSent):
            seat.send(erasure())
        assert (seat.requests, seat.counted.spent) == ([], {})
    (call,) = made
    assert call.method == "POST"
    assert call.body
    assert not [each for each in secrets if each in f"{call.url}{call.body!r}"]
