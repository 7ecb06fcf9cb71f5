"""Names of cases and tasks, and the idempotency keys made of them. Nothing in them says whose case it is.

A task's key is a UUID, for parties ask for one (OpenDSR's `subject_request_id` is a version 4). It is made of the task's name,
and the name can be read back from it: so an answer that brings nothing but the key finds its task.
"""

import re
import secrets
import uuid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SYMBOLS = 8
NO_YEAR = "0000"
"""Stands before the cases that companies of the group ask for."""
_TASK = re.compile(rf"(\d{{4}})-([{ALPHABET}]{{{SYMBOLS}}})/(\d{{1,5}})\.(\d{{1,5}})")
_VARIANT, _FREE = 0b10 << 62, (1 << 62) - 1


def new_case(year: int) -> str:
    """Return a name for a new case: the year, and 40 random bits."""
    return f"{year:04}-{''.join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))}"


def request_case(digest: bytes) -> str:
    """Return the name that a company's request gives its case, of 40 bits of a keyed digest (5 bytes or more).

    The same for ever, so that it is found again without a table, and made once by whoever comes first. No year has it.
    """
    number = int.from_bytes(digest[:5], "big")
    symbols = (ALPHABET[number >> 5 * place & 31] for place in reversed(range(SYMBOLS)))
    return f"{NO_YEAR}-{''.join(symbols)}"


def new_task(case: str, round_: int, number: int) -> str:
    """Return the name of a task: of which plan of the case, and which of its tasks."""
    return f"{case}/{round_}.{number}"


def case_of(task: str) -> str:
    """Return the case of a task."""
    return task.partition("/")[0]


def key_of(task: str) -> str:
    """Return a task's idempotency key, the same for ever."""
    told = _TASK.fullmatch(task)
    assert told, "a task is named by new_task"  # noqa: S101 - our own names only
    year, symbols, round_, number = told.groups()
    packed = int(year)
    for each in symbols:
        packed = packed << 5 | ALPHABET.index(each)
    packed = (packed << 16 | int(round_)) << 16 | int(number)
    high, low = packed >> 62, packed & _FREE
    return str(uuid.UUID(int=(high >> 12) << 80 | 0x4 << 76 | (high & 0xFFF) << 64 | _VARIANT | low))


def task_of(key: str) -> str | None:
    """Return the name of the task that a key would belong to; None where it is no key of ours."""
    try:
        packed = uuid.UUID(key).int
    except ValueError:
        return None
    packed = ((packed >> 80) << 12 | packed >> 64 & 0xFFF) << 62 | packed & _FREE
    number, round_ = packed & 0xFFFF, packed >> 16 & 0xFFFF
    packed >>= 32
    symbols = "".join(ALPHABET[packed >> 5 * place & 31] for place in reversed(range(SYMBOLS)))
    year = packed >> 5 * SYMBOLS
    task = new_task(f"{year:04}-{symbols}", round_, number)
    return task if year < 10_000 and key_of(task) == key.lower() else None
