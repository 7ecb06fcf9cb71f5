"""A letter as headings, paragraphs and tables in one language. Decides what is said and in which order; draws no page."""

import re
from collections.abc import Callable, Iterator, Sequence

from lineage.answers.letter_model import Done, Letter, NotDone, Stays
from lineage.answers.outline import Outline, Section, Table, controller_facts, name_and_country, name_of, remedies
from lineage.answers.texts import Texts
from lineage.cases.rights import rule

_GROUND = re.compile(r"\d+(?:\(\w+\))*")
TOLD = {"recipient_country": 28, "role": 34, "purpose": 30, "categories": 26, "standing": 30}
STAYS = {"categories": 24, "why": 40, "law": 30, "until": 18, "where": 30}
REFUSED = {"categories": 24, "purpose": 26, "where": 28, "why": 46, "law": 16}
"""What is told of a recipient, and of what stays and of what is refused, with the widths of the columns."""


def letter_outline(letter: Letter, texts: Texts) -> Outline:
    """Return a letter in a language. Sections with nothing to tell are left out; the remedies never are (Art. 12(4))."""
    kinds: dict[str, tuple[str, Sequence[Callable[[Letter, Texts], Iterator[Section]]]]] = {
        "answer": (texts.say("letter_answer"), (_asked, _acted, _told, _ours, _not_done, _stays, _unclear, _later)),
        "partial": (texts.say("letter_partial"), (_asked, _not_done)),
        "refusal": (texts.say("letter_refusal"), (_asked, _refused)),
        "extension": (texts.say("letter_extension"), (_asked, _longer)),
    }
    title, parts = kinds[letter.kind]
    return Outline(
        language=texts.language,
        title=title,
        subtitle=texts.say("letter_subtitle").format(case=letter.case, articles=rule(letter.right).article),
        facts=(
            (texts.say("letter_from"), letter.controller.name),
            *controller_facts(letter.controller, letter.made_at, letter.contact, texts),
            (texts.say("case"), letter.case),
            (texts.say("received"), texts.day(letter.received)),
        ),
        sections=(*(section for part in parts for section in part(letter, texts)), remedies(texts)),
    )


def standing_of(done: Done, texts: Texts) -> str:
    """Return how the request stands at a recipient, with what shows it, or the ground on which it keeps the data."""
    if done.standing == "held":
        return texts.word("standings", "held" if done.until else "held_open").format(until=done.until)
    if done.standing == "promised" and done.by:
        return texts.word("standings", "turns_over" if done.how == "turns-over" else "promised_by").format(by=done.by)
    text = texts.word("standings", done.standing)
    if done.standing == "proved" and done.how:
        return f"{text} ({texts.word('shown_by', done.how)})"
    return f"{text}: {ground_of(done.ground, texts)}" if done.ground else text


def ground_of(ground: str, texts: Texts) -> str:
    """Return a ground in words: an article as the GDPR's, a party's answer as it was put to it, all else as it is."""
    return f"GDPR {ground}" if _GROUND.fullmatch(ground) else texts.word("grounds", ground)


def until_of(stays: Stays, texts: Texts) -> str:
    """Return until when something stays, in words."""
    if not stays.until:
        return texts.say("until_released")
    return texts.say("day_assumed").format(until=stays.until) if stays.assumed else stays.until


def why_of(stays: Stays, texts: Texts) -> str:
    """Return why something stays; in English where that language is missing."""
    return stays.texts.get(texts.language) or stays.texts.get("en", "")


def _asked(letter: Letter, texts: Texts) -> Iterator[Section]:
    said = [texts.word("asked", letter.right)]
    if letter.chosen:
        said.append(texts.say("chosen").format(purposes=texts.words("purposes", letter.chosen)))
    elif rule(letter.right).chosen:
        said.append(texts.say("all_purposes"))
    if letter.changed:
        said.append(texts.say("changed").format(categories=texts.words("categories", letter.changed)))
    yield Section(texts.say("asked_title"), tuple(said))


def _acted(letter: Letter, texts: Texts) -> Iterator[Section]:
    if letter.nothing:
        yield Section(texts.say("done_title"), (texts.say("nothing"),))
        return
    said = [texts.word("acted", letter.right)]
    if letter.inflow is not None and letter.lifted is None:
        said.append(texts.say("inflow").format(day=texts.day(letter.inflow)))
    if letter.lifted is not None:
        said.append(texts.say("lifted").format(day=texts.day(letter.lifted)))
    if letter.forgotten is not None:
        said.append(texts.say("record_gone").format(day=texts.day(letter.forgotten)))
        said += [texts.say("record_kept")] if letter.kept else []
    elif letter.forgets:
        said.append(texts.say("record_later"))
    if letter.came_back:
        said.append(texts.say("came_back"))
    yield Section(texts.say("done_title"), tuple(said))


