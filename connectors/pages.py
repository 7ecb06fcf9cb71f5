"""The few public pages as HTML: no script, one style sheet, nothing from elsewhere, no personal data. Decides nothing."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Literal

from connectors.answers import Asked
from connectors.wording import Language, put, words

Said = Literal["thanks", "used", "ended", "unknown", "busy"]

_STYLE = (
    "body{font:1.05rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}"
    "h1{font-size:1.3rem}fieldset{border:0;padding:0;margin:0}label{display:block;margin:.6rem 0}"
    "select,input[type=date],textarea{font:inherit;display:block;margin:.3rem 0 .3rem 1.7rem;max-width:100%}"
    "textarea{width:100%;margin-left:0}button{font:inherit;padding:.6rem 1.2rem;margin-top:1rem}"
    ".again{border-left:.3rem solid #b00020;padding-left:.8rem}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")
"""What the content security policy names the one style sheet by."""


def said_page(what: Said, language: Language) -> str:
    """Return a page that says one thing."""
    return _page(language, "Jalki", f'<main><p role="status">{escape(words(language)["page"][what])}</p></main>')


def form_page(asked: Asked, party: str, language: Language, grounds: Sequence[str], today: date, *, again: bool) -> str:
    """Return the form for the answer to a task; `again` says that what was sent before was not complete."""
    said = words(language)
    text = said["page"]
    choices = "".join(f'<option value="{each}">{escape(said["ground"][each])}</option>' for each in grounds)
    title = put(text["title"], reference=asked.reference)
    question = put(text["question"], party=party, task=said["task"].get(asked.action, asked.action))
    fault = f'<p class="again" role="alert">{escape(text["incomplete"])}</p>' if again else ""
    body = (
        f"<main><h1>{escape(title)}</h1>{fault}<p>{escape(question)}</p><p>{escape(text['explain'])}</p>"
        '<form method="post"><fieldset>'
        + _choice("done", text["done"])
        + _choice("not_held", text["not_held"])
        + _choice("promised", text["promised"])
        + f'<input type="date" name="by" min="{today.isoformat()}" aria-label="{escape(text["promised"])}">'
        + _choice("partial", text["partial"])
        + _choice("declined", text["declined"])
        + f'<select name="ground" aria-label="{escape(text["declined"])}"><option value=""></option>{choices}</select>'
        + f'<label>{escape(text["text"])}<textarea name="text" rows="3" maxlength="500"></textarea></label>'
        + f'</fieldset><button type="submit">{escape(text["send"])}</button></form></main>'
    )
    return _page(language, title, body)


def _choice(value: str, text: str) -> str:
    return f'<label><input type="radio" name="answer" value="{value}" required> {escape(text)}</label>'


def _page(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex,nofollow">'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>"
    )
