"""The recipients part of the notice: what holds at an instant and nothing else, in three languages, with what is open."""

import tomllib
from pathlib import Path

import pytest

from lineage.answers.texts import LANGUAGES, texts_of
from lineage.notice import Notice, NoticePurpose, as_text, notice, notice_texts_of
from lineage.notice.model import OPEN
from lineage.register import Register, load_register
from tests.lineage.register.small import CATEGORIES, SMALL, at

FOLDER = Path(__file__).parents[3] / "lineage" / "notice" / "texts"
SPRING, AUTUMN = at("2026-04-01T12:00"), at("2026-10-01T12:00")
every_language = pytest.mark.parametrize("language", LANGUAGES)


def loaded(folder: Path, text: str = SMALL) -> Register:
    file = folder / "register.yaml"
    file.write_text(text, "utf-8")
    return load_register(file, CATEGORIES)


@pytest.fixture(scope="session")
def shipped() -> Register:
    return load_register(None, CATEGORIES)


def only(found: Notice, purpose: str) -> NoticePurpose:
    (one,) = [each for each in found.purposes if each.id == purpose]
    return one


def receivers(found: Notice, purpose: str) -> list[str]:
    return [each.company.party for each in only(found, purpose).receivers]


def test_only_what_holds_at_that_instant_is_told(tmp_path: Path) -> None:
    register = loaded(tmp_path)
    assert receivers(notice(register, SPRING), "delivery") == ["post"]
    assert receivers(notice(register, AUTUMN), "delivery") == []
    assert notice(register, at("2026-06-30T23:59")).purposes == notice(register, SPRING).purposes


def test_a_transfer_and_its_safeguard_are_those_of_that_instant(tmp_path: Path) -> None:
    register = loaded(tmp_path)
    (spring,) = only(notice(register, SPRING), "newsletter").receivers
    assert spring.transfer is not None
    assert (spring.transfer.country, spring.transfer.mechanisms) == ("US", ("dpf",))
    (autumn,) = only(notice(register, AUTUMN), "newsletter").receivers
    assert autumn.transfer is not None
    assert autumn.transfer.mechanisms == ()
    opened = [(each.purpose, each.party, each.what) for each in notice(register, AUTUMN).open]
    assert opened == [("newsletter", "mailer", "no-safeguard")]
    assert notice(register, SPRING).open == ()


def test_own_systems_are_no_recipients_and_their_data_is_told_with_its_period(tmp_path: Path) -> None:
    newsletter = only(notice(loaded(tmp_path), SPRING), "newsletter")
    assert "shop" not in [each.company.party for each in newsletter.receivers]
    assert newsletter.categories == ("email", "name")
    assert [(each.categories, each.rule and each.rule.rule) for each in newsletter.periods] == [
        (("email", "name"), "H23")
    ]


def test_a_declared_copy_for_a_purpose_is_a_recipient_as_long_as_it_is_declared(tmp_path: Path) -> None:
    text = SMALL.replace("{from: shop, to: copy, purpose: delivery, valid_from: 2026-03-01}",
                         "{from: post, to: mailer, purpose: delivery, valid_from: 2026-03-01}")  # fmt: skip
    register = loaded(tmp_path, text)
    assert receivers(notice(register, SPRING), "delivery") == ["mailer", "post"]
    assert receivers(notice(register, at("2026-02-01T12:00")), "delivery") == ["post"]


def test_what_the_register_leaves_open_is_listed(shipped: Register) -> None:
    found = notice(shipped, AUTUMN)
    assert {each.what for each in found.open} <= set(OPEN)
    opened = {(each.purpose, each.party, each.what) for each in found.open}
    assert ("debt-collection", "debt-collector", "unnamed") in opened
    assert ("newsletter", "epostservice", "unconfirmed") in opened
    assert ("newsletter", "epostservice", "country-unknown") in opened
    assert ("newsletter", "sendgrid", "unconfirmed") in opened  # its mechanisms are
    assert ("delivery", "posti", "unconfirmed") not in opened


def test_the_company_that_gives_the_notice_is_no_recipient_and_its_sisters_are(shipped: Register) -> None:
    account = receivers(notice(shipped, AUTUMN), "account")
    assert "multitronic" not in account
    assert {"multicare", "smartdeals"} <= set(account)


@every_language
def test_every_recipient_purpose_and_category_stands_in_the_text(language: str, shipped: Register) -> None:
    found, texts = notice(shipped, AUTUMN), texts_of(language)
    text = as_text(found, notice_texts_of(language))
    for purpose in found.purposes:
        assert f"## {texts.word('purposes', purpose.id)}\n" in text
        assert texts.words("categories", purpose.categories) in text
        for each in purpose.receivers:
            if each.company.named:
                assert f"- {each.company.name}, {texts.country(each.company.country)}; " in text
            else:
                assert each.company.name not in text.replace("Epostservice", "")
    assert texts.word("mechanisms", "dpf") in text
    assert "{" not in text
    assert "unknown" not in text


def test_the_text_of_a_small_register_is_this(tmp_path: Path) -> None:
    assert as_text(notice(loaded(tmp_path), AUTUMN), notice_texts_of("en")).partition("## ")[2] == (
        "Delivering the goods and telling where they are\n\n"
        "Legal ground: a contract with you, or steps you asked for before one (6(1)(b))\n"
        "Data: e-mail address, name\n\n"
        "Nobody outside our company receives it.\n\n"
        "How long it is kept:\n\n"
        "- e-mail address, name: until: the day your order was finished: delivered, the time to return it over, refunds "
        "paid\n\n"
        "## Sending the newsletter\n\n"
        "Legal ground: your consent (6(1)(a))\n"
        "Data: e-mail address, name\n\n"
        "Who may receive it:\n\n"
        "- Mailer Inc., United States; works on our behalf (processor). Data: e-mail address. It may go outside the "
        "European Economic Area: United States. Protected by: being checked.\n\n"
        "How long it is kept:\n\n"
        "- e-mail address, name: 24 months, counted from: the last day you opened a message, or the day you subscribed\n"
    )


@every_language
def test_no_key_is_missing_in_a_language_or_in_one_alone(language: str) -> None:
    told = {each: tomllib.loads((FOLDER / f"{each}.toml").read_text("utf-8"))["say"] for each in (language, "en")}
    assert told[language].keys() == told["en"].keys()
    for key, sentence in told["en"].items():
        assert told[language][key].count("{") == sentence.count("{")