def _told(letter: Letter, texts: Texts) -> Iterator[Section]:
    title = texts.say("told_title")
    if letter.recipients:
        heads = tuple(texts.say(column) for column in TOLD)
        rows = tuple(
            (
                name_and_country(each.company, texts),
                texts.words("roles", each.roles),
                texts.words("purposes", each.purposes),
                _data(each, texts),
                standing_of(each, texts),
            )
            for each in letter.recipients
        )
        yield Section(title, (texts.say("told_intro"),), tables=(Table(title, heads, rows, tuple(TOLD.values())),))
    elif not letter.nothing:
        yield Section(title, (texts.say("none_told"),))


def _ours(letter: Letter, texts: Texts) -> Iterator[Section]:
    if letter.systems:
        title = texts.say("ours_title")
        heads = (texts.say("system"), texts.say("categories"), texts.say("standing"))
        rows = tuple(
            (name_of(each.company, texts), _data(each, texts), standing_of(each, texts)) for each in letter.systems
        )
        yield Section(title, tables=(Table(title, heads, rows, (2, 3, 3)),))


def _data(done: Done, texts: Texts) -> str:
    held = texts.words("categories", done.categories)
    return held if done.observed else f"{held} ({texts.say('declared_copy')})"


def _stays(letter: Letter, texts: Texts) -> Iterator[Section]:
    if letter.stays:
        title = texts.say("stays_title")
        heads = tuple(texts.say(column) for column in STAYS)
        rows = tuple(
            (
                texts.words("categories", each.categories),
                why_of(each, texts),
                each.law,
                until_of(each, texts),
                ", ".join(name_of(company, texts) for company in each.companies),
            )
            for each in letter.stays
        )
        table = Table(title, heads, rows, tuple(STAYS.values()))
        yield Section(title, (texts.say("stays_intro"),), tables=(table,))


def refused_why(refused: NotDone, texts: Texts) -> str:
    """Return why items are refused: what the ground is, and the officer's reason."""
    ground = refused.texts.get(texts.language) or refused.texts.get("en", "")
    return f"{ground} {refused.reason}".strip()


def _not_done(letter: Letter, texts: Texts) -> Iterator[Section]:
    if letter.refused:
        title = texts.say("not_done_title")
        heads = tuple(texts.say(column) for column in REFUSED)
        rows = tuple(
            (
                texts.words("categories", each.categories),
                texts.words("purposes", each.purposes),
                ", ".join(name_of(company, texts) for company in each.companies),
                refused_why(each, texts),
                ground_of(each.ground, texts),
            )
            for each in letter.refused
        )
        table = Table(title, heads, rows, tuple(REFUSED.values()))
        yield Section(title, (texts.say("not_done_intro"),), tables=(table,))


def _unclear(letter: Letter, texts: Texts) -> Iterator[Section]:
    points = []
    if letter.undecided:
        points.append(texts.say("undecided").format(count=letter.undecided))
    if letter.ambiguous:
        points.append(texts.say("ambiguous").format(count=letter.ambiguous))
    if letter.unopened:
        points.append(texts.say("unopened").format(count=letter.unopened))
    if any(not each.observed for each in (*letter.recipients, *letter.systems)):
        points.append(texts.say("copies"))
    if points:
        yield Section(texts.say("unclear_title"), points=tuple(points))


def _later(letter: Letter, texts: Texts) -> Iterator[Section]:
    every = (*letter.recipients, *letter.systems)
    points = []
    if letter.stays:
        points.append(texts.say("later_holds"))
    if any(each.how == "turns-over" and each.standing == "promised" for each in every):
        points.append(texts.say("later_backups"))
    if any(each.standing in {"accepted", "told", "overdue", "waiting", "failed", "promised"} for each in every):
        points.append(texts.say("later_answers"))
    if letter.right == "restriction" and letter.lifted is None:
        points.append(texts.say("later_lifted"))
    if letter.taken_to:
        points.append(texts.say("taken_to").format(names=", ".join(name_of(each, texts) for each in letter.taken_to)))
    if letter.forgets and not letter.nothing:
        points.append(texts.say("later_again"))
    if points:
        yield Section(texts.say("later_title"), points=tuple(points))


def _refused(letter: Letter, texts: Texts) -> Iterator[Section]:
    ground = texts.say("refused_on").format(ground=ground_of(letter.ground, texts))
    yield Section(texts.say("why_refused_title"), (letter.reason, ground, texts.say("refused_nothing")))


def _longer(letter: Letter, texts: Texts) -> Iterator[Section]:
    longer = texts.say("longer").format(day=letter.until)
    yield Section(texts.say("why_longer_title"), (letter.reason, longer))
