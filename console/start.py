"""Where the program begins: as little as can be, so that an interrupt is quiet from the first moment on."""

import os
import signal
import sys


def main() -> None:
    """Load the program and run it. An interrupt while it loads ends the process, with nothing begun."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    _open_what_is_closed()
    from console.cli import main as program

    signal.signal(signal.SIGINT, before)
    try:
        program()
    finally:
        # All is done and said: an interrupt comes too late, and must not make a finished run look like a broken one.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _open_what_is_closed() -> None:
    """Open stdin, stdout and stderr to nowhere where the caller closed them.

    Else the next file that is opened, a database for one, gets the number of stdout, and is written to as if it were.
    """
    while (opened := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(opened, True)
    os.close(opened)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - it is open as long as the program runs
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - the same
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - the same
