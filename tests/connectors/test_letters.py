from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.letters import Addressee, Sender, can_say, compose
from connectors.wording import LANGUAGES, Language, words
from lineage.cases.orders import Order
from lineage.cases.words import ACTIONS
from lineage.errors import Refused
from tests.connectors.orders import CUSTOMER, MAIL, order

SENDER = Sender("Multitronic Oy", "privacy@multitronic.example", "PL 1, 65101 Vaasa")
LINK = "https://answers.multitronic.example/confirm/" + "x" * 100
every_language = pytest.mark.parametrize("language", LANGUAGES)


def sent(asked: Order, language: Language = "en", letter: int = 1, **more: str) -> tuple[EmailMessage, str]:
    """Return a letter as it is read at the other end, and its text."""
    addressee = Addressee("Posti Oy", "privacy@posti.example", language, **more)
    raw = compose(asked, SENDER, addressee, LINK, "2027-03-16", letter).as_bytes()
    assert raw.isascii()
    read = message_from_bytes(raw, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read, read.get_content().replace("\r\n", "\n")


@every_language
def test_a_letter_says_who_what_whom_until_when_and_where_to_answer(language: Language) -> None:
    letter, text = sent(order(), language)
    said = words(language)
    parts = [
        "Multitronic Oy",
        said["do.notice"]["erase"],
        CUSTOMER,
        MAIL,
        said["category"]["address"],
        "2027-01-15",
        LINK,
    ]
    assert not [each for each in (*parts, said["purpose"]["delivery"], "2026-000017") if each not in text]
    assert "19" in str(letter["Subject"])
    assert letter["To"] == "Posti Oy <privacy@posti.example>"


@every_language
@pytest.mark.parametrize("action", ["erase", "rectify", "restrict", "lift", "stop"])
def test_a_processor_reads_an_instruction_and_a_controller_a_notice(language: Language, action: str) -> None:
    notice, instruction = (sent(order(form=form, action=action), language) for form in ("notice", "instruction"))
    assert notice[1] != instruction[1]
    assert "28" in str(instruction[0]["Subject"])
    assert "28" not in str(notice[0]["Subject"])


@every_language
def test_every_task_a_letter_can_tell_of_has_its_words_in_every_language(language: Language) -> None:
    for form in ("instruction", "notice"):
        told = {action for action in ACTIONS if can_say(order(form=form, action=action))}
        assert told == set(words(language)[f"do.{form}"]) == set(words(language)[f"law.{form}"])
        assert told <= set(words(language)["task"])
    assert {name: set(section) for name, section in words(language).items()} == {
        name: set(section) for name, section in words("en").items()
    }


def test_a_letter_has_no_words_for_what_is_no_business_of_a_mailbox() -> None:
    assert not can_say(order(action="send"))
    assert not can_say(order(form="notice", action="collect"))
    assert not can_say(order(form="internal"))


def test_nothing_personal_stands_outside_the_body() -> None:
    letter, _ = sent(order())
    assert not [each for each in (MAIL, CUSTOMER) if each in str(letter.items())]


@every_language
def test_a_correction_names_the_new_values_and_only_those(language: Language) -> None:
    _, text = sent(order(action="rectify", changes={"address": "Uusikatu 2, 65100 Vaasa"}), language)
    assert "Uusikatu 2, 65100 Vaasa" in text
    with pytest.raises(Refused):
        sent(order(action="rectify", changes={"phone": "+358401234567"}), language)


def test_a_copy_is_asked_for_of_everything_and_never_over_the_page() -> None:
    _, text = sent(order(form="instruction", action="collect"))
    assert "never on the page" in text
    assert "delivery" not in text


def test_the_first_letter_has_one_message_id_and_a_reminder_its_own_that_refers_to_it() -> None:
    asked = order()
    first, again, reminder = sent(asked)[0], sent(asked)[0], sent(asked, letter=2)
    assert first["Message-ID"] == again["Message-ID"] != reminder[0]["Message-ID"]
    assert reminder[0]["References"] == first["Message-ID"]
    assert str(reminder[0]["Subject"]).strip().startswith("Reminder: ")
    assert "no answer yet" in reminder[1]


def test_the_agreement_and_the_partys_own_reference_stand_in_an_instruction() -> None:
    _, text = sent(order(form="instruction"), agreement="agreement of 2024-05-01", their_reference="K-77")
    assert "on our behalf (agreement of 2024-05-01)." in text
    assert "K-77" in text


@given(st.text(min_size=1, max_size=40))
def test_no_identifier_writes_lines_of_its_own_or_fills_in_places(value: str) -> None:
    if value.encode("utf-8", "replace") != value.encode("utf-8", "surrogatepass"):
        value = value.encode("utf-8", "replace").decode()
    plain, marked = (sent(order(identifiers=(("login", each),)))[1] for each in ("x", value))
    assert len(plain.splitlines()) == len(marked.splitlines())


def test_an_identifier_is_said_as_it_was_sent() -> None:
    for value in ("MÄKI@example.fi", "$company", "  a b", "Ω≈ç"):
        assert f": {value}\n" in sent(order(identifiers=(("email", value),)))[1]
