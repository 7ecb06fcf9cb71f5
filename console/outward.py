"""The settings of what goes out and comes back: mail, public pages, descriptors, the shop's tables. Connects to nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from connectors.mail import MailServer, Security
from console.mailboxes import is_mailbox
from console.servers import address_of, existing_file
from lineage.errors import Misconfigured

OUTWARD: Mapping[str, str] = {
    "JALKI_PARTIES": "Folder with descriptors of parties of your own, one YAML file each; they replace the shipped ones.",
    "JALKI_MAIL": "The mail server for letters to parties: `smtp://user@host:587`, or `smtps://…` for TLS from the start.",
    "JALKI_MAIL_PASSWORD_FILE": "File with that user's password.",
    "JALKI_MAIL_CA_FILE": "PEM file with the authority that vouches for the mail server. Default: the system's.",
    "JALKI_MAIL_FROM": "The mailbox letters come from, and that people read.",
    "JALKI_DPO_MAILBOX": "The data protection officer's mailbox: alarms of cases are sent there. Default: to nobody.",
    "JALKI_DRIFT_WEBHOOK": "Where findings of drift are posted, signed: `https://…`. Default: nowhere.",
    "JALKI_DRIFT_WEBHOOK_SECRET_FILE": "File with the secret they are signed with, at least 32 bytes.",
    "JALKI_DRIFT_WEBHOOK_CA_FILE": "PEM file with the authority that vouches for that address. Default: the system's.",
    "JALKI_WEB": "Where a worker serves the public pages (links in letters, OpenDSR), `host:port`. Default: nowhere.",
    "JALKI_WEB_URL": "How the outside reaches those pages, `https://…`.",
    "JALKI_SHOP": "The shop's own database, read for copies: `postgresql://user@host:port/database` or `sqlite:////path`.",
    "JALKI_SHOP_PASSWORD_FILE": "File with that user's password.",
    "JALKI_SHOP_TABLES": "Which of its tables and columns are personal data: the mapping, a TOML file.",
    "JALKI_TARGETS": "Where packages of data portability may be sent: a TOML file with verified addresses.",
    "JALKI_COMPANIES": "Which companies of the group may ask us over OpenDSR: a TOML file. Default: none.",
    "JALKI_OPENDSR_CERTIFICATE_FILE": "PEM file with the certificate we sign such answers by, for the host of JALKI_WEB_URL.",
    "JALKI_OPENDSR_KEY_FILE": "PEM file with its RSA key.",
}
_SCHEMES: Mapping[str, tuple[Security, int]] = {"smtp": ("starttls", 587), "smtps": ("tls", 465)}
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop's own tables: where they are, who may read them, and the mapping of them."""

    url: str
    tables: Path
    password_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who may ask us over OpenDSR, and what we sign our answers with."""

    companies: Path
    certificate_file: Path
    key_file: Path


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where findings of drift are posted, and the secret they are signed with."""

    url: str
    secret_file: Path
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Outward:
    """How parties are told and copies made; None for what is not set."""

    parties: Path | None = None
    mail: MailServer | None = None
    sender: str | None = None
    officer: str | None = None
    web: tuple[str, int] | None = None
    web_url: str | None = None
    shop: Shop | None = None
    targets: Path | None = None
    asked: Asked | None = None
    drift: Webhook | None = None


def read_outward(given: Mapping[str, str]) -> Outward:
    """Read these settings, of those that are set. Raises: Misconfigured: one that cannot be used, or that misses another."""
    if "JALKI_MAIL" not in given and (more := sorted(each for each in given if each.startswith("JALKI_MAIL_"))):
        raise Misconfigured(f"{more[0]} is set without JALKI_MAIL")
    if "JALKI_MAIL" in given and not {"JALKI_MAIL_FROM", "JALKI_WEB_URL"} <= given.keys():
        raise Misconfigured("letters need JALKI_MAIL_FROM, and JALKI_WEB_URL for the link in them")
    if not is_mailbox(given.get("JALKI_MAIL_FROM", "privacy@shop.example")):
        raise Misconfigured("JALKI_MAIL_FROM is the address of one mailbox, like privacy@shop.example")
    if not is_mailbox(given.get("JALKI_DPO_MAILBOX", "dpo@shop.example")):
        raise Misconfigured("JALKI_DPO_MAILBOX is the address of one mailbox, like dpo@shop.example")
    if "JALKI_DPO_MAILBOX" in given and "JALKI_MAIL" not in given:
        raise Misconfigured("JALKI_DPO_MAILBOX is set without JALKI_MAIL")
    parties = Path(given["JALKI_PARTIES"]) if "JALKI_PARTIES" in given else None
    if parties is not None and not parties.is_dir():
        raise Misconfigured("JALKI_PARTIES names no folder")
    web = urlsplit(f"//{address_of(given['JALKI_WEB'], 'JALKI_WEB')}") if "JALKI_WEB" in given else None
    return Outward(
        parties=parties,
        mail=_mail(given) if "JALKI_MAIL" in given else None,
        sender=given.get("JALKI_MAIL_FROM"),
        officer=given.get("JALKI_DPO_MAILBOX"),
        web=(str(web.hostname), int(web.port or 0)) if web else None,
        web_url=given.get("JALKI_WEB_URL"),
        shop=_shop(given),
        targets=existing_file(given, "JALKI_TARGETS"),
        asked=_asked(given),
        drift=_webhook(given),
    )


