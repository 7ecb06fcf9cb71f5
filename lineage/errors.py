"""The whole tree of errors, by what must be done about them.

    JalkiError
    ├── Invalid         this record can never be recorded: it goes to the dead letters, the stream goes on
    ├── Retryable       the store or the bus is away or busy: wait and try the same thing again
    ├── Refused         a person must act first: exit code 1
    └── Misconfigured   the program cannot run like this: exit code 2

A message says what is wrong and what to do. It never holds personal data: no identifier, no value of a field.
"""


class JalkiError(Exception):
    """Any error that a user may see as one line, without a traceback.

    Where a page may have to tell it in another language, `code` names it, and `given` are the values of its message.
    """

    def __init__(self, message: str = "", code: str = "", **given: object) -> None:
        super().__init__(message)
        self.code, self.given = code, given


class Invalid(JalkiError):
    """A record that the contract calls bad input. The message is the reason kept with the dead letter."""


class Retryable(JalkiError):
    """A passing fault of a store or bus: nothing was written, the same call may succeed later."""


class Refused(JalkiError):
    """What was asked must not or cannot be done as things stand; the message says what a person can do."""


class Misconfigured(JalkiError):
    """A setting, file or data folder is not usable; the message says which and how to mend it."""
