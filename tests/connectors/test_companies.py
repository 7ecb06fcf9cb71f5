"""The list of companies that may ask us: what cannot be used is said, and nothing of a token."""

from pathlib import Path

import pytest

from connectors.opendsr.answering import Answering, Company
from connectors.opendsr.companies import load_companies
from connectors.opendsr.signatures import Signer
from lineage.errors import Misconfigured
from tests.connectors.companies import Processor
from tests.connectors.keys import Authority

GOOD = """[multicare]
token_file = "multicare.token"
callback_urls = ["https://multicare.example/opendsr/callbacks"]
ca_file = "ca.pem"
[smartdeals]
token_file = "/run/secrets/smartdeals"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "companies.toml"
    path.write_text(text, "utf-8")
    return path


def test_files_are_looked_for_beside_the_list(tmp_path: Path) -> None:
    urls = frozenset({"https://multicare.example/opendsr/callbacks"})
    assert load_companies(written(tmp_path, GOOD)) == [
        Company("multicare", tmp_path / "multicare.token", urls, tmp_path / "ca.pem"),
        Company("smartdeals", Path("/run/secrets/smartdeals")),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "names no company"),
        ("[multicare", "cannot be read as TOML"),
        ("multicare = 1", "multicare needs token_file"),
        ("[multicare]", "multicare needs token_file"),
        ('[multicare]\ntoken_file = " "', "multicare needs token_file"),
        ('[multicare]\ntoken_file = "t"\ntoken = "hunter2hunter2"', "nothing else"),
        ('[multicare]\ntoken_file = "t"\ncallback_urls = "https://a.example"', "callback_urls of multicare is a list"),
        ('[multicare]\ntoken_file = "t"\ncallback_urls = [1]', "callback_urls of multicare is a list"),
        ('[multicare]\ntoken_file = "t"\ncallback_urls = ["http://a.example"]', "not https"),
        ('[multicare]\ntoken_file = "t"\ncallback_urls = ["https://a.example?x=1"]', "more than a host and a path"),
        ('[multicare]\ntoken_file = "t"\nca_file = 1', "ca_file of multicare"),
        ("#" * (1 << 18) + "\n", "larger than a list"),
    ],
)
def test_a_list_that_cannot_be_used_is_said_with_what_is_wrong(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(Misconfigured, match=why) as fault:
        load_companies(written(tmp_path, text))
    assert "hunter2" not in str(fault.value)


def test_a_token_that_can_be_guessed_is_refused(tmp_path: Path) -> None:
    us = Processor(Authority(tmp_path / "keys"), tmp_path)
    (tmp_path / "short").write_text("hunter2hunter2")
    with pytest.raises(Misconfigured, match="can be guessed") as fault:
        Answering(us.signer(), [Company("smartdeals", tmp_path / "short")], us.requests, us.url, us.clock)
    assert "hunter2" not in str(fault.value)


def test_a_certificate_that_nobody_would_believe_is_said_before_it_is_used(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "keys")
    pair = authority.issue("opendsr.example", "ours")
    Signer("OpenDSR.example", pair.certificate, pair.key).check()
    with pytest.raises(Misconfigured, match="for another host"):
        Signer("localhost", pair.certificate, pair.key).check()
    own = authority.self_signed("opendsr.example")
    with pytest.raises(Misconfigured, match="self-signed"):
        Signer("opendsr.example", own.certificate, own.key).check()
