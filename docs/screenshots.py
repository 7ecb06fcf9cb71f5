"""Takes the pictures of the console's pages: `python -m docs.screenshots`. The shop in them is simulated; nobody in it is real.

Needs Chromium, on the path or in JALKI_TEST_CHROMIUM. Ids and today's dates are other ones each time.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
from PIL import Image
from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).parent / "pictures"
SIZE = {"width": 1100, "height": 720}
COLOURS = 64
SEED, PERSONS = "51", "60"
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
        made = json.loads(_jalki(data, "users", "add", "anna", "--role", "dpo", "--json"))
        with _served(data) as url, sync_playwright() as playwright:
            path = os.environ.get("JALKI_TEST_CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else []
            )
            page = browser.new_page(viewport=SIZE, locale="en-GB", color_scheme="light")
            _taken(page, url, made, customers)
            browser.close()


def _recorded(folder: Path, data: Path) -> list[str]:
    """Simulate a shop, and open some cases of it; return its customers."""
    events = folder / "shop.jsonl"
    _jalki(data, "simulate", "--persons", PERSONS, "--seed", SEED, "--out", str(events))
    _jalki(data, "ingest", str(events))
    lines = [json.loads(each) for each in events.read_text("utf-8").splitlines()]
    customers = list(dict.fromkeys(str(each["customer_id"]) for each in lines if each["type"] == "AccountOpened"))
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
    words = [str(Path(sys.executable).with_name("jalki")), "console", "--data", str(data)]
    process = subprocess.Popen(
        words, env={**os.environ, "JALKI_CONSOLE": "127.0.0.1:0"}, stderr=subprocess.PIPE, text=True
    )
    try:
        yield next(line.split()[-1].rstrip("/") for line in process.stderr or () if "console at" in line)
    finally:
        process.terminate()
        process.wait(30)


def _taken(page: Page, url: str, made: dict[str, str], customers: list[str]) -> None:
    totp = pyotp.TOTP(made["otpauth"].partition("secret=")[2].partition("&")[0])
    page.goto(url)
    _picture(page, "sign-in")
    for name, text in (("name", "anna"), ("password", made["password"]), ("code", totp.now())):
        page.fill(f"[name={name}]", text)
    _sent(page, page.locator("main button.main").click)
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


def _sent(page: Page, send: Callable[[], None]) -> None:
    with page.expect_navigation():
        send()


def _picture(page: Page, name: str, height: int = SIZE["height"]) -> None:
    page.set_viewport_size({**SIZE, "height": height})
    taken = Image.open(io.BytesIO(page.screenshot()))
    taken.convert("RGB").quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
