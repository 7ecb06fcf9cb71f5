"""Takes a picture of each of the console's pages: `python -m docs.screenshots`. The shop is simulated; nobody in it is real.

Needs Chromium, on the path or in JALKI_TEST_CHROMIUM. Ids and today's dates are other ones each time.
"""

import base64
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from console.web.customers.links import SKEW, signed

PICTURES = Path(__file__).parent / "pictures"
SIZE = {"width": 1100, "height": 720}
COLOURS = 64
SEED, PERSONS = "51", "60"
SECRET = "of-a-shop-that-there-is-not-at-all"  # noqa: S105 - of none that there is
MAIL = {
    "JALKI_MAIL": "smtp://127.0.0.1:9",
    "JALKI_MAIL_FROM": "privacy@shop.example",
    "JALKI_WEB_URL": "https://shop.example",
}
"""No server is there: of a code that is asked for, the page is all that is wanted."""
OPENED = (
    ("erasure", "account"),
    ("access", "letter"),
    ("rectification", "phone"),
    ("transfer", "web"),
    ("objection", "chat"),
)
WHY = "She asked on the telephone who has her address."


def main() -> None:
    """Make a shop, serve its console, and take a picture of each page."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        customers = _recorded(Path(folder), data)
        with _served(data) as url, sync_playwright() as playwright:
            path = os.environ.get("JALKI_TEST_CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else []
            )
            for taken in (_officers, _auditors, _customers):
                page = browser.new_page(viewport=SIZE, locale="en-GB", color_scheme="light")
                taken(page, url, data, customers)
                page.close()
            browser.close()


def _recorded(folder: Path, data: Path) -> list[str]:
    """Simulate a shop, and open some cases of it; return its customers."""
    events = folder / "shop.jsonl"
    _jalki(data, "simulate", "--persons", PERSONS, "--seed", SEED, "--out", str(events))
    _jalki(data, "ingest", str(events))
    lines = [json.loads(each) for each in events.read_text("utf-8").splitlines()]
    customers = list(dict.fromkeys(str(each["customer_id"]) for each in lines if each["type"] == "AccountOpened"))
    _closed(data, customers[-1])
    for number, (right, channel) in enumerate(OPENED):
        more = {"rectification": ["--change", "address=Esimerkkikatu 1"], "objection": ["--purpose", "newsletter"]}
        _jalki(
            data,
            "case",
            "open",
            right,
            f"customer_id:{customers[number + 1]}",
            "--channel",
            channel,
            *more.get(right, []),
        )
    return customers


def _closed(data: Path, customer: str) -> None:
    """Close a case, and refuse another one of the same person."""
    opened = [
        _jalki(data, "case", "open", right, f"customer_id:{customer}", "--channel", "account").strip()
        for right in ("unsubscribe", "access")
    ]
    _jalki(data, "case", "approve", opened[0])
    for task in json.loads(_jalki(data, "case", "show", opened[0], "--json"))["tasks"]:
        if task["state"] == "manual":
            number = task["task"].rpartition("/")[2]
            _jalki(data, "case", "confirm", opened[0], number, "verified", "--evidence", "their letter")
    _jalki(data, "case", "refuse", opened[1], "--ground", "12(5)", "--reason", "You had the same copy last week.")


def _jalki(data: Path, *words: str) -> str:
    jalki = Path(sys.executable).with_name("jalki")
    named = [] if words[0] == "simulate" else ["--data", str(data)]
    done = subprocess.run([str(jalki), *words, *named], capture_output=True, text=True, check=False)
    if done.returncode not in {0, 3}:
        raise SystemExit(f"{words[0]}: {done.stderr}")
    return done.stdout


@contextmanager
def _served(data: Path) -> Iterator[str]:
    """Serve the console on a free port as long as the block lasts; yields its address."""
    words, key = (
        [str(Path(sys.executable).with_name("jalki")), "console", "--data", str(data)],
        data.parent / "links.key",
    )
    key.write_text(SECRET, "ascii")
    key.chmod(0o600)
    told = {"JALKI_CONSOLE": "127.0.0.1:0", "JALKI_CUSTOMER_LINK_KEY_FILE": str(key), **MAIL}
    process = subprocess.Popen(words, env={**os.environ, **told}, stderr=subprocess.PIPE, text=True)
    try:
        yield next(line.split()[-1].rstrip("/") for line in process.stderr or () if "console at" in line)
    finally:
        process.terminate()
        process.wait(30)


def _signed_in(page: Page, url: str, data: Path, name: str, role: str) -> None:
    made = json.loads(_jalki(data, "users", "add", name, "--role", role, "--json"))
    totp = pyotp.TOTP(made["otpauth"].partition("secret=")[2].partition("&")[0])
    page.goto(url)
    _picture(page, "sign-in")
    for field, text in (("name", name), ("password", made["password"]), ("code", totp.now())):
        page.fill(f"[name={field}]", text)
    _sent(page, page.locator("main button.main").click)


def _officers(page: Page, url: str, data: Path, customers: list[str]) -> None:
    _signed_in(page, url, data, "anna", "dpo")
    _picture(page, "inbox")
    page.goto(f"{url}/cases/open")
    page.check("[name=right-erasure]")
    page.fill("[name=identifiers]", f"customer_id:{customers[0]}")
    page.select_option("[name=channel]", "account")
    _picture(page, "open")
    _sent(page, page.locator("main button.main").click)
    for act in ("preview", "approve"):
        page.locator("summary", has=page.locator(f"xpath=..//form[contains(@action, '/{act}')]")).click()
        for box in page.locator(f"form[action$='/{act}'] [type=checkbox]").all():
            box.check()
        _sent(page, page.locator(f"form[action$='/{act}'] button").click)
    _picture(page, "case", 1300)
    page.goto(f"{url}/persons")
    page.fill("[name=identifier]", f"customer_id:{customers[0]}")
    page.fill("[name=purpose]", WHY)
    _picture(page, "find")
    _sent(page, page.locator("main button.main").click)
    page.wait_for_selector("[data-drawn]")
    _picture(page, "person", 1500)
    for name in ("sharing", "drift", "parties", "record"):
        page.goto(f"{url}/{name}")
        _picture(page, name)


def _auditors(page: Page, url: str, data: Path, _: list[str]) -> None:
    _signed_in(page, url, data, "otso", "auditor")
    for name in ("audit", "weaknesses", "overdue", "incidents", "looks"):
        page.goto(f"{url}/{name}")
        _picture(page, name)
    page.goto(f"{url}/sharing/graph")
    page.wait_for_selector(".graph[data-drawn]")
    _picture(page, "graph", 1000, colours=16)
    page.goto(f"{url}/samples?seed=2026")
    _picture(page, "samples", 1000)
    with page.expect_download() as coming:
        page.locator("form[action$='/certificate'] button").first.click()
    page.goto(f"{url}/certificates")
    page.locator("[name=certificate]").fill(coming.value.path().read_text("utf-8"))
    _sent(page, page.locator("main button.main").first.click)
    _picture(page, "certificates")


def _customers(page: Page, url: str, _: Path, customers: list[str]) -> None:
    page.goto(f"{url}/me/sign-in")
    _picture(page, "me-sign-in")
    page.fill("[name=email]", "somebody@posti.example")
    _sent(page, page.locator("main button.main").click)
    _picture(page, "me-code")
    shop = (
        f'<form method="post" action="{url}/me/enter"><input name="token" value="{_link(url, customers[-1])}"><button>'
    )
    page.route("http://shop.example/", lambda route: route.fulfill(body=shop, content_type="text/html"))
    page.goto("http://shop.example/")
    _sent(page, page.locator("button").click)
    _picture(page, "me-enter")
    _sent(page, page.locator("main button.main").click)
    _picture(page, "me", 1000)
    for name, path in (("me-open", "/me/open"), ("me-ask", "/me/open/erasure")):
        page.goto(url + path)
        _picture(page, name)
    page.goto(f"{url}/me")
    _sent(page, page.locator("a[href^='/me/cases/']").first.click)
    _picture(page, "me-case", 1000)


def _link(url: str, customer: str) -> str:
    """Return a link of the shop. Its clock is as far ahead as it may be: none is taken from before the console began."""
    told = {"identifier": f"customer_id:{customer}", "made": int(time.time()) + SKEW, "nonce": "n" * 16, "to": url}
    text = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
    return f"{text}.{signed(SECRET.encode(), text)}"


def _sent(page: Page, send: Callable[[], None]) -> None:
    with page.expect_navigation():
        send()


def _picture(page: Page, name: str, height: int = SIZE["height"], colours: int = COLOURS) -> None:
    page.set_viewport_size({**SIZE, "height": height})
    taken = Image.open(io.BytesIO(page.screenshot()))
    taken.convert("RGB").quantize(colours).save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