def _webhook(given: Mapping[str, str]) -> Webhook | None:
    if "JALKI_DRIFT_WEBHOOK" not in given:
        if more := sorted(each for each in given if each.startswith("JALKI_DRIFT_")):
            raise Misconfigured(f"{more[0]} is set without JALKI_DRIFT_WEBHOOK")
        return None
    secret = existing_file(given, "JALKI_DRIFT_WEBHOOK_SECRET_FILE")
    if secret is None:
        raise Misconfigured("JALKI_DRIFT_WEBHOOK needs JALKI_DRIFT_WEBHOOK_SECRET_FILE: what is posted is signed")
    return Webhook(given["JALKI_DRIFT_WEBHOOK"], secret, existing_file(given, "JALKI_DRIFT_WEBHOOK_CA_FILE"))


def _asked(given: Mapping[str, str]) -> Asked | None:
    if "JALKI_COMPANIES" not in given:
        if more := sorted(each for each in given if each.startswith("JALKI_OPENDSR_")):
            raise Misconfigured(f"{more[0]} is set without JALKI_COMPANIES")
        return None
    if "JALKI_WEB_URL" not in given:
        raise Misconfigured("JALKI_COMPANIES needs JALKI_WEB_URL: the companies must know where to ask us")
    companies, certificate, key = (
        existing_file(given, name)
        for name in ("JALKI_COMPANIES", "JALKI_OPENDSR_CERTIFICATE_FILE", "JALKI_OPENDSR_KEY_FILE")
    )
    if companies is None or certificate is None or key is None:
        raise Misconfigured(
            "JALKI_COMPANIES needs JALKI_OPENDSR_CERTIFICATE_FILE and JALKI_OPENDSR_KEY_FILE: every answer is signed"
        )
    return Asked(companies, certificate, key)


def _shop(given: Mapping[str, str]) -> Shop | None:
    if "JALKI_SHOP" not in given:
        if more := sorted(each for each in given if each.startswith("JALKI_SHOP_")):
            raise Misconfigured(f"{more[0]} is set without JALKI_SHOP")
        return None
    tables = existing_file(given, "JALKI_SHOP_TABLES")
    if tables is None:
        raise Misconfigured("JALKI_SHOP needs JALKI_SHOP_TABLES, which says what its columns are")
    return Shop(given["JALKI_SHOP"], tables, existing_file(given, "JALKI_SHOP_PASSWORD_FILE"))


def _mail(given: Mapping[str, str]) -> MailServer:
    try:
        parts = urlsplit(given["JALKI_MAIL"])
        security, port = _SCHEMES[parts.scheme]
        host, port = parts.hostname, parts.port or port
    except (ValueError, KeyError):
        host = None
    if not host or parts.password or parts.path.strip("/"):
        # Its text is not told: whoever mistakes it may have written a password there.
        raise Misconfigured(
            "JALKI_MAIL is smtp://user@host:port or smtps://…, with the password in JALKI_MAIL_PASSWORD_FILE"
        )
    return MailServer(
        host=host,
        port=port,
        security="none" if host in _LOOPBACK and parts.scheme == "smtp" and not parts.username else security,
        user=parts.username,
        password_file=existing_file(given, "JALKI_MAIL_PASSWORD_FILE"),
        ca_file=existing_file(given, "JALKI_MAIL_CA_FILE"),
    )
