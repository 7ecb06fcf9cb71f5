"""How a published notice differs from the register, as shapes: row by row, or by the names in a text. Reads no file."""

from collections.abc import Mapping
from typing import Any

from console.shapes import Shape
from lineage.answers.texts import LANGUAGES, texts_of
from lineage.notice import Notice, difference, mentioned
from lineage.notice.shape import notice_shape
from lineage.register import Register

NAMES = ("missing", "brand_only", "no_recipient", "unknown", "countries")


def difference_shape(published: Mapping[str, Any], found: Notice) -> Shape:
    """Return the difference to a notice in the form that `register notice --json` prints; all lists are empty: none."""
    told = difference(published, notice_shape(found))
    return {
        "published_only": [{"purpose": purpose, "party": party} for purpose, party in told.published_only],
        "register_only": [{"purpose": purpose, "party": party} for purpose, party in told.register_only],
        "changed": [
            {"purpose": each.purpose, "party": each.party, "what": each.what, "published": each.published,
             "register": each.register}
            for each in told.changed
        ],
    }  # fmt: skip


def names_shape(text: str, found: Notice, register: Register) -> Shape:
    """Return what a text names otherwise than the register; all lists are empty: nothing, as far as names go."""
    abroad = {each.transfer.country for purpose in found.purposes for each in purpose.receivers if each.transfer}
    words = {code: [texts_of(each).country(code) for each in LANGUAGES] for code in abroad}
    named = mentioned(text, found, register, words)
    return {name: list(getattr(named, name)) for name in NAMES}
