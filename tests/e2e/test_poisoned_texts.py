"""What somebody wrote into an event, or into a register, steers no terminal, forges no line and draws nothing."""

import ast
import re
import shutil
from pathlib import Path

import pytest

from tests.e2e.events import event, write_lines
from tests.e2e.program import asked, jalki

STEERS = "\x1b]52;c;aaaa\x07\x9b2J\u202e"
MAILBOX = f"eve{STEERS}[link=https://evil.example]x[/link]@posti.example"
ROOT = Path(__file__).parents[2]
REGISTER = ROOT / "lineage" / "register" / "multitronic"


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One who gave an address that means harm, and what a party wrote of her."""
    folder = tmp_path_factory.mktemp("poisoned")
    events = [
        event("AccountOpened", f"e-1{STEERS}", customer_id="C-66", email=MAILBOX, name=STEERS),
        event("NewsletterSubscribed", "e-2", email=MAILBOX, customer_id="C-66", consent_text=STEERS, source=STEERS),
        event("NewsletterSent", "e-3", email=MAILBOX, customer_id="C-66", provider="sendgrid", campaign_id=STEERS),
        event("RecordViewed", "e-4", customer_id="C-66", viewer="back-office", viewer_ref=STEERS, purpose="order",
              categories=["name"]),
        event("NewsletterSent", "e-5", email=MAILBOX, provider=STEERS, campaign_id="1"),
    ]  # fmt: skip
    done = asked("ingest", write_lines(folder / "e.jsonl", events), "--data", folder / "data")
    assert done.code == 1
    return folder / "data"


def test_no_command_prints_what_steers_a_terminal(poisoned: Path, tmp_path: Path) -> None:
    data = shutil.copytree(poisoned, tmp_path / "data")
    why = ("--reveal", "--reason", STEERS)
    opened = asked("case", "open", "access", "customer_id:C-66", "--channel", "account", "--data", data)
    erased = asked("case", "open", "erasure", "customer_id:C-66", "--channel", "account", "--data", data)
    assert (opened.code, erased.code) == (0, 0)
    case = erased.out.split()[-1]
    for words in (
        ("where", "customer_id:C-66", *why), ("where", f"email:{MAILBOX}"), ("where", f"email:{MAILBOX}", "--json"),
        ("case", "show", case, "--preview", *why), ("case", "show", case, "--requests", *why), ("case", "show", case, *why),
        ("lookups", "customer_id:C-66", "--who"), ("dead-letters",), ("dead-letters", "--json"), ("drift",), ("sharing",),
        ("parties",), ("timeline", "customer_id:C-66"), ("may-share", f"email:{MAILBOX}", "sendgrid", "newsletter"),
        ("doctor",),
    ):  # fmt: skip
        ended = jalki(*words, "--data", data)
        assert not (set(ended.out + ended.err) & set(STEERS) - set("2J]52;caJ")), words
        assert "link=https" not in ended.err, words


QUERIES = (
    "'); DROP TABLE disclosures; --",
    '" OR 1=1 --',
    "x'}) DETACH DELETE n //",
    "$where",
    "%s",
    "\\",
    "' UNION SELECT * FROM keys --",
)


def test_what_looks_like_a_query_is_a_value_like_any_other(tmp_path: Path) -> None:
    events = [
        event("NewsletterSent", f"q-{number}{each}", email=f"{number}{each}@posti.example", customer_id=f"C-{each}",
              provider="sendgrid", campaign_id=each)
        for number, each in enumerate(QUERIES)
    ]  # fmt: skip
    file = write_lines(
        tmp_path / "x'}) DETACH DELETE n --.jsonl", [*events, event("NewsletterSent", "bad", email="a@b.example")]
    )
    done = asked("ingest", file, "--data", tmp_path / "data")
    assert "recorded 7" in done.out + done.err
    for each in QUERIES:
        told = asked("where", f"customer_id:C-{each}", "--json", "--data", tmp_path / "data")
        assert [(one["party"], one["disclosures"]) for one in told.json["holdings"] if one["observed"]] == [
            ("sendgrid", 1)
        ]
    assert asked("dead-letters", "--json", "--data", tmp_path / "data").code == 0


WORDS_OF_CYPHER = re.compile(r"\b(?:MATCH|MERGE|CREATE|UNWIND|DELETE|RETURN|WHERE)\b")


def is_constant(text: ast.expr, given: dict[str, list[ast.expr]]) -> bool:
    """Whether a text can be nothing but what stands in the source: constants put together, chosen between or named."""
    match text:
        case ast.Constant():
            return True
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return is_constant(left, given) and is_constant(right, given)
        case ast.IfExp(body=one, orelse=other):
            return is_constant(one, given) and is_constant(other, given)
        case ast.Name(id=name):
            return name == name.upper() or (
                bool(given.get(name)) and all(is_constant(each, given) for each in given[name])
            )
    return False


def made_of_more(source: str) -> list[str]:
    """Texts of Cypher that are made of anything else."""
    tree = ast.parse(source)
    given: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                given.setdefault(name, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                given.setdefault(name, []).append(value)
    texts = [each for each in ast.walk(tree) if isinstance(each, ast.JoinedStr | ast.BinOp)]
    return [
        ast.unparse(each)
        for each in texts
        if WORDS_OF_CYPHER.search(ast.unparse(each)) and not is_constant(each, given)
    ]


def test_no_query_of_neo4j_is_made_of_anything_but_constants() -> None:
    """Values go to it as parameters: whatever stands in one, it is no part of a text that is run."""
    files = sorted((ROOT / "lineage" / "stores" / "neo4j").glob("*.py"))
    assert len(files) > 5
    assert {file.name: made for file in files if (made := made_of_more(file.read_text("utf-8")))} == {}
    assert made_of_more("""def f(x): return "MATCH (n {key: '" + x + "'})" """)
    assert made_of_more("""def f(x): return f"MATCH (n {{key: '{x}'}})" """)


def test_a_register_with_texts_that_steer_is_refused_at_their_line(tmp_path: Path) -> None:
    for steers in (r"\e]0;x\a", r"\x9b2J", r"\u202e", r"\0", r"\u2028"):
        folder = shutil.copytree(REGISTER, tmp_path / f"register-{steers.encode().hex()}")
        parties = folder / "parties.yaml"
        text = parties.read_text("utf-8")
        line = next(number for number, each in enumerate(text.split("\n"), 1) if "Posti Oy" in each)
        parties.write_text(text.replace("Posti Oy", f'"Posti {steers} Oy"', 1), "utf-8")
        refused = jalki("register", "check", folder)
        assert refused.code == 2
        assert f"parties.yaml:{line}: " in refused.said
        assert refused.said.isascii() or "\N{REPLACEMENT CHARACTER}" not in refused.said
