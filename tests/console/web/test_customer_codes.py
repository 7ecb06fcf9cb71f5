"""Codes while they are under way: one browser, one use, five tries, a quarter of an hour."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule

from console.web.customers.codes import ALPHABET, ASKED, LASTS, MOST, SYMBOLS, TRIES, Codes, Ticket, shown
from console.web.sessions import Customer

SOMEBODY = Customer("email", "a@b.example", "00")


class CodesOfManyBrowsers(RuleBasedStateMachine):
    """Codes beside a plain account of what each may still be good for."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = 0
        self.codes = Codes(lambda: self.moment)
        self.live: dict[str, tuple[str, int, int, bool]] = {}

    tickets = Bundle("tickets")

    @rule(target=tickets)
    def asks(self) -> Ticket:
        ticket = self.codes.ask()
        assert ticket is not None
        self.live[ticket.ticket] = ticket.code, self.moment + LASTS, 0, False
        return ticket

    @rule(ticket=tickets)
    def is_sent(self, ticket: Ticket) -> None:
        self.codes.goes_to(ticket.ticket, SOMEBODY)
        if self._is_live(ticket.ticket):
            code, ends, tries, _ = self.live[ticket.ticket]
            self.live[ticket.ticket] = code, ends, tries, True

    @rule(ticket=tickets, of=tickets)
    def is_tried(self, ticket: Ticket, of: Ticket) -> None:
        name, code = ticket.ticket, of.code
        may = False
        if self._is_live(name):
            right, ends, tries, sent = self.live[name]
            may = sent and code == right and tries < TRIES
            self.live[name] = right, ends, tries + 1, sent
        assert (self.codes.guess(name, code) is not None) == may
        if may:
            del self.live[name]

    @rule(passes=st.integers(0, LASTS))
    def time_passes(self, passes: int) -> None:
        self.moment += passes

    def _is_live(self, name: str) -> bool:
        return name in self.live and self.moment < self.live[name][1]


TestCodesOfManyBrowsers = CodesOfManyBrowsers.TestCase


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_that_was_not_made_is_a_code_of_anybody(ticket: str, code: str) -> None:
    codes = Codes(lambda: 0)
    made = codes.ask()
    assert made is not None
    codes.goes_to(made.ticket, SOMEBODY)
    assert codes.guess(ticket, code) is None
    assert codes.guess(None, made.code) is None


def test_a_code_is_read_as_people_type_it() -> None:
    for typed in (str.lower, shown, lambda code: f" {code[:2]} {code[2:]} "):
        codes = Codes(lambda: 0)
        made = codes.ask()
        assert made is not None
        assert len(made.code) == SYMBOLS
        assert set(made.code) <= set(ALPHABET)
        codes.goes_to(made.ticket, SOMEBODY)
        assert codes.guess(made.ticket, typed(made.code)) == SOMEBODY


def test_a_browser_asks_for_a_few_codes_and_only_the_newest_is_good() -> None:
    codes, before = Codes(lambda: 0), None
    tickets = []
    for _ in range(ASKED):
        made = codes.ask(before)
        assert made is not None
        codes.goes_to(made.ticket, SOMEBODY)
        tickets.append(made)
        before = made.ticket
    assert codes.ask(before) is None
    assert [codes.guess(each.ticket, each.code) for each in tickets] == [*[None] * (ASKED - 1), SOMEBODY]


def test_no_more_codes_are_kept_than_there_is_room_for() -> None:
    codes = Codes(lambda: 0)
    first = codes.ask()
    assert first is not None
    codes.goes_to(first.ticket, SOMEBODY)
    for _ in range(MOST):
        codes.ask()
    assert codes.guess(first.ticket, first.code) is None


def test_nothing_that_is_kept_holds_a_code() -> None:
    codes = Codes(lambda: 0)
    made = codes.ask()
    assert made is not None
    kept = repr(vars(codes))
    assert made.code not in kept
    assert made.ticket not in kept
