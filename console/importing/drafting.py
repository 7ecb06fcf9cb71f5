"""Makes a draft of what a source says. What contradicts itself is a fault with both places; what is missing stays open.

Nothing is guessed: no basis, no role, no period. Two rows may say more of one thing, never something else of it.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping

from console.importing.draft import Draft, DraftParty, DraftPurpose, Gap, Use
from console.importing.periods import Kept, kept_of
from console.importing.told import KINDS, Cell, Elsewhere, Row
from console.importing.vocabularies import Words, plain, shown, table
from lineage.answers.texts import LANGUAGES
from lineage.register import PERSON, UNKNOWN, Register
from lineage.register.faults import Faults
from lineage.ropa.wording import declared_text, record_texts_of

_LAWS: Mapping[str, tuple[str, str]] = {
    "categories": ("GDPR Art. 30(1)(c)", "declare in the mapping which categories it is, or write them in"),
    "subjects": ("GDPR Art. 30(1)(c)", "write in whom the data is about"),
    "basis": ("GDPR Art. 6(1)", "decide the basis, and write it in"),
    "role": ("GDPR Art. 4(7)-(8), 26, 28", "read the role from the contract, and write it in"),
    "kind": ("GDPR Art. 13(1)(e), 30(1)(d)", "write the kind of party in"),
    "country": ("GDPR Art. 30(1)(e), 44", "write the two letters of the country in"),
    "third_country": (
        "GDPR Art. 30(1)(e), 44",
        "write the two letters of the country in, or that there is no transfer",
    ),
    "safeguard": ("GDPR Art. 30(1)(e), 46", "write the mechanism in under 'transfers'"),
    "retention": (
        "GDPR Art. 5(1)(e), 30(1)(f)",
        "say a number of years, months or days after an event, and write it in",
    ),
}
"""Of each field: the law that asks for it, and what to do where its words stand for nothing."""
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ł": "l", "đ": "d"})
"""Letters that are no letter with an accent to Unicode."""
_OF_A_USE = {"role", "categories", "basis", "retention"}
"""Fields that say something of what a party gets; a row without them only says who the party is."""
_MOST_ID = 60
_MOST_SUGGESTED = 500
"""Beyond so many gaps nothing is compared any more to find what may have been meant: it takes longer than all the rest."""


class Drafting:
    """Puts rows into one draft. `periods` and `ids` are what a mapping declares of texts."""

    def __init__(
        self,
        source: str,
        words: Words,
        shipped: Register,
        periods: Mapping[str, Kept] | None = None,
        ids: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.draft = Draft(source)
        self._words, self._shipped = words, shipped
        self._periods, self._ids = periods or {}, ids or {}
        self._by_name: dict[str, dict[str, str]] = {"party": {}, "purpose": {}}
        self._purposes = _purposes(shipped)
        self._abroad: dict[str, tuple[str, str]] = {}
        self._faults = Faults()

    def made(self, elsewhere: Elsewhere) -> Draft:
        """Return the draft. Raises: Misconfigured: one `FILE:LINE: message` a line, where the source contradicts itself."""
        for row in elsewhere.rows:  # first who there is, for a source may be named before its own row comes
            for party in self._parties(row):
                self._about_party(party, row)
        for row in elsewhere.rows:
            for party in self._parties(row):
                self._transfers(party, row)
            self._use(row)
        self._destinations()
        self._left_out()
        self._faults.stop_if_any()
        return self.draft

    def _parties(self, row: Row) -> list[DraftParty]:
        cell = row.cells.get("party")
        return [] if cell is None else [self._party(name, cell, row.ids.get("party", "")) for name in cell.words]

    def _party(self, name: str, cell: Cell, given: str = "") -> DraftParty:
        key = self._id("party", name, given, self.draft.parties)
        return self.draft.parties.setdefault(key, DraftParty(key, name, cell.where))

    def _id(self, kind: str, name: str, given: str, taken: Collection[str]) -> str:
        """Return the id of a name: the one it had before, the one that is declared, else one made of its letters."""
        by_name = self._by_name[kind]
        known = plain(given or name)
        if known not in by_name:
            usual = self._purposes.meant("purposes", name) if kind == "purpose" else ()
            wanted = self._ids.get(kind, {}).get(plain(name)) or next(iter(usual), id_of(given or name))
            free, number = wanted, 2
            # Two names with the same letters stay two, unless the mapping says that they are one.
            while plain(name) not in self._ids.get(kind, {}) and (free in taken or free in (PERSON, UNKNOWN)):
                free, number = f"{wanted}-{number}", number + 1
            by_name[known] = free
        return by_name[known]

    def _about_party(self, party: DraftParty, row: Row) -> None:
        for name in ("kind", "country"):
            for word in self._meant(name, row):
                self._say(party, name, word, row.cells[name], f"'{party.name}'")
        if row.word("business_id"):
            self._say(party, "business_id", row.word("business_id"), row.cells["business_id"], f"'{party.name}'")
        party.note = party.note or row.word("note")

    def _say(
        self, about: DraftParty | DraftPurpose, name: str, word: str | tuple[str, ...], cell: Cell, subject: str
    ) -> None:
        """Set a value that was not said before; a fault where something else was."""
        before = about.told.get(name)
        if before is None:
            setattr(about, name, word)
            about.told[name] = cell.where
        elif getattr(about, name) != word:
            first, other = (each if isinstance(each, str) else ", ".join(each) for each in (getattr(about, name), word))
            what = name.replace("_", " ")
            self._faults.add(cell.place, f"{what} of {subject} is '{other}' here, and '{first}' in {before}")

    def _transfers(self, party: DraftParty, row: Row) -> None:
        safeguards, abroad = self._meant("safeguard", row), self._meant("third_country", row)
        cell = row.cells.get("third_country") or row.cells.get("safeguard")
        if cell is None:
            return
        for country in abroad or (party.country,):
            if country in self._shipped.declared.eea or country == UNKNOWN:
                if abroad:
                    self._gap(
                        f"{country} is in the EEA, so there is no transfer of '{party.name}'", cell, "third_country"
                    )
                continue
            before = self._abroad.setdefault(party.id, (country, cell.where))
            if before[0] != country:
                said = f"'{party.name}' has transfers to {country} here, and to {before[0]} in {before[1]}: make two parties"
                self._faults.add(cell.place, said)
        for mechanism in safeguards:
            self.draft.transfers.setdefault((party.id, mechanism), (UNKNOWN, row.cells["safeguard"].where))

    def _destinations(self) -> None:
        """Give every mechanism the country of its party's transfers; a country without any mechanism stays open."""
        transfers = self.draft.transfers
        for (key, mechanism), (_, where) in transfers.items():
            transfers[key, mechanism] = (self._abroad.get(key, (UNKNOWN, ""))[0], where)
        safeguarded = {key for key, _ in transfers}
        for key, (country, where) in self._abroad.items():
            party = self.draft.parties[key]
            if key not in safeguarded and country != party.country:  # else `check` itself asks for one
                about = f"data of '{party.name}' goes to {country}, and no safeguard is said"
                self.draft.open(Gap(about, where, *_LAWS["safeguard"]))

    def _use(self, row: Row) -> None:
        purpose = self._purpose(row)
        parties = self._parties(row)
        categories = set(self._meant("categories", row))
        if purpose is None:
            if parties and _OF_A_USE & row.cells.keys():
                named = row.cells["party"]
                todo = "say what it gets data for, and declare it under 'recipients'"
                about = f"no purpose is said for '{shown(row.word('party'))}'"
                self.draft.open(Gap(about, named.where, "GDPR Art. 30(1)(b)", todo))
            return
        self._kept(purpose, categories, row)
        if not categories and (cell := row.cells.get("categories") or row.cells.get("party")):
            names = f" and '{shown(row.word('party'))}'" if parties else ""
            self._gap(f"no category is known for '{purpose.id}'{names}", cell, "categories")
        for party in parties if categories else ():
            self._gets(party, purpose, categories, row)

    def _gets(self, party: DraftParty, purpose: DraftPurpose, categories: set[str], row: Row) -> None:
        use = self.draft.uses.setdefault((party.id, purpose.id), Use(str(row.place)))
        for role in self._meant("role", row):
            cell = row.cells["role"]
            if use.told and use.role != role:
                text = f"'{party.name}' for '{purpose.text}' is {role} here, and {use.role} in {use.told}"
                self._faults.add(cell.place, text)
            use.role, use.told = role, use.told or cell.where
        for source in self._sources(row) or [UNKNOWN]:
            use.categories.setdefault(source, set()).update(categories)

    def _sources(self, row: Row) -> list[str]:
        cell = row.cells.get("from")
        if cell is None:
            return []
        persons = {plain(each) for each in (PERSON, *table()["person"]["any"])}
        return [PERSON if plain(word) in persons else self._party(word, cell).id for word in cell.words]

    def _purpose(self, row: Row) -> DraftPurpose | None:
        cell = row.cells.get("purpose")
        if cell is None:
            return None
        text = " ".join(cell.words)
        key = self._id("purpose", text, "", self.draft.purposes)
        purpose = self.draft.purposes.get(key)
        if purpose is None:
            purpose = self.draft.purposes[key] = DraftPurpose(key, text, cell.where)
            self._recognise(purpose, cell)
        for word in self._meant("basis", row):
            self._say(purpose, "basis", word, row.cells["basis"], f"'{purpose.text}'")
        purpose.subjects |= set(self._meant("subjects", row))
        purpose.article = purpose.article or row.word("article")
        if "dpv" in row.cells:
            self._say(purpose, "dpv", row.cells["dpv"].words, row.cells["dpv"], f"'{purpose.text}'")
        return purpose

    def _recognise(self, purpose: DraftPurpose, cell: Cell) -> None:
        """Give a purpose that events name its meaning there; of another, write down those that may be meant."""
        known = self._shipped.purpose(purpose.id)
        if known is not None:
            purpose.dpv = known.dpv
            return
        purpose.near = self._purposes.near("purposes", purpose.text)
        todo = f"name it as events do, by 'words.purposes' of a mapping, or keep '{purpose.id}' for events of your own"
        self._unread("purpose", cell, purpose.text, purpose.near, ("GDPR Art. 5(1)(b), 30(1)(b)", todo))

    def _kept(self, purpose: DraftPurpose, categories: set[str], row: Row) -> None:
        text, law = row.word("retention"), row.word("law")
        kept = (self._periods.get(plain(text)) or kept_of(text, law)) if text else None
        if kept is not None and law and kept.law != law:
            kept = Kept(kept.after, kept.unit, kept.number, law)
        if text and kept is None:
            self._unread("retention", row.cells["retention"], text)
        where = row.cells["retention"].where if "retention" in row.cells else str(row.place)
        for category in sorted(categories):
            before = self.draft.kept.get((purpose.id, category))
            if before is None or before[0] is None:
                self.draft.kept[purpose.id, category] = (kept, where)
            elif kept is not None and str(kept) != str(before[0]):
                cell = row.cells["retention"]
                said = f"'{category}' is kept {kept} for '{purpose.text}' here, and {before[0]} in {before[1]}"
                self._faults.add(cell.place, said)

    def _meant(self, name: str, row: Row) -> tuple[str, ...]:
        """Return what the words of a field stand for; those that stand for nothing are written down."""
        cell = row.cells.get(name)
        if cell is None:
            return ()
        found: dict[str, None] = {}
        for word in cell.words:
            meant = self._words.meant(KINDS[name], word)
            found |= dict.fromkeys(meant)
            if not meant:
                self._unread(name, cell, word)
        return tuple(found)

    def _unread(
        self,
        name: str,
        cell: Cell,
        word: str,
        near: tuple[str, ...] | None = None,
        asked: tuple[str, str] | None = None,
    ) -> None:
        """Write down a word that stands for nothing here, with words of ours that may be meant."""
        law, todo = asked or _LAWS[name]
        if near is None:
            suggest = name in KINDS and len(self.draft.gaps) < _MOST_SUGGESTED
            near = self._words.near(KINDS[name], word) if suggest else ()
        is_none = "is no number, unit and event" if name == "retention" else "stands for no word of the register"
        about = f"'{shown(word)}' ({name.replace('_', ' ')}) {is_none}"
        self.draft.open(Gap(about, cell.where, law, todo, near))

    def _gap(self, about: str, cell: Cell, name: str) -> None:
        self.draft.open(Gap(about, cell.where, *_LAWS[name]))

    def _left_out(self) -> None:
        """Write down what Art. 30 asks for and no row can say."""
        draft = self.draft
        without = [each.id for each in draft.purposes.values() if not each.subjects]
        if without:
            draft.open(
                Gap(f"whom the data is about is not said for {', '.join(sorted(without))}", draft.source,
                    "GDPR Art. 30(1)(c)", "write 'subjects' to each purpose")
            )  # fmt: skip
        if not any(draft.groups()):
            draft.open(
                Gap("the controller itself is not said", draft.source, "GDPR Art. 30(1)(a)",
                    "declare the company under 'parties' (kind group) and under 'controllers'")
            )  # fmt: skip
        draft.open(
            Gap("the measures of security are not said", draft.source, "GDPR Art. 30(1)(g), 32",
                "write them under 'security'")
        )  # fmt: skip


def _purposes(shipped: Register) -> Words:
    """Return the purposes that events name, by their id and by their text in each language of the record."""
    found: dict[str, tuple[str, ...]] = {}
    for purpose in shipped.declared.purposes:
        told = (declared_text(record_texts_of(language), purpose.text) for language in LANGUAGES)
        found |= {plain(text): (purpose.id,) for text in (purpose.id, purpose.text, *told)}
    return Words({"purposes": found})


def id_of(name: str) -> str:
    """Return an id made of the letters of a name: lower case, without accents, a hyphen for what is between words."""
    spelt = name.casefold().translate(_LETTERS)
    text = "".join(each for each in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(each))
    made = re.sub(r"[^a-z0-9_]+", "-", text).strip("-_")[:_MOST_ID].rstrip("-_")
    return made if re.match("[a-z]", made) else f"p-{made}".rstrip("-")
