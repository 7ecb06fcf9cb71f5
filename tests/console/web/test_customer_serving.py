"""What the console keeps of its settings: the mail server for customers' codes, and nobody's credentials."""

from pathlib import Path

import pytest

from console.settings import read_settings
from console.web.serving import mail_alone
from lineage.errors import Misconfigured


def test_of_what_goes_out_the_console_keeps_the_mail_server_alone(tmp_path: Path) -> None:
    for name in ("password", "tables.toml", "targets.toml"):
        (tmp_path / name).write_text("x")
    outward = read_settings(
        {
            "JALKI_MAIL": "smtp://us@mail.example", "JALKI_MAIL_FROM": "privacy@shop.example",
            "JALKI_MAIL_PASSWORD_FILE": str(tmp_path / "password"), "JALKI_WEB_URL": "https://shop.example",
            "JALKI_SHOP": "postgresql://us@shop.example/shop", "JALKI_SHOP_TABLES": str(tmp_path / "tables.toml"),
            "JALKI_SHOP_PASSWORD_FILE": str(tmp_path / "password"), "JALKI_PARTIES": str(tmp_path),
            "JALKI_TARGETS": str(tmp_path / "targets.toml"),
        },
        tmp_path,
    ).outward  # fmt: skip
    kept = mail_alone(outward)
    assert kept.mail == outward.mail
    assert kept.sender == "privacy@shop.example"
    assert (kept.shop, kept.parties, kept.targets, kept.asked, kept.officer) == (None, None, None, None, None)


def test_the_address_of_the_customers_pages_is_one_without_a_path(tmp_path: Path) -> None:
    told = read_settings({"JALKI_CUSTOMER_URL": "https://my.shop.example/"}, tmp_path)
    assert told.customer_url == "https://my.shop.example"
    for wrong in ("http://my.shop.example", "https://my.shop.example/me", "my.shop.example"):
        with pytest.raises(Misconfigured, match="JALKI_CUSTOMER_URL is an address like"):
            read_settings({"JALKI_CUSTOMER_URL": wrong}, tmp_path)


def test_a_secret_that_is_not_there_stops_the_program(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="JALKI_CUSTOMER_LINK_KEY_FILE names a file that does not exist"):
        read_settings({"JALKI_CUSTOMER_LINK_KEY_FILE": str(tmp_path / "none")}, tmp_path)
